"""Ask the S3 server to send notices of the intake bucket to the listener, and show what is set."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from deployments.listener.guard import shared_secret
from storage import S3Store
from storage.s3_client import foreign_errors
from tasks.arrivals import intake_bucket
from tasks.house import house

TOPIC = "sohoa-upload"
_ID = "sohoa"
_PATH = "/notices"


def register(*, persistent: bool) -> dict[str, Any]:
    """Set up topic and notification (again changes nothing); what the server then says of them.

    Ceph RGW takes the listener's address with the topic. AWS and MinIO want the subscription or
    the webhook made on their side (docs/uploads.md). `persistent` notices are kept and repeated
    until we answer; in Ceph 16 a listener that is down for seconds stops them for good, others
    are sent once, at once, and what is lost the sweep finds (docs/decisions/0009-notices.md).
    """
    here = house()
    store = intake_bucket(here)
    with foreign_errors(TOPIC):
        topic = store.topics().create_topic(
            Name=TOPIC,
            Attributes={
                **_address_and_password(store),
                "persistent": str(persistent).lower(),
                "verify-ssl": "true",
            },
        )["TopicArn"]
    wanted: Any = {"Id": _ID, "TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}
    if store.prefix:
        rule = {"Name": "prefix", "Value": store.prefix}
        wanted["Filter"] = {"Key": {"FilterRules": [rule]}}
    with foreign_errors(store.bucket):
        store.client().put_bucket_notification_configuration(
            Bucket=store.bucket,
            NotificationConfiguration={"TopicConfigurations": [wanted]},
        )
    return registered()


def registered() -> dict[str, Any]:
    """What the server says that it sends, and where to."""
    store = intake_bucket(house())
    with foreign_errors(store.bucket):
        found = store.client().get_bucket_notification_configuration(Bucket=store.bucket)
    topics = [one for one in found.get("TopicConfigurations", []) if one.get("Id") == _ID]
    return {
        "bucket": store.bucket,
        "prefix": store.prefix,
        "listener": listener_address(),
        "topics": [{"arn": one["TopicArn"], "events": one["Events"]} for one in topics],
    }


def listener_address() -> str:
    """Where notices are to be posted."""
    return house().settings.listen.public_url + _PATH


def _address_and_password(store: S3Store) -> dict[str, str]:
    """Where to post, with the shared secret: as password, or in each notice.

    Ceph RGW takes passwords over TLS only.
    """
    address, secret = urlsplit(listener_address()), shared_secret()
    if not (store.endpoint_url or "").startswith("https:"):
        return {"push-endpoint": address.geturl(), "OpaqueData": secret}
    place = f"s3:{quote(secret, safe='')}@{address.netloc}"
    return {"push-endpoint": address._replace(netloc=place).geturl()}

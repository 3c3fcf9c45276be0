"""A bucket as it is and as it must be: versions, Object Lock, left-over parts, who may do what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from domain.errors import ConfigurationFault
from storage.s3 import S3Store
from storage.s3_client import foreign_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PARTS_DAYS = 7
_NOT_CONFIGURED = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "NoSuchObjectLockConfiguration",
    }
)
_TAKEN = frozenset({"BucketAlreadyExists", "BucketAlreadyOwnedByYou"})
_MISSING = 404


class BucketState(BaseModel):
    """What the server says of a bucket."""

    model_config = ConfigDict(frozen=True)

    exists: bool = False
    versioned: bool = False
    lock_enabled: bool = False
    default_mode: str | None = None
    default_days: int | None = None
    """The default retention; a year counts 365 days."""
    sweeps_parts: bool = False
    """Whether parts of uploads that never ended are removed after some days."""


def bucket_state(store: S3Store) -> BucketState:
    """Ask the server; a bucket that is not there has nothing.

    Raises ConfigurationFault where the user may not ask, Unavailable where nobody answers.
    """
    client = store.client()
    place: Any = {"Bucket": store.bucket}
    if not _exists(client, store.bucket):
        return BucketState()
    with foreign_errors(store.bucket):
        versions: Any = client.get_bucket_versioning(**place)
    lock = _or_none(client, "get_object_lock_configuration", store.bucket)
    rules = _or_none(client, "get_bucket_lifecycle_configuration", store.bucket)
    found = (lock or {}).get("ObjectLockConfiguration", {})
    default = found.get("Rule", {}).get("DefaultRetention", {})
    days = default.get("Days") or 365 * default.get("Years", 0)
    return BucketState(
        exists=True,
        versioned=versions.get("Status") == "Enabled",
        lock_enabled=found.get("ObjectLockEnabled") == "Enabled",
        default_mode=default.get("Mode"),
        default_days=days or None,
        sweeps_parts=any(
            "AbortIncompleteMultipartUpload" in rule and rule.get("Status") == "Enabled"
            for rule in (rules or {}).get("Rules", [])
        ),
    )


def make_bucket(store: S3Store, *, lock_years: int | None) -> None:
    """Create the bucket, or bring it to what it must be; quiet where it is that already.

    With `lock_years` it keeps versions and locks each for that long by default, in the store's
    mode. Object Lock can only be had at creation: ConfigurationFault where it is missing.
    """
    client = store.client()
    place: Any = {"Bucket": store.bucket}
    locked = lock_years is not None
    if not _exists(client, store.bucket):
        with foreign_errors(store.bucket), _ignoring(client, _TAKEN):
            client.create_bucket(**place, ObjectLockEnabledForBucket=locked)
    if locked:
        if not bucket_state(store).lock_enabled:
            raise ConfigurationFault(
                f"Bucket {store.bucket} được tạo không có Object Lock nên không thể bật sau: tạo "
                "bucket khác (SOHOA_ARCHIVE__BUCKET) rồi chạy lại sohoa doctor --init."
            )
        if lock_years:
            retention: Any = {"Mode": store.lock, "Years": lock_years}
            rule: Any = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
            with foreign_errors(store.bucket):
                client.put_object_lock_configuration(**place, ObjectLockConfiguration=rule)
    swept: Any = {
        "ID": "sohoa-parts",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _PARTS_DAYS},
    }
    with foreign_errors(store.bucket):
        client.put_bucket_lifecycle_configuration(
            **place, LifecycleConfiguration={"Rules": [swept]}
        )


def policy_of(file: Path, store: S3Store, users: Mapping[str, str]) -> dict[str, Any]:
    """The bucket policy of a file in `deployments/s3` for this bucket and these users' ARNs."""
    text = Template(file.read_text(encoding="utf-8")).substitute(bucket=store.bucket, **users)
    policy: dict[str, Any] = json.loads(text)
    return policy


def put_policy(store: S3Store, policy: Mapping[str, Any]) -> None:
    """Put the policy in the place of the bucket's."""
    with foreign_errors(store.bucket):
        store.client().put_bucket_policy(Bucket=store.bucket, Policy=json.dumps(policy))


def _exists(client: S3Client, bucket: str) -> bool:
    from botocore.exceptions import ClientError

    with foreign_errors(bucket):
        try:
            client.head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _MISSING:
                return False
            raise
    return True


def _or_none(client: S3Client, call: str, bucket: str) -> Any:
    with foreign_errors(bucket), _ignoring(client, _NOT_CONFIGURED):
        return getattr(client, call)(Bucket=bucket)
    return None


@contextmanager
def _ignoring(client: S3Client, codes: frozenset[str]) -> Iterator[None]:
    try:
        yield
    except client.exceptions.ClientError as error:
        if error.response["Error"].get("Code") not in codes:
            raise

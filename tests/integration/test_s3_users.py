"""The policies of `deployments/s3`, on a real server: what each user may, and may not.

Each refusal is one that the same call by another user shows to be possible.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from domain.errors import AlreadyExists, ConfigurationFault
from storage import S3Store
from storage.ocfl import ArchiveRoot
from storage.s3_bucket import make_bucket, policy_of, put_policy
from storage.s3_worm import broken_promises

pytestmark = pytest.mark.integration

POLICIES = Path(__file__).resolve().parents[2] / "deployments" / "s3"
USERS = ("scanner", "worker", "reader")
STORES = ("intake", "work", "quarantine", "archive")
NOW = datetime.now(UTC)
SOON = NOW + timedelta(hours=3)


@pytest.fixture(scope="module")
def stores(rgw, tmp_path_factory):
    """Every bucket as every user sees it, and as its owner does: `stores[user][name]`."""
    folder = tmp_path_factory.mktemp("users")
    keys = {"owner": rgw, **{name: rgw.add_user(name) for name in USERS}}
    files = {name: one.write_credentials(folder / name) for name, one in keys.items()}
    made = {
        user: {
            name: S3Store(
                bucket=f"p-{name}",
                endpoint_url=rgw.endpoint,
                credentials_file=file,
                lock="GOVERNANCE" if name == "archive" else None,
                write_only=user == "scanner",
            )
            for name in STORES
        }
        for user, file in files.items()
    }
    arns = {name: f"arn:aws:iam:::user/{name}" for name in USERS}
    for name, store in made["owner"].items():
        make_bucket(store, lock_years=5 if name == "archive" else None)
        put_policy(store, policy_of(POLICIES / f"{name}.json", store, arns))
    return made


@pytest.fixture
def there(stores):
    """A key that is there in every bucket, brought by whoever brings it in real life; versions."""
    made = {}
    for name in STORES:
        by = "scanner" if name == "intake" else "worker"
        store = stores[by][name]
        with suppress(AlreadyExists):  # the scanner cannot look whether it is the same
            store.put("there", b"bytes", lock_until=SOON)
        if name == "archive":
            made[name] = next(stores["worker"][name].versions("there"))
    return made


CALLS = {
    "get": lambda c, at, _: c.get_object(**at),
    "head": lambda c, at, _: c.head_object(**at),
    "put": lambda c, at, _: c.put_object(**at, Body=b"others"),
    "delete": lambda c, at, _: c.delete_object(**at),
    "list": lambda c, at, _: c.list_objects_v2(Bucket=at["Bucket"]),
    "copy": lambda c, at, _: c.copy_object(
        Bucket=at["Bucket"], Key="copied", CopySource={"Bucket": "p-archive", "Key": "there"}
    ),
    "delete version": lambda c, at, v: c.delete_object(**at, VersionId=v),
    "bypass": lambda c, at, v: c.delete_object(**at, VersionId=v, BypassGovernanceRetention=True),
    "shorten": lambda c, at, v: c.put_object_retention(
        **at,
        VersionId=v,
        # From now, not from when the tests were collected: a time gone by is refused with 400.
        Retention={
            "Mode": "GOVERNANCE",
            "RetainUntilDate": datetime.now(UTC) + timedelta(minutes=5),
        },
        BypassGovernanceRetention=True,
    ),
    "suspend versions": lambda c, at, _: c.put_bucket_versioning(
        Bucket=at["Bucket"], VersioningConfiguration={"Status": "Suspended"}
    ),
    "expire all": lambda c, at, _: c.put_bucket_lifecycle_configuration(
        Bucket=at["Bucket"],
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "x",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
                }
            ]
        },
    ),
    "change policy": lambda c, at, _: c.put_bucket_policy(
        Bucket=at["Bucket"], Policy='{"Version":"2012-10-17","Statement":[]}'
    ),
    "drop policy": lambda c, at, _: c.delete_bucket_policy(Bucket=at["Bucket"]),
    "drop bucket": lambda c, at, _: c.delete_bucket(Bucket=at["Bucket"]),
    "make public": lambda c, at, _: c.put_object_acl(**at, ACL="public-read"),
}
_OF_BUCKET = ("change policy", "drop policy", "drop bucket", "make public", "expire all")
_OF_VERSION = ("delete version", "bypass", "shorten", "suspend versions")
MUST_NOT = [
    *(("scanner", "intake", call) for call in ("get", "head", "delete", "list", *_OF_BUCKET)),
    *(
        ("scanner", bucket, call)
        for bucket in ("work", "quarantine", "archive")
        for call in ("get", "put", "delete", "list")
    ),
    *(
        ("reader", bucket, call)
        for bucket in ("intake", "work", "quarantine")
        for call in ("get", "put", "delete", "list")
    ),
    *(("reader", "archive", call) for call in ("put", "copy", "delete", *_OF_VERSION, *_OF_BUCKET)),
    *(("worker", "archive", call) for call in (*_OF_VERSION, *_OF_BUCKET)),
    *(("worker", bucket, "drop bucket") for bucket in ("intake", "work", "quarantine")),
]
MAY = [
    ("scanner", "intake", "put"),
    *(("worker", bucket, call) for bucket in STORES for call in ("get", "head", "list", "put")),
    *(("reader", "archive", call) for call in ("get", "head", "list")),
]


def _call(stores, there, user, bucket, call):
    store = stores[user][bucket]
    CALLS[call](store.client(), {"Bucket": store.bucket, "Key": "there"}, there.get(bucket))


@pytest.mark.parametrize(("user", "bucket", "call"), MUST_NOT)
def test_what_a_user_must_not_do_is_refused(stores, there, user, bucket, call):
    with pytest.raises(ClientError) as refused:
        _call(stores, there, user, bucket, call)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(("user", "bucket", "call"), MAY)
def test_what_a_user_is_for_works(stores, there, user, bucket, call):
    _call(stores, there, user, bucket, call)


def test_the_owner_of_the_archive_can_do_what_the_worker_cannot(stores, there):
    """The refusals above are the policy's: without it a locked version can go (GOVERNANCE)."""
    client = stores["owner"]["archive"].client()
    key = {"Bucket": "p-archive", "Key": "passing"}
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": SOON}
    version = client.put_object(**key, Body=b"x", **lock)["VersionId"]
    client.delete_object(**key, VersionId=version, BypassGovernanceRetention=True)


def test_the_worker_can_archive_correct_and_repair(stores):
    """All that the archive needs is allowed: versions, locks, holds, and reading them back."""
    archive = ArchiveRoot(objects=stores["worker"]["archive"])
    archive.prepare()
    facts = {"created": NOW, "message": "Lưu trữ", "user_name": "sohoa", "lock_until": SOON}
    for content in (b"one", b"two"):
        archive.commit("urn:x:1", {"paper.pdf": content}, **facts)
    assert archive.read("urn:x:1", "paper.pdf", version=1) == b"one"
    assert archive.check("urn:x:1") == ()
    key = next(archive.objects.keys("0="))
    archive.objects.extend_lock(key, SOON + timedelta(hours=1))
    archive.objects.hold(key, on=True)
    archive.objects.hold(key, on=False)
    reader = ArchiveRoot(objects=stores["reader"]["archive"])
    assert reader.read("urn:x:1", "paper.pdf") == b"two"


def test_the_worker_cannot_dispose_of_anything(stores):
    """Not even of what no lock keeps: removing versions needs the keys of somebody else."""
    key = "passing/away"
    client = stores["owner"]["archive"].client()
    place = {"Bucket": "p-archive", "Key": key}
    client.put_object(**place, Body=b"x")
    with pytest.raises(ConfigurationFault):
        stores["worker"]["archive"].purge("passing")
    assert stores["owner"]["archive"].get(key) == b"x"


def test_for_the_worker_the_locks_hold_and_for_the_owner_they_do_not(stores):
    """GOVERNANCE is as good as the policy: the self-test tells the two apart."""
    assert broken_promises(stores["worker"]["archive"], NOW) == ()
    said = broken_promises(stores["owner"]["archive"], NOW)
    assert any("GOVERNANCE" in one for one in said)


def test_what_a_scanner_brings_the_worker_takes(stores):
    """Large or small, put without looking; the worker reads it and lets it go."""
    stores["scanner"]["intake"].put("lo-1/a.pdf", b"scan", metadata={"unit": "H31"})
    with pytest.raises(AlreadyExists):
        stores["scanner"]["intake"].put("lo-1/a.pdf", b"other")
    assert stores["worker"]["intake"].get("lo-1/a.pdf") == b"scan"
    stores["worker"]["intake"].delete("lo-1/a.pdf")
    assert stores["worker"]["intake"].info("lo-1/a.pdf") is None

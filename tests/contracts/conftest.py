"""What passes the same contract tests: a folder, simulated S3, real S3; SQLite, PostgreSQL."""

import uuid

import pytest

from storage import DirectoryStore, S3Store
from storage.registry.database import Registry
from storage.s3_client import client_of

BACKENDS = (
    "directory",
    "s3_simulated",
    pytest.param("s3_real", marks=pytest.mark.integration),
    pytest.param("s3_real_locked", marks=pytest.mark.integration),
)


def make_bucket(credentials, endpoint=None, *, locked=False, versioned=False, prefix=""):
    """A store on a fresh bucket; where `locked`, each version is kept a day against everyone."""
    name = f"t-{uuid.uuid4().hex}"
    client = client_of(endpoint, "us-east-1", credentials, None)
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked or versioned)
    if locked:
        retention = {"Mode": "COMPLIANCE", "Days": 1}
        rule = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
        client.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=rule)
    return S3Store(
        bucket=name,
        endpoint_url=endpoint,
        prefix=prefix,
        credentials_file=credentials,
        lock="COMPLIANCE" if locked else None,
    )


def _store(request, folder):
    if request.param == "directory":
        return DirectoryStore(root=folder / "store")
    if request.param == "s3_simulated":
        return make_bucket(request.getfixturevalue("simulated_s3"), prefix="nhánh/một")
    rgw = request.getfixturevalue("rgw")
    credentials = request.getfixturevalue("rgw_credentials")
    return make_bucket(credentials, rgw.endpoint, locked=request.param == "s3_real_locked")


@pytest.fixture(params=BACKENDS)
def store(request, tmp_path):
    """An empty store of every kind."""
    return _store(request, tmp_path)


@pytest.fixture(params=[backend for backend in BACKENDS if backend != "s3_simulated"])
def racing_store(request, tmp_path):
    """An empty store for tests with several writers; moto looks and writes in two steps."""
    return _store(request, tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def registry(request, tmp_path):
    """An empty registry of each kind, with today's tables."""
    if request.param == "sqlite":
        address = Registry(url=f"sqlite:///{tmp_path}/registry.db")
    else:
        address = request.getfixturevalue("postgres_registry")
    address.migrate()
    yield address
    address.close()

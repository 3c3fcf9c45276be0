"""Where an S3 server takes a key twice, the registry keeps it from happening."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from domain.errors import AlreadyExists
from storage import DirectoryStore, s3_write
from storage.claimed import ClaimedS3Store, put_once, put_once_by
from storage.registry import put_claims
from storage.s3_client import client_of
from tests.contracts.conftest import make_bucket

pytestmark = pytest.mark.integration
MIB = 1 << 20


@pytest.fixture
def plain(rgw, rgw_credentials):
    """A bucket without versions."""
    return make_bucket(rgw_credentials, rgw.endpoint)


@pytest.fixture
def careless(plain, monkeypatch):
    """The same server, which now knows nothing of `If-None-Match`."""
    client = client_of(plain.endpoint_url, plain.region, plain.credentials_file, None)
    honest = client.put_object
    monkeypatch.setattr(
        client,
        "put_object",
        lambda **facts: honest(**{k: v for k, v in facts.items() if k != "IfNoneMatch"}),
    )
    return plain


def _race(store, contents):
    ready = threading.Barrier(len(contents))

    def write(content):
        ready.wait()
        try:
            store.put("lo-1/a.pdf", content)
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(len(contents)) as pool:
        return list(pool.map(write, contents))


def test_what_a_bucket_can_do_is_tried_once_and_remembered(plain, careless, registry, monkeypatch):
    assert not put_once_by(careless, registry).condition
    monkeypatch.undo()
    assert not put_once_by(plain, registry).condition  # from the registry: nothing was tried
    assert list(plain.keys()) == []


def test_ceph_keeps_the_condition_for_small_files_only(plain, registry):
    """So uploads in parts are what the claims are for; a bucket with versions needs none."""
    found = put_once_by(plain, registry)
    assert (found.versions, found.condition, found.condition_in_parts) == (False, True, False)
    assert isinstance(put_once(plain, registry), ClaimedS3Store)


def test_stores_that_keep_put_once_themselves_are_left_as_they_are(
    rgw, rgw_credentials, registry, tmp_path
):
    versioned = make_bucket(rgw_credentials, rgw.endpoint, versioned=True)
    folder = DirectoryStore(root=tmp_path / "store")
    assert put_once(versioned, registry) is versioned
    assert put_once(folder, registry) is folder


def test_one_of_many_writers_wins_on_a_server_that_takes_all(careless, registry):
    """Eight writers of different bytes: one success, and its bytes are what is read."""
    contents = [b"%d" % number for number in range(8)]
    won = _race(put_once(careless, registry), contents)
    assert won.count(True) == 1
    assert careless.get("lo-1/a.pdf") == contents[won.index(True)]


def test_one_of_many_large_uploads_wins(plain, registry, tmp_path, monkeypatch):
    """In parts, where Ceph ignores the condition."""
    monkeypatch.setattr(s3_write, "LARGE_BYTES", 5 * MIB)
    files = []
    for number in range(3):
        files.append(tmp_path / str(number))
        files[-1].write_bytes(bytes([number]) * (6 * MIB))
    won = _race(put_once(plain, registry), files)
    assert won.count(True) == 1
    assert plain.get("lo-1/a.pdf") == files[won.index(True)].read_bytes()


def test_the_same_bytes_again_are_quiet_and_a_deleted_key_is_free(careless, registry):
    store = put_once(careless, registry)
    store.put("k", b"one")
    store.put("k", b"one")
    store.delete("k")
    store.put("k", b"two")
    assert store.get("k") == b"two"


def test_the_claim_of_a_process_that_died_before_it_wrote_is_taken_over(careless, registry):
    """At once by the same bytes, by others after the claim has grown old."""
    store = put_once(careless, registry)
    place = store._place("k")
    with registry.begin() as db:
        put_claims.claim(db, place, "0" * 64, at=_ago(minutes=1))
    with pytest.raises(AlreadyExists):
        store.put("k", b"one")
    with registry.begin() as db:
        put_claims.release(db, place)
        put_claims.claim(db, place, "0" * 64, at=_ago(hours=2))
    store.put("k", b"one")
    assert store.get("k") == b"one"


def _ago(**span):
    from storage.claimed import _now

    return _now() - timedelta(**span)

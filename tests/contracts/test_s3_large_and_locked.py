"""Large files and locked versions, on a real S3 server and on one that lies about what it holds."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import AlreadyExists, ConfigurationFault, IntegrityFault, SohoaError
from storage import s3_write
from storage.s3_client import client_of
from tests.contracts.conftest import make_bucket

PROJECT = Path(__file__).resolve().parents[2]
MIB = 1 << 20
SOON = datetime.now(UTC) + timedelta(hours=1)
LATER = SOON + timedelta(days=400)


def _client(store):
    return client_of(store.endpoint_url, store.region, store.credentials_file, None)


@pytest.fixture
def locked(rgw, rgw_credentials):
    """A store that locks what is put with a date."""
    store = make_bucket(rgw_credentials, rgw.endpoint, versioned=True)
    return store.model_copy(update={"lock": "GOVERNANCE"})


@pytest.fixture
def small_parts(monkeypatch):
    """Files above 5 MiB go in parts of 5 MiB, the least that S3 takes."""
    monkeypatch.setattr(s3_write, "LARGE_BYTES", 5 * MIB)
    monkeypatch.setattr(s3_write, "_PART_BYTES", 5 * MIB)


@pytest.fixture
def large(tmp_path):
    """A file of two parts and a bit."""
    file = tmp_path / "large"
    file.write_bytes(hashlib.shake_128(b"large").digest(11 * MIB + 7))
    return file


@pytest.mark.integration
def test_a_file_of_more_than_200_mib_takes_little_memory(rgw, rgw_credentials, tmp_path):
    """Put and fetched as a stream: the process grows by less than half of the file."""
    store = make_bucket(rgw_credentials, rgw.endpoint)
    file = tmp_path / "file"
    with file.open("wb") as stream:
        stream.truncate(210 * MIB)
        stream.write(b"not only zeros")
    program = (
        "import resource, sys; from pathlib import Path; from storage import S3Store\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "store = S3Store.model_validate_json(sys.argv[1]); store.info('none'); before = peak()\n"
        "store.put('large', Path(sys.argv[2])); store.fetch('large', Path(sys.argv[3]))\n"
        "print(peak() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, store.model_dump_json(), str(file), f"{file}-back"],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert int(done.stdout) * 1024 < 100 * MIB
    assert Path(f"{file}-back").stat().st_size == file.stat().st_size == 210 * MIB


@pytest.mark.integration
def test_a_file_in_parts_comes_back_and_is_locked(locked, small_parts, large, tmp_path):
    """RGW drops lock headers of such uploads: the lock is there all the same."""
    locked.put("large", large, metadata={"unit": "H31"}, lock_until=SOON)
    info = locked.info("large")
    assert abs(info.locked_until - SOON) < timedelta(seconds=1)
    assert info.metadata == {"unit": "H31"}
    locked.fetch("large", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == large.read_bytes()


@pytest.mark.integration
def test_a_large_key_keeps_its_first_bytes(locked, small_parts, large, tmp_path):
    """Parts or not, a key is put once, and the same again is quiet."""
    locked.put("large", large)
    other = tmp_path / "other"
    other.write_bytes(large.read_bytes()[::-1])
    with pytest.raises(AlreadyExists):
        locked.put("large", other)
    assert locked.put("large", large).sha256 == hashlib.sha256(large.read_bytes()).hexdigest()


@pytest.mark.integration
def test_an_upload_that_fails_on_its_way_leaves_nothing(locked, small_parts, large, monkeypatch):
    """Neither an object nor parts that nobody sees and everybody pays for."""

    def fail(*_args, **_more):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(_client(locked), "complete_multipart_upload", fail)
        with pytest.raises(RuntimeError):
            locked.put("large", large)
    assert locked.info("large") is None
    assert "Uploads" not in _client(locked).list_multipart_uploads(Bucket=locked.bucket)


@pytest.mark.integration
@pytest.mark.parametrize("in_parts", [False, True])
def test_a_server_that_holds_other_bytes_is_found_out(
    locked, small_parts, large, tmp_path, monkeypatch, in_parts
):
    """What arrived is compared at once, also where the server says that all is well."""
    client = _client(locked)
    call = "upload_part" if in_parts else "put_object"
    honest = getattr(client, call)

    def corrupted(**facts):
        facts.pop("ContentMD5")
        return honest(**{**facts, "Body": facts["Body"][:-1] + b"?"})

    monkeypatch.setattr(client, call, corrupted)
    with pytest.raises(IntegrityFault):
        locked.put("k", large if in_parts else b"sound")


@pytest.mark.integration
def test_what_is_put_with_a_date_cannot_be_removed_before_it(locked):
    """Without the right to bypass, no version goes; a lock grows and never shrinks."""
    locked.put("f/k", b"x", lock_until=SOON)
    locked.replace("g/r", b"x", lock_until=SOON)
    for key in ("f/k", "g/r"):
        locked.delete(key)  # only hides it
        with pytest.raises(ConfigurationFault):
            locked.purge(key[0])
        assert locked.protection(key[0]).locked_until > datetime.now(UTC)
    locked.put("f/l", b"x", lock_until=SOON)
    locked.extend_lock("f/l", LATER)
    assert abs(locked.protection("f").locked_until - LATER) < timedelta(seconds=1)
    locked.extend_lock("f/l", SOON)
    assert abs(locked.info("f/l").locked_until - LATER) < timedelta(seconds=1)


@pytest.mark.integration
def test_a_lock_that_a_kill_left_out_is_set_when_the_same_is_put_again(locked):
    locked.put("k", b"x")
    assert locked.info("k").locked_until is None
    locked.put("k", b"x", lock_until=SOON)
    assert locked.info("k").locked_until is not None


@pytest.mark.integration
def test_a_legal_hold_keeps_a_version_that_no_lock_keeps(locked):
    """Held it stays, let go it can be removed for good, with all its versions."""
    locked.replace("f/k", b"one")
    locked.replace("f/k", b"two")
    locked.put("fo/k", b"another's")
    locked.hold("f/k", on=True)
    assert locked.info("f/k").held
    assert locked.protection("f").held
    with pytest.raises(SohoaError):
        locked.purge("f")
    locked.hold("f/k", on=False)
    assert not locked.protection("f").held
    locked.purge("f")
    assert list(locked.versions("f/k")) == []
    assert locked.get("fo/k") == b"another's"


def test_where_nothing_locks_the_same_calls_are_quiet(store):
    """An installation without Object Lock archives, holds and disposes by the registry alone."""
    plain = store.model_copy(update={"lock": None}) if store.kind == "s3" else store
    plain.put("k", b"x", lock_until=None)
    plain.extend_lock("k", SOON)
    plain.hold("k", on=True)
    assert plain.get("k") == b"x"

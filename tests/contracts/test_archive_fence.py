"""A worker that was overtaken commits nothing, and readers see what the registry recorded."""

import itertools
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from domain.errors import AlreadyExists, IntegrityFault, LeaseLost
from domain.lot import LotManifest, UploadFacts
from storage import DirectoryStore, S3Store
from storage.ocfl import ArchiveRoot
from storage.ocfl_inventory import sidecar
from storage.ocfl_layout import object_root
from storage.registry import claims, uploads
from storage.registry.database import Registry
from tests.contracts.conftest import make_bucket
from tests.contracts.killed_store import Killed, MeetingS3Store, MeetingStore

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
PAPER, SCAN = "urn:uuid:6f1d3c0e-7f0b-5b7e-9a4d-5348a0a2c001", "ab" * 32
SLOW = {"paper.pdf": b"of the slow worker", "record.json": b"{}"}
QUICK = {"paper.pdf": b"of the quick worker", "record.json": b"{}"}
LEASE = timedelta(minutes=2)


@pytest.fixture
def registry(tmp_path):
    """A registry that knows one scan."""
    registry = Registry(url=f"sqlite:///{tmp_path}/registry.db")
    registry.migrate()
    with registry.begin() as db:
        uploads.open_lot(db, LotManifest(lot="lo"), at=NOW)
        facts = UploadFacts(name="a.pdf")
        uploads.register_upload(db, "lo", facts, scan_id=SCAN, key="lo/a.pdf", size_bytes=1, at=NOW)
    yield registry
    registry.close()


def _claim(registry, worker, at):
    with registry.begin() as db:
        return claims.claim_next(db, worker=worker, lot=None, at=at, lease=LEASE)


def _fence(registry, claim):
    def fence():
        with registry.read() as db:
            claims.still_ours(db, claim)

    return fence


def _commit(objects, files, fence, **more):
    facts = {"created": NOW, "message": "Lưu trữ", "user_name": "sohoa"}
    return ArchiveRoot(objects=objects).commit(PAPER, files, fence=fence, **facts, **more)


def _meeting(store, place, meanwhile, *, killed=False):
    kind = MeetingS3Store if isinstance(store, S3Store) else MeetingStore
    facts = {name: getattr(store, name) for name in type(store).model_fields}
    return kind(**facts, at=place, meanwhile=meanwhile, writes=[], killed=killed)


def _overtaken(store, registry, place, *, killed=False):
    """The slow worker stands still before its write number `place` until its lease has lapsed.

    Meanwhile a quick one claims the scan and archives it; then the slow one goes on, or is killed
    after that one write. Whether they met, and what the quick one's commit came to.
    """
    ArchiveRoot(objects=store).prepare()
    with registry.begin() as db:
        claims.release_workers(db, ["slow", "quick"])
    slow = _claim(registry, "slow", NOW)
    won = []

    def meanwhile():
        quick = _claim(registry, "quick", NOW + 2 * LEASE)
        won.append(_commit(store, QUICK, _fence(registry, quick)))

    meeting = _meeting(store, place, meanwhile, killed=killed)
    with suppress(LeaseLost, AlreadyExists, Killed):
        _commit(meeting, SLOW, _fence(registry, slow))
    return meeting.met, won[0] if won else None


def _assert_the_quick_worker_wins(store, registry):
    for place in itertools.count():
        met, won = _overtaken(store, registry, place)
        if not met:
            break
        archive = ArchiveRoot(objects=store)
        assert archive.inventory(PAPER).version == won.version
        assert archive.read(PAPER, "paper.pdf") == QUICK["paper.pdf"]
        assert not [p for p in archive.check(PAPER) if "tệp lạ" not in p]
        if won.version == 2:  # its version was settled before it stood still: it is history
            assert archive.read(PAPER, "paper.pdf", version=1) == SLOW["paper.pdf"]
        _empty(store)
    assert place > len(SLOW)


def _assert_what_was_recorded_is_read(store, registry):
    lagging = 0
    for place in itertools.count():
        met, won = _overtaken(store, registry, place, killed=True)
        if not met:
            break
        archive = ArchiveRoot(objects=store)
        recorded = won.inventory_sha512
        assert archive.read(PAPER, "paper.pdf", recorded=recorded) == QUICK["paper.pdf"]
        lagging += archive.inventory(PAPER).version < won.version
        archive.repair(PAPER)
        assert archive.read(PAPER, "paper.pdf") == QUICK["paper.pdf"]
        _empty(store)
    assert lagging == 1  # the one write of the root: without the record an old version is read


def _empty(store):
    store.purge(object_root(PAPER))


@pytest.fixture(params=["directory", pytest.param("s3", marks=pytest.mark.integration)])
def shared(request, tmp_path):
    """A store that two workers share: a folder, or a bucket with versions."""
    if request.param == "directory":
        return DirectoryStore(root=tmp_path / "archive")
    rgw = request.getfixturevalue("rgw")
    return make_bucket(request.getfixturevalue("rgw_credentials"), rgw.endpoint, versioned=True)


def test_a_worker_whose_lease_lapsed_commits_nothing_over_its_successor(shared, registry):
    """Wherever it stood still, the successor's version is the newest, and nothing is lost."""
    _assert_the_quick_worker_wins(shared, registry)


def test_a_worker_whose_lease_lapsed_commits_nothing_before_its_successor_either(shared, registry):
    """Claimed by another that has not written yet, the scan is not the slow worker's to archive."""
    ArchiveRoot(objects=shared).prepare()
    for place in range(len(SLOW) + 2):  # declaration, content, the version's inventory
        with registry.begin() as db:
            claims.release_workers(db, ["slow", "quick"])
        slow = _claim(registry, "slow", NOW)
        take_over = partial(_claim, registry, "quick", NOW + 2 * LEASE)
        meeting = _meeting(shared, place, take_over)
        with pytest.raises(LeaseLost):
            _commit(meeting, SLOW, _fence(registry, slow))
        assert meeting.met
        assert ArchiveRoot(objects=shared).inventory(PAPER) is None
        _empty(shared)


def test_what_the_registry_recorded_is_read_though_a_late_writer_hit_the_root(shared, registry):
    """Killed right behind its late write, the slow worker leaves an old root at most."""
    _assert_what_was_recorded_is_read(shared, registry)


def test_a_record_of_another_archive_is_an_integrity_fault(shared):
    """What the registry names and the archive has not is damage, not the newest version."""
    ArchiveRoot(objects=shared).prepare()
    _commit(shared, QUICK, lambda: None)
    with pytest.raises(IntegrityFault):
        ArchiveRoot(objects=shared).read(PAPER, "paper.pdf", recorded="0" * 128)


@pytest.mark.integration
def test_bytes_put_on_top_of_archived_ones_are_seen_through(rgw, rgw_credentials, tmp_path):
    """In a bucket with versions, whoever overwrites a file hides nothing and is found out."""
    store = make_bucket(rgw_credentials, rgw.endpoint, versioned=True)
    archive = ArchiveRoot(objects=store)
    archive.prepare()
    committed = _commit(store, QUICK, lambda: None)
    root = object_root(PAPER)
    store.replace(f"{root}/v1/content/paper.pdf", b"forged")
    forged = store.get(f"{root}/inventory.json").replace(b"paper", b"Paper")
    for place in ("", "v1/"):
        store.replace(f"{root}/{place}inventory.json", forged)
        store.replace(f"{root}/{place}inventory.json.sha512", sidecar(forged))
    recorded = committed.inventory_sha512
    assert archive.read(PAPER, "paper.pdf", recorded=recorded) == QUICK["paper.pdf"]
    archive.fetch(PAPER, "paper.pdf", tmp_path / "file", recorded=recorded)
    assert (tmp_path / "file").read_bytes() == QUICK["paper.pdf"]
    assert any("v1/content/paper.pdf" in problem for problem in archive.check(PAPER))

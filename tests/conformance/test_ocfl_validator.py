"""An independent validator (ocfl-py) judges the archives that we write."""

import logging
from datetime import UTC, datetime

import pytest

from storage import DirectoryStore
from storage.ocfl import ArchiveRoot
from storage.ocfl_layout import object_root
from tests.contracts.conftest import make_bucket
from tests.contracts.killed_store import Killed, KilledStore

pytestmark = [
    pytest.mark.conformance,
    # The validator's own dependencies speak of their age.
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
PAPER = "urn:uuid:6f1d3c0e-7f0b-5b7e-9a4d-5348a0a2c001"
SCAN = "urn:sohoa:scan:" + "ab" * 32
FIRST = {"paper.pdf": b"%PDF", "record.json": b"{}", "copy.json": b"{}", "phụ lục/bản 1": b"1"}
SECOND = {"paper.pdf": b"%PDF", "record.json": b'{"corrected": true}'}


@pytest.fixture(scope="module")
def ocfl():
    """The validator, or a visible skip with the reason."""
    return pytest.importorskip(
        "ocfl",
        reason="ocfl-py cannot be imported; it needs setuptools<81 for pkg_resources",
        exc_type=ImportError,
    )


@pytest.fixture
def archive(tmp_path):
    root = ArchiveRoot(objects=DirectoryStore(root=tmp_path / "archive"))
    root.prepare()
    return root


def _commit(archive, files, object_id=PAPER):
    return archive.commit(
        object_id,
        files,
        created=NOW,
        message="Lưu trữ",
        user_name="sohoa",
        user_address="urn:sohoa",
    )


def _verdict(ocfl, archive):
    """Whether root and all objects are valid, how many objects, and every error and warning."""
    logging.getLogger().setLevel(logging.ERROR)
    root = ocfl.StorageRoot(root=str(archive.objects.root))
    valid = root.validate(log_warnings=True, log_errors=False)
    assert root.structure_error is None
    return valid and root.good_objects == root.num_objects, root.num_objects, root.errors


def test_an_empty_archive_is_valid(ocfl, archive):
    """A storage root right after `prepare` is OCFL already."""
    assert _verdict(ocfl, archive) == (True, 0, [])


def test_archived_papers_and_scans_are_valid(ocfl, archive):
    """Several objects, several versions, shared content: no error and not even a warning."""
    for files in (FIRST, SECOND, FIRST, {"only.json": b"{}"}):
        _commit(archive, files)
    _commit(archive, {"original.pdf": b"%PDF", "scan.json": b"{}"}, SCAN)
    assert _verdict(ocfl, archive) == (True, 2, [])


def test_an_archive_is_valid_after_every_kill_and_rerun(ocfl, tmp_path):
    """Killed at each write of a commit; then the same commit, or another one, ends it."""
    for n in range(20):
        archive = ArchiveRoot(objects=DirectoryStore(root=tmp_path / str(n)))
        archive.prepare()
        _commit(archive, FIRST)
        dying = KilledStore(root=tmp_path / str(n), writes_left=[n], after=False)
        try:
            _commit(ArchiveRoot(objects=dying), SECOND)
        except Killed:
            _commit(archive, SECOND if n % 2 else {"record.json": b"other"})
            assert _verdict(ocfl, archive) == (True, 1, [])
        else:
            break
    assert n > len(SECOND)


@pytest.mark.integration
def test_an_archive_on_s3_is_valid_once_it_is_brought_into_a_folder(
    ocfl, rgw, rgw_credentials, tmp_path
):
    """The validator reads folders: every key of a locked bucket is fetched and judged there."""
    store = make_bucket(rgw_credentials, rgw.endpoint, locked=True, prefix="kho/lưu trữ")
    there = ArchiveRoot(objects=store)
    there.prepare()
    for files in (FIRST, SECOND, FIRST):
        _commit(there, files)
    _commit(there, {"original.pdf": b"%PDF", "scan.json": b"{}"}, SCAN)
    here = DirectoryStore(root=tmp_path / "brought")
    for key in store.keys():  # noqa: SIM118 - a store is no dictionary
        here.put(key, store.get(key))
    assert _verdict(ocfl, ArchiveRoot(objects=here)) == (True, 2, [])


def test_the_validator_does_look(ocfl, archive):
    """The same validator refuses a paper of which one byte was changed."""
    _commit(archive, FIRST)
    content = archive.objects.root / object_root(PAPER) / "v1/content/paper.pdf"
    content.write_bytes(b"%PDX")
    assert not _verdict(ocfl, archive)[0]

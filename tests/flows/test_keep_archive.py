"""Damage in the archive is found, and mended from the second copy."""

import pytest
from sqlalchemy import update

from domain.errors import ConfigurationFault, IntegrityFault
from domain.identity import paper_object_id
from flows.fixity import fixity, read_again
from flows.replicate import copy_new, replicate
from storage.ocfl_layout import object_root
from storage.registry import audit, keeping
from storage.registry.schema import archive_objects
from tasks.house import house
from tasks.replicate import restore_object
from tests.flows.archived import archive_papers

PLENTY = (1000, 1.0, 5.0, 30.0)


@pytest.fixture
def archived(office, monkeypatch, tmp_path):
    """Three archived papers, a second store, and the folder of the first paper's object."""
    monkeypatch.setenv("SOHOA_COPY_TO__KIND", "directory")
    monkeypatch.setenv("SOHOA_COPY_TO__ROOT", str(tmp_path / "copy"))
    house.cache_clear()
    here = house()
    ids = archive_papers(here, 3)
    object_id = paper_object_id(ids[0])
    folder = here.settings.home / "store/archive" / object_root(object_id)
    return here, object_id, folder, tmp_path / "copy" / object_root(object_id)


def test_every_object_is_read_and_a_sound_archive_has_nothing_to_report(archived):
    done = read_again(*PLENTY)
    assert (done.expected, done.objects, done.never_read) == (6, 6, 6)  # papers and scans
    assert done.finished
    assert done.bytes_read > 6 * 200
    assert done.damaged == {}
    assert read_again(*PLENTY).objects == 0  # all were read within the thirty days


def test_a_run_that_ends_early_is_gone_on_with_and_the_longest_unread_comes_first(archived):
    first = read_again(4, 1.0, 5.0, 30.0)
    assert (first.objects, first.finished) == (4, False)
    one = read_again(1000, 1e-9, 5.0, 30.0)  # a budget of one byte: one object, never none
    assert (one.objects, one.never_read) == (1, 2)
    assert read_again(*PLENTY).objects == 1
    here = archived[0]
    with here.registry.read() as db:
        due = [row["object_id"] for row in keeping.oldest_checked(db, before=here.now(), limit=9)]
        times = {name: keeping.of(db, name)["checked_at"] for name in due}
    assert due == sorted(due, key=times.__getitem__)


def _flip(file):
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    file.write_bytes(content)


HARM = {
    "a changed byte": lambda folder: _flip(folder / "v1/content/paper.pdf"),
    "a missing file": lambda folder: (folder / "v1/content/record.json").unlink(),
    "a damaged inventory": lambda folder: _flip(folder / "inventory.json"),
    "a missing inventory": lambda folder: (folder / "inventory.json").unlink(),
    "a missing version inventory": lambda folder: (folder / "v1/inventory.json").unlink(),
    "an object gone": lambda folder: [f.unlink() for f in folder.rglob("*") if f.is_file()],
}


@pytest.mark.parametrize("harm", HARM)
def test_damage_is_found_and_mended_from_the_second_copy(archived, harm):
    here, object_id, folder, _ = archived
    assert replicate.fn().copied == 6
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    HARM[harm](folder)
    with pytest.raises(IntegrityFault, match="sohoa restore"):
        fixity.fn()
    with here.registry.read() as db:
        assert [row["object_id"] for row in keeping.damaged(db)] == [object_id]
        assert [row["action"] for row in audit.of(db, object_id)] == ["damaged"]
    assert restore_object(object_id, "Quản trị viên mẫu").files
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    assert read_again(1000, 1.0, 5.0, 0.0).damaged == {}
    with here.registry.read() as db:
        assert keeping.damaged(db) == []
        assert audit.of(db, object_id)[-1]["actor"] == "Quản trị viên mẫu"


def test_what_was_damaged_is_kept_in_the_quarantine(archived):
    here, object_id, folder, _ = archived
    replicate.fn()
    _flip(folder / "v1/content/paper.pdf")
    damaged = (folder / "v1/content/paper.pdf").read_bytes()
    restore_object(object_id, "Quản trị viên mẫu")
    kept = [here.quarantine.get(key) for key in here.quarantine.keys("damaged/")]
    assert kept == [damaged]


def test_an_exchanged_object_that_is_sound_in_itself_is_found(archived):
    here, object_id, _, _ = archived
    read_again(*PLENTY)
    with here.registry.begin() as db:  # as if another inventory had been entered
        other = update(archive_objects).where(archive_objects.c.object_id == object_id)
        db.execute(other.values(digest="0" * 128))
    with here.registry.read() as db:
        known = keeping.of(db, object_id)["digest"]
    from tasks.fixity import check_object

    problems, _ = check_object(here, object_id, known)
    assert len(problems) == 1
    assert "sổ đăng ký" in problems[0]


def test_only_what_is_new_is_copied_and_nothing_damaged(archived):
    here, object_id, folder, copy = archived
    _flip(folder / "v1/content/paper.pdf")
    done = copy_new(1000, 5.0)
    assert (done.copied, list(done.failed)) == (5, [object_id])
    assert not (copy / "inventory.json").exists()  # no half object counts as one
    _flip(folder / "v1/content/paper.pdf")
    assert copy_new(1000, 5.0).copied == 1
    assert copy_new(1000, 5.0).copied == 0
    archive_papers(here, 1, first=3)
    assert copy_new(1, 5.0).copied == 1
    assert copy_new(1000, 5.0).copied == 1


@pytest.mark.conformance
def test_the_copy_is_a_valid_storage_root_for_an_independent_validator(archived, tmp_path):
    ocfl = pytest.importorskip("ocfl", exc_type=ImportError)
    replicate.fn()
    root = ocfl.StorageRoot(root=str(tmp_path / "copy"))
    assert root.validate()
    assert root.num_objects == 6


def test_a_damaged_or_foreign_copy_is_never_restored_from(archived):
    here, object_id, folder, copy = archived
    replicate.fn()
    _flip(copy / "v1/content/paper.pdf")
    with pytest.raises(IntegrityFault, match="không dùng được"):
        restore_object(object_id, "Quản trị viên mẫu")
    _flip(copy / "v1/content/paper.pdf")
    with here.registry.begin() as db:
        db.execute(update(archive_objects).values(digest="0" * 128, copied_digest="1" * 128))
    (folder / "v1/content/paper.pdf").unlink()
    with pytest.raises(IntegrityFault, match="không phải bản"):
        restore_object(object_id, "Quản trị viên mẫu")
    assert not (folder / "v1/content/paper.pdf").exists()


def test_without_a_second_store_the_setting_is_named(office):
    with pytest.raises(ConfigurationFault, match="SOHOA_COPY_TO"):
        replicate.fn()

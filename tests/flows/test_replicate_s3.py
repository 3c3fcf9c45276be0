"""The second copy across kinds of stores: S3 to a folder, a folder to S3; killed in the middle."""

import pytest
from sqlalchemy import select

from domain.identity import paper_object_id
from flows.replicate import copy_new
from storage.ocfl_layout import object_root
from storage.registry import audit, keeping
from storage.registry.schema import reviews
from tasks import replicate, versions
from tasks.amend import correct
from tasks.holding import hold
from tasks.house import house
from tasks.replicate import restore_object, second_copy
from tests.contracts.conftest import make_bucket
from tests.contracts.killed_store import Killed
from tests.flows.archived import archive_papers

pytestmark = pytest.mark.integration
BY = {"by": "Trần Thị Bình", "reason": "đánh máy nhầm"}
MINUTES = 5.0


@pytest.fixture(params=["s3 to folder", "folder to s3"])
def here(request, office, rgw, rgw_credentials, monkeypatch, tmp_path):
    """An installation whose archive is on one kind of store and its copy on the other."""
    bucket = make_bucket(rgw_credentials, rgw.endpoint, versioned=True)
    on_s3 = {
        "KIND": "s3",
        "BUCKET": bucket.bucket,
        "ENDPOINT_URL": rgw.endpoint,
        "CREDENTIALS_FILE": str(rgw_credentials),
        "LOCK": "GOVERNANCE",
    }
    folder = {"KIND": "directory", "ROOT": str(tmp_path / "folder")}
    archive, copy = (on_s3, folder) if request.param.startswith("s3") else (folder, on_s3)
    for name, facts in (("ARCHIVE", archive), ("COPY_TO", copy)):
        for key, value in facts.items():
            monkeypatch.setenv(f"SOHOA_{name}__{key}", value)
    house.cache_clear()
    return house()


def _everything(archive):
    objects = archive.objects
    return {key: objects.get(key) for key in objects.keys()}  # noqa: SIM118 - no dictionary


def test_the_copy_is_byte_for_byte_the_archive_and_only_what_is_new_is_copied(here):
    archive_papers(here, 2)
    assert copy_new(100, MINUTES).copied == 4
    assert _everything(second_copy(here)) == _everything(here.archive)
    assert copy_new(100, MINUTES).copied == 0
    paper = archive_papers(here, 1, first=3)[0]
    correct(paper, {"number": "77/QĐ-UBND"}, **BY)
    assert copy_new(100, MINUTES).copied == 2
    assert _everything(second_copy(here)) == _everything(here.archive)


def test_a_copy_killed_at_any_write_is_finished_by_the_next_run(here, monkeypatch):
    """Until it was read back whole, an object does not count as copied."""
    archive_papers(here, 1)
    kind = type(here.settings.copy_to)
    for place in range(40):
        left = [place]

        def dying(call, left=left):
            def put(self, *args, **more):
                if self == here.settings.copy_to:
                    if not left[0]:
                        raise Killed
                    left[0] -= 1
                return call(self, *args, **more)

            return put

        with monkeypatch.context() as patch:
            patch.setattr(kind, "put", dying(kind.put))
            patch.setattr(kind, "replace", dying(kind.replace))
            try:
                copy_new(100, MINUTES)
                break
            except Killed:
                continue
    assert place >= 5  # killed at so many places; each run went further than the one before
    assert _everything(second_copy(here)) == _everything(here.archive)
    with here.registry.read() as db:
        assert keeping.uncopied(db, after="", limit=10) == []


def test_what_the_archive_lost_comes_back_from_the_copy(here):
    """And what is damaged in the archive never reaches the copy."""
    paper = archive_papers(here, 1)[0]
    object_id = paper_object_id(paper)
    key = f"{object_root(object_id)}/v1/content/paper.pdf"
    whole = here.archive.objects.get(key)
    here.archive.objects.replace(key, b"damaged")
    assert object_id in copy_new(100, MINUTES).failed
    here.archive.objects.replace(key, whole)
    copy_new(100, MINUTES)
    here.archive.objects.delete(key)
    assert here.archive.check(object_id) != ()
    assert restore_object(object_id, "Quản trị viên mẫu").files
    assert here.archive.objects.get(key) == whole
    assert here.archive.check(object_id) == ()


def test_what_comes_back_is_locked_and_held_as_it_was(here):
    """Else whoever deletes a restored file would meet no lock, and no legal hold."""
    paper = archive_papers(here, 1)[0]
    copy_new(100, MINUTES)
    hold(paper, **BY)
    key = f"{object_root(paper_object_id(paper))}/v1/content/paper.pdf"
    before = here.archive.objects.info(key)
    here.archive.objects.delete(key)
    restore_object(paper, "Quản trị viên mẫu")
    after = here.archive.objects.info(key)
    assert (after.held, after.locked_until) == (before.held, before.locked_until)


def _die(*_arguments, **_named):
    raise KeyboardInterrupt


def test_a_restore_killed_behind_the_files_is_protected_by_the_next(here, monkeypatch):
    """Nothing is left to put back then, yet what came back is not locked and held by itself."""
    paper = archive_papers(here, 1)[0]
    copy_new(100, MINUTES)
    hold(paper, **BY)
    key = f"{object_root(paper_object_id(paper))}/v1/content/paper.pdf"
    before = here.archive.objects.info(key)
    here.archive.objects.delete(key)
    with monkeypatch.context() as patch:
        patch.setattr(replicate, "_protect_again", _die)
        with pytest.raises(KeyboardInterrupt):
            restore_object(paper, "Quản trị viên mẫu")
    assert restore_object(paper, "Quản trị viên mẫu").files == ()
    after = here.archive.objects.info(key)
    assert (after.held, after.locked_until) == (before.held, before.locked_until)
    with here.registry.read() as db:
        told = [row["action"] for row in audit.of(db, paper_object_id(paper))]
    assert "restore_begun" in told


def test_a_correction_killed_behind_its_commit_is_held_by_the_next_run(here, monkeypatch):
    """A hold is set version by version: the new one of a held paper is held too, and reviewed."""
    paper = archive_papers(here, 1, first=3)[0]
    hold(paper, **BY)
    with monkeypatch.context() as patch:
        patch.setattr(versions, "hold_object", _die)
        with pytest.raises(KeyboardInterrupt):
            correct(paper, {"number": "77/QĐ-UBND"}, **BY)
    correct(paper, {"number": "77/QĐ-UBND"}, **BY)
    objects, root = here.archive.objects, object_root(paper_object_id(paper))
    first = objects.info(f"{root}/v1/content/paper.pdf")
    second = objects.info(f"{root}/v2/content/record.json")
    assert (second.held, second.locked_until is None) == (first.held, first.locked_until is None)
    with here.registry.read() as db:
        query = select(reviews.c.decision).where(reviews.c.paper_id == paper)
        assert db.execute(query).scalars().all() == ["correct"]

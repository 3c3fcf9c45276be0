"""The registry is lost and made anew from the archive: every query answers the same."""

import os

import pytest
from sqlalchemy import select

from domain.access import Access
from domain.errors import IntegrityFault, NotFound
from domain.identity import paper_object_id
from domain.states import PaperState, ScanState
from storage.ocfl_layout import object_root
from storage.registry import papers, reuse, scans, schema
from storage.registry.papers import next_serial
from tasks.audit import verify_audit
from tasks.count import count, progress_of
from tasks.house import house
from tasks.lookup import lookup
from tasks.rebuild import rebuild
from tasks.shelf import listed
from tests.flows import papers as drawn
from tests.flows.archived import archive_papers, owner_of

WHO = Access(requester="Bộ phận Một cửa xã mẫu", purpose="tiếp nhận hồ sơ")
PAPERS = int(os.environ.get("DRILL_PAPERS", "30"))
OF_THE_LINE = {"verification", "package", "opened", "words", "claimed_by", "lease_until", "epoch"}
MOMENTS = {"updated_at", "finished_at"}


def _answers(here):
    """What users and operators ask the registry."""
    with here.registry.read() as db:
        rows = {
            table.name: db.execute(select(table).order_by(*table.primary_key)).mappings().all()
            for table in (
                schema.papers,
                schema.scans,
                schema.counters,
                schema.likenesses,
                schema.protections,
            )
        }
        states = papers.count_by_state(db), scans.count_by_state(db)
        progress = progress_of(here, db, here.plan, here.today().year)
    rows = {name: [_plain(row) for row in found] for name, found in rows.items()}
    summary = count("lo-1", ()).model_dump(exclude={"seconds"})
    return {
        **rows,
        "states": states,
        "progress": progress,
        "summary": summary,
        "lookup": [_held(here, owner_of(number)) for number in range(PAPERS)],
        "listed": [row["id"] for row in listed()],
    }


def _plain(row):
    left_out = OF_THE_LINE | MOMENTS
    return {name: value for name, value in row.items() if name not in left_out}


def _held(here, owner):
    with here.registry.read() as db:
        rows = reuse.of_owner(db, here.owner_hash(owner), limit=PAPERS)
    return [{k: v for k, v in row.items() if k != "verdict"} for row in rows]


def _lose_registry(here):
    here.registry.close()
    for file in here.settings.home.glob("registry.db*"):
        file.unlink()


def test_after_the_drill_every_query_answers_as_before(office):
    here = house()
    archive_papers(here, PAPERS)
    before = _answers(here)
    assert sum(map(len, before["lookup"])) >= PAPERS  # or the comparison would prove nothing
    assert any(row["last"] > 1 for row in before["counters"])
    _lose_registry(here)
    done = rebuild(here)
    assert (done.papers, done.scans, done.failed) == (PAPERS, PAPERS, {})
    after = _answers(here)
    for question, answer in before.items():
        assert after[question] == answer, question
    assert verify_audit(here).sound


def test_the_next_serial_after_a_rebuild_was_never_given(office):
    here = house()
    archive_papers(here, 9)
    used = {row["code"] for row in listed()}
    _lose_registry(here)
    rebuild(here)
    with here.registry.begin() as db:
        for code in used:
            prefix = code.rpartition(".")[0]
            assert here.codes.code(prefix, next_serial(db, prefix)) not in used


def test_a_second_rebuild_changes_nothing(office):
    here = house()
    archive_papers(here, 4)
    before = _answers(here)
    done = rebuild(here)
    assert (done.papers, done.scans, done.copies) == (0, 0, 0)
    assert _answers(here) == before


def test_papers_archived_after_the_backup_join_the_restored_registry(office, tmp_path):
    from tasks.backup import back_up, restore_backup

    here = house()
    archive_papers(here, 3)
    made, _ = back_up(here, tmp_path / "backups")
    archive_papers(here, 2, first=3)
    before = _answers(here)
    _lose_registry(here)
    restore_backup(here, made)
    assert len(listed()) == 3
    assert rebuild(here).papers == 2
    after = _answers(here)
    for question, answer in before.items():
        assert after[question] == answer, question


def test_a_damaged_object_is_named_and_the_others_are_entered(office):
    here = house()
    ids = archive_papers(here, 3)
    root = here.settings.home / "store/archive" / object_root(paper_object_id(ids[1]))
    (root / "v1/content/record.json").write_bytes(b"{}")
    _lose_registry(here)
    done = rebuild(here)
    assert list(done.failed) == [paper_object_id(ids[1])]
    assert {row["id"] for row in listed()} == {ids[0], ids[2]}


def test_a_paper_whose_scan_object_is_damaged_is_found_all_the_same(office):
    here = house()
    ids = archive_papers(here, 1)
    scan = next(name for name in here.archive.object_ids() if "scan" in name)
    (here.settings.home / "store/archive" / object_root(scan) / "v1/content/scan.json").unlink()
    _lose_registry(here)
    assert list(rebuild(here).failed) == [scan]
    assert [row["id"] for row in listed()] == ids
    assert _held(here, owner_of(0))


def test_papers_read_by_the_whole_line_come_back_with_their_details(office):
    office.digitize({"b.pdf": drawn.pdf("giay-khai-sinh")})
    here = house()
    before = _answers(here)
    described = {row["id"]: row["description"] for row in listed()}
    assert before["states"][0] == {PaperState.ARCHIVED: 1}
    owners = {row["fields"]["owner_id"]["value"] for row in described.values()} - {None}
    assert owners
    found = [_lasting(owner) for owner in sorted(owners)]
    assert all(found)
    _lose_registry(here)
    assert rebuild(here).papers == 1
    after = _answers(here)
    for question, answer in before.items():
        assert after[question] == answer, question
    assert {row["id"]: row["description"] for row in listed()} == described
    assert [_lasting(owner) for owner in sorted(owners)] == found


def _lasting(owner):
    """What a look-up answers, without the links: they say until when they open."""
    return [held.model_copy(update={"link": None}) for held in lookup(WHO, owner)]


def test_an_unfinished_scan_goes_on_where_its_upload_still_lies(office):
    """One archived paper of a scan whose upload was not released: the line takes it again."""
    office.bring({"a.pdf": drawn.pdf("giay-khai-sinh")})
    office.run()
    here = house()
    (row,) = listed()
    with here.registry.read() as db:
        key = scans.scan(db, row["scan_id"])["key"]
    here.intake.put(key, drawn.pdf("giay-khai-sinh"))
    _lose_registry(here)
    rebuild(here)
    with here.registry.read() as db:
        assert scans.scan(db, row["scan_id"])["state"] == ScanState.RECEIVED
    office.run()
    (again,) = listed()
    assert (again["code"], again["archive_version"]) == (row["code"], 1)
    with here.registry.read() as db:
        assert scans.scan(db, row["scan_id"])["state"] == ScanState.DONE
    with pytest.raises(NotFound):
        here.intake.get(key)


def test_a_rebuild_with_damage_ends_with_the_exit_code_for_damage(office):
    from typer.testing import CliRunner

    from deployments.cli.main import app

    here = house()
    (paper,) = archive_papers(here, 1)
    root = here.settings.home / "store/archive" / object_root(paper_object_id(paper))
    (root / "v1/content/record.json").unlink()
    _lose_registry(here)
    result = CliRunner().invoke(app, ["rebuild", "--json"])
    assert isinstance(result.exception, IntegrityFault)
    assert paper in result.output

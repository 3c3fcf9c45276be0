"""The judge of the fault tests sees what it is there to see: each kind of loss, by itself."""

import pytest
from sqlalchemy import delete, update

from domain.identity import paper_object_id
from domain.states import PaperState, ScanState
from storage.ocfl_layout import object_root
from storage.registry import schema
from tasks.house import house
from tests.flows.archived import archive_papers
from tests.invariants import violations


@pytest.fixture
def archived(office):
    """An archived paper: the installation, the ids of the paper and of its scan, as lists."""
    here = house()
    ids = archive_papers(here, 1)
    with here.registry.read() as db:
        brought = [row.scan_id for row in db.execute(schema.papers.select())]
    assert violations(here, brought) == []
    return here, ids, brought


def _change(here, *statements):
    with here.registry.begin() as db:
        for statement in statements:
            db.execute(statement)


def _file(here, paper, name):
    return here.settings.home / "store/archive" / object_root(paper_object_id(paper)) / name


def _truncate(here, ids, brought):
    _file(here, ids[0], "v1/content/paper.pdf").write_bytes(b"")


def _lose_object(here, ids, brought):
    for file in _file(here, ids[0], "").rglob("*"):
        file.unlink() if file.is_file() else None


def _forget_paper(here, ids, brought):
    mine = schema.papers.c.id == ids[0]
    for table in (schema.protections, schema.likenesses):
        _change(here, delete(table).where(table.c.paper_id == ids[0]))
    _change(here, delete(schema.papers).where(mine))


def _other_code(here, ids, brought):
    _change(
        here, update(schema.papers).where(schema.papers.c.id == ids[0]).values(code="khac.1.01")
    )


def _counter_back(here, ids, brought):
    _change(here, update(schema.counters).values(last=0))


def _waits(here, ids, brought):
    one = schema.scans.c.id == brought[0]
    _change(here, update(schema.scans).where(one).values(state=ScanState.RECEIVED))


def _claimed(here, ids, brought):
    one = schema.scans.c.id == brought[0]
    _change(here, update(schema.scans).where(one).values(claimed_by="h/1/2/3"))


def _half_way(here, ids, brought):
    one = schema.papers.c.id == ids[0]
    _change(here, update(schema.papers).where(one).values(state=PaperState.SIGNED))


def _audit_gone(here, ids, brought):
    _change(here, delete(schema.audit).where(schema.audit.c.seq == 2))


def _coded_twice(here, ids, brought):
    from storage.registry import audit

    with here.registry.begin() as db:
        audit.append(db, "coded", ids[0], actor="x", at=here.now())


def _work_left(here, ids, brought):
    here.work(brought[0]).add(b"words of a page")


def _intake_left(here, ids, brought):
    here.intake.put("lo-1/stray.pdf", b"bytes")


def _scratch_left(here, ids, brought):
    (here.settings.home / "scratch" / "left").mkdir(parents=True)


def _never_received(here, ids, brought):
    brought.append("0" * 64)


HARM = {
    "ocfl-py": _truncate,
    "not in the archive": _lose_object,
    "not in the registry": _forget_paper,
    "another id or code": _other_code,
    "a counter stands at 0": _counter_back,
    "still waits": _waits,
    "still claimed": _claimed,
    "while its scan is done": _half_way,
    "audit chain is broken": _audit_gone,
    "says coded 2 times": _coded_twice,
    "still in the work store": _work_left,
    "still in the intake store": _intake_left,
    "private folders": _scratch_left,
    "has no row": _never_received,
}


@pytest.mark.parametrize("said", HARM)
def test_each_kind_of_loss_is_seen(archived, said):
    here, ids, brought = archived
    HARM[said](here, ids, brought)
    found = violations(here, brought)
    assert any(said in one for one in found), found

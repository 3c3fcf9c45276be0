"""What is kept of monthly counts is always what the rows say, whatever happens to the rows."""

import os
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import delete, func, select, update

from domain.states import PaperState
from storage.registry import counting, rollups
from storage.registry.counting import Span
from storage.registry.rollups import Question
from storage.registry.schema import (
    dossiers,
    lots,
    outbox,
    papers,
    progress_cells,
    progress_marks,
    reuses,
    scans,
)

UNITS, FIELDS = ("H31", "X1", "X2"), ("Hộ tịch", "Đất đai", None)
THREE = Span(date(2026, 1, 1), date(2026, 3, 31), datetime(2026, 3, 31, 17, tzinfo=UTC))
ODD = Span(date(2026, 1, 10), date(2026, 3, 20), datetime(2026, 3, 20, 17, tzinfo=UTC))
QUESTIONS = [
    Question("dossiers_resolved", THREE, ("archived",), "any"),
    Question("dossiers_resolved", ODD, ("digitized", "signed"), "all"),
    Question("dossiers_received", THREE, ("reusable",), "any"),
    Question("dossiers_within_competence", THREE, ("component_files", "result_file"), "any"),
    Question("dossiers_received", THREE, ("data_reused",), "any"),
    Question("dossiers_resolved", THREE, ("result_synced",), "any"),
    Question("persons", THREE, ("archived",), "any"),
]
SINCE = datetime(2025, 12, 31, 17, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
MOST_ROUNDS = 300
SEEDS = [int(seed) for seed in os.environ.get("ROLLUP_SEEDS", "1,2").split(",")]


class History:
    """Random things that offices and the line do to dossiers and papers."""

    def __init__(self, seed):
        self.random = Random(seed)  # noqa: S311 - a history, not a secret
        self.made = 0

    def day(self):
        return date(2026, 1, 1) + timedelta(days=self.random.randrange(-5, 95))

    def moment(self):
        return START + timedelta(hours=self.random.randrange(0, 24 * 110))

    def code(self):
        return f"D-{self.random.randrange(5)}"

    def flag(self):
        return self.random.choice((None, True, False))

    def bring(self, db):
        """Dossiers imported, anew or with other values."""
        names = ("result_file", "component_files", "data_reused", "result_synced")
        row = {
            "code": self.code(), "procedure": "1.0", "field": self.random.choice(FIELDS),
            "components": self.random.choice((None, 1, 2)), "receiving_unit": "H31",
            "competent_unit": self.random.choice(UNITS), "received_on": self.day(),
            "resolved_on": self.random.choice((None, self.day())),
            "outcome": self.random.choice(("resolved", "resolved", "pending")),
            "applicant_hash": self.random.choice((None, "a", "b")),
            **{name: self.flag() for name in names},
        }  # fmt: skip
        counting.put(db, "dossiers", [row])

    def scan(self, db):
        """A paper made, with or without a dossier that anybody imported."""
        self.made += 1
        at, name = self.moment(), f"{self.made:064x}"
        if self.made == 1:
            db.execute(lots.insert().values(id="lo-1", manifest={}, created_at=at))
        db.execute(
            scans.insert().values(
                id=name, lot_id="lo-1", name=name, key=name, size_bytes=1, facts={},
                state="done", split=1, epoch=0, received_at=at,
            )
        )  # fmt: skip
        done = self.random.random() < 0.7
        db.execute(
            papers.insert().values(
                id=f"p-{self.made}", scan_id=name, split=1, position=0, pages=[1],
                state=PaperState.ARCHIVED if done else PaperState.IN_REVIEW,
                unit=self.random.choice(UNITS), signed=name if done else None,
                dossier=self.random.choice((None, self.code(), self.code(), f"L-{self.made}")),
                code=f"c-{self.made}" if done else None, owner_hash=self.random.choice((None, "o")),
                result_code=self.random.choice((None, f"r-{self.made}")), type_id="t",
                likeness=self.random.choice((None, f"like-{self.random.randrange(4)}")),
                archived_at=at if done else None, created_at=at, updated_at=at,
            )
        )  # fmt: skip

    def paper(self):
        return f"p-{self.random.randrange(1, self.made + 2)}"

    def move(self, db):
        """Archived late, withdrawn, rejected, or superseded by another paper."""
        state = self.random.choice((*PaperState,))
        values = {"state": state, "archived_at": self.moment(), "replaced_by": None}
        if state is PaperState.SUPERSEDED:
            values = {"state": state, "replaced_by": self.paper()}
        db.execute(update(papers).where(papers.c.id == self.paper()).values(values))

    def amend(self, db):
        """Corrected: another dossier, likeness or owner."""
        values = self.random.choice(
            ({"dossier": self.code()}, {"likeness": None}, {"owner_hash": None}, {"signed": None})
        )
        db.execute(update(papers).where(papers.c.id == self.paper()).values(values))

    def reuse(self, db, code=None):
        """A paper that served in place of a new one."""
        at = START if code else self.moment()
        values = {"paper_id": "p-1", "dossier": code or self.code(), "component": "c", "at": at}
        name = f"r-{self.random.random()}"
        db.execute(reuses.insert().values(id=name, requester="r", purpose="p", **values))

    def send(self, db, code=None, state=None):
        """The papers of a dossier told to the portal, or what the portal answered."""
        code = code or self.code()
        state = state or self.random.choice(("waiting", "sent", "sent"))
        for name in db.execute(select(papers.c.id).where(papers.c.dossier == code)).scalars().all():
            new = {"state": state, "sent_at": START}
            if db.execute(update(outbox).where(outbox.c.paper_id == name).values(new)).rowcount:
                continue
            row = {"message_id": name, "paper_id": name, "lane": name, "attempts": 0, **new}
            times = {"next_at": START, "created_at": START}
            db.execute(outbox.insert().values(uncertain=False, **times, **row))

    def prove(self, db):
        """One paper elsewhere that was reused and is with the portal: such facts are kept here."""
        values = {"dossier": "Z", "state": PaperState.ARCHIVED, "archived_at": START}
        db.execute(update(papers).where(papers.c.id == "p-1").values(values))
        self.reuse(db, "Z")
        self.send(db, "Z", "sent")

    def remove(self, db):
        db.execute(delete(dossiers).where(dossiers.c.code == self.code()))


KINDS = ("bring", "scan", "move", "amend", "reuse", "send", "remove")


def _from_rows(db):
    """Every answer by the rows, in an order of their own."""
    loose = [counting.loose_dossiers(db, span, ("archived",), SINCE) for span in (THREE, ODD)]
    return [sorted(counting.cells(db, *question)) for question in QUESTIONS], loose


def _from_kept(db):
    """Every answer as reports get it."""
    loose = [rollups.loose_dossiers(db, span, ("archived",), SINCE) for span in (THREE, ODD)]
    return [sorted(rollups.cells(db, question)) for question in QUESTIONS], loose


@pytest.mark.parametrize("seed", SEEDS)
def test_kept_counts_are_what_the_rows_say_after_any_history(registry, seed):
    history = History(seed)
    with registry.begin() as db:
        for _ in range(5):
            history.bring(db)
            history.scan(db)
            history.scan(db)
        history.prove(db)
    effective = dict.fromkeys(KINDS, 0)
    for _ in range(MOST_ROUNDS):
        wanted = [name for name in KINDS if not effective[name]]
        kind = history.random.choice((history.random.choice(KINDS), history.random.choice(wanted)))
        with registry.begin() as db:
            before = _from_rows(db)
            getattr(history, kind)(db)
            after = _from_rows(db)
        if before == after:
            continue
        effective[kind] += 1
        with registry.read() as db:
            assert _from_kept(db) == after, kind
        for question in QUESTIONS[
            effective[kind] % 2 :
        ]:  # the first one stays old every other time
            rollups.keep(registry, question)
        with registry.read() as db:
            assert _from_kept(db) == after, kind
        if all(effective.values()):
            break
    assert all(effective.values()), "a kind of change that changed no answer shows nothing"
    with registry.read() as db:
        assert db.execute(progress_cells.select()).first() is not None
        assert rollups.differences(db) == []


def test_rows_written_behind_the_triggers_back_are_found_and_what_is_kept_can_be_thrown_away(
    registry,
):
    history = History(7)
    with registry.begin() as db:
        for _ in range(20):
            history.bring(db)
    rollups.keep(registry, QUESTIONS[2])
    with registry.begin() as db:
        db.execute(update(progress_cells).values(total=99))
    with registry.begin() as db:  # what is kept is what answers
        assert sorted(rollups.cells(db, QUESTIONS[2])) != sorted(counting.cells(db, *QUESTIONS[2]))
        assert rollups.differences(db)
        assert rollups.forget(db) == 3
        assert rollups.differences(db) == []
    with registry.read() as db:
        assert _from_kept(db) == _from_rows(db)


def _marks(db):
    return db.execute(select(func.count()).select_from(progress_marks)).scalar_one()


def test_marks_are_taken_away_where_nothing_is_ever_kept(registry):
    """An installation without imported dossiers would collect them for ever."""
    history = History(3)
    with registry.begin() as db:
        for _ in range(20):
            history.scan(db)
        assert _marks(db) > 10
    with registry.read() as db:
        before = _from_rows(db)
    rollups.settle(registry, above=1000)
    with registry.read() as db:
        assert _marks(db) > 10
    rollups.settle(registry, above=10)
    with registry.read() as db:
        assert _marks(db) == 0
        assert _from_kept(db) == before


def test_a_dossier_that_comes_again_unchanged_makes_nothing_old(registry):
    with registry.begin() as db:
        History(5).bring(db)
    rollups.settle(registry, above=0)
    with registry.begin() as db:
        db.execute(update(dossiers).values(procedure=dossiers.c.procedure))
        assert _marks(db) == 0
        db.execute(update(dossiers).values(competent_unit="X9"))
        assert _marks(db) == 2


def test_an_answer_of_several_statements_is_of_one_moment(registry):
    """Else a paper that comes between two of them would raise a false alarm."""
    history = History(9)
    with registry.snapshot() as db:
        before = _from_rows(db)
        with registry.begin() as other:
            for _ in range(5):
                history.scan(other)
        assert _from_rows(db) == before
        assert _marks(db) == 0

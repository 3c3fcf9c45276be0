"""The queue of papers that wait for a person: entered, put on sheets, escalated, measured."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.record import Description
from domain.review import Purpose, doubted_field, interval, sample_chosen
from storage.registry import audit, review
from tasks.house import house
from tasks.step import step


class Overdue(BaseModel):
    """Papers that wait too long: no personal data in it."""

    model_config = ConfigDict(frozen=True)

    papers: int
    oldest: datetime | None
    by_unit: dict[str, int]


class ErrorRate(BaseModel):
    """What the sample says of the papers that the machine accepted (hậu kiểm)."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    waiting: int
    checked: int
    wrong: int
    """Papers with at least one wrong field, or that should not have been accepted."""
    rate: float | None
    """`wrong / checked`, a fraction of 1; None before the first paper is checked."""
    low: float
    high: float
    """The 95 % confidence interval (Wilson)."""
    by_field: dict[str, int]
    to_correct: tuple[str, ...]
    """Ids of the archived papers that were found wrong."""


def in_review() -> list[RowMapping]:
    """All papers in review with their file's name, oldest first, on a sheet or not."""
    with house().registry.read() as db:
        return review.papers_in_review(db)


@step("enter_waiting")
def enter_waiting() -> int:
    """Give every paper in review its place in the queue, and its deadline; how many are new."""
    here = house()
    at = here.now()
    due = at + timedelta(hours=here.settings.review.deadline_hours)
    with here.registry.begin() as db:
        fresh = review.not_entered(db)
        for row in fresh:
            description = Description.model_validate(row["description"])
            # A paper of unknown type is entered in full: it needs a form with all fields.
            known = description.type.id is not None
            field = doubted_field(description.review) if known else None
            review.enter(
                db, row["id"], Purpose.DOUBT, field=field, unit=row["unit"], at=at, due=due
            )
        for pair in review.rescanned(db):
            review.supersede(db, pair["old"], at=at)
            audit.append(db, "superseded", pair["old"], actor=here.worker, at=at, by=pair["new"])
    return len(fresh)


@step("make_sheets")
def make_sheets() -> tuple[str, ...]:
    """Put waiting papers on sheets, oldest first, up to as many sheets as operators work on.

    The rest waits in our table and costs nothing. The ids of all open sheets, oldest first;
    sheets with nothing left to decide are closed.
    """
    here = house()
    at = here.now()
    with here.registry.begin() as db:
        kept = []
        for sheet in review.open_sheets(db):
            if sheet["left"]:
                kept.append(str(sheet["id"]))
            else:
                review.set_sheet(db, sheet["id"], closed_at=at, fault=None)
        room = max(0, here.settings.review.open_forms - len(kept))
        groups = _grouped(review.not_on_a_sheet(db), here.settings.review.papers_per_form)
        for numbers in islice(groups, room):
            kept.append(str(uuid.uuid4()))
            review.add_sheet(db, kept[-1], numbers, at=at)
    return tuple(kept)


def _grouped(tasks: Sequence[RowMapping], largest: int) -> list[list[int]]:
    """Task numbers by form: same purpose, field and unit together, the others one each."""
    forms: list[list[int]] = []
    filling: dict[tuple[str, str, str | None], list[int]] = {}
    for task in tasks:
        key = (task["purpose"], task["field"], task["unit"])
        together = task["purpose"] == Purpose.DOUBT and task["field"] is not None
        form = filling.get(key) if together else None
        if form is None or len(form) >= largest:
            form = []
            forms.append(form)
            filling[key] = form
        form.append(task["number"])
    return forms


@step("find_overdue")
def find_overdue() -> Overdue:
    """Papers past their deadline that nobody has been told of yet; each is found once."""
    here = house()
    at = here.now()
    with here.registry.begin() as db:
        late = review.overdue(db, at)
        review.escalated(db, [row["number"] for row in late], at)
        for row in late:
            audit.append(db, "review:overdue", row["paper_id"], actor=here.worker, at=at)
    return Overdue(
        papers=len(late),
        oldest=late[0]["created_at"] if late else None,
        by_unit=dict(Counter(row["unit"] or "(chưa rõ đơn vị)" for row in late)),
    )


@step("draw_sample")
def draw_sample(days: int) -> int:
    """Put a random sample of what the machine accepted in the last days into the queue.

    The rate is `review.sample_rate`; which paper is chosen depends on a secret of this
    installation, so drawing twice draws the same. How many are new.
    """
    here = house()
    at = here.now()
    due = at + timedelta(hours=here.settings.review.deadline_hours)
    rate = here.settings.review.sample_rate
    with here.registry.begin() as db:
        chosen = [
            row
            for row in review.accepted_by_machine(db, at - timedelta(days=days))
            if sample_chosen(here.keyed("sample", row["id"]), rate)
        ]
        return sum(
            review.enter(
                db, row["id"], Purpose.SAMPLE, field=None, unit=row["unit"], at=at, due=due
            )
            for row in chosen
        )


def error_rate(days: int) -> ErrorRate:
    """What the sample decided in the last days says, with its 95 % interval."""
    here = house()
    since = here.now() - timedelta(days=days)
    with here.registry.read() as db:
        checked = review.checked_samples(db, since)
        waiting = sum(row["purpose"] == Purpose.SAMPLE for row in review.waiting(db))
    wrong = [row for row in checked if row["wrong"]]
    low, high = interval(len(wrong), len(checked))
    return ErrorRate(
        since=since,
        waiting=waiting,
        checked=len(checked),
        wrong=len(wrong),
        rate=len(wrong) / len(checked) if checked else None,
        low=low,
        high=high,
        by_field=dict(Counter(name for row in wrong for name in row["wrong"])),
        to_correct=tuple(row["paper_id"] for row in wrong),
    )

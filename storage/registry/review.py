"""The review queue: what waits for a person, on which sheet (phiếu duyệt), until when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)

from domain.errors import NotFound
from domain.review import Purpose
from domain.states import PaperState
from storage.registry.schema import papers, review_sheets, review_tasks, reviews, scans

_OPEN: ColumnElement[bool] = and_(
    review_tasks.c.decided_at.is_(None),
    or_(
        and_(review_tasks.c.purpose == Purpose.DOUBT, papers.c.state == PaperState.IN_REVIEW),
        and_(review_tasks.c.purpose == Purpose.SAMPLE, papers.c.state == PaperState.ARCHIVED),
    ),
)
"""A task that a person still has to decide; one whose paper went another way is over."""


def not_entered(db: Connection) -> list[RowMapping]:
    """Papers in review that have no open task yet, oldest first: id, unit, description."""
    task = exists().where(
        review_tasks.c.paper_id == papers.c.id,
        review_tasks.c.purpose == Purpose.DOUBT,
        review_tasks.c.decided_at.is_(None),
    )
    query = select(papers.c.id, papers.c.unit, papers.c.description).where(
        papers.c.state == PaperState.IN_REVIEW, ~task
    )
    return list(db.execute(query.order_by(papers.c.created_at, papers.c.id)).mappings())


def papers_in_review(db: Connection) -> list[RowMapping]:
    """All papers in review with their file's name, oldest first, entered or not."""
    query = (
        select(
            papers.c.id,
            papers.c.scan_id,
            papers.c.type_id,
            papers.c.pages,
            papers.c.unit,
            papers.c.description,
            scans.c.name,
        )
        .join(scans, scans.c.id == papers.c.scan_id)
        .where(papers.c.state == PaperState.IN_REVIEW)
    )
    return list(db.execute(query.order_by(papers.c.created_at, papers.c.id)).mappings())


def enter(
    db: Connection,
    paper_id: str,
    purpose: Purpose,
    *,
    field: str | None,
    unit: str | None,
    at: datetime,
    due: datetime,
) -> bool:
    """Put a paper into the queue; whether it was not there. One that is back is asked again."""
    open_again = {"field": field, "unit": unit, "created_at": at, "due_at": due}
    known = (review_tasks.c.paper_id == paper_id, review_tasks.c.purpose == purpose)
    if db.execute(select(review_tasks.c.number).where(*known)).first() is None:
        db.execute(review_tasks.insert().values(paper_id=paper_id, purpose=purpose, **open_again))
        return True
    if purpose is Purpose.SAMPLE:
        return False
    fresh = {"sheet_id": None, "position": None, "escalated_at": None, "decided_at": None}
    db.execute(
        update(review_tasks)
        .where(*known, review_tasks.c.decided_at.is_not(None))
        .values(**open_again, **fresh, decision=None)
    )
    return True


def waiting(
    db: Connection, *, limit: int | None = None, offset: int = 0, sheet: str | None = None
) -> list[RowMapping]:
    """Open tasks with their papers, oldest first; of one sheet, in the form's order."""
    query = (
        select(
            review_tasks,
            papers.c.scan_id,
            papers.c.pages,
            papers.c.type_id,
            papers.c.dossier,
            papers.c.description,
            scans.c.name,
        )
        .join(papers, papers.c.id == review_tasks.c.paper_id)
        .join(scans, scans.c.id == papers.c.scan_id)
        .where(_OPEN)
    )
    if sheet is not None:
        query = query.where(review_tasks.c.sheet_id == sheet).order_by(review_tasks.c.position)
    query = query.order_by(review_tasks.c.number).limit(limit).offset(offset)
    return list(db.execute(query).mappings())


def count_waiting(db: Connection) -> int:
    """How many tasks are open."""
    query = select(func.count()).select_from(review_tasks).join(papers).where(_OPEN)
    return int(db.execute(query).scalar_one())


def not_on_a_sheet(db: Connection) -> list[RowMapping]:
    """Open tasks on no sheet, oldest first: number, purpose, field, unit."""
    query = (
        select(*review_tasks.c["number", "purpose", "field", "unit"])
        .join(papers, papers.c.id == review_tasks.c.paper_id)
        .where(_OPEN, review_tasks.c.sheet_id.is_(None))
        .order_by(review_tasks.c.number)
    )
    return list(db.execute(query).mappings())


def add_sheet(db: Connection, sheet: str, tasks: Sequence[int], *, at: datetime) -> None:
    """Make a sheet of these tasks, in this order."""
    db.execute(review_sheets.insert().values(id=sheet, attempt=1, runs=0, opened_at=at))
    for position, number in enumerate(tasks, start=1):
        db.execute(
            update(review_tasks)
            .where(review_tasks.c.number == number)
            .values(sheet_id=sheet, position=position)
        )


def open_sheets(db: Connection) -> list[RowMapping]:
    """Sheets that are not closed, oldest first, with `left`: how many of their tasks are open."""
    left = (
        select(func.count())
        .select_from(review_tasks)
        .join(papers)
        .where(review_tasks.c.sheet_id == review_sheets.c.id, _OPEN)
        .scalar_subquery()
        .label("left")
    )
    query = select(review_sheets, left).where(review_sheets.c.closed_at.is_(None))
    return list(db.execute(query.order_by(review_sheets.c.opened_at)).mappings())


def sheet(db: Connection, sheet_id: str) -> RowMapping:
    """One sheet's row; NotFound when there is none."""
    query = select(review_sheets).where(review_sheets.c.id == sheet_id)
    row = db.execute(query).mappings().first()
    if row is None:
        raise NotFound(f"Không có phiếu duyệt «{sheet_id[:80]}». Xem: sohoa review list.")
    return row


def set_sheet(db: Connection, sheet_id: str, **values: Any) -> None:
    """Write what became of a sheet."""
    db.execute(update(review_sheets).where(review_sheets.c.id == sheet_id).values(**values))


def close_task(
    db: Connection,
    paper_id: str,
    purpose: Purpose,
    *,
    decision: str,
    at: datetime,
    wrong: Sequence[str] | None = None,
) -> bool:
    """Note that a task is decided; False when it was decided already (or never entered)."""
    statement = (
        update(review_tasks)
        .where(
            review_tasks.c.paper_id == paper_id,
            review_tasks.c.purpose == purpose,
            review_tasks.c.decided_at.is_(None),
        )
        .values(decided_at=at, decision=decision, wrong=None if wrong is None else list(wrong))
    )
    return db.execute(statement).rowcount == 1


def overdue(db: Connection, at: datetime) -> list[RowMapping]:
    """Open tasks past their deadline that nobody has been told of, oldest first."""
    query = (
        select(review_tasks)
        .join(papers, papers.c.id == review_tasks.c.paper_id)
        .where(_OPEN, review_tasks.c.due_at < at, review_tasks.c.escalated_at.is_(None))
        .order_by(review_tasks.c.due_at)
    )
    return list(db.execute(query).mappings())


def escalated(db: Connection, numbers: Collection[int], at: datetime) -> None:
    """Note that these tasks have been escalated, so that each is told once."""
    db.execute(
        update(review_tasks).where(review_tasks.c.number.in_(numbers)).values(escalated_at=at)
    )


def accepted_by_machine(db: Connection, since: datetime) -> list[RowMapping]:
    """Papers archived since then that no person decided on: id, unit."""
    decided = exists().where(reviews.c.paper_id == papers.c.id)
    query = select(papers.c.id, papers.c.unit).where(
        papers.c.state == PaperState.ARCHIVED, papers.c.archived_at >= since, ~decided
    )
    return list(db.execute(query).mappings())


def checked_samples(db: Connection, since: datetime) -> list[RowMapping]:
    """Decided tasks of the sample since then, oldest first."""
    query = select(review_tasks).where(
        review_tasks.c.purpose == Purpose.SAMPLE, review_tasks.c.decided_at >= since
    )
    return list(db.execute(query.order_by(review_tasks.c.decided_at)).mappings())


def rescanned(db: Connection) -> list[RowMapping]:
    """Papers sent back for a new scan (`old`) whose new scan is archived (`new`)."""
    new = papers.alias()
    asked = exists().where(reviews.c.paper_id == papers.c.id, reviews.c.decision == "rescan")
    query = select(papers.c.id.label("old"), new.c.id.label("new")).where(
        papers.c.state == PaperState.REJECTED,
        asked,
        new.c.state == PaperState.ARCHIVED,
        new.c.likeness == papers.c.likeness,
        new.c.created_at > papers.c.created_at,
        papers.c.number.is_not(None),
    )
    return list(db.execute(query).mappings())


def supersede(db: Connection, paper_id: str, *, at: datetime) -> None:
    """Mark a paper that was closed for a new scan as replaced by it."""
    db.execute(
        update(papers)
        .where(papers.c.id == paper_id, papers.c.state == PaperState.REJECTED)
        .values(state=PaperState.SUPERSEDED, updated_at=at)
    )

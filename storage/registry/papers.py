"""Papers: their states, the digests of what each step made, their codes.

What a step made is written once (`keep_first`): when two attempts race, the first committed
one is kept and both go on with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.errors import NotFound
from domain.states import FINAL_PAPER_STATES, PaperState
from storage.registry.once import insert_new
from storage.registry.schema import counters, former_codes, likenesses, papers, reviews

Artefact = Literal["composed", "officer_signed", "signed", "detached", "package", "description"]
RESULTS = "KQ:"
"""Before the dossier in the counter of its results."""


def add(
    db: Connection,
    *,
    paper_id: str,
    scan_id: str,
    split: int,
    position: int,
    pages: Sequence[int],
    unit: str | None,
    dossier: str | None,
    at: datetime,
) -> None:
    """Write a paper of a scan; quiet when it is there already."""
    insert_new(
        db,
        papers,
        id=paper_id,
        scan_id=scan_id,
        split=split,
        position=position,
        pages=list(pages),
        state=PaperState.RECOGNISED,
        unit=unit,
        dossier=dossier,
        created_at=at,
        updated_at=at,
    )


def paper(db: Connection, paper_id: str) -> RowMapping:
    """One paper's row; NotFound when there is none."""
    row = db.execute(select(papers).where(papers.c.id == paper_id)).mappings().first()
    if row is None:
        raise NotFound(f"Không có giấy tờ {paper_id}. Xem danh sách: sohoa papers.")
    return row


def find(db: Connection, handle: str) -> RowMapping:
    """The paper with this id, code (also a replaced one) or result code; NotFound for none."""
    once = select(former_codes.c.paper_id).where(former_codes.c.code == handle)
    query = select(papers).where(
        or_(
            papers.c.id == handle,
            papers.c.code == handle,
            papers.c.result_code == handle,
            papers.c.id.in_(once),
        )
    )
    row = db.execute(query).mappings().first()
    if row is None:
        raise NotFound("Không có giấy tờ nào mang mã hoặc định danh này. Xem: sohoa papers.")
    return row


def of_scan(db: Connection, scan_id: str, split: int) -> list[RowMapping]:
    """The papers of a scan's division, in order."""
    query = (
        select(papers)
        .where(papers.c.scan_id == scan_id, papers.c.split == split)
        .order_by(papers.c.position)
    )
    return list(db.execute(query).mappings())


def of_dossier(db: Connection, dossier: str, state: PaperState) -> list[RowMapping]:
    """The papers of a dossier in this state, in the order they were archived."""
    query = (
        select(papers)
        .where(papers.c.dossier == dossier, papers.c.state == state)
        .order_by(papers.c.archived_at, papers.c.id)
    )
    return list(db.execute(query).mappings())


def listed(
    db: Connection,
    *,
    state: PaperState | None = None,
    scan_ids: Iterable[str] | None = None,
    limit: int | None = None,
) -> list[RowMapping]:
    """Papers, oldest first."""
    query = select(papers).order_by(papers.c.created_at, papers.c.id)
    if state is not None:
        query = query.where(papers.c.state == state)
    if scan_ids is not None:
        query = query.where(papers.c.scan_id.in_(list(scan_ids)))
    return list(db.execute(query.limit(limit)).mappings())


def keep_first(
    db: Connection,
    paper_id: str,
    artefact: Artefact,
    value: Any,
    *,
    at: datetime,
    **together: Any,
) -> Any:
    """Write an artefact if none is there yet; the one that is kept comes back."""
    column = papers.c[artefact]
    db.execute(
        update(papers)
        .where(papers.c.id == paper_id, column.is_(None))
        .values({artefact: value, "updated_at": at, **together})
    )
    return db.execute(select(column).where(papers.c.id == paper_id)).scalar_one()


def move(db: Connection, paper_id: str, state: PaperState, *, at: datetime, **values: Any) -> None:
    """Bring a paper into a state, unless it is in a final one already."""
    db.execute(
        update(papers)
        .where(papers.c.id == paper_id, papers.c.state.not_in(FINAL_PAPER_STATES))
        .values(state=state, updated_at=at, **values)
    )


def next_serial(db: Connection, prefix: str) -> int:
    """The next number of a counter, from 1: one row per prefix, one statement."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(counters)
        .values(prefix=prefix, last=1)
        .on_conflict_do_update(index_elements=["prefix"], set_={"last": counters.c.last + 1})
        .returning(counters.c.last)
    )
    return int(db.execute(statement).scalar_one())


def next_result(db: Connection, dossier: str) -> int:
    """The next ordinal of a dossier's results (‹mã hồ sơ›-KQ(n)), from 1."""
    return next_serial(db, RESULTS + dossier)


def first_alike(db: Connection, likeness: str, paper_id: str) -> str:
    """The paper that first laid claim to this likeness: this one, or the one it repeats."""
    insert_new(db, likenesses, likeness=likeness, paper_id=paper_id)
    query = select(likenesses.c.paper_id).where(likenesses.c.likeness == likeness)
    return str(db.execute(query).scalar_one())


def alike(db: Connection, likeness: str) -> str | None:
    """The paper that holds this likeness, or None."""
    query = select(likenesses.c.paper_id).where(likenesses.c.likeness == likeness)
    found: str | None = db.execute(query).scalar()
    return found


def release_likeness(db: Connection, paper_id: str) -> None:
    """Give up a rejected paper's likeness, so that a new scan of the paper is accepted."""
    db.execute(likenesses.delete().where(likenesses.c.paper_id == paper_id))


def add_review(
    db: Connection,
    paper_id: str,
    *,
    decision: str,
    reviewer: str,
    reason: str | None,
    before: Any,
    after: Any,
    at: datetime,
) -> None:
    """Keep, for ever, who decided what, with the values before and after."""
    db.execute(
        reviews.insert().values(
            paper_id=paper_id,
            decision=decision,
            reviewer=reviewer,
            reason=reason,
            before=before,
            after=after,
            decided_at=at,
        )
    )


def reviews_of(db: Connection, paper_id: str) -> list[RowMapping]:
    """The decisions taken on a paper, oldest first."""
    query = select(reviews).where(reviews.c.paper_id == paper_id).order_by(reviews.c.number)
    return list(db.execute(query).mappings())


def count_by_state(db: Connection) -> dict[str, int]:
    """How many papers are in each state."""
    query = select(papers.c.state, func.count()).group_by(papers.c.state)
    return {row[0]: row[1] for row in db.execute(query)}


def by_digest(db: Connection, digest: str) -> RowMapping | None:
    """The paper whose signed file has this SHA-256, or None."""
    query = select(papers).where(papers.c.signed == digest)
    return db.execute(query).mappings().first()

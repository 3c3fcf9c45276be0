"""What happens to archived papers: replaced codes, withdrawal, legal hold, disposal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, case, or_, select, update

from domain.states import FINAL_PAPER_STATES, PaperState
from storage.registry import search
from storage.registry.once import insert_new
from storage.registry.schema import (
    certified_copies,
    disposals,
    former_codes,
    holdings,
    legal_holds,
    likenesses,
    papers,
    protections,
    reviews,
)

ARCHIVED = (PaperState.ARCHIVED, PaperState.SUPERSEDED, PaperState.WITHDRAWN)
"""The states of a paper that lies in the archive."""
_PERSONAL = (
    "description",
    "number",
    "title",
    "owner_hash",
    "likeness",
    "code",
    "result_code",
)


def lock(db: Connection, paper_id: str) -> RowMapping:
    """The row of a paper; till the transaction ends nobody else holds it or disposes of it."""
    query = select(papers).where(papers.c.id == paper_id).with_for_update()
    return db.execute(query).mappings().one()


def amend(db: Connection, paper_id: str, values: Mapping[str, Any], *, at: datetime) -> None:
    """Bring the row of an archived paper up to what its newest archived record says."""
    db.execute(update(papers).where(papers.c.id == paper_id).values(**values, updated_at=at))


def archived_page(db: Connection, *, after: str, limit: int) -> list[RowMapping]:
    """Papers that lie in the archive, by id behind `after`."""
    query = (
        select(papers)
        .where(papers.c.state.in_(ARCHIVED), papers.c.archived_at.is_not(None))
        .where(papers.c.id > after)
        .order_by(papers.c.id)
        .limit(limit)
    )
    return list(db.execute(query).mappings())


def archived_as(db: Connection, object_name: str) -> list[Row[tuple[str | None, datetime]]]:
    """Type, and since when it lies in the archive, of a paper; of a certified copy as its source's.

    Rows have `type_id` and `since`; none where nothing of that id is archived.
    """
    paper = select(papers.c.type_id, papers.c.archived_at.label("since")).where(
        papers.c.id == object_name
    )
    copy = (
        select(papers.c.type_id, certified_copies.c.requested_at.label("since"))
        .join(papers, papers.c.id == certified_copies.c.source_id)
        .where(certified_copies.c.id == object_name)
    )
    return [row for query in (paper, copy) for row in db.execute(query) if row.since is not None]


def archived_of_scan(db: Connection, scan_id: str) -> list[Row[tuple[str | None, datetime]]]:
    """The same of every paper that came out of a scan."""
    query = select(papers.c.type_id, papers.c.archived_at.label("since"))
    mine = query.where(papers.c.scan_id == scan_id, papers.c.archived_at.is_not(None))
    return list(db.execute(mine))


def keep_code(db: Connection, paper_id: str, code: str) -> None:
    """Remember a code that was replaced, so that whoever has it finds the paper."""
    insert_new(db, former_codes, code=code, paper_id=paper_id)


# -- legal hold -------------------------------------------------------------------


def place_hold(db: Connection, paper_id: str, *, reason: str, by: str, at: datetime) -> bool:
    """Hold a paper; whether it was not held before."""
    row = {"paper_id": paper_id, "reason": reason, "placed_by": by, "placed_at": at}
    return insert_new(db, legal_holds, **row)


def lift_hold(db: Connection, paper_id: str) -> bool:
    """Let a paper go; whether it was held."""
    statement = legal_holds.delete().where(legal_holds.c.paper_id == paper_id)
    return db.execute(statement).rowcount == 1


def hold_of(db: Connection, paper_id: str) -> RowMapping | None:
    """Why a paper is held, by whom and since when; None where it is not."""
    query = select(legal_holds).where(legal_holds.c.paper_id == paper_id)
    return db.execute(query).mappings().first()


def holds(db: Connection) -> list[RowMapping]:
    """Every hold in force, oldest first."""
    return list(db.execute(select(legal_holds).order_by(legal_holds.c.placed_at)).mappings())


def scan_is_held(db: Connection, scan_id: str) -> bool:
    """Whether a paper of this scan is under hold: then the scan is too."""
    query = (
        select(papers.c.id)
        .join(legal_holds, legal_holds.c.paper_id == papers.c.id)
        .where(papers.c.scan_id == scan_id)
        .limit(1)
    )
    return db.execute(query).first() is not None


# -- disposal ---------------------------------------------------------------------


def past_retention(
    db: Connection, ends: Sequence[tuple[Collection[str], datetime]], *, limit: int
) -> list[RowMapping]:
    """Archived papers past their retention that nobody holds and that are not proposed yet.

    `ends`: types, and the moment before which a paper of these types was archived whose
    retention has ended.
    """
    if not ends:
        return []
    due = [papers.c.type_id.in_(sorted(types)) & (papers.c.archived_at < at) for types, at in ends]
    query = (
        select(papers)
        .join(legal_holds, legal_holds.c.paper_id == papers.c.id, isouter=True)
        .join(disposals, disposals.c.paper_id == papers.c.id, isouter=True)
        .where(
            papers.c.state.in_(ARCHIVED),
            legal_holds.c.paper_id.is_(None),
            disposals.c.paper_id.is_(None),
            or_(*due),
        )
        .order_by(papers.c.archived_at, papers.c.id)
        .limit(limit)
    )
    return list(db.execute(query).mappings())


def propose(db: Connection, paper_id: str, kept_until: date, *, by: str, at: datetime) -> None:
    """Propose one paper for disposal; quiet where it is proposed."""
    row = {"kept_until": kept_until, "proposed_by": by, "proposed_at": at}
    insert_new(db, disposals, paper_id=paper_id, **row)


def proposals(
    db: Connection, *, approved: bool | None = None, paper_id: str | None = None
) -> list[RowMapping]:
    """Disposals (of one paper) that are not carried out, with what is needed of their papers."""
    query = (
        select(
            disposals,
            *papers.c["scan_id", "type_id", "code", "state", "archived_at", "archive_digest"],
        )
        .join(papers, papers.c.id == disposals.c.paper_id)
        .where(disposals.c.disposed_at.is_(None))
        .order_by(disposals.c.proposed_at, disposals.c.paper_id)
    )
    if approved is not None:
        at = disposals.c.approved_at
        query = query.where(at.is_not(None) if approved else at.is_(None))
    if paper_id is not None:
        query = query.where(disposals.c.paper_id == paper_id)
    return list(db.execute(query).mappings())


def approve(db: Connection, paper_id: str, *, by: str, at: datetime) -> bool:
    """Approve a proposal; whether it was one that waited."""
    statement = (
        update(disposals)
        .where(disposals.c.paper_id == paper_id, disposals.c.approved_at.is_(None))
        .values(approved_by=by, approved_at=at)
    )
    return db.execute(statement).rowcount == 1


def reject(db: Connection, paper_id: str) -> bool:
    """Take back a proposal that was not carried out; whether there was one."""
    statement = disposals.delete().where(
        disposals.c.paper_id == paper_id, disposals.c.disposed_at.is_(None)
    )
    return db.execute(statement).rowcount == 1


def entomb(db: Connection, paper_id: str, *, at: datetime) -> None:
    """Leave of a paper only its tombstone: id, scan, type, unit, dates; nothing of its owner.

    Its disposal remembers whether it had an owner and a result code, for the years it counted in.
    """
    search.remove(db, paper_id)
    db.execute(holdings.delete().where(holdings.c.paper_id == paper_id))
    db.execute(likenesses.delete().where(likenesses.c.paper_id == paper_id))
    db.execute(protections.delete().where(protections.c.paper_id == paper_id))
    db.execute(former_codes.delete().where(former_codes.c.paper_id == paper_id))
    emptied = update(reviews).where(reviews.c.paper_id == paper_id)
    db.execute(emptied.values(before=None, after=None))
    had = [
        case((papers.c[name].is_not(None), True), else_=False).label(fact)
        for fact, name in (("had_owner", "owner_hash"), ("had_result", "result_code"))
    ]
    facts = db.execute(select(*had).where(papers.c.id == paper_id)).mappings().one()
    first = disposals.c.had_owner.is_(None)  # a second time there is nothing to see any more
    db.execute(update(disposals).where(disposals.c.paper_id == paper_id, first).values(**facts))
    gone = dict.fromkeys(_PERSONAL)
    amend(db, paper_id, {**gone, "state": PaperState.DISPOSED}, at=at)


def finish(db: Connection, paper_id: str, *, at: datetime) -> None:
    """Write down that nothing of the paper is left in the stores."""
    statement = update(disposals).where(disposals.c.paper_id == paper_id)
    db.execute(statement.values(disposed_at=at))


def lives(db: Connection, scan_id: str) -> bool:
    """Whether a paper of this scan is archived or may yet be: then the scan stays too."""
    may_yet = papers.c.state.not_in(FINAL_PAPER_STATES)
    query = (
        select(papers.c.id)
        .where(papers.c.scan_id == scan_id, papers.c.state != PaperState.DISPOSED)
        .where(or_(papers.c.archived_at.is_not(None), may_yet))
        .limit(1)
    )
    return db.execute(query).first() is not None

"""What the data store holds of an owner, who used it in place of a new paper, who may ask."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, or_, select, update

from domain.states import PaperState
from storage.registry.once import insert_new
from storage.registry.schema import api_clients, holdings, papers, reuses

_HELD = (PaperState.ARCHIVED, PaperState.SUPERSEDED, PaperState.WITHDRAWN)
_COLUMNS = (
    *papers.c["id", "state", "code", "type_id", "title", "number", "issuer", "issue_date"],
    *papers.c["valid_until", "description", "archived_at", "archive_digest", "owner_hash"],
    holdings.c.verdict,
)


def of_owner(
    db: Connection,
    owner_hash: str,
    *,
    types: Collection[str] = (),
    valid_on: date | None = None,
    after: str = "",
    limit: int = 50,
) -> list[RowMapping]:
    """What was archived of one owner, in the order of the papers' ids, after the id `after`.

    `types`: only these; `valid_on`: only what is in force on that day.
    """
    query = (
        select(*_COLUMNS)
        .join_from(papers, holdings, isouter=True)
        .where(
            papers.c.owner_hash == owner_hash,
            papers.c.state.in_(_HELD),
            papers.c.archived_at.is_not(None),
            papers.c.id > after,
        )
        .order_by(papers.c.id)
        .limit(limit)
    )
    if types:
        query = query.where(papers.c.type_id.in_(sorted(types)))
    if valid_on is not None:
        query = query.where(
            papers.c.state == PaperState.ARCHIVED,
            or_(papers.c.valid_until.is_(None), papers.c.valid_until >= valid_on),
            or_(papers.c.issue_date.is_(None), papers.c.issue_date <= valid_on),
        )
    return list(db.execute(query).mappings())


def held(db: Connection, paper_id: str) -> RowMapping | None:
    """One archived paper as `of_owner` gives it; None for others and for one disposed of."""
    query = (
        select(*_COLUMNS)
        .join_from(papers, holdings, isouter=True)
        .where(
            papers.c.id == paper_id,
            papers.c.state.in_(_HELD),
            papers.c.archived_at.is_not(None),
        )
    )
    return db.execute(query).mappings().first()


def unshelved(db: Connection, limit: int) -> list[str]:
    """Archived papers whose text and verdict are not here yet, oldest first."""
    query = (
        select(papers.c.id)
        .join_from(papers, holdings, isouter=True)
        .where(papers.c.state == PaperState.ARCHIVED, holdings.c.paper_id.is_(None))
        .order_by(papers.c.archived_at, papers.c.id)
        .limit(limit)
    )
    return list(db.execute(query).scalars())


def shelve(db: Connection, paper_id: str, *, verdict: str, at: datetime) -> bool:
    """Write down what the archive says of a paper; False when that was done already."""
    return insert_new(db, holdings, paper_id=paper_id, verdict=verdict, shelved_at=at)


def record(db: Connection, **row: Any) -> bool:
    """Write a reuse; False when the same paper already serves this component of the dossier."""
    return insert_new(db, reuses, **row)


def count(db: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """Reuses in [since, until): how many, in how many dossiers, of how many papers."""
    query = select(
        func.count(),
        func.count(reuses.c.dossier.distinct()),
        func.count(reuses.c.paper_id.distinct()),
    ).where(reuses.c.at >= since, reuses.c.at < until)
    total, dossiers, used = db.execute(query).one()
    return {"reuses": total, "dossiers": dossiers, "papers": used}


def put_client(
    db: Connection, name: str, *, token_hash: str, per_minute: int, at: datetime
) -> None:
    """Add a client, or give a known one a new token; the old token ends."""
    values = {"token_hash": token_hash, "per_minute": per_minute, "active": True}
    if not insert_new(db, api_clients, name=name, created_at=at, **values):
        db.execute(update(api_clients).where(api_clients.c.name == name).values(**values))


def client(db: Connection, token_hash: str) -> RowMapping | None:
    """The active client with this token, or None."""
    query = select(api_clients).where(
        api_clients.c.token_hash == token_hash, api_clients.c.active.is_(True)
    )
    return db.execute(query).mappings().first()


def clients(db: Connection) -> list[RowMapping]:
    """All clients, by name."""
    return list(db.execute(select(api_clients).order_by(api_clients.c.name)).mappings())


def end_client(db: Connection, name: str) -> bool:
    """Refuse a client from now on; False for an unknown one."""
    statement = update(api_clients).where(api_clients.c.name == name).values(active=False)
    return db.execute(statement).rowcount == 1

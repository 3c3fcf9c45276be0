"""How long each archived paper proves itself, and which papers fall short of their level.

What is kept here can be read again from the archived files; it only says which to look at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, or_, select, update

from domain.states import PaperState
from storage.registry.scans import insert_new
from storage.registry.schema import papers, protections


def enter(db: Connection, paper_id: str, **values: Any) -> None:
    """Write what protects a freshly signed paper; quiet where that was written before."""
    insert_new(db, protections, paper_id=paper_id, **_packed(values))


def change(db: Connection, paper_id: str, **values: Any) -> None:
    """Write what protects a paper after a new document time stamp."""
    statement = update(protections).where(protections.c.paper_id == paper_id)
    db.execute(statement.values(**_packed(values)))


def of(db: Connection, paper_id: str) -> RowMapping | None:
    """What protects a paper; None where nothing in the file can be renewed."""
    query = select(protections).where(protections.c.paper_id == paper_id)
    return db.execute(query).mappings().first()


def paper_by_digest(db: Connection, digest: str) -> RowMapping | None:
    """The paper whose newest file has this SHA-256, or None."""
    query = select(papers).join(protections).where(protections.c.sha256 == digest)
    return db.execute(query).mappings().first()


def behind(db: Connection, *, after: str, limit: int) -> list[str]:
    """Archived papers below their level, by id from the one after `after`."""
    query = _archived().where(protections.c.behind.is_(True))
    return _next(db, query, after, limit)


def ending(
    db: Connection, *, before: datetime, weak: Iterable[str], after: str, limit: int
) -> list[str]:
    """Archived papers whose protection ends before a time or rests on a weak algorithm."""
    conditions = [protections.c.until < before]
    conditions += [protections.c.algorithms.contains(f" {name} ", autoescape=True) for name in weak]
    return _next(db, _archived().where(or_(*conditions)), after, limit)


def count_behind(db: Connection) -> int:
    """How many archived papers are below their level."""
    query = _archived().where(protections.c.behind.is_(True)).subquery()
    return int(db.execute(select(func.count()).select_from(query)).scalar_one())


def _archived() -> Any:
    return (
        select(protections.c.paper_id)
        .join(papers, papers.c.id == protections.c.paper_id)
        .where(papers.c.state == PaperState.ARCHIVED)
    )


def _next(db: Connection, query: Any, after: str, limit: int) -> list[str]:
    place = protections.c.paper_id
    return list(db.execute(query.where(place > after).order_by(place).limit(limit)).scalars())


def _packed(values: dict[str, Any]) -> dict[str, Any]:
    """Names of algorithms with a blank on both sides, so that each can be looked for."""
    if "algorithms" in values:
        values["algorithms"] = f" {' '.join(values['algorithms'])} "
    return values

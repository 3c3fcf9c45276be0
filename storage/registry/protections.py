"""How long papers and certified copies prove themselves, and which fall short of their level.

What is kept here can be read again from the archived files; it only says which to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    RowMapping,
    Table,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)

from domain.states import PaperState
from storage.registry.once import insert_new
from storage.registry.schema import certified_copies, copy_protections, papers, protections


def enter(db: Connection, paper_id: str, *, copy: bool = False, **values: Any) -> bool:
    """Write what protects a freshly signed paper or copy; no where that was written before."""
    name = "copy_id" if copy else "paper_id"
    return insert_new(db, _table(copy=copy), **{name: paper_id}, **_packed(values))


def enter_all(db: Connection, of_papers: Mapping[str, dict[str, Any]]) -> None:
    """Write what protects papers that are new in the registry themselves."""
    if of_papers:
        rows = [{"paper_id": name, **_packed(values)} for name, values in of_papers.items()]
        db.execute(insert(protections), rows)


def change(db: Connection, paper_id: str, *, copy: bool = False, **values: Any) -> None:
    """Write what protects a paper or copy after a new document time stamp."""
    statement = update(_table(copy=copy)).where(_place(copy=copy) == paper_id)
    db.execute(statement.values(**_packed(values)))


def of(db: Connection, paper_id: str, *, copy: bool = False) -> RowMapping | None:
    """What protects a paper or copy; None where nothing in the file can be renewed."""
    query = select(_table(copy=copy)).where(_place(copy=copy) == paper_id)
    return db.execute(query).mappings().first()


def paper_by_digest(db: Connection, digest: str) -> RowMapping | None:
    """The paper whose newest file has this SHA-256, or None."""
    query = select(papers).join(protections).where(protections.c.sha256 == digest)
    return db.execute(query).mappings().first()


def copy_by_digest(db: Connection, digest: str) -> RowMapping | None:
    """The certified copy whose newest file has this SHA-256, or None."""
    query = select(certified_copies).join(copy_protections)
    return db.execute(query.where(copy_protections.c.sha256 == digest)).mappings().first()


def behind(db: Connection, *, after: str, limit: int) -> list[str]:
    """Archived papers and copies below their level, by id from the one after `after`."""
    return _next(db, lambda table: table.c.behind.is_(True), after, limit)


def ending(
    db: Connection, *, before: datetime, weak: Iterable[str], after: str, limit: int
) -> list[str]:
    """Archived papers and copies whose protection ends before a time or rests on what is weak."""
    names = tuple(weak)

    def soon(table: Table) -> ColumnElement[bool]:
        rests_on = (table.c.algorithms.contains(f" {name} ", autoescape=True) for name in names)
        return or_(table.c.until < before, *rests_on)

    return _next(db, soon, after, limit)


def count_behind(db: Connection) -> int:
    """How many archived papers and copies are below their level."""
    query = _archived(lambda table: table.c.behind.is_(True)).subquery()
    return int(db.execute(select(func.count()).select_from(query)).scalar_one())


def _table(*, copy: bool) -> Table:
    return copy_protections if copy else protections


def _place(*, copy: bool) -> Column[Any]:
    return copy_protections.c.copy_id if copy else protections.c.paper_id


def _archived(condition: Callable[[Table], ColumnElement[bool]]) -> CompoundSelect[Any]:
    of_papers = (
        select(protections.c.paper_id.label("id"))
        .join(papers, papers.c.id == protections.c.paper_id)
        .where(papers.c.state == PaperState.ARCHIVED, condition(protections))
    )
    of_copies = (
        select(copy_protections.c.copy_id)
        .join(certified_copies, certified_copies.c.id == copy_protections.c.copy_id)
        .where(certified_copies.c.archived_at.is_not(None), condition(copy_protections))
    )
    return union_all(of_papers, of_copies)


def _next(
    db: Connection, condition: Callable[[Table], ColumnElement[bool]], after: str, limit: int
) -> list[str]:
    found = _archived(condition).subquery()
    query = select(found.c.id).where(found.c.id > after).order_by(found.c.id).limit(limit)
    return list(db.execute(query).scalars())


def _packed(values: dict[str, Any]) -> dict[str, Any]:
    """Names of algorithms with a blank on both sides, so that each can be looked for."""
    if "algorithms" in values:
        values["algorithms"] = f" {' '.join(values['algorithms'])} "
    return values

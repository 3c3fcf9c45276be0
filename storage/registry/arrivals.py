"""Notices of new objects: kept until a run has looked into the intake store after them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from domain.arrivals import Pending
from storage.registry.once import insert_new
from storage.registry.schema import arrivals

_RECENT = timedelta(minutes=2)
"""How far back files of a lot belong together; also how long a run is likely to follow them."""
_KEPT = timedelta(days=30)
"""After which a notice that comes again would count as new; by then no server repeats it."""


def note(db: Connection, lot: str, *, key: str, mark: str, size_bytes: int, at: datetime) -> bool:
    """Write the row of one notice unless it is there; whether it is new."""
    return insert_new(
        db, arrivals, lot_id=lot, key=key, mark=mark, size_bytes=size_bytes, noticed_at=at
    )


def take(db: Connection, lot: str | None, *, at: datetime) -> int:
    """Say that a run looks into the store from now on; how many notices it answers.

    To be committed before the store is listed: a notice that comes later starts another run.
    """
    statement = update(arrivals).where(arrivals.c.taken_at.is_(None)).values(taken_at=at)
    if lot is not None:
        statement = statement.where(arrivals.c.lot_id == lot)
    else:
        db.execute(delete(arrivals).where(arrivals.c.taken_at < at - _KEPT))
    return db.execute(statement).rowcount


def unannounced(db: Connection, *, at: datetime) -> list[Pending]:
    """The lots with notices that no run has taken up and that the server was not told of."""
    waiting = (
        select(
            arrivals.c.lot_id,
            func.min(arrivals.c.number),
            func.min(arrivals.c.noticed_at),
            func.max(arrivals.c.noticed_at),
        )
        .where(arrivals.c.taken_at.is_(None))
        .group_by(arrivals.c.lot_id)
        .having(func.count(arrivals.c.announced_at) == 0)
        .order_by(func.min(arrivals.c.number))
    )
    batches = [tuple(row) for row in db.execute(waiting)]
    files, followed = _lately(db, {lot for lot, *_ in batches}, since=at - _RECENT)
    return [
        Pending(lot, number, first_at, last_at, files.get(lot, 0), lot in followed)
        for lot, number, first_at, last_at in batches
    ]


def _lately(
    db: Connection, lots: Collection[str], *, since: datetime
) -> tuple[dict[str, int], set[str]]:
    """How many files of each lot were noticed since, and the lots of which a run took some."""
    chosen = arrivals.c.lot_id.in_(list(lots)) & (arrivals.c.noticed_at >= since)
    query = (
        select(arrivals.c.lot_id, func.count(), func.count(arrivals.c.taken_at))
        .where(chosen)
        .group_by(arrivals.c.lot_id)
    )
    rows = [tuple(row) for row in db.execute(query)]
    return {lot: files for lot, files, _ in rows}, {lot for lot, _, taken in rows if taken}


def mark_announced(db: Connection, numbers: Iterable[int], *, at: datetime) -> None:
    """Note that the server took the events of the batches that start with these numbers."""
    chosen = arrivals.c.number.in_(list(numbers))
    db.execute(update(arrivals).where(chosen).values(announced_at=at))

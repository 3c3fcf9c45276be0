"""How long steps take and how they end, summed over all hosts: for metrics, never for decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.registry.schema import step_times


class Slot(NamedTuple):
    """One row: a step, how it ended, and the bucket of its duration."""

    step: str
    outcome: str
    bucket: int


class Sum(NamedTuple):
    """Calls and seconds."""

    calls: int
    seconds: float


def add(db: Connection, taken: Mapping[Slot, Sum]) -> None:
    """Add to what is there; in one order, so that two writers never wait for each other."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    for slot, found in sorted(taken.items()):
        insert = dialect.insert(step_times).values(**slot._asdict(), **found._asdict())
        db.execute(
            insert.on_conflict_do_update(
                index_elements=list(step_times.primary_key.columns),
                set_={name: step_times.c[name] + insert.excluded[name] for name in found._fields},
            )
        )


def listed(db: Connection) -> list[RowMapping]:
    """All rows."""
    return list(db.execute(select(step_times).order_by(*step_times.primary_key)).mappings())

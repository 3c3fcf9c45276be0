"""Rows that are written once: whoever comes second finds them there."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(db: Connection, table: Table, **row: Any) -> bool:
    """Insert the row unless one with its key is there; whether it was inserted."""
    return db.execute(_insertion(table, db.dialect.name), row).first() is not None


@cache  # making the statement anew takes longer than running it
def _insertion(table: Table, dialect_name: str) -> Executable:
    dialect = postgresql if dialect_name == "postgresql" else sqlite
    key = next(iter(table.primary_key.columns))
    statement: Executable = dialect.insert(table).on_conflict_do_nothing().returning(key)
    return statement

"""Facts about the installation that a registry belongs to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from storage.registry.once import insert_new
from storage.registry.schema import installation, papers


def fact(db: Connection, name: str) -> str | None:
    """What is noted under this name, or None."""
    query = select(installation.c.value).where(installation.c.name == name)
    found: str | None = db.execute(query).scalar()
    return found


def note_first(db: Connection, name: str, value: str) -> str:
    """Note the fact unless one is noted already; the one that holds."""
    insert_new(db, installation, name=name, value=value)
    return fact(db, name) or value


def hashed_owner(db: Connection) -> tuple[Any, str] | None:
    """Description and owner's hash of one paper that has both, or None."""
    query = select(papers.c.description, papers.c.owner_hash).where(
        papers.c.owner_hash.is_not(None)
    )
    row = db.execute(query.limit(1)).first()
    return (row[0], row[1]) if row else None

"""Reviewers (người duyệt): a code, a name, the hash of a PIN, and a lock against guessing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from storage.registry.once import insert_new
from storage.registry.schema import reviewers


def put(db: Connection, code: str, *, name: str, pin_hash: str, at: datetime) -> None:
    """Add a reviewer, or give a known one a new name and PIN; active and unlocked from now on."""
    values = {"name": name, "pin_hash": pin_hash, "active": True, "failures": 0}
    if not insert_new(db, reviewers, code=code, created_at=at, **values):
        db.execute(
            update(reviewers).where(reviewers.c.code == code).values(**values, locked_until=None)
        )


def reviewer(db: Connection, code: str) -> RowMapping | None:
    """The active reviewer with this code, or None; in a writing transaction the row is ours."""
    query = select(reviewers).where(reviewers.c.code == code, reviewers.c.active)
    return db.execute(query.with_for_update()).mappings().first()


def listed(db: Connection) -> list[RowMapping]:
    """All reviewers, by code."""
    return list(db.execute(select(reviewers).order_by(reviewers.c.code)).mappings())


def deactivate(db: Connection, code: str) -> bool:
    """Take the right to decide away; False for an unknown code. What they decided stays."""
    statement = update(reviewers).where(reviewers.c.code == code).values(active=False)
    return db.execute(statement).rowcount == 1


def note_try(db: Connection, code: str, *, failures: int, locked_until: datetime | None) -> None:
    """Keep how often in a row the PIN was wrong, and until when it is not looked at."""
    db.execute(
        update(reviewers)
        .where(reviewers.c.code == code)
        .values(failures=failures, locked_until=locked_until)
    )

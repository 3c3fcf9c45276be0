"""The register of officers' public keys: who may sign under which id."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from domain.officer import RegisteredOfficer
from storage.registry.once import insert_new
from storage.registry.schema import officer_keys as keys


def put(
    db: Connection,
    key_sha256: str,
    *,
    officer: RegisteredOfficer,
    subject: str,
    not_after: datetime,
    at: datetime,
) -> RowMapping:
    """The key's row, written if it is new; another officer's row stays as it is.

    A key of the same officer counts again from now on, with the certificate that was shown; the
    name is then that of all of the officer's keys.
    """
    shown = {"name": officer.name, "subject": subject, "not_after": not_after}
    insert_new(db, keys, key_sha256=key_sha256, officer_id=officer.id, registered_at=at, **shown)
    own = keys.c.officer_id == officer.id
    db.execute(update(keys).where(own).values(name=officer.name))
    again = update(keys).where(own, keys.c.key_sha256 == key_sha256)
    db.execute(again.values(**shown, withdrawn_at=None))
    query = select(keys).where(keys.c.key_sha256 == key_sha256)
    return db.execute(query).mappings().one()


def withdraw(db: Connection, officer_id: str, *, at: datetime) -> int:
    """Let no key of this officer count any more; how many did until now."""
    statement = update(keys).where(keys.c.officer_id == officer_id, keys.c.withdrawn_at.is_(None))
    return db.execute(statement.values(withdrawn_at=at)).rowcount


def holder(db: Connection, key_sha256: str) -> RowMapping | None:
    """The row of a key that counts, or None."""
    query = select(keys).where(keys.c.key_sha256 == key_sha256, keys.c.withdrawn_at.is_(None))
    return db.execute(query).mappings().first()


def registered(db: Connection) -> tuple[RegisteredOfficer, ...]:
    """Every officer with a key that counts, by id."""
    query = select(keys.c.officer_id, keys.c.name).where(keys.c.withdrawn_at.is_(None))
    rows = db.execute(query.distinct().order_by(keys.c.officer_id))
    return tuple(RegisteredOfficer(id=row.officer_id, name=row.name) for row in rows)


def listed(db: Connection) -> list[RowMapping]:
    """All keys, by officer and time; withdrawn ones too."""
    query = select(keys).order_by(keys.c.officer_id, keys.c.registered_at)
    return list(db.execute(query).mappings())

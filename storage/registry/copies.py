"""Certified copies (bản sao chứng thực): papers of their own, each linked to its source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select, update

from domain.errors import AlreadyExists
from storage.registry.once import insert_new
from storage.registry.schema import certified_copies as copies


def enter(
    db: Connection,
    copy: str,
    *,
    source_id: str,
    number: str,
    certifier: str,
    words: str,
    at: datetime,
) -> RowMapping:
    """The row of this copy, written if it is new.

    AlreadyExists when the number in the register stands for another paper already.
    """
    insert_new(
        db,
        copies,
        id=copy,
        source_id=source_id,
        number=number,
        certifier=certifier,
        words=words,
        requested_at=at,
    )
    row = db.execute(select(copies).where(copies.c.number == number)).mappings().one()
    if row["id"] != copy:
        raise AlreadyExists(
            f"Số chứng thực {number} đã dùng cho một giấy tờ khác; kiểm tra sổ chứng thực."
        )
    return row


def find(db: Connection, handle: str) -> RowMapping | None:
    """The copy with this id or number in the register, or None."""
    query = select(copies).where(or_(copies.c.id == handle, copies.c.number == handle))
    return db.execute(query).mappings().first()


def by_digest(db: Connection, digest: str) -> RowMapping | None:
    """The copy whose signed file has this SHA-256, or None."""
    return db.execute(select(copies).where(copies.c.signed == digest)).mappings().first()


def new_version(db: Connection, copy: str, version: int, inventory_sha512: str) -> None:
    """Write down that the archive holds a newer version of an archived copy."""
    values = {"archive_version": version, "archive_digest": inventory_sha512}
    db.execute(update(copies).where(copies.c.id == copy).values(values))


def keep_first(db: Connection, copy: str, values: Mapping[str, Any], *, unless: str) -> RowMapping:
    """Set these values where column `unless` is still empty; the row as it stands then."""
    column = copies.c[unless]
    db.execute(update(copies).where(copies.c.id == copy, column.is_(None)).values(values))
    return db.execute(select(copies).where(copies.c.id == copy)).mappings().one()

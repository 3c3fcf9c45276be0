"""The append-only audit chain (nhật ký): every row carries the digest of the one before."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from storage.registry.schema import audit, audit_head

_GENESIS = "0" * 64


def append(
    db: Connection, action: str, subject: str, *, actor: str, at: datetime, **detail: Any
) -> None:
    """Add one row; the row of `audit_head` serialises writers on every database.

    `detail` must not hold personal data in clear.
    """
    seq, previous = db.execute(
        update(audit_head)
        .values(seq=audit_head.c.seq + 1)
        .returning(*audit_head.c["seq", "digest"])
    ).one()
    row = {"seq": seq, "at": at, "actor": actor, "action": action, "subject": subject}
    digest = _digest({**row, "detail": detail, "previous": previous})
    db.execute(insert(audit).values(**row, detail=detail, previous=previous, digest=digest))
    db.execute(update(audit_head).values(digest=digest))


def of(db: Connection, subject: str) -> list[RowMapping]:
    """The rows of one scan or paper, oldest first."""
    query = select(audit).where(audit.c.subject == subject).order_by(audit.c.seq)
    return list(db.execute(query).mappings())


def broken_at(db: Connection) -> int | None:
    """The number of the first row that was altered or removed, or None for a sound chain."""
    expected, previous = 1, _GENESIS
    for row in db.execute(select(audit).order_by(audit.c.seq)).mappings():
        facts = {name: row[name] for name in ("at", "actor", "action", "subject", "detail")}
        digest = _digest({"seq": expected, **facts, "previous": previous})
        if row["seq"] != expected or row["previous"] != previous or row["digest"] != digest:
            return expected
        expected, previous = expected + 1, digest
    head = db.execute(select(audit_head)).mappings().one()
    return None if (head["seq"], head["digest"]) == (expected - 1, previous) else expected


def _digest(row: dict[str, Any]) -> str:
    moment: datetime = row["at"]
    canonical = {**row, "at": moment.astimezone(UTC).isoformat(timespec="microseconds")}
    text = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

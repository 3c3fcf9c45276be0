"""The append-only audit chain (nhật ký): every row carries the digest of the one before."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, insert, select, update

from storage.registry.schema import audit, audit_head

_GENESIS = "0" * 64
_CHAINED = ("seq", "at", "actor", "action", "subject", "detail")


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


class Head(NamedTuple):
    """The end of the chain: whoever has noted it can later prove that nothing before changed."""

    seq: int
    digest: str


def head(db: Connection) -> Head:
    """The last row's number and digest; number 0 for an empty chain, -1 where the head is gone."""
    row = db.execute(select(audit_head.c.seq, audit_head.c.digest)).first()
    return Head(row.seq, row.digest) if row else Head(-1, "")


def broken_at(db: Connection, *, after: int = 0, anchor: Head | None = None) -> int | None:
    """The number of the first row that was altered or removed, or None for a sound chain.

    Begins behind row `after`, whose own digest is then taken on trust. A chain that was
    rewritten from some row to its end is sound in itself: the `anchor`, a head noted earlier and
    kept elsewhere, gives that away. Wants a `Registry.snapshot`: rows and head of one moment.
    """
    previous = _digest_at(db, after) if after else _GENESIS
    expected = after + 1
    query = select(audit).order_by(audit.c.seq)
    if after:
        query = query.where(audit.c.seq > after)
    rows = db.execute(query.execution_options(stream_results=True, max_row_buffer=1000))
    try:
        for row in rows.mappings():
            digest = _digest({name: row[name] for name in _CHAINED} | {"previous": previous})
            stored = (row["seq"], row["previous"], row["digest"])
            if stored != (expected, previous, digest):
                return expected
            if anchor and anchor.seq == expected and anchor.digest != digest:
                return expected
            expected, previous = expected + 1, digest
    except (ValueError, TypeError):  # a time or detail that is none any more
        return expected
    finally:
        rows.close()
    if head(db) != (expected - 1, previous) or (anchor and anchor.seq >= expected):
        return expected
    return None


def _digest_at(db: Connection, seq: int) -> str:
    return str(db.execute(select(audit.c.digest).where(audit.c.seq == seq)).scalar() or "")


def _digest(row: dict[str, Any]) -> str:
    moment: datetime = row["at"]
    canonical = {**row, "at": moment.astimezone(UTC).isoformat(timespec="microseconds")}
    text = json.dumps(canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

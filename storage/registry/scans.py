"""Scans: one row for all uploads of the same bytes, from the intake to its end."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, String, bindparam, func, select, update

from domain.claims import Claim
from domain.errors import NotFound
from domain.states import ScanState
from storage.registry.claims import hold
from storage.registry.schema import scans

_ONE = select(scans).where(scans.c.id == bindparam("scan", type_=String))
_START = re.compile(r"[0-9a-f]{8,64}")


def scan(db: Connection, scan_id: str) -> RowMapping:
    """One scan's row; NotFound when there is none."""
    row = db.execute(_ONE, {"scan": scan_id}).mappings().first()
    if row is None:
        raise NotFound(f"Không có bản quét {scan_id[:12]}… trong sổ đăng ký.")
    return row


def is_set_aside(db: Connection, scan_id: str) -> bool:
    """Whether there is such a scan, on the shelf."""
    query = select(scans.c.state).where(scans.c.id == scan_id)
    return db.execute(query).scalar() == ScanState.SET_ASIDE


def starting_with(db: Connection, start: str) -> str | None:
    """The one scan whose id begins so, with eight hexadecimal digits or more; None otherwise."""
    if not _START.fullmatch(start):
        return None
    found = db.execute(select(scans.c.id).where(scans.c.id.startswith(start)).limit(2)).scalars()
    ids = list(found)
    return ids[0] if len(ids) == 1 else None


def record(db: Connection, claim: Claim, **values: Any) -> None:
    """Write what a step found out about the scan, behind the fence."""
    hold(db, claim)
    db.execute(update(scans).where(scans.c.id == claim.scan_id).values(**values))


def set_aside(db: Connection, claim: Claim, *, reason: str, message: str, at: datetime) -> None:
    """Put the scan on the shelf with its reason; its bytes stay."""
    record(db, claim, state=ScanState.SET_ASIDE, reason=reason, message=message, finished_at=at)


def count_by_state(db: Connection, lot: str | None = None) -> dict[str, int]:
    """How many scans (of one lot) are in each state."""
    query = select(scans.c.state, func.count()).group_by(scans.c.state)
    if lot is not None:
        query = query.where(scans.c.lot_id == lot)
    return {state: count for state, count in db.execute(query)}  # noqa: C416 - rows are not pairs

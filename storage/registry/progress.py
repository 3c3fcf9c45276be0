"""Closed periods (chốt số liệu), and papers that count in no rate."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from domain.errors import AlreadyExists
from domain.states import PaperState
from storage.registry.once import insert_new
from storage.registry.schema import closings, papers


def papers_without_dossier(db: Connection, since: datetime, until: datetime) -> int:
    """Archived papers that belong to no dossier and therefore count in no rate."""
    query = select(func.count()).where(
        papers.c.state == PaperState.ARCHIVED,
        papers.c.archived_at >= since,
        papers.c.archived_at < until,
        papers.c.signed.is_not(None),
        papers.c.dossier.is_(None),
    )
    return int(db.execute(query).scalar_one())


def close(
    db: Connection,
    *,
    name: str,
    plan: str,
    first_day: date,
    last_day: date,
    closed_by: str,
    at: datetime,
    report: dict[str, Any],
    digest: str,
) -> None:
    """Freeze a period's report under its name. AlreadyExists when the name is taken: put once."""
    made = insert_new(
        db,
        closings,
        name=name,
        plan=plan,
        first_day=first_day,
        last_day=last_day,
        closed_by=closed_by,
        closed_at=at,
        report=report,
        digest=digest,
    )
    if not made:
        raise AlreadyExists(f"Kỳ «{name}» đã chốt số liệu; đặt tên khác cho lần chốt sau.")


def closing(db: Connection, name: str) -> RowMapping | None:
    """The closed period of this name, or None."""
    return db.execute(select(closings).where(closings.c.name == name)).mappings().first()


def closings_of(db: Connection, plan: str) -> list[RowMapping]:
    """All closed periods of a plan, oldest first."""
    query = select(closings).where(closings.c.plan == plan).order_by(closings.c.closed_at)
    return list(db.execute(query).mappings())

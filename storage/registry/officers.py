"""Papers that wait for an officer's own signature: what is to be signed, by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select, update

from domain.states import PaperState
from storage.registry.once import insert_new
from storage.registry.schema import officer_requests, papers, scans


def request(
    db: Connection, paper_id: str, officer: str, officer_id: str | None = None, *, at: datetime
) -> None:
    """Ask an officer for a signature; quiet when it was asked for before.

    Without an id it is not certain yet who that is: `assign`.
    """
    insert_new(
        db,
        officer_requests,
        paper_id=paper_id,
        officer=officer,
        officer_id=officer_id,
        asked_at=at,
    )


def assign(db: Connection, paper_id: str, officer: str, officer_id: str) -> None:
    """Ask this officer instead; what was prepared for another no longer counts."""
    db.execute(
        update(officer_requests)
        .where(officer_requests.c.paper_id == paper_id)
        .values(
            officer=officer, officer_id=officer_id, prepared=None, prepared_at=None, digest=None
        )
    )


def waiting(db: Connection) -> list[RowMapping]:
    """Requests of papers that wait, oldest first, with paper and scan."""
    query = (
        select(
            officer_requests,
            papers.c.scan_id,
            papers.c.composed,
            papers.c.pages,
            papers.c.position,
            scans.c.lot_id,
            scans.c.facts,
            scans.c.received_at,
        )
        .join(papers, papers.c.id == officer_requests.c.paper_id)
        .join(scans, scans.c.id == papers.c.scan_id)
        .where(papers.c.state == PaperState.AWAITING_OFFICER)
        .order_by(officer_requests.c.asked_at, officer_requests.c.paper_id)
    )
    return list(db.execute(query).mappings())


def of_paper(db: Connection, paper_id: str) -> RowMapping | None:
    """The request of a paper that waits, or None."""
    return next((row for row in waiting(db) if row["paper_id"] == paper_id), None)


def prepared(
    db: Connection,
    paper_id: str,
    officer: str,
    *,
    instead_of: str | None,
    at: datetime,
    **place: Any,
) -> None:
    """Keep what was prepared in this officer's name, unless another process was first."""
    column = officer_requests.c.prepared
    before = column.is_(None) if instead_of is None else column == instead_of
    db.execute(
        update(officer_requests)
        .where(
            officer_requests.c.paper_id == paper_id, officer_requests.c.officer == officer, before
        )
        .values(prepared_at=at, **place)
    )


def close(db: Connection, paper_id: str) -> None:
    """The signature has come."""
    db.execute(delete(officer_requests).where(officer_requests.c.paper_id == paper_id))

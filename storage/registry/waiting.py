"""What waits in the registry, and since when: for alarms and metrics."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from domain.states import PaperState, ScanState
from storage.registry.schema import (
    officer_requests,
    outbox,
    papers,
    review_tasks,
    scans,
    uploads,
)

QUEUES = ("scans", "review", "officer", "outbox")
"""What waits: for the line, for a person, for an officer's signature, for the national portal."""


def papers_by_state(db: Connection) -> dict[str, int]:
    """How many papers are in each state."""
    query = select(papers.c.state, func.count()).group_by(papers.c.state)
    return {row[0]: row[1] for row in db.execute(query)}


def scans_by_reason(db: Connection) -> dict[str, int]:
    """How many scans are set aside for each reason."""
    query = select(scans.c.reason, func.count()).where(scans.c.state == ScanState.SET_ASIDE)
    return {row[0] or "": row[1] for row in db.execute(query.group_by(scans.c.reason))}


def oldest(db: Connection) -> dict[str, datetime]:
    """Queue → since when its oldest entry waits; queues with nothing in them are left out."""
    unsigned = papers.c.id == officer_requests.c.paper_id
    queries = (
        select(func.min(scans.c.received_at)).where(scans.c.state == ScanState.RECEIVED),
        select(func.min(review_tasks.c.created_at)).where(review_tasks.c.decided_at.is_(None)),
        select(func.min(officer_requests.c.asked_at))
        .join(papers, unsigned)
        .where(papers.c.state == PaperState.AWAITING_OFFICER),
        select(func.min(outbox.c.created_at)).where(outbox.c.state == "waiting"),
    )
    found = zip(QUEUES, (db.execute(query).scalar() for query in queries), strict=True)
    return {queue: moment for queue, moment in found if moment is not None}


def totals(db: Connection) -> tuple[int, int, int]:
    """Uploads ever received, papers ever archived, pages ever opened."""
    archived = select(func.count()).where(papers.c.archived_at.is_not(None))
    pages = select(func.coalesce(func.sum(scans.c.pages), 0))
    counted = (select(func.count()).select_from(uploads), archived, pages)
    uploaded, kept, opened = (db.execute(query).scalar_one() for query in counted)
    return uploaded, kept, opened

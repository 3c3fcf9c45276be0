"""What waits in the registry, and since when: for alarms and metrics."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from domain.states import PaperState, ScanState
from storage.registry.schema import officer_requests, outbox, papers, review_tasks, scans


def papers_by_state(db: Connection) -> dict[str, int]:
    """How many papers are in each state."""
    query = select(papers.c.state, func.count()).group_by(papers.c.state)
    return {row[0]: row[1] for row in db.execute(query)}


def scans_by_reason(db: Connection) -> dict[str, int]:
    """How many scans are set aside for each reason."""
    query = select(scans.c.reason, func.count()).where(scans.c.state == ScanState.SET_ASIDE)
    return {row[0] or "": row[1] for row in db.execute(query.group_by(scans.c.reason))}


def oldest(db: Connection) -> dict[str, datetime]:
    """Queue → since when its oldest entry waits; queues with nothing in them are left out.

    `scans` for the line, `review` for a person, `officer` for an officer's signature, `outbox`
    for the national portal.
    """
    unsigned = papers.c.id == officer_requests.c.paper_id
    since = {
        "scans": select(func.min(scans.c.received_at)).where(scans.c.state == ScanState.RECEIVED),
        "review": select(func.min(review_tasks.c.created_at)).where(
            review_tasks.c.decided_at.is_(None)
        ),
        "officer": select(func.min(officer_requests.c.asked_at))
        .join(papers, unsigned)
        .where(papers.c.state == PaperState.AWAITING_OFFICER),
        "outbox": select(func.min(outbox.c.created_at)).where(outbox.c.state == "waiting"),
    }
    found = {queue: db.execute(query).scalar() for queue, query in since.items()}
    return {queue: moment for queue, moment in found.items() if moment is not None}

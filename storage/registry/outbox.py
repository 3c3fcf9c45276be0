"""The outbox (hộp thư đi): what the national portal is told, once in effect, in order per dossier.

A message is claimed for one attempt by one statement; it may be claimed only when nothing earlier
of its lane is unsent. A claim that lapses leaves the message `uncertain`: the next attempt asks
first whether the portal has it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, and_, case, exists, func, or_, select, update

from domain.states import PaperState
from storage.registry.once import insert_new
from storage.registry.schema import outbox, papers

_MESSAGES = uuid.UUID("6f1e3a54-6a55-5d0c-9a43-0f6a2b8e5c11")


def message_id(paper_id: str) -> str:
    """The name of a paper's message: the same on every attempt, so that a receiver knows it."""
    return str(uuid.uuid5(_MESSAGES, paper_id))


def enqueue(db: Connection, *, at: datetime, limit: int) -> int:
    """Put archived papers into the outbox that are not there yet, in the order of archiving."""
    query = (
        select(papers.c.id, papers.c.dossier)
        .join_from(papers, outbox, papers.c.id == outbox.c.paper_id, isouter=True)
        .where(papers.c.state == PaperState.ARCHIVED, outbox.c.number.is_(None))
        .order_by(papers.c.archived_at, papers.c.id)
        .limit(limit)
    )
    return sum(
        insert_new(
            db,
            outbox,
            message_id=message_id(paper_id),
            paper_id=paper_id,
            lane=dossier or paper_id,
            state="waiting",
            attempts=0,
            uncertain=False,
            next_at=at,
            created_at=at,
        )
        for paper_id, dossier in db.execute(query).all()
    )


def claim(db: Connection, *, at: datetime, lease: timedelta) -> RowMapping | None:
    """Take the next message that is due for one attempt, or None.

    A claim of somebody that lapsed may have been sent: the row then says `uncertain`.
    """
    earlier = outbox.alias("earlier")
    blocked = exists().where(
        earlier.c.lane == outbox.c.lane,
        earlier.c.number < outbox.c.number,
        earlier.c.state != "sent",
    )
    free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= at)
    due = and_(outbox.c.state == "waiting", outbox.c.next_at <= at, free)
    pick = (
        select(outbox.c.number)
        .where(due, ~blocked)
        .order_by(outbox.c.next_at, outbox.c.number)
        .limit(1)
        .with_for_update(skip_locked=True, of=outbox)
        .scalar_subquery()
    )
    statement = (
        update(outbox)
        .where(outbox.c.number == pick, due)
        .values(
            uncertain=or_(outbox.c.uncertain, outbox.c.claim.is_not(None)),
            claim=uuid.uuid4().hex,
            claimed_until=at + lease,
            attempts=outbox.c.attempts + 1,
        )
        .returning(outbox)
    )
    return db.execute(statement).mappings().first()


def sent(db: Connection, message: RowMapping, *, receipt: str, at: datetime) -> bool:
    """Write down that the portal has it; False when another attempt has ended it meanwhile."""
    return _end(db, message, state="sent", receipt=receipt[:200], sent_at=at, fault=None)


def again(
    db: Connection, message: RowMapping, *, fault: str, uncertain: bool, next_at: datetime
) -> bool:
    """Write down why it is not sent yet, and when to try again."""
    return _end(
        db, message, fault=fault, next_at=next_at, uncertain=message["uncertain"] or uncertain
    )


def bury(db: Connection, message: RowMapping, *, fault: str, uncertain: bool = False) -> bool:
    """Give up: a person must look. What follows in its lane waits."""
    return _end(db, message, state="dead", fault=fault, uncertain=message["uncertain"] or uncertain)


def give_back(db: Connection, message: RowMapping, *, fault: str) -> bool:
    """Undo a claim whose attempt did not concern the message: it costs no attempt."""
    return _end(db, message, fault=fault, attempts=message["attempts"] - 1)


def _end(db: Connection, message: RowMapping, **values: object) -> bool:
    statement = (
        update(outbox)
        .where(
            outbox.c.number == message["number"],
            outbox.c.claim == message["claim"],
            outbox.c.state == "waiting",
        )
        .values(claim=None, claimed_until=None, **values)
    )
    return db.execute(statement).rowcount == 1


def requeue(db: Connection, messages: Sequence[str] | None, *, at: datetime) -> int:
    """Make dead messages (all, when none is named) due again, with all attempts before them."""
    statement = update(outbox).where(outbox.c.state == "dead")
    if messages is not None:
        statement = statement.where(outbox.c.message_id.in_(list(messages)))
    return int(db.execute(statement.values(state="waiting", attempts=0, next_at=at)).rowcount)


def listed(db: Connection, state: str | None = None, limit: int = 200) -> list[RowMapping]:
    """Messages, oldest first."""
    query = select(outbox).order_by(outbox.c.number).limit(limit)
    if state is not None:
        query = query.where(outbox.c.state == state)
    return list(db.execute(query).mappings())


def rate(db: Connection, since: datetime, until: datetime) -> tuple[int, int]:
    """Papers archived in [since, until) that the portal has, and all of them."""
    query = (
        select(
            func.count(), func.coalesce(func.sum(case((outbox.c.state == "sent", 1), else_=0)), 0)
        )
        .select_from(papers)
        .outerjoin(outbox, outbox.c.paper_id == papers.c.id)
        .where(
            papers.c.state == PaperState.ARCHIVED,
            papers.c.archived_at >= since,
            papers.c.archived_at < until,
        )
    )
    total, done = db.execute(query).one()
    return int(done), int(total)


def by_state(db: Connection) -> dict[str, int]:
    """How many messages are in each state."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {row[0]: row[1] for row in db.execute(query)}

"""Counts of a report: what takes long to count is kept for the next one (`storage…rollups`)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from domain.errors import Unavailable
from storage.registry import audit, rollups
from storage.registry.counting import Cell
from storage.registry.rollups import Question
from tasks.house import House, house

LOG = logging.getLogger("sohoa.kept_counts")
SLOW_SECONDS = 0.2
"""What is counted in less is not worth keeping: small installations keep nothing."""
_MANY_MARKS = 10_000
_SLOW = "sohoa_slow_questions"


@contextmanager
def report_transaction(here: House) -> Iterator[Connection]:
    """A transaction that reads; after it, what was slow to count is kept.

    Keeping is no part of the report: where the registry has no time for it, the next one tries.
    """
    with here.registry.snapshot() as db:
        slow: dict[Question, None] = {}
        db.info[_SLOW] = slow
        try:
            yield db
        finally:
            del db.info[_SLOW]
    try:
        for question in slow:
            rollups.keep(here.registry, question)
        rollups.settle(here.registry, above=_MANY_MARKS)
    except Unavailable as error:
        LOG.warning("chưa giữ lại được số đã đếm: %s", error)


def answered(db: Connection, question: Question) -> list[Cell]:
    """The cells of a question; inside `report_transaction` a slow one is noted."""
    began = time.perf_counter()
    found = rollups.cells(db, question)
    if time.perf_counter() - began > SLOW_SECONDS and _SLOW in db.info:
        db.info[_SLOW][question] = None
    return found


def wrong_months(here: House) -> list[str]:
    """Kept counts that are not what the rows say; empty unless rows were written past triggers."""
    with here.registry.snapshot() as db:
        return rollups.differences(db)


def forget_all() -> int:
    """Throw away what is kept, audited; how many months there were."""
    here = house()
    here.registry.migrate()
    with here.registry.begin() as db:
        forgotten = rollups.forget(db)
        audit.append(
            db, "recounted", "registry", actor=here.worker, at=here.now(), months=forgotten
        )
    return forgotten

"""Counts of whole tables for the metrics: kept between two scrapes, and how old they are.

At a million papers counting takes about a second, at a hundred million minutes. So it rests for
fifty times as long as it took: two percent of one connection's time at most, whatever the size
and however many ask. A small installation is counted anew at every scrape that Prometheus makes.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from storage.registry import outbox, scans, waiting
from tasks.house import House

_REST = 50
"""How many times as long as counting took it rests."""
_PATIENCE_SECONDS = 0.1
"""A scrape waits no longer for newer counts; for the first ones it waits."""


class Counts(NamedTuple):
    """What the tables held when they were counted."""

    at: float
    """On the monotonic clock."""
    scans: dict[str, int]
    set_aside: dict[str, int]
    papers: dict[str, int]
    outbox: dict[str, int]
    totals: tuple[int, int, int]
    """Uploads ever received, papers ever archived, pages ever opened."""

    @property
    def age_seconds(self) -> float:
        """How long ago they were counted."""
        return time.monotonic() - self.at


class KeptCounts:
    """The newest counts of one registry; any thread may ask, one at a time counts."""

    def __init__(self, here: House) -> None:
        self._here = here
        self._counter = ThreadPoolExecutor(1, "sohoa-counts")
        self._lock = Lock()
        self._counting: Future[None] | None = None
        self._kept: Counts | None = None
        self._rest_until = 0.0

    def latest(self) -> Counts:
        """The counts, newer ones where those are due and quick. Raises as the registry does."""
        with self._lock:
            idle = self._counting is None or self._counting.done()
            if self._counting is None or (idle and time.monotonic() >= self._rest_until):
                self._counting = self._counter.submit(self._count)
            counting = self._counting
        if self._kept is None:
            counting.result()
        with suppress(TimeoutError):
            counting.result(_PATIENCE_SECONDS)
        assert self._kept is not None  # noqa: S101 - for the type checker: it was waited for
        return self._kept

    def _count(self) -> None:
        begun = time.monotonic()
        with self._here.registry.read() as db:
            self._kept = Counts(
                at=begun,
                scans=scans.count_by_state(db),
                set_aside=waiting.scans_by_reason(db),
                papers=waiting.papers_by_state(db),
                outbox=outbox.by_state(db),
                totals=waiting.totals(db),
            )
        ended = time.monotonic()
        self._rest_until = ended + _REST * (ended - begun)


@lru_cache(maxsize=1)
def kept_counts(here: House) -> KeptCounts:
    """The counts of this process's registry."""
    return KeptCounts(here)

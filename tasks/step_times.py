"""What this process's steps took since it was last asked; kept as sums, so it stays small."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import DocumentFault
from storage.registry.step_times import Slot, Sum

BOUNDS_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Upper bounds of the buckets; a last one holds what took longer."""
_LOCK = threading.Lock()
_TAKEN: dict[Slot, Sum] = {}


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Note how long the block takes and how it ends: `ok`, `set_aside` or `error`."""
    started, outcome = time.monotonic(), "error"
    try:
        yield
        outcome = "ok"
    except DocumentFault:
        outcome = "set_aside"
        raise
    finally:
        seconds = time.monotonic() - started
        slot = Slot(step, outcome, bisect_left(BOUNDS_SECONDS, seconds))
        with _LOCK:
            calls, before = _TAKEN.get(slot, Sum(0, 0.0))
            _TAKEN[slot] = Sum(calls + 1, before + seconds)


def drained() -> dict[Slot, Sum]:
    """The sums since the last call; the caller writes them down."""
    with _LOCK:
        taken = dict(_TAKEN)
        _TAKEN.clear()
    return taken

"""Prefect's command line, for a server on SQLite: its event loop never waits in the collector.

`python -m deployments.sqlite_server server start …` in place of `prefect server start …`.

Python's cyclic garbage collector runs in whatever thread makes an object. In Prefect's server
that is the thread of the event loop. Where it finds a forgotten cursor, SQLite's finalizer wants
the mutex of that cursor's connection, which another thread may hold as long as it waits for the
write lock – and the holder of the write lock waits for the event loop. Nothing moves until the
first wait has run out, after the minute that Prefect sets (`PRAGMA busy_timeout`): no run starts,
no page opens, workers give up. Seen in five of eight starts on a slow machine, and in none of four
with `collect_aside`; with PostgreSQL there is no such mutex.
"""

from __future__ import annotations

import gc
import threading
import time
from itertools import count

_EVERY_SECONDS = 1.0
_YOUNG, _ALL = 1, 2
"""Generations of the collector, each with those below it."""
_ALL_EVERY = 60


def collect_aside(every: float = _EVERY_SECONDS) -> None:
    """Collect cyclic garbage in a thread of its own from now on, and in no other thread.

    `every`: seconds between two collections of what is young; each sixtieth is of everything.
    A finalizer that waits holds up nothing but the next collection.
    """
    gc.disable()
    threading.Thread(target=_collect, args=(every,), name="collector", daemon=True).start()


def _collect(every: float) -> None:
    for turn in count(1):
        time.sleep(every)
        gc.collect(_ALL if turn % _ALL_EVERY == 0 else _YOUNG)


if __name__ == "__main__":
    from prefect.cli import app

    collect_aside()
    app()

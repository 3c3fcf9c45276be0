"""The reading pool's children, warm as well: their fork server is a fork of this very process.

`multiprocessing` would start its fork server as a fresh interpreter, and every child would import
all that reading needs: two processor seconds a run. What a fresh interpreter would be told to run
is run in a fork instead. Without this module all works the same, only later.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from itertools import pairwise
from multiprocessing import forkserver, resource_tracker, util
from typing import Any

_STANDARD_ERROR = 2


def keep_warm_children() -> None:
    """Start this process's fork server as a fork; does nothing once threads run."""
    if threading.active_count() > 1:
        return
    resource_tracker.ensure_running()  # an interpreter of its own, as always
    standard: Any = util
    spawn = standard.spawnv_passfds
    standard.spawnv_passfds = _fork
    try:
        forkserver.ensure_running()
    finally:
        standard.spawnv_passfds = spawn


def _fork(_program: bytes, words: Sequence[str], kept: Sequence[int]) -> int:
    """In place of `spawnv_passfds`: the last word is the fork server's own call."""
    pid = os.fork()
    if pid:
        return pid
    try:
        for below, above in pairwise([_STANDARD_ERROR, *sorted(kept), os.sysconf("SC_OPEN_MAX")]):
            os.closerange(below + 1, above)
        exec(words[-1], {})  # noqa: S102 - what the standard library would give an interpreter
    finally:
        os._exit(0)

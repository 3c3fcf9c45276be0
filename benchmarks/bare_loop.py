"""The named peer: the `tesseract` program over PNG pages, as many at once as there are cores."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple


class LoopRun(NamedTuple):
    """What one pass over all pages took: wall seconds and CPU seconds of all processes."""

    seconds: float
    cpu_seconds: float


def run_loop(pages: Sequence[Path], workers: int) -> LoopRun:
    """Recognise every page (`-l vie`, text only, one thread each); raises when a page fails."""
    before = _cpu_of_children()
    start = time.perf_counter()
    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(_recognise, pages))
    return LoopRun(time.perf_counter() - start, _cpu_of_children() - before)


def _recognise(page: Path) -> None:
    subprocess.run(
        ["tesseract", str(page), str(page.with_suffix("")), "-l", "vie"],
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime

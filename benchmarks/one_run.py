"""One run of the line in a process of its own: `python -m benchmarks.one_run FOLDER`.

`SOHOA_HOME` names the fresh folder it works in. The last line it prints is its result as JSON.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class LineRun(BaseModel):
    """What one run took and what came of it; times in seconds."""

    model_config = ConfigDict(frozen=True)

    start_up: float
    """Loading the program, before the first file is touched."""
    seconds: float
    """From the first file to the summary."""
    pages: int
    archived: int
    review: int
    set_aside: int
    times: dict[str, dict[str, dict[str, float]]]


def run_line(folder: Path) -> LineRun:
    """Bring in and digitize all files of `folder`, as `sohoa digitize` does."""
    began = time.perf_counter()
    from benchmarks.step_times import step_times
    from flows.digitize import digitize
    from tasks.house import house
    from tasks.upload import Overrides, upload

    loaded = time.perf_counter()
    with step_times() as times:
        try:
            lot = upload([folder], Overrides()).lot
            summary = digitize.fn(lot)
            seconds = time.perf_counter() - loaded
        finally:
            house().close()
    return LineRun(
        start_up=loaded - began,
        seconds=seconds,
        pages=summary.pages,
        archived=summary.papers.archived,
        review=summary.papers.review,
        set_aside=summary.scans.set_aside,
        times=times.tables(),
    )


if __name__ == "__main__":
    print(run_line(Path(sys.argv[1])).model_dump_json())

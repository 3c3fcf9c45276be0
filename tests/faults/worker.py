"""A worker as its schedule runs it: the line over a lot, again and again until nothing waits.

    python -m tests.faults.worker LOT

FAULT_CLOCK names a file with the seconds by which the machine's clock is wrong; it may change.

A service that does not answer ends a run; the next one goes on, as with the schedule of ten
minutes, only sooner. Everything else ends the worker with its error.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from domain.errors import SohoaError
from flows import digitize as line
from tasks import step
from tasks.house import House, house

READY = "ready"
_BETWEEN_RUNS_SECONDS = 0.5


def main(lot: str) -> None:
    """Work until every upload of the lot is finished or waits for a person."""
    step._DELAYS_SECONDS = (0.1, 0.5, 1)
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    while not _rested(lot):
        time.sleep(_BETWEEN_RUNS_SECONDS)
    house().close()


def _rested(lot: str) -> bool:
    try:
        return not line.digitize.fn(lot).unfinished
    except SohoaError as error:
        if not error.transient:
            raise
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        house().registry.close()
        return False


def _set_clock(file: Path) -> None:
    """Wall clocks of this process run wrong by what the file says; monotonic ones do not."""
    real_time, real_now = time.time, House.now

    def wrong_by() -> float:
        return float(file.read_text() or 0)

    time.time = lambda: real_time() + wrong_by()
    House.now = lambda self: real_now(self) + timedelta(seconds=wrong_by())


if __name__ == "__main__":
    if "FAULT_CLOCK" in os.environ:
        _set_clock(Path(os.environ["FAULT_CLOCK"]))
    main(sys.argv[1])

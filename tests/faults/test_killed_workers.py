"""SIGKILL of the worker at random moments of a lot of sixty scans: nothing lost, nothing twice."""

import time
from random import Random

from domain.states import PaperState
from tasks.shelf import listed
from tests.faults.conftest import KILLS, SEED
from tests.faults.scans import lot

SCANS = 60
LONGEST_SECONDS = 3.0


def test_a_worker_killed_again_and_again_ends_with_every_paper_archived_once(site):
    random = Random(SEED)  # noqa: S311 - moments of kills
    site.bring(lot(SCANS))
    killed = lots = 0
    while killed < KILLS:
        worker = site.start("worker", f"lo-{lots + 1}")
        time.sleep(random.uniform(0, LONGEST_SECONDS))
        if site.kill(worker):
            killed += 1
        else:  # it came to its end: another lot, until there were kills enough
            lots += 1
            site.bring(lot(SCANS, first=1000 * (lots + 1)), f"lo-{lots + 1}")
    for number in range(lots + 1):
        site.work(f"lo-{number + 1}")
    assert site.violations() == [], f"FAULT_SEED={SEED}"
    assert [row["state"] for row in listed()] == [PaperState.ARCHIVED] * SCANS * (lots + 1)

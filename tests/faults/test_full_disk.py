"""The work folder's disk is full: the line waits, blames no document, and goes on."""

import os
import subprocess

import pytest

from domain.states import PaperState
from storage.registry import scans
from tasks.house import house
from tasks.shelf import listed
from tests.faults.scans import lot

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")


def _mount(*words):
    return subprocess.run(["mount", *words], check=False, capture_output=True, timeout=30)


@pytest.fixture
def small_disk(site):
    """Mounts a disk of so many KiB on a folder of the home; gone afterwards."""
    mounted = []

    def put(folder, kib):
        place = house().settings.home / folder
        place.mkdir(parents=True, mode=0o700)
        if _mount("-t", "tmpfs", "-o", f"size={kib}k,mode=700", "tmpfs", str(place)).returncode:
            pytest.skip("this system lets nobody mount a disk")
        mounted.append(place)
        return place

    yield put
    for place in mounted:
        subprocess.run(["umount", "-l", str(place)], check=True, timeout=30)


@pytest.mark.parametrize(("folder", "kib"), [("store/work", 100), ("scratch", 8)])
def test_work_stops_while_the_disk_is_full_and_goes_on_behind_it(site, small_disk, folder, kib):
    house().prepare()
    place = small_disk(folder, kib)
    site.bring(lot(3))
    worker = site.start("worker", "lo-1")
    site.wait_for(lambda: site.said().count("Unavailable") > 1 or worker.poll() is not None)
    assert worker.poll() is None, site.said()  # neither done nor dead
    with house().registry.read() as db:
        assert set(scans.count_by_state(db)) <= {"received", "done"}
    assert _mount("-o", "remount,size=200m", str(place)).returncode == 0
    site.finish(worker)
    assert site.violations() == []
    assert [row["state"] for row in listed()] == [PaperState.ARCHIVED] * 3

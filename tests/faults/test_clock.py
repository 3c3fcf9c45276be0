"""The machine's clock is set back and forth under running workers."""

from domain.states import PaperState
from tasks.house import house
from tasks.shelf import listed
from tests.faults.scans import lot


def test_a_clock_that_jumps_loses_nothing_and_doubles_nothing(site, tmp_path):
    clock = tmp_path / "clock"
    clock.write_text("0")
    site.bring(lot(8))
    workers = [site.start("worker", "lo-1", FAULT_CLOCK=str(clock)) for _ in range(2)]
    for hours in (-3, 2, -1):
        before = len(_times())
        site.wait_for(lambda: len(_times()) > before + 8)  # noqa: B023 - called at once
        clock.write_text(str(3600 * hours))
    for worker in workers:
        site.finish(worker)
    assert site.violations() == []
    assert [row["state"] for row in listed()] == [PaperState.ARCHIVED] * 8
    assert _times() != sorted(_times())  # it was set back under them


def _times():
    with house().registry.read() as db:
        return db.exec_driver_sql("SELECT at FROM audit ORDER BY seq").scalars().all()

"""A page that makes recognition crash, hang or eat memory costs its scan, never the lot."""

import pytest

from domain.states import ScanState
from reading.limits import Limits
from tasks import recognise
from tasks.house import house
from tests.flows import engines
from tests.flows import papers as drawn


@pytest.mark.parametrize(
    ("engine", "reason"),
    [
        (engines.Crashes(".jpg"), "crashed"),
        (engines.Hangs(".jpg"), "timeout"),
        (engines.EatsMemory(".jpg"), "too_large"),
    ],
)
def test_the_scan_is_set_aside_with_its_reason_and_the_lot_goes_on(
    office, monkeypatch, engine, reason
):
    monkeypatch.setattr(recognise, "read_page", engine)
    settings = house().settings.model_copy(update={"limits": Limits(page_seconds=8)})
    monkeypatch.setattr(house(), "settings", settings)
    png = drawn.png("trich-luc-khai-tu")
    summary = office.digitize({"bad.jpg": drawn.jpeg("giay-khai-sinh"), "good.png": png})
    assert [item.reason for item in summary.set_aside] == [reason]
    assert (summary.scans.set_aside, summary.scans.total) == (1, 2)
    assert summary.scans.done + summary.scans.review == 1
    (key,) = house().quarantine.keys()
    assert house().quarantine.get(key) == drawn.jpeg("giay-khai-sinh")


def test_a_page_whose_reader_was_killed_once_is_read_again(office, monkeypatch, tmp_path):
    monkeypatch.setattr(recognise, "read_page", engines.IsKilledOnce(tmp_path / "killed"))
    summary = office.digitize({"a.jpg": drawn.jpeg("giay-khai-sinh")})
    assert (tmp_path / "killed").exists()
    assert summary.scans.done == 1
    assert summary.scans.set_aside == 0
    assert ScanState.SET_ASIDE not in {item.reason for item in summary.set_aside}

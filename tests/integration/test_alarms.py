"""An alarm reaches whoever is on duty: from a part that fails, over an automation, by webhook."""

import json

import pytest
from prefect.client.schemas.objects import StateType

from domain.alarms import TRIAL, UNHEALTHY
from tests.integration.conftest import draw_scans, wait_for
from tests.servers.duty import on_duty

pytestmark = pytest.mark.integration


def test_a_part_that_fails_is_told_once_to_whoever_is_on_duty(office, tmp_path):
    """The examination of a late scan raises the alarm, the next one of the day does not again."""
    address = tmp_path / "address"
    with on_duty() as (url, received):
        address.write_text(url, encoding="utf-8")
        office.sohoa("alarms", "forward", "--webhook-file", str(address))
        office.sohoa("alarms", "try")
        wait_for(lambda: received, "the trial", 30)
        assert [one["alarm"] for one in received] == [TRIAL.event]

        draw_scans(tmp_path / "lot", [("giay-khai-sinh", 70)])
        office.sohoa("upload", str(tmp_path / "lot"), "--lot", "lo-tre", server=False)
        with office.registry() as db:
            db.execute("UPDATE scans SET received_at = datetime(received_at, '-1 day')")
        run = office.run("doctor/doctor")
        assert run.state.type is StateType.COMPLETED, run.state.message
        assert run.state.name == "Xong, có lưu ý"
        assert "hàng đợi: HỎNG" in run.state.message
        wait_for(lambda: len(received) > 1, "the alarm", 30)
        (alarm,) = [one for one in received if one["about"] == "sohoa.part.queue"]
        assert alarm["alarm"] == UNHEALTHY.event
        assert "bản quét cũ nhất chờ" in alarm["text"]
        table = json.loads(office.artifacts(run.id)["kham-he-thong"].data)
        (row,) = [row for row in table if row["Phần"] == "hàng đợi"]
        assert "thêm worker" in row["Cách xử lý"]

        office.run("doctor/doctor")
        office.sohoa("alarms", "try")
        wait_for(lambda: received[-1]["alarm"] == TRIAL.event, "the second trial", 30)
        assert [one["about"] for one in received].count("sohoa.part.queue") == 1
    office.sohoa("digitize", "--lot", "lo-tre", server=False)

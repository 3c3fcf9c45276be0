"""An alarm reaches whoever is on duty: over an automation, by webhook or by mail."""

import json
import subprocess
import sys
from contextlib import suppress

import httpx
import pytest
from prefect.client.schemas.objects import StateType

from domain.alarms import TRIAL, UNHEALTHY
from tests.integration.conftest import Office, draw_scans, wait_for
from tests.servers.duty import on_duty
from tests.servers.mailbox import mailbox
from tests.servers.postgres import free_port

pytestmark = pytest.mark.integration


def test_an_alarm_is_mailed_by_the_listener(office, tmp_path):
    """From the event over the automation and the listener to an SMTP server; no worker is asked."""
    address = f"http://127.0.0.1:{free_port()}"
    with mailbox() as (port, mails):
        env = office.env | {
            "SOHOA_LISTEN__PUBLIC_URL": address,
            "SOHOA_MAIL__HOST": "127.0.0.1",
            "SOHOA_MAIL__PORT": str(port),
            "SOHOA_MAIL__SECURITY": "none",
            "SOHOA_MAIL__RECIPIENTS": '["truc@vi-du.vn"]',
        }
        mailing = Office(env)
        words = ("listen", "--port", address.rpartition(":")[2])
        process = subprocess.Popen([sys.executable, "-m", "deployments.cli", *words], env=env)
        try:
            wait_for(lambda: _answers(f"{address}/health"), "the listener", 60)
            mailing.sohoa("alarms", "forward", "--mail")
            mailing.sohoa("alarms", "try")
            wait_for(lambda: mails, "the mail", 30)
        finally:
            process.terminate()
            process.wait(30)
    assert mails[0]["To"] == "truc@vi-du.vn"
    assert TRIAL.remedy in mails[0].get_content()


def _answers(url):
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=5).is_success


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

"""The queue on a real server: runs replaced and ended, overdue papers told, scans requeued."""

import os
import signal
import sqlite3

import pytest
from prefect.client.schemas.objects import StateType

from tests.flows import papers as drawn
from tests.integration.conftest import process_of, wait_for
from tests.integration.test_review_ui import _form, _letter, _suspended, _typed, reviewer

pytestmark = pytest.mark.integration
__all__ = ["reviewer"]

ANSWER = {"decision": "loại", "reviewer": "thu.ha", "pin": "000001", "reason": "Thư riêng"}


def _events(office, name):
    asked = {"filter": {"event": {"name": [name]}}}
    return office.client.request("POST", "/events/filter", json=asked).json()["events"]


def test_a_killed_run_is_replaced_and_a_stale_one_ended(office, reviewer, tmp_path):
    """What was typed into the killed one is gone; nothing is decided by either."""
    paper = _letter(office, tmp_path / "lot", 21, "lo-chay-1")
    first = _form(office)
    office.client.resume_flow_run(first.id, run_input=ANSWER)
    pid = wait_for(lambda: process_of(first), "the process of the resumed run", 60, every=0.02)
    os.kill(pid, signal.SIGKILL)
    ended = office.finished(first.id)
    assert ended.state.type is StateType.CRASHED

    second = _form(office)
    assert second.id != first.id
    assert second.parameters == first.parameters
    assert _typed(office, first) == []

    with sqlite3.connect(office.home / "registry.db") as db:
        db.execute("UPDATE review_tasks SET due_at = created_at")
    late = office.run("escalate/escalate")
    assert late.state.type is StateType.COMPLETED, late.state.message
    table = office.artifacts(late.id)["duyet-qua-han"]
    assert "1 giấy tờ chờ duyệt quá hạn" in table.data
    (event,) = wait_for(lambda: _events(office, "sohoa.alarm.review-overdue"), "the event", 30)
    assert event["payload"]["papers"] == 1

    decided = ("--reject", "--reason", "thư riêng", "--by", "Trần B")
    office.sohoa("review", "decide", paper, *decided, server=False)
    queue = office.run("review-queue/review-queue")
    assert queue.state.type is StateType.COMPLETED, queue.state.message
    assert office.flow_run(second.id).state.type is StateType.CANCELLED
    assert _suspended(office) == []


def test_the_shelf_and_the_sample_have_their_buttons(office, tmp_path):
    """`requeue` sends a set-aside scan along the line again, `post-check` reports its rate."""
    folder = tmp_path / "lot"
    folder.mkdir()
    (folder / "hong.pdf").write_bytes(drawn.truncated())
    before = office.sohoa("shelf", server=False)  # other tests of this server have their own
    office.sohoa("upload", str(folder), "--lot", "lo-chay-2", server=False)
    office.run("digitize/batch", lot="lo-chay-2")
    (row,) = [row for row in office.sohoa("shelf", server=False) if row not in before]
    again = office.run("requeue/requeue", scan=row["scan"][:12])
    assert again.state.type is StateType.COMPLETED, again.state.message
    after = {each["scan"] for each in office.sohoa("shelf", server=False)}
    assert row["scan"] in after  # still broken, back on the shelf
    checked = office.run("post-check/post-check", days=30)
    assert checked.state.type is StateType.COMPLETED, checked.state.message
    assert "Hậu kiểm" in office.artifacts(checked.id)["hau-kiem"].data

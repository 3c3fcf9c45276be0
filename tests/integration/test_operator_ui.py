"""An operator's day in a real browser: a file comes, its run appears, is read, is mended."""

import os
from hashlib import sha256
from pathlib import Path

import pytest
from prefect.client.schemas.objects import StateType

from deployments.samples.files import cut_in_half
from tests.integration.conftest import draw_scans, measured, wait_for
from tests.integration.test_review_ui import browser, into_prefect

pytestmark = pytest.mark.integration
__all__ = ["browser"]

LOT = "lo-giao-dien"


@pytest.fixture
def page(browser, office):
    """Prefect's UI, with the operator logged in."""
    made = browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
    made.set_default_timeout(40_000)
    into_prefect(made, office)
    return made


def _go(page, office, path):
    page.goto(office.env["PREFECT_API_URL"].removesuffix("/api") + path)


def _open_artifact(page, office, run, key):
    _go(page, office, f"/runs/flow-run/{run.id}")
    page.get_by_text("Artifacts", exact=True).first.click()
    page.get_by_text(key).first.click()
    page.get_by_text("Show raw data").wait_for()


def _digits(file):
    """What a scan is called where others read along: files are named after persons."""
    return sha256(file.read_bytes()).hexdigest()[:8]


def _shot(page, folder, name):
    """Keep a screenshot; the variable SCREENSHOTS names a folder that outlives the test."""
    file = Path(os.environ.get("SCREENSHOTS", folder)) / f"{name}.png"
    page.screenshot(path=file)
    measured(f"{file}: {file.stat().st_size} bytes")


def test_a_file_is_uploaded_its_run_read_and_what_was_set_aside_sent_again(office, page, tmp_path):
    """Upload → run appears → artifacts readable → requeue, all in the browser."""
    folder = tmp_path / "lot"
    (good,) = draw_scans(folder, [("giay-khai-sinh", 80)])
    (folder / "hong.jpg").write_bytes(cut_in_half(good.read_bytes())[:2100])
    office.sohoa("upload", str(folder), "--lot", LOT, "--unit", "H31")
    made = wait_for(lambda: office.run_of_lot("digitize/upload", LOT), "a run of the event", 90)
    run = office.finished(made.id)

    _go(page, office, "/runs")
    page.get_by_text(f"Số hóa lô {LOT} · H31").first.wait_for()
    page.get_by_text("Xong, có lưu ý").first.wait_for()
    _shot(page, tmp_path, "runs")

    _open_artifact(page, office, run, "ket-qua-lo")
    said = page.inner_text("body")
    assert f"{_digits(folder / 'hong.jpg')}.jpg" in said
    assert "tải lên lại từ máy quét" in said
    link = page.locator("a[href*='/original']").first.get_attribute("href")
    assert link.startswith(office.env["SOHOA_REVIEW__URL"] + "/scans/")
    _shot(page, tmp_path, "set-aside")
    _open_artifact(page, office, run, "giay-to")
    assert f"{_digits(good)}{good.suffix}" in page.inner_text("body")
    _shot(page, tmp_path, "papers")

    scan = link.rsplit("/", 2)[1]
    deployment = office.deployment("requeue/requeue").id
    _go(page, office, f"/deployments/deployment/{deployment}/run")
    page.get_by_text("Từ 8 ký tự đầu của bản quét").first.wait_for()
    page.get_by_text("str", exact=True).first.click()
    page.locator("textarea").first.fill(scan[:12])
    _shot(page, tmp_path, "requeue")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/deployment/*?tab=Runs")
    again = wait_for(lambda: _run_for(office, deployment, scan[:12]), "the operator's run", 60)
    ended = office.finished(again.id)
    assert ended.state.type is StateType.COMPLETED, ended.state.message
    assert ended.state.message == "1 bản quét để riêng"  # still broken, back on the shelf


def test_the_form_of_a_correction_asks_for_each_field_by_its_name(office, page, tmp_path):
    """The fields of a paper are a group of boxes, each with its label and what may stand in it."""
    deployment = office.deployment("correct/correct").id
    _go(page, office, f"/deployments/deployment/{deployment}/run")
    for title in ("Sửa thành", "Số, ký hiệu (Optional)", "Ngày cấp (Optional)", "Người thực hiện"):
        page.get_by_text(title, exact=True).first.wait_for()
    page.get_by_text("Dạng 2026-02-09. Để trống: giữ như đã đọc.").first.wait_for()
    _shot(page, tmp_path, "correct")


def _run_for(office, deployment, scan):
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId

    of = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment]))
    runs = office.client.read_flow_runs(flow_run_filter=of)
    return next((run for run in runs if run.parameters.get("scan") == scan), None)

"""An operator's day in a real browser: a file comes, its run appears, is read, is mended."""

import os
from pathlib import Path

import pytest

from deployments.samples.files import cut_in_half
from tests.integration.conftest import draw_scans, measured, wait_for
from tests.integration.test_review_ui import browser, into_prefect

pytestmark = pytest.mark.integration
__all__ = ["browser"]

LOT = "lo-giao-dien"
PNG_BYTES = 200_000


@pytest.fixture
def page(browser, office):
    """Prefect's UI, with the operator logged in."""
    made = browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
    made.set_default_timeout(30_000)
    into_prefect(made, office)
    return made


def _go(page, office, path):
    page.goto(office.env["PREFECT_API_URL"].removesuffix("/api") + path)


def _shot(page, folder, name):
    """Keep a screenshot; SOHOA_SCREENSHOTS names a folder that outlives the test."""
    file = Path(os.environ.get("SCREENSHOTS", folder)) / f"{name}.png"
    page.screenshot(path=file)
    measured(f"{file}: {file.stat().st_size} bytes")


def test_a_file_is_uploaded_its_run_read_and_what_was_set_aside_sent_again(office, page, tmp_path):
    """Upload → run appears → artifacts readable → requeue, by mouse and keyboard only."""
    folder = tmp_path / "lot"
    (good,) = draw_scans(folder, [("giay-khai-sinh", 80)])
    (folder / "hong.jpg").write_bytes(cut_in_half(good.read_bytes())[:2000])
    office.sohoa("upload", str(folder), "--lot", LOT, "--unit", "H31")
    made = wait_for(lambda: office.run_of_lot("digitize/upload", LOT), "a run of the event", 90)
    run = office.finished(made.id)

    _go(page, office, "/runs")
    page.get_by_text(f"Số hóa lô {LOT} · H31").first.wait_for()
    page.get_by_text("Xong, có lưu ý").first.wait_for()
    _shot(page, tmp_path, "runs")
    page.get_by_text(f"Số hóa lô {LOT} · H31").first.click()
    page.get_by_role("tab", name="Artifacts").or_(page.get_by_text("Artifacts")).last.click()
    page.get_by_text("ket-qua-lo").first.click()
    page.get_by_text("Để riêng: vì sao và làm gì").first.wait_for()
    said = page.inner_text("body")
    assert "1 bản quét để riêng" in said or "1 để riêng" in said
    assert "tải lên lại từ máy quét" in said
    link = page.locator("a[href*='/original']").first
    assert link.get_attribute("href").startswith(office.env["SOHOA_REVIEW__URL"] + "/scans/")
    _shot(page, tmp_path, "set-aside")
    _go(page, office, f"/runs/flow-run/{run.id}?tab=Artifacts")
    page.get_by_text("giay-to").first.click()
    page.get_by_text("đã lưu trữ").first.wait_for()
    _shot(page, tmp_path, "papers")

    _go(page, office, f"/deployments/deployment/{office.deployment('requeue/requeue').id}/run")
    page.get_by_text("Từ 8 ký tự đầu của bản quét trở lên").first.wait_for()
    _shot(page, tmp_path, "requeue")

"""An operator decides in the Prefect UI: a real browser, server, worker and preview."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from prefect.client.schemas.objects import StateType

from deployments.samples.files import as_jpeg
from deployments.samples.papers import UNKNOWN_KIND, Wish, draw_paper
from tests.integration.conftest import (
    COMMAND_LINE,
    DPI,
    LIGHT_WEAR,
    measured,
    process_of,
    wait_for,
)

pytestmark = pytest.mark.integration

CHROMIUM = "/usr/bin/chromium"
PIN = "274916"
NUMBER = "77/TB-UBND"
VALUES = {
    "Số, ký hiệu": NUMBER,
    "Ngày cấp": "2026-03-04",
    "Cơ quan cấp": "Ủy ban nhân dân tỉnh Hưng Yên",
    "Trích yếu": "Về việc nghỉ lễ",
}


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium, headless, or a visible skip."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed (Debian: chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def reviewer(office, tmp_path_factory):
    """A reviewer with a PIN."""
    pin = tmp_path_factory.mktemp("pin") / "pin"
    pin.write_text(PIN, encoding="utf-8")
    office.sohoa("reviewer", "add", "thu.ha", "--name", "Thu Hà", "--pin-file", str(pin))
    return "thu.ha"


def _letter(office, folder, seed, lot):
    """Digitize a letter of no known type; the id of the paper that waits."""
    folder.mkdir(parents=True, exist_ok=True)
    wish = Wish(province="Hưng Yên", pages=1)
    paper = draw_paper(UNKNOWN_KIND, seed=seed, dpi=DPI, degrade=LIGHT_WEAR, wish=wish)
    (folder / f"thu-{seed}.jpg").write_bytes(as_jpeg(paper.pages[0], 80))
    office.sohoa("upload", str(folder), "--lot", lot, server=False)
    before = {row["id"] for row in office.sohoa("review", "list", server=False)}
    # A letter that waits for a person ends the command with its own exit code.
    subprocess.run(
        [sys.executable, "-c", COMMAND_LINE, "digitize", "--lot", lot, "--json"],
        env={key: value for key, value in office.env.items() if key != "PREFECT_API_URL"},
        check=False,
        capture_output=True,
        timeout=120,
    )
    (new,) = {row["id"] for row in office.sohoa("review", "list", server=False)} - before
    return new


def _suspended(office):
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterDeploymentId,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )

    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
    of = FlowRunFilterDeploymentId(any_=[office.deployment("review/review").id])
    return office.client.read_flow_runs(
        flow_run_filter=FlowRunFilter(deployment_id=of, state=state)
    )


def _form(office):
    """Open forms as the schedule does; the run that then waits for its operator.

    It then has no process, so it holds no slot of a worker. No form is answered before: a person
    is not so quick, and a worker told to resume a run whose process it still has dies
    (`CapacityLimiter`; Prefect 3.8.8).
    """
    office.sohoa("review", "open")
    run = wait_for(lambda: next(iter(_suspended(office)), None), "a suspended run", 90)
    wait_for(lambda: process_of(run) is None, "a form that waits without a process", 30)
    return run


def into_prefect(page, office):
    """Log into Prefect's own UI, as its page asks."""
    page.goto(office.env["PREFECT_API_URL"].removesuffix("/api"))
    page.get_by_placeholder("admin:pass").fill(office.auth)
    page.get_by_role("button", name="Login").click()
    page.wait_for_url("**/dashboard**")


def _log_in(page, office):
    page.goto(office.env["SOHOA_REVIEW__URL"] + "/login")
    page.get_by_label("Mã người duyệt").fill("thu.ha")
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/queue")


def _open_form(page, office, run):
    """The form of a run, opened by its button, with every picture in it loaded."""
    page.goto(office.env["PREFECT_API_URL"].removesuffix("/api") + f"/runs/flow-run/{run.id}")
    page.get_by_role("button", name="Resume").first.click()
    form = page.get_by_role("dialog")
    form.get_by_text("Quyết định").first.wait_for()
    loaded = "element => element.complete && element.naturalWidth > 100"
    for picture in form.locator("img").all():
        wait_for(lambda one=picture: one.evaluate(loaded), "a picture in the form", 30)
    return form


def _open_form_in_v2(page, office, run):
    """The form in Prefect's other UI: the button is in the menu, the pictures on top."""
    page.goto(office.env["PREFECT_API_URL"].removesuffix("/api") + f"/v2/runs/flow-run/{run.id}")
    page.locator("button[aria-haspopup=menu]").first.click()
    page.get_by_role("menuitem", name="Resume").click()
    form = page.get_by_role("dialog")
    form.get_by_text("Quyết định").first.wait_for()
    form.locator("img").first.wait_for()
    loaded = "element => element.complete && element.naturalWidth > 100"
    for picture in form.locator("img").all():
        wait_for(lambda one=picture: one.evaluate(loaded), "a picture in the form", 30)
    for label in ("Ngày cấp", "PIN của người duyệt"):
        assert form.get_by_text(label).first.is_visible()
    return form


def _control(form, label, kind):
    return form.locator("label", has_text=label).first.locator(
        f"xpath=ancestor::div[.//fieldset][1]//fieldset//{kind}"
    )


def _choose(page, form, label, choice):
    """Open a select with the keyboard; a long one draws only the options in sight."""
    button = _control(form, label, "button").first
    button.press("ArrowDown")
    option = page.locator(".p-select-option", has_text=choice)
    options = page.locator(".p-select-options__options")
    options.wait_for()
    for _ in range(100):
        if option.count():
            break
        options.evaluate("element => element.scrollBy(0, 150)")
        page.wait_for_timeout(50)
    option.first.click()
    wait_for(lambda: choice in button.inner_text(), f"{choice} under {label}", 10)


def _send(form):
    form.get_by_role("button", name="Submit").click()


def _fill(page, form, **values):
    """Fill a form in as its operator does."""
    _choose(page, form, "Quyết định", "sửa")
    _choose(page, form, "Loại giấy tờ", "Thông báo [thong-bao]")
    for label, value in {**VALUES, **values}.items():
        _control(form, label, "textarea").fill(value)
    _choose(page, form, "Người duyệt", "thu.ha")
    _control(form, "PIN", "textarea").fill(PIN)


def _typed(office, run):
    """What Prefect keeps of what was typed into a run's forms."""
    return [
        kept
        for kept in office.client.filter_flow_run_input(run.id, "suspended-", 100, set())
        if kept.key.endswith("-response")
    ]


def _reviews(office, paper):
    import sqlite3

    with sqlite3.connect(office.home / "registry.db") as db:
        query = "SELECT reviewer, decision FROM reviews WHERE paper_id = ?"
        return db.execute(query, (paper,)).fetchall()


def test_an_operator_corrects_a_paper_and_it_is_archived(office, browser, reviewer, tmp_path):
    """The form shows pages and reasons, asks a wrong value again, and decides exactly once."""
    paper = _letter(office, tmp_path / "lot", 11, "lo-duyet-1")
    run = _form(office)
    shots = Path(os.environ.get("REVIEW_SCREENSHOTS", tmp_path))
    window = {"width": 1300, "height": 1500}
    first, second = (browser.new_context(viewport=window).new_page() for _ in range(2))
    for page in (first, second):
        page.set_default_timeout(20_000)
        into_prefect(page, office)
        _log_in(page, office)

    form = _open_form(first, office, run)
    assert "loại giấy tờ" in form.inner_text()
    pictures = form.locator("img").all()  # in the form's text, shrunk to nothing; at the field
    assert len(pictures) == 4
    assert all(picture.bounding_box()["height"] > 50 for picture in pictures[2:])
    first.screenshot(path=shots / "review.png")
    _open_form_in_v2(second, office, run).screenshot(path=shots / "review-v2.png")
    _fill(first, form, **{"Ngày cấp": "2026-02-30"})
    _send(form)

    def asked_again():
        found = office.flow_run(run.id)
        return found if found.state.state_details.pause_key == "answer-2" else None

    again = wait_for(asked_again, "the form again", 90)
    assert _typed(office, again) == []
    forms = [_open_form(page, office, run) for page in (first, second)]
    said = forms[0].inner_text()
    assert "Chưa nhận được: ngày cấp" in said
    assert "2026-02-30" not in said
    first.screenshot(path=shots / "review-again.png")
    for page, shown in zip((first, second), forms, strict=True):
        _fill(page, shown)  # both before either: a form closes once its run goes on
    started = time.monotonic()
    for shown in forms:
        _send(shown)
    ended = office.finished(run.id)
    measured(f"answer → archived: {time.monotonic() - started:.1f} s")
    second.screenshot(path=shots / "review-twice.png")

    assert ended.state.type is StateType.COMPLETED, ended.state.message
    assert _typed(office, run) == []
    assert _reviews(office, paper) == [("thu.ha", "accept")]
    shown = office.sohoa("review", "show", paper, server=False)
    assert shown["state"] == "archived"
    assert shown["fields"]["number"]["value"] == NUMBER
    assert office.sohoa("verify", paper, server=False)["archive"] == "intact"
    logs = office.log(run.id, "review")
    assert NUMBER not in logs
    assert PIN not in logs


def test_the_preview_shows_nothing_to_whoever_has_not_logged_in(office, reviewer):
    """Pages are redirected to the log-in; a picture is one that says so."""
    (paper, *_) = office.sohoa("papers", server=False)
    base = office.env["SOHOA_REVIEW__URL"]
    assert httpx.get(f"{base}/papers/{paper['id']}").status_code == 303
    assert httpx.get(f"{base}/queue").status_code == 303
    picture = httpx.get(f"{base}/papers/{paper['id']}/pages/1")
    assert (picture.status_code, picture.headers["content-type"]) == (401, "image/svg+xml")

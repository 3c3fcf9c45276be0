"""A secret paper stops: set aside, and nothing that was read is kept."""

import logging

import pytest
from PIL import ImageDraw, ImageFont
from sqlalchemy import text

from deployments.samples.degradation import Degradation
from deployments.samples.files import as_pdf
from deployments.samples.fonts import Style, font_file
from deployments.samples.papers import Wish, draw_paper
from domain.errors import DocumentFault, Undecided
from domain.secrecy import SECRET, SecrecyMark
from flows import alarms
from flows.requeue import requeue
from storage.registry import audit
from tasks.house import house
from tasks.shelf import listed

_CLEAN = Degradation(skew=0.2, noise=2.0, jpeg_quality=85)


def _drawn(secrecy=None):
    wish = Wish(province="Hưng Yên", pages=1, secrecy=secrecy)
    return draw_paper("ke-hoach", seed=1, dpi=200, degrade=_CLEAN, wish=wish)


@pytest.fixture
def stopped(office, caplog):
    """The id of a stamped scan on the shelf; nothing of it was kept, and the alarm was raised."""
    drawn = _drawn("TỐI MẬT")
    summary = office.digitize({"mat.pdf": as_pdf(drawn.pages, 85)})
    assert summary.scans.set_aside == 1
    here = house()
    with here.registry.read() as db:
        row = db.execute(text("SELECT id, reason, words, message FROM scans")).one()
        assert db.execute(text("SELECT count(*) FROM papers")).scalar() == 0
    assert row.reason == SECRET
    assert row.words is None
    assert here.quarantine.info(f"{row.id}/original") is not None
    assert not list(here.settings.store("work").keys())
    assert not list(here.settings.store("archive").keys(row.id))
    assert "CẢNH BÁO" in caplog.text
    subject = drawn.truth.fields.subject
    assert subject not in caplog.text
    assert subject not in row.message
    return row.id


def test_a_person_lets_a_scan_go_on_that_was_stopped_wrongly(stopped):
    """One scan, with name and reason, kept in the audit chain; until then a new try stops again."""
    requeue.fn(stopped[:12], actor="Nguyễn Văn Mẫu")
    with house().registry.read() as db:
        assert db.execute(text("SELECT reason FROM scans")).scalar() == SECRET
    for scan, actor, why in (
        (None, "Nguyễn Văn Mẫu", "dấu của bưu điện"),
        (stopped, "operator", "dấu của bưu điện"),
        (stopped, "Nguyễn Văn Mẫu", " nhầm "),
    ):
        with pytest.raises(Undecided):
            requeue.fn(scan, actor=actor, not_secret=why)
    requeue.fn(stopped[:12], actor="Nguyễn Văn Mẫu", not_secret="đây là dấu của bưu điện")
    assert len(listed()) == 1
    with house().registry.read() as db:
        assert db.execute(text("SELECT reason FROM scans")).scalar() is None
        (entry,) = [row for row in audit.of(db, stopped) if row["action"] == "not_secret"]
    assert entry["actor"] == "Nguyễn Văn Mẫu"
    assert entry["detail"] == {"why": "đây là dấu của bưu điện"}


def test_what_may_be_a_mark_waits_for_a_person(office):
    """A frame that reads BẢO MẬT: the paper is read, described and reviewed, and not signed."""
    drawn = _drawn()
    page = drawn.pages[0].copy()
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(font_file(Style.BOLD)), 46)
    box = pen.textbbox((230, 330), "BẢO MẬT", font=font)
    pen.text((230, 330), "BẢO MẬT", font=font, fill="black")
    pen.rectangle((box[0] - 15, box[1] - 12, box[2] + 15, box[3] + 14), outline="black", width=4)
    office.digitize({"nghi.pdf": as_pdf([page], 85)})
    (paper,) = listed()
    assert paper["state"] == "in_review"
    assert "có thể đóng dấu mật" in paper["description"]["review"][0]


def test_the_alarm_in_a_flow_run_is_an_event_an_artifact_and_a_log_line(monkeypatch):
    """Each names the scan and carries no word of it; another fault raises none."""
    events, artifacts, lines = [], [], []
    monkeypatch.setattr(alarms.FlowRunContext, "get", classmethod(lambda _cls: object()))
    monkeypatch.setattr(alarms, "emit_event", lambda event, **what: events.append((event, what)))
    monkeypatch.setattr(alarms, "create_markdown_artifact", lambda **what: artifacts.append(what))
    logger = logging.getLogger("run")
    monkeypatch.setattr(logger, "error", lines.append)
    monkeypatch.setattr(alarms, "get_run_logger", lambda: logger)
    scan = "ab" * 32
    alarms.secret_found(scan, DocumentFault("encrypted", "có mật khẩu"))
    assert not events + artifacts + lines
    alarms.secret_found(scan, DocumentFault(SECRET, SecrecyMark("TỐI MẬT", 1).message))
    ((name, what),) = events
    assert name == "sohoa.alarm.secret-found"
    assert what["resource"]["prefect.resource.id"] == f"sohoa.scan.{scan}"
    assert set(what["payload"]) == {"text", "remedy", "scan"}
    assert what["payload"]["scan"] == scan
    (artifact,) = artifacts
    assert artifact["key"] == "canh-bao-mat"
    assert scan[:12] in artifact["markdown"]
    assert "TỐI MẬT" in lines[0]

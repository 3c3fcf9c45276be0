"""The queue of doubtful papers: forms, decisions on several papers, the sample, the shelf."""

import time
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import insert, select, update

from deployments.preview.app import app
from deployments.preview.session import COOKIE, token
from domain.errors import NotFound, Undecided
from domain.record import FIELD_NAMES
from domain.review import Decision, Purpose, Verdict, without_values
from domain.states import PaperState, ScanState
from flows.requeue import requeue
from flows.review import decide
from flows.review_answer import faults_of, verdicts
from flows.review_form import form_of
from flows.review_queue import escalate, rate_as_text
from storage.registry import audit
from storage.registry import papers as paper_rows
from storage.registry.schema import lots, papers, review_tasks, scans
from tasks import reviewers
from tasks.house import house
from tasks.requeue import shelf
from tasks.review_asked import answered, ask
from tasks.review_preview import page_picture, queue, view
from tasks.review_queue import draw_sample, enter_waiting, error_rate, in_review, make_sheets
from tasks.review_sheet import settle
from tasks.shelf import listed, paper_row
from tests.flows import papers as drawn
from tests.flows.test_review import VALUES

PIN = "274916"


@pytest.fixture
def reviewer(office):
    """A reviewer with a PIN."""
    house().prepare()
    reviewers.add("thu.ha", "Thu Hà", PIN, actor="test")
    return "thu.ha"


def _many(count, fields=("ngày cấp",)):
    """Papers in review, one scan each, as rows only."""
    here = house()
    here.prepare()
    at = here.now()
    blank = {"value": None, "confidence": 0.0}
    with here.registry.begin() as db:
        db.execute(insert(lots).values(id="lo", manifest={"lot": "lo"}, created_at=at))
        for number in range(count):
            scan_id = f"{number:064x}"
            db.execute(
                insert(scans).values(
                    id=scan_id,
                    lot_id="lo",
                    name=f"{number}.jpg",
                    key=f"lo/{number}.jpg",
                    size_bytes=1,
                    facts={},
                    state=ScanState.REVIEW,
                    split=1,
                    epoch=0,
                    received_at=at,
                )
            )
            paper_rows.add(
                db,
                paper_id=f"paper-{number:05d}",
                scan_id=scan_id,
                split=1,
                position=0,
                pages=[1],
                unit="H31",
                dossier=None,
                at=at,
            )
        description = {
            "type": {"id": "thong-bao", "name": "Thông báo", "confidence": 0.9, "evidence": []},
            "fields": {
                **dict.fromkeys(FIELD_NAMES, blank),
                "type_code": {"value": "thong-bao", "confidence": 1.0},
            },
            "review": [f"{field}: không đọc được" for field in fields],
        }
        db.execute(update(papers).values(state=PaperState.IN_REVIEW, description=description))


def test_papers_with_the_same_doubt_and_unit_share_a_form_of_at_most_twenty(office):
    _many(45)
    enter_waiting()
    sheets = make_sheets()
    assert [len(ask(sheet).papers) for sheet in sheets] == [20, 20, 5]


def test_papers_doubted_for_several_fields_have_a_form_each_and_the_rest_waits(office):
    _many(12, ("ngày cấp", "số, ký hiệu"))
    enter_waiting()
    sheets = make_sheets()
    assert [len(ask(sheet).papers) for sheet in sheets] == [1] * 10
    assert make_sheets() == sheets  # opening again opens no more


def test_a_thousand_waiting_papers_are_listed_in_two_seconds(office):
    _many(1000)
    enter_waiting()
    started = time.monotonic()
    assert len(in_review()) == 1000
    assert queue(100)[0] == 1000
    assert time.monotonic() - started < 2


def test_a_form_holds_nothing_that_was_read_and_cannot_be_sent_empty(waiting, reviewer):
    enter_waiting()
    (sheet,) = make_sheets()
    form = form_of(ask(sheet))
    with pytest.raises(ValidationError):
        form()
    assert set(form.model_json_schema()["required"]) == {"decision", "reviewer", "pin"}
    assert f"/papers/{waiting}/pages/1" in form.model_fields["decision"].description
    assert {field.default for field in form.model_fields.values() if not field.is_required()} == {
        "",
        "giữ như đã đọc",
    }


def test_a_paper_is_entered_in_full_by_hand_and_its_unit_corrected(waiting, reviewer):
    enter_waiting()
    (sheet,) = make_sheets()
    asked = ask(sheet)
    typed = {name: value for name, value in VALUES.items() if name != "type"}
    given = form_of(asked)(
        decision="sửa",
        type="Thông báo [thong-bao]",
        **typed,
        unit="H31",
        dossier="000.00.01.H31-260101-0001",
        reviewer=reviewer,
        pin=PIN,
    )
    settled = settle(verdicts(asked, given), asked.purpose, reviewer)
    assert settled.accepted == (waiting,)
    row = paper_row(waiting)
    assert (row["unit"], row["dossier"]) == ("H31", "000.00.01.H31-260101-0001")
    assert row["number"] == VALUES["number"]
    answered(sheet, None)
    assert make_sheets() == ()


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        ({"decision": Decision.AGREE}, "còn trống"),
        ({"decision": Decision.CORRECT}, "ít nhất một giá trị"),
        ({"decision": Decision.REJECT}, "lý do"),
        ({"decision": Decision.AGREE, "corrections": VALUES}, "chọn «sửa»"),
        ({"decision": Decision.CORRECT, "corrections": {"type": "thong-bao"}}, "còn trống"),
        ({"decision": Decision.CORRECT, "corrections": VALUES, "unit": "K99"}, "danh mục"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_reason(office, verdict, reason):
    _many(1)
    (paper,) = (row["id"] for row in listed())
    settled = settle([Verdict(paper_id=paper, **verdict)], Purpose.DOUBT, "thu.ha")
    assert settled.accepted == ()
    assert any(reason in fault for fault in settled.faults)
    assert paper_row(paper)["state"] == PaperState.IN_REVIEW


def test_one_wrong_value_holds_back_the_whole_answer(office, reviewer):
    _many(2)
    first, second = (row["id"] for row in listed(PaperState.IN_REVIEW))
    wrong = Verdict(paper_id=second, decision=Decision.REJECT)
    right = Verdict(paper_id=first, decision=Decision.REJECT, reason="thư riêng")
    assert settle([right, wrong], Purpose.DOUBT, reviewer).faults
    assert len(listed(PaperState.IN_REVIEW)) == 2


def test_a_second_answer_changes_nothing(waiting, reviewer):
    said = Verdict(paper_id=waiting, decision=Decision.REJECT, reason="thư riêng")
    assert settle([said], Purpose.DOUBT, reviewer).faults == ()
    assert "không còn chờ duyệt" in settle([said], Purpose.DOUBT, reviewer).faults[0]
    with house().registry.read() as db:
        assert len(paper_rows.reviews_of(db, waiting)) == 1


def test_a_paper_sent_back_is_superseded_by_its_new_scan(office, waiting, reviewer):
    with house().registry.begin() as db:  # what little was read names the paper
        same = house().likeness("thong-bao", VALUES["number"], VALUES["issuer"], "2026-03-04", None)
        db.execute(
            update(papers)
            .where(papers.c.id == waiting)
            .values(number=VALUES["number"], likeness=same)
        )
    decide.fn(waiting, reviewer="Trần B", rescan=True, reason="mờ")
    assert paper_row(waiting)["state"] == PaperState.REJECTED
    office.digitize({"again.jpg": drawn.jpeg("thu-rieng", seed=5)}, lot="lo-2")
    new = listed(PaperState.IN_REVIEW)[0]["id"]
    decide.fn(new, VALUES, reviewer="Trần B")
    enter_waiting()
    assert paper_row(waiting)["state"] == PaperState.SUPERSEDED
    assert paper_row(new)["state"] == PaperState.ARCHIVED


def test_a_pin_is_locked_after_five_wrong_ones(reviewer):
    for _ in range(5):
        with pytest.raises(Undecided, match="không đúng"):
            reviewers.verify_pin(reviewer, "000001")
    with pytest.raises(Undecided, match="khóa"):
        reviewers.verify_pin(reviewer, PIN)
    reviewers.add(reviewer, "Thu Hà", PIN, actor="test")
    reviewers.verify_pin(reviewer, PIN)
    reviewers.remove(reviewer, actor="test")
    with pytest.raises(Undecided):
        reviewers.verify_pin(reviewer, PIN)


@pytest.mark.parametrize(("code", "pin"), [("Thu Hà", PIN), ("ha", "1234"), ("ha", "111111")])
def test_a_weak_reviewer_is_refused(office, code, pin):
    house().prepare()
    with pytest.raises(Undecided):
        reviewers.add(code, "Thu Hà", pin, actor="test")


def test_an_overdue_paper_is_told_once_and_stays_undecided(office):
    _many(1)
    enter_waiting()
    with house().registry.begin() as db:
        db.execute(update(review_tasks).values(due_at=house().now() - timedelta(hours=1)))
    assert escalate.fn().papers == 1
    assert escalate.fn().papers == 0
    assert len(listed(PaperState.IN_REVIEW)) == 1


def test_the_sample_yields_a_measured_error_rate(office, reviewer, monkeypatch):
    monkeypatch.setenv("SOHOA_REVIEW__SAMPLE_RATE", "1")
    house.cache_clear()
    office.digitize(
        {"a.jpg": drawn.jpeg("giay-khai-sinh", 1), "b.jpg": drawn.jpeg("giay-khai-sinh", 2)}
    )
    accepted = [row["id"] for row in listed(PaperState.ARCHIVED)]
    assert accepted
    assert draw_sample(30) == len(accepted)
    assert draw_sample(30) == 0
    said = Verdict(
        paper_id=accepted[0], decision=Decision.CORRECT, corrections={"number": "999/TLKS"}
    )
    assert not settle([said], Purpose.SAMPLE, reviewer).faults
    found = error_rate(30)
    assert (found.checked, found.wrong, found.rate) == (1, 1, 1.0)
    assert found.by_field == {"number": 1}
    assert found.to_correct == (accepted[0],)
    assert "999" not in rate_as_text(found)
    assert paper_row(accepted[0])["state"] == PaperState.ARCHIVED
    assert page_picture(accepted[0], 1).startswith(b"\xff\xd8")  # from the archive


def test_a_set_aside_scan_is_sent_along_the_line_again(office):
    office.digitize({"broken.pdf": drawn.truncated()})
    (row,) = shelf()
    assert requeue.fn(row["id"][:12]) == 1
    assert len(shelf()) == 1  # still broken, back on the shelf
    with house().registry.read() as db:
        actions = [entry["action"] for entry in audit.of(db, row["id"])]
    assert actions.count("set_aside") == 2
    assert "requeued" in actions
    with pytest.raises(NotFound):
        requeue.fn("ffffffffffff")


def test_the_preview_is_for_reviewers_only_and_keeps_who_looked(waiting, reviewer):
    client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
    paths = ("", "/reading.svg", "/pages/1", "/crops/type")
    assert [client.get(f"/papers/{waiting}{path}").status_code for path in paths] == [
        303,
        401,
        401,
        401,
    ]
    wrong = client.post("/login", data={"code": reviewer, "pin": "000001"})
    assert wrong.status_code == 401
    assert client.post("/login", data={"code": reviewer, "pin": PIN}).status_code == 303
    assert [client.get(f"/papers/{waiting}{path}").status_code for path in paths] == [200] * 4
    assert client.get(f"/papers/{waiting}/pages/2").status_code == 404
    assert client.get("/papers/nobody").status_code == 404
    with house().registry.read() as db:
        viewed = [row for row in audit.of(db, waiting) if row["action"] == "review:viewed"]
    assert [row["actor"] for row in viewed] == [reviewer]
    reviewers.remove(reviewer, actor="test")
    assert client.get(f"/papers/{waiting}").status_code == 303


def test_a_forged_or_stale_cookie_opens_nothing(reviewer):
    client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
    good = token(reviewer)
    forged = good[:-1] + ("0" if good[-1] != "0" else "1")
    odd = (f"{reviewer}:²:x", f"{reviewer}:99999999999:é")  # no digit, no ASCII
    for cookie in (forged, f"{reviewer}:99999999999:", "", *odd):
        sent = {"Cookie": f"{COOKIE}={cookie}".encode("latin-1")}
        assert client.get("/queue", headers=sent).status_code == 303


@pytest.fixture
def birth(office, monkeypatch):
    """The id of a certificate of birth that waits for a person to confirm its type."""
    monkeypatch.setenv("SOHOA_THRESHOLDS__TYPE_CONFIDENCE", "1")
    house.cache_clear()
    office.digitize({"a.jpg": drawn.jpeg("giay-khai-sinh", 1)})
    return listed(PaperState.IN_REVIEW)[0]["id"]


def _single(asked, **values):
    return form_of(asked)(**{"decision": "sửa", "reviewer": "thu.ha", "pin": PIN, **values})


def test_the_fields_of_a_type_are_shown_and_corrected(birth, reviewer):
    enter_waiting()
    (sheet,) = make_sheets()
    asked = ask(sheet)
    assert "own_born" in form_of(asked).model_fields
    shown = {field.name: field.label for field in view(birth).fields}
    assert shown["details.ethnicity"] == "Dân tộc"
    given = _single(asked, own_ethnicity="Kinh", own_nationality="-")
    assert settle(verdicts(asked, given), asked.purpose, reviewer).faults == ()
    details = paper_row(birth)["description"]["details"]
    assert (details["ethnicity"]["value"], details["ethnicity"]["source"]) == ("Kinh", "person")
    assert details["nationality"]["value"] is None
    with house().registry.read() as db:
        (kept,) = [row for row in audit.of(db, birth) if row["action"] == "review:accept"]
    assert "details.ethnicity" in kept["detail"]["changed"]
    assert "Kinh" not in str(dict(kept))


def test_a_wrong_own_field_is_refused_without_its_value(birth, reviewer):
    enter_waiting()
    (sheet,) = make_sheets()
    asked = ask(sheet)
    said = verdicts(asked, _single(asked, own_born="2025-02-30"))
    (fault,) = settle(said, asked.purpose, reviewer).faults
    assert "Ngày, tháng, năm sinh" in fault
    assert "2025" not in fault


def test_the_own_fields_of_a_newly_chosen_type_are_entered_by_their_labels(waiting, reviewer):
    enter_waiting()
    (sheet,) = make_sheets()
    asked = ask(sheet)
    chosen = {"type": "Giấy khai sinh [giay-khai-sinh]"}
    (said,) = verdicts(asked, _single(asked, **chosen, other_own="Dân tộc: Kinh\nQuốc tịch: -"))
    assert said.corrections == {
        "type": "giay-khai-sinh",
        "details.ethnicity": "Kinh",
        "details.nationality": None,
    }
    for wrong in ({**chosen, "other_own": "Số nhà: 4"}, {"other_own": "Dân tộc: Kinh"}):
        with pytest.raises(Undecided, match="trường riêng") as refused:
            verdicts(asked, _single(asked, **wrong))
        assert "Kinh" not in str(refused.value)


def test_a_group_form_asks_one_field_of_each_paper(office, reviewer):
    _many(3)
    _complete()
    enter_waiting()
    (sheet,) = make_sheets()
    asked = ask(sheet)
    answer = {"reviewer": reviewer, "pin": PIN}
    for place, decision, value, reason in (
        (1, "sửa", "2026-03-04", ""),
        (2, "sửa", "-", ""),
        (3, "loại", "", "thư riêng"),
    ):
        answer |= {
            f"decision_{place}": decision,
            f"value_{place}": value,
            f"reason_{place}": reason,
        }
    form = form_of(asked)
    assert set(form.model_fields) == set(answer)
    assert "/crops/issue_date" in form.model_fields["decision_2"].description
    said = verdicts(asked, form(**answer))
    assert [dict(one.corrections) for one in said] == [
        {"issue_date": "2026-03-04"},
        {"issue_date": None},
        {},
    ]
    with pytest.raises(ValidationError) as refused:
        form(**{**answer, "decision_2": "Nguyễn Văn A"})
    assert faults_of(form, refused.value) == (
        "2. Quyết định: phải chọn một trong các giá trị có sẵn"
    )
    wrong = verdicts(asked, form(**{**answer, "value_1": "31/02/2026"}))
    (fault,) = settle(wrong, asked.purpose, reviewer).faults
    assert fault.startswith("giấy 1: ngày cấp")
    assert "31/02" not in fault
    assert len(listed(PaperState.IN_REVIEW)) == 3


def _complete():
    """All that a notice must have, but the day of issue."""
    with house().registry.begin() as db:
        for row in list(db.execute(select(papers.c.id, papers.c.description)).mappings()):
            description = row["description"]
            for name in ("number", "issuer", "subject"):
                description["fields"][name] = {"value": VALUES[name], "confidence": 0.9}
            made = update(papers).where(papers.c.id == row["id"])
            db.execute(made.values(description=description))


def test_a_paper_of_unknown_type_never_shares_a_form(waiting, reviewer):
    """Its other fields must be entered too."""
    enter_waiting()
    (sheet,) = make_sheets()
    assert ask(sheet).field is None


@pytest.mark.parametrize(
    "fault",
    [
        "ngày cấp: «2026-02-30» không phải ngày dạng năm-tháng-ngày (2026-02-09).",
        "thời hạn hiệu lực: 2020-01-01 trước ngày cấp 04/03/2026.",
        "họ tên: Nguyễn Văn An không giống họ tên người",
        "mã định danh: năm sinh trong số (1990) khác năm sinh trên giấy (1991)",
    ],
)
def test_a_fault_names_field_and_rule_without_a_value(fault):
    told = without_values(fault, ["Nguyễn Văn An", None])
    assert told.partition(":")[0] == fault.partition(":")[0]
    assert not any(char.isdigit() for char in told)
    assert "Nguyễn" not in told
    assert without_values("«quét lại» thì phải nêu lý do") == "«quét lại» thì phải nêu lý do"

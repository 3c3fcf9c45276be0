"""Archived papers steered from the UI: what a run says, leaves beside it, and forgets."""

import json
from hashlib import sha256

import pytest
from prefect.client.schemas.objects import StateType
from prefect.exceptions import PrefectHTTPStatusError

from domain.errors import Undecided
from flows.remarks import WITH_REMARKS
from tests.integration.conftest import draw_scans

pytestmark = pytest.mark.integration

BY = {"actor": "Trần Thị Bình", "reason": "đánh máy nhầm"}


@pytest.fixture(scope="module")
def papers(office, tmp_path_factory):
    """The ids of two archived papers."""
    folder = tmp_path_factory.mktemp("lot")
    kinds = ("giay-khai-sinh", "trich-luc-khai-tu")
    files = draw_scans(folder, [(kind, seed) for kind in kinds for seed in (71, 72)])
    office.sohoa("digitize", str(folder), "--lot", "lo-nut", "--unit", "H31", server=False)
    scans = {sha256(file.read_bytes()).hexdigest() for file in files}
    found = office.sohoa("papers", "--state", "archived", server=False)
    return [one["id"] for one in found if one["scan"] in scans][:2]


def test_a_correction_by_button_forgets_what_was_typed(office, papers):
    """Field and version are told, the value stands neither in parameters, page, log nor state."""
    typed = "998/TP-KS-MAU"
    run = office.run("correct/correct", paper_id=papers[0], corrections={"number": typed}, **BY)

    assert run.state.type is StateType.COMPLETED, run.state.message
    assert run.name.startswith(f"Đính chính {papers[0][:8]}")
    assert {"sohoa", "luu-tru", f"giấy tờ:{papers[0][:8]}", "đơn vị:H31"} <= set(run.tags)
    assert run.parameters == {"paper_id": papers[0], "corrections": {}, "new_code": False, **BY}
    told = office.artifacts(run.id)["sau-luu-tru"].data
    assert "số, ký hiệu" in told
    assert "phiên bản 2" in told
    assert BY["actor"] in told
    assert typed not in told + run.name + office.log(run.id, "phiên bản 2")
    with office.registry() as db:
        query = "SELECT number FROM papers WHERE id = ?"
        assert db.execute(query, (papers[0],)).fetchone() == (typed,)


def test_a_correction_that_cannot_be_right_ends_failed_and_says_why(office, papers):
    """In Vietnamese, by field and rule; the value is nowhere to be read."""
    run = office.run(
        "correct/correct", paper_id=papers[1], corrections={"issue_date": "31/02/199x"}, **BY
    )
    assert run.state.type is StateType.FAILED
    assert "ngày cấp" in run.state.message
    log = office.log(run.id, "ngày cấp")
    assert "199x" not in run.state.message + log + json.dumps(run.parameters)
    with pytest.raises(Undecided):
        run.state.result()


@pytest.mark.parametrize(
    "wrong",
    [
        {"paper_id": "001099000001.KS.12/2020.01"},
        {"actor": "  "},
        {"reason": ""},
        {"corrections": {"so": "1"}},
    ],
)
def test_a_form_filled_in_wrongly_is_refused_before_there_is_a_run(office, papers, wrong):
    """The server knows the form: nothing that was typed is kept."""
    given = {"paper_id": papers[0], "corrections": {"number": "1/QĐ"}, **BY, **wrong}
    before = {run.id for run in office.runs_of("correct/correct")}
    with pytest.raises(PrefectHTTPStatusError, match="409"):
        office.start("correct/correct", **given)
    assert {run.id for run in office.runs_of("correct/correct")} == before


def test_a_paper_is_held_and_withdrawn_by_button(office, papers):
    """Each page names the paper and what it is now."""
    held = office.run("hold/hold", paper_id=papers[1], switch="lưu giữ", **BY)
    assert held.state.type is StateType.COMPLETED, held.state.message
    assert "**đang được lưu giữ**" in office.artifacts(held.id)["luu-giu"].data
    freed = office.run("hold/hold", paper_id=papers[1], switch="thôi lưu giữ", **BY)
    assert "**không lưu giữ**" in office.artifacts(freed.id)["luu-giu"].data

    done = office.run("withdraw/withdraw", paper_id=papers[1], replaced_by=papers[0], **BY)
    assert done.state.type is StateType.COMPLETED, done.state.message
    told = office.artifacts(done.id)["sau-luu-tru"].data
    assert "**đã thay thế**" in told
    assert papers[0] in told
    again = office.run("withdraw/withdraw", paper_id=papers[1], **BY)
    assert again.state.type is StateType.FAILED
    assert "giấy tờ này đã thay thế" in again.state.message


def test_disposal_waits_for_somebody_in_the_state_of_the_run(office, papers):
    """The list names no owner; whoever proposed is refused, somebody else's approval is told."""
    paper = papers[0]
    with office.registry() as db:
        db.execute(
            "INSERT INTO disposals (paper_id, kept_until, proposed_by, proposed_at) "
            "VALUES (?, '2020-01-01', 'Lê Văn Cường', '2026-01-01 00:00:00.000000')",
            (paper,),
        )
        (code,) = db.execute("SELECT code FROM papers WHERE id = ?", (paper,)).fetchone()
    listed = office.run("dispose-list/dispose-list")
    assert (listed.state.type, listed.state.name) == (StateType.COMPLETED, WITH_REMARKS)
    assert "1 giấy tờ chờ duyệt" in listed.state.message
    table = office.artifacts(listed.id)["danh-sach-tieu-huy"].data
    assert paper in table
    assert code not in table

    own = office.run("dispose-approve/dispose-approve", papers=[paper], actor="Lê Văn Cường")
    assert own.state.type is StateType.FAILED
    assert "người khác phải duyệt" in own.state.message
    done = office.run("dispose-approve/dispose-approve", papers=[paper], actor=BY["actor"])
    assert (done.state.type, done.state.name) == (StateType.COMPLETED, WITH_REMARKS)
    assert "sohoa dispose run" in done.state.message
    assert "chưa tiêu hủy" in office.artifacts(done.id)["quyet-dinh-tieu-huy"].data
    kept = office.run("dispose-reject/dispose-reject", papers=[paper], actor=BY["actor"])
    assert kept.state.type is StateType.COMPLETED, kept.state.message
    empty = office.run("dispose-propose/dispose-propose", actor=BY["actor"])
    assert empty.state.name == "Completed"

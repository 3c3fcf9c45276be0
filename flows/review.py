"""A person's decision takes a paper out of review; an accepted one goes on along the line.

Doubtful papers wait in the registry. The queue puts them on sheets and starts one run of
`review` a sheet, which shows its form and ends: a suspended run holds no worker. When the form
is sent, a worker takes the run up from the top. What was decided is in the registry before the
paper goes on, so a run that is killed loses at most what was typed and not yet read.
"""

from __future__ import annotations

from prefect import flow
from prefect.flow_runs import suspend_flow_run
from prefect.runtime import flow_run
from pydantic import ValidationError

from domain.errors import LeaseLost, Undecided
from domain.review import Duplicate
from domain.states import PaperState
from flows.digitize import finish
from flows.parameters import Sheet
from flows.remarks import remark
from flows.review_answer import faults_of, verdicts
from flows.review_form import form_of
from tasks.archive import register
from tasks.claims import claimed
from tasks.review import accept, reject
from tasks.review_asked import answered, ask
from tasks.review_runs import forget_answer
from tasks.review_sheet import scans_of, settle
from tasks.reviewers import verify_pin
from tasks.shelf import paper_row


@flow(name="review", persist_result=True)
def review(sheet: Sheet) -> str:
    """Duyệt một phiếu: biểu mẫu của các giấy tờ còn ngờ; phiếu do «review-queue» mở."""
    while (asked := ask(sheet)).papers:
        key = f"answer-{asked.attempt}"
        form = form_of(asked)
        accepted: tuple[str, ...] = ()
        try:
            given = suspend_flow_run(wait_for_input=form, key=key)
            said = given.model_dump()
            verify_pin(said["reviewer"], said["pin"].strip())
            settled = settle(verdicts(asked, given), asked.purpose, said["reviewer"])
            accepted, fault = settled.accepted, "; ".join(settled.faults)
        except ValidationError as error:
            fault = faults_of(form, error)
        except Undecided as error:
            fault = str(error)
        forget_answer(str(flow_run.id), key)  # it holds what was typed: personal data, a PIN
        answered(sheet, fault or None)
        _go_on(accepted)
    return "đã duyệt xong"


def _go_on(accepted: tuple[str, ...]) -> None:
    """Finish accepted papers; where another run has the scan, that one does."""
    for scan_id, papers in scans_of(accepted).items():
        try:
            with claimed(scan_id) as claim:
                finish(claim, papers)
        except LeaseLost:
            remark(f"bản quét {scan_id[:8]}: lượt chạy khác đang làm tiếp")


@flow(name="decide", flow_run_name="decide-{paper_id}")
def decide(
    paper_id: str,
    corrections: dict[str, str | None] | None = None,
    *,
    reviewer: str,
    rejected: bool = False,
    rescan: bool = False,
    duplicate: Duplicate | None = None,
    unit: str | None = None,
    dossier: str | None = None,
    reason: str | None = None,
) -> PaperState:
    """Quyết định một giấy tờ chờ duyệt: chấp nhận (kèm sửa trường) hoặc loại bỏ (nêu lý do)."""
    with claimed(paper_row(paper_id)["scan_id"], paper_id) as claim:
        if rejected or rescan:
            reject(claim, paper_id, reviewer=reviewer, reason=reason or "", rescan=rescan)
            register(claim, ())
        else:
            papers = accept(
                claim,
                paper_id,
                corrections or {},
                reviewer=reviewer,
                reason=reason,
                duplicate=duplicate,
                unit=unit,
                dossier=dossier,
            )
            finish(claim, papers)
    return PaperState(paper_row(paper_id)["state"])

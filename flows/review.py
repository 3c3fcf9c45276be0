"""A person's decision takes a paper out of review; an accepted one goes on along the line."""

from __future__ import annotations

from prefect import flow

from domain.errors import Undecided
from domain.states import PaperState
from flows.digitize import finish
from tasks.archive import register
from tasks.claims import claimed
from tasks.review import accept, reject
from tasks.shelf import paper_row


@flow(name="decide", flow_run_name="decide-{paper_id}")
def decide(
    paper_id: str,
    corrections: dict[str, str | None] | None = None,
    *,
    reviewer: str,
    rejected: bool = False,
    separate: bool = False,
    reason: str | None = None,
) -> PaperState:
    """Quyết định một giấy tờ chờ duyệt: chấp nhận (kèm sửa trường) hoặc loại bỏ (nêu lý do)."""
    with claimed(paper_row(paper_id)["scan_id"]) as claim:
        if rejected:
            if not reason:
                raise Undecided("Loại một giấy tờ thì phải nêu lý do (--reason).")
            reject(claim, paper_id, reviewer=reviewer, reason=reason)
            register(claim, ())
        else:
            papers = accept(
                claim,
                paper_id,
                corrections or {},
                reviewer=reviewer,
                reason=reason,
                separate=separate,
            )
            finish(claim, papers)
    return PaperState(paper_row(paper_id)["state"])

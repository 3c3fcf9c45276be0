"""The line: scans become signed, coded, archived papers that count.

    upload ─▶ receive ─▶ pages ─▶ words ─▶ file ─▶ officer signs ─▶ type, fields ─▶ code
           ─▶ agency signs ─▶ archive ─▶ register ─▶ count

A run takes a lot (at most 100 scans) and makes one task run per step of a scan: nine a scan,
so a run stays under 1,000. Every step may be killed and run again: what a step made is written
once and found by the next attempt. A paper that needs a person waits in review, a scan that
cannot be read is set aside; neither fails the run.
"""

from __future__ import annotations

from prefect import flow

from domain.claims import Claim
from domain.errors import DocumentFault, LeaseLost, SohoaError
from domain.states import SCAN_STATE_NAMES, ScanState
from domain.summary import LotSummary
from flows.alarms import secret_found
from flows.naming import name_of_run, tag_run
from flows.parameters import Limit, Lot
from flows.remarks import ended, remark, say
from tasks.announce import hand_on
from tasks.archive import archive, register
from tasks.assign_codes import assign_codes
from tasks.claims import leave, work_through
from tasks.compose import compose
from tasks.count import count
from tasks.describe import describe
from tasks.house import house
from tasks.open_pages import open_pages
from tasks.receive import receive
from tasks.recognise import recognise
from tasks.set_aside import set_aside, unforeseen
from tasks.sign import sign_as_agency, sign_as_officer


@flow(name="digitize", flow_run_name=name_of_run, validate_parameters=True)
def digitize(lot: Lot = None, limit: Limit = 100) -> LotSummary:
    """Số hóa các bản quét đang chờ của một lô (không nêu lô: mọi lô trong kho tiếp nhận)."""
    started = house().now()
    receive(lot)  # what was uploaded gets its row, exactly once
    tag_run(lot)
    handled = work_through(lot, limit, digitize_scan)
    if len(handled) >= limit:
        hand_on(lot)  # the rest of a large lot: the next run starts at once
    summary: LotSummary = count(lot, handled, started)  # every upload once; progress
    say(summary)
    return ended(summary, summary.remarks)  # completed, with remarks where papers wait


def digitize_scan(claim: Claim) -> None:
    """One scan along the line, as far as it goes without a person."""
    try:
        _along_the_line(claim)
    except LeaseLost:
        leave(claim)  # another worker has taken over, with all that was done


def _along_the_line(claim: Claim) -> None:
    try:
        opened = open_pages(claim)  # one image per page; refuses what cannot be read
        papers = recognise(claim, opened)  # words with boxes; which papers the scan holds
        compose(claim, opened, papers)  # two-layer PDF/A-2b; signed input stays as it is
        signed = sign_as_officer(claim, opened, papers)  # TT 01/2023/TT-VPCP Đ8; others wait
        accepted = describe(claim, opened, signed)  # type, nine fields; doubts go to review
        state = finish(claim, accepted)
        remark(f"bản quét {claim.scan_id[:8]}: {SCAN_STATE_NAMES[state]}")
    except DocumentFault as fault:
        set_aside(claim, fault)
        secret_found(claim.scan_id, fault)  # an alarm, where that is the fault
    except SohoaError:
        raise  # a service or the configuration is at fault, not the document: stop the run
    except Exception as error:  # noqa: BLE001 - the one place where a scan's unforeseen fault ends
        set_aside(claim, unforeseen(error))


def finish(claim: Claim, papers: tuple[str, ...]) -> ScanState:
    """The rest of the line, for papers that a rule or a person has accepted; the scan's state."""
    assign_codes(claim, papers)  # mã kết quả số hóa, once and for ever
    sign_as_agency(claim, papers)  # verified before anything is archived
    archive(claim, papers)  # the root inventory is written last: that is the commit
    state: ScanState = register(claim, papers)  # it counts; only now the upload is released
    return state

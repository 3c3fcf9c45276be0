"""Papers stay provable for decades: their protection is renewed before it grows weak.

`preserve` looks for papers whose newest time stamp, certificate or algorithm ends soon;
`catch-up` for papers that were signed while no authority answered. Both do what fits into their
budget and leave the rest to the next run. A task run stands for a hundred papers, so a night
stays far below the thousand task runs that a flow run may have.
"""

from __future__ import annotations

import time

from prefect import flow
from pydantic import BaseModel, ConfigDict

from domain.errors import IntegrityFault, Unavailable
from flows.naming import dated
from flows.parameters import Minutes, Papers
from flows.remarks import remark
from tasks.preserve import Purpose, time_stamp_archived

_BATCH = 100


class Renewal(BaseModel):
    """What a run came to."""

    model_config = ConfigDict(frozen=True)

    renewed: int = 0
    busy: int = 0
    failed: dict[str, str] = {}
    finished: bool = False
    """No paper was left to look at; else the budget ended the run."""
    waiting_for: str = ""
    """Why it stopped early, in Vietnamese; the next run goes on."""


@flow(name="preserve", flow_run_name=dated("Gia hạn dấu thời gian"), validate_parameters=True)
def preserve(papers: Papers = 20_000, minutes: Minutes = 360) -> Renewal:
    """Gia hạn dấu thời gian của giấy tờ lưu trữ trước khi dấu, chứng thư hoặc thuật toán yếu đi."""
    return _told(_renew("preserve", papers, minutes))


@flow(name="catch-up", flow_run_name=dated("Nâng mức chữ ký"), validate_parameters=True)
def catch_up(papers: Papers = 20_000, minutes: Minutes = 60) -> Renewal:
    """Nâng mức chữ ký của giấy tờ đã lưu trữ khi máy chủ dấu thời gian từng không trả lời."""
    try:
        done = _renew("catch_up", papers, minutes)
    except Unavailable as error:  # still down: this is what the flow is there to wait for
        done = Renewal(waiting_for=str(error))
    return _told(done)


def _renew(purpose: Purpose, papers: int, minutes: float) -> Renewal:
    deadline = time.monotonic() + minutes * 60
    renewed = busy = looked_at = 0
    failed: dict[str, str] = {}
    last, finished = "", False
    while not finished and looked_at < papers and (left := deadline - time.monotonic()) > 0:
        limit = min(_BATCH, papers - looked_at)
        batch = time_stamp_archived(purpose, last, limit, left)
        renewed, busy = renewed + batch.renewed, busy + batch.busy
        failed |= batch.failed
        last, finished = batch.last, batch.finished
        looked_at += limit
    return Renewal(renewed=renewed, busy=busy, failed=failed, finished=finished)


def _told(done: Renewal) -> Renewal:
    """Say what was done; papers that could not be renewed must not go unnoticed."""
    remark(
        f"{done.renewed} giấy tờ có dấu thời gian mới, {done.busy} đang bận, "
        f"{len(done.failed)} lỗi{'' if done.finished else '; lượt sau làm tiếp'}."
    )
    if done.waiting_for:
        remark(done.waiting_for)
    if done.failed:
        first = "; ".join(f"{paper}: {why}" for paper, why in sorted(done.failed.items())[:5])
        raise IntegrityFault(f"{len(done.failed)} giấy tờ không gia hạn được – {first}")
    return done

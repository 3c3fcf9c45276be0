"""One click sends scans from the shelf along the line again."""

from __future__ import annotations

from prefect import flow

from domain.errors import LeaseLost, Undecided
from domain.summary import LotSummary
from flows.digitize import digitize_scan
from flows.naming import dated
from flows.parameters import Actor, NotSecret, Reason, ScanOrAll
from flows.remarks import ended, remark, say
from tasks.claims import claimed
from tasks.count import count
from tasks.house import house
from tasks.requeue import UNNAMED, check_release, chosen, put_back

_AT_ONCE = 100
"""Scans of one run, as in `digitize`; the rest stays on the shelf for the next click."""


@flow(
    name="requeue",
    flow_run_name=dated("Xử lý lại bản quét để riêng"),
    validate_parameters=True,
)
def requeue(
    scan: ScanOrAll = None,
    reason: Reason = None,
    actor: Actor = UNNAMED,
    not_secret: NotSecret = None,
) -> int:
    """Xử lý lại bản quét để riêng: một bản («scan»), theo lý do, hoặc mọi bản có thể sửa được.

    «not_secret»: vì sao «actor» xác nhận bản quét bị nhận nhầm là không phải tài liệu mật.
    """
    check_release(scan, actor, not_secret)
    here = house()
    here.prepare()
    started, ids = here.now(), chosen(scan, reason)[:_AT_ONCE]
    if not_secret is not None and len(ids) != 1:
        raise Undecided("Có nhiều bản quét bắt đầu như vậy: nêu thêm ký tự của bản quét.")
    for scan_id in ids:
        try:
            with claimed(scan_id) as claim:
                put_back(claim, actor, not_secret)
                digitize_scan(claim)
        except LeaseLost:
            remark(f"bản quét {scan_id[:8]}: lượt chạy khác đang xử lý")
    remark(f"{len(ids)} bản quét để riêng đã được xử lý lại.")
    summary: LotSummary = count(None, ids, started)
    say(summary)
    return ended(len(ids), summary.remarks)

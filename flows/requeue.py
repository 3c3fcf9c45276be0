"""One click sends scans from the shelf along the line again."""

from __future__ import annotations

from prefect import flow

from domain.errors import LeaseLost
from flows.digitize import digitize_scan
from flows.remarks import remark
from tasks.claims import claimed
from tasks.house import house
from tasks.requeue import chosen, put_back

_AT_ONCE = 100
"""Scans of one run, as in `digitize`; the rest stays on the shelf for the next click."""


@flow(name="requeue", flow_run_name="Xử lý lại bản quét để riêng")
def requeue(scan: str | None = None, reason: str | None = None, actor: str = "operator") -> int:
    """Xử lý lại bản quét để riêng: một bản («scan»), theo lý do, hoặc mọi bản có thể sửa được."""
    here = house()
    here.prepare()
    ids = chosen(scan, reason)[:_AT_ONCE]
    for scan_id in ids:
        try:
            with claimed(scan_id) as claim:
                put_back(claim, actor)
                digitize_scan(claim)
        except LeaseLost:
            remark(f"bản quét {scan_id[:8]}: lượt chạy khác đang xử lý")
    remark(f"{len(ids)} bản quét để riêng đã được xử lý lại.")
    return len(ids)

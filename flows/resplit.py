"""A person's division of a scan replaces the one that the machine found; then the line goes on."""

from __future__ import annotations

from prefect import flow

from domain.page_ranges import PageRanges
from flows.digitize import digitize_scan
from tasks.claims import claimed
from tasks.resplit import resplit as divide


@flow(name="resplit", flow_run_name="resplit-{scan_id}")
def resplit(scan_id: str, pages: str, *, actor: str) -> None:
    """Chia lại một bản quét theo khoảng trang (1-3,4-9), rồi xử lý tiếp."""
    with claimed(scan_id) as claim:
        divide(claim, PageRanges.model_validate(pages), actor)
        digitize_scan(claim)

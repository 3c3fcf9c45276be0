"""A person's division of a scan replaces the one that the machine found; then the line goes on."""

from __future__ import annotations

from prefect import flow

from domain.page_ranges import PageRanges
from flows.digitize import digitize_scan
from flows.naming import dated
from flows.parameters import Actor, Pages, Scan
from flows.remarks import say
from tasks.claims import claimed
from tasks.count import count
from tasks.house import house
from tasks.resplit import resplit as divide
from tasks.resplit import scan_of


@flow(
    name="resplit", flow_run_name=dated("Chia lại bản quét {scan_id:.8}"), validate_parameters=True
)
def resplit(scan_id: Scan, pages: Pages, *, actor: Actor) -> None:
    """Chia lại một bản quét theo khoảng trang (1-3,4-9), rồi xử lý tiếp."""
    started, scan_id = house().now(), scan_of(scan_id)
    with claimed(scan_id) as claim:
        divide(claim, PageRanges.model_validate(pages), actor)
        digitize_scan(claim)
    say(count(None, (scan_id,), started))

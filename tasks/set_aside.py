"""Put a scan that cannot be read on the shelf, with a reason a person can act on."""

from __future__ import annotations

import logging

from domain.claims import Claim
from domain.errors import DocumentFault
from storage.registry import audit, papers, scans
from tasks.house import house
from tasks.open_pages import fetch_original
from tasks.received import release, shelf_key

LOG = logging.getLogger("sohoa.set_aside")
UNFORESEEN = "unforeseen"


def set_aside(claim: Claim, fault: DocumentFault) -> None:
    """Keep the scan's bytes in the quarantine store and write the reason; nothing is lost.

    The bytes are copied before the row is written and leave the intake store after it, so a
    kill in between repeats the move.
    """
    here = house()
    with here.registry.read() as db:
        scan = scans.scan(db, claim.scan_id)
    try:
        with here.scratch() as folder:
            original = fetch_original(here, claim.scan_id, scan["key"], folder)
            here.quarantine.put(shelf_key(claim.scan_id), original)
        kept = True
    except DocumentFault:  # gone, or no longer what came: leave it where it is, to a person
        LOG.warning("không chuyển được bản quét %s vào kho để riêng", claim.scan_id[:12])
        kept = False
    at = here.now()
    with here.registry.begin() as db:
        made = papers.of_scan(db, claim.scan_id, scans.scan(db, claim.scan_id)["split"])
        if not made:  # what was opened and read is cleared below: a new try begins anew
            scans.record(db, claim, opened=None, words=None)
        scans.set_aside(db, claim, reason=fault.reason, message=str(fault), at=at)
        audit.append(db, "set_aside", claim.scan_id, actor=here.worker, at=at, reason=fault.reason)
    if not made:  # rows of papers point into what is between the steps
        here.work(claim.scan_id).clear()
    if kept:
        release(here, scan)  # last: while it is there, `receive` ends a cut-off release
    LOG.warning("để riêng bản quét %s: %s", claim.scan_id[:12], fault)


def unforeseen(error: Exception) -> DocumentFault:
    """A fault of our own, as the reason why this one scan is set aside while the lot goes on."""
    LOG.error("lỗi chưa lường trước", exc_info=error)
    return DocumentFault(
        UNFORESEEN,
        f"Phần mềm gặp lỗi chưa lường trước với tệp này ({type(error).__name__}); tệp vẫn được "
        "giữ nguyên. Gửi nhật ký cho quản trị viên rồi cho xử lý lại.",
    )

"""Open a scan: what it is, one image per page, or the reason why it cannot be read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from domain.claims import Claim
from domain.errors import DocumentFault, IntegrityFault, NotFound
from domain.states import ScanState
from reading.opening import OpenedScan, open_scan
from storage.content import ContentStore
from storage.registry import audit, scans
from tasks.house import House, house
from tasks.step import step
from tasks.work import Opened, load_opened, save


@step("open_pages")
def open_pages(claim: Claim) -> Opened:
    """Split the scan into page images in the work store.

    Raises DocumentFault when the bytes are no readable scan. A second call finds the pages of
    the first.
    """
    here = house()
    with here.registry.read() as db:
        row = scans.scan(db, claim.scan_id)
    if row["opened"]:
        return load_opened(here.work(claim.scan_id), row["opened"])
    with here.scratch() as folder:
        source = fetch_original(here, claim.scan_id, row["key"], folder)
        scan = here.pool.run(
            open_scan,
            source,
            folder,
            here.settings.limits,
            timeout_seconds=here.settings.limits.open_seconds,
        )
        opened = _keep(here.work(claim.scan_id), scan, source, folder)
    digest = save(here.work(claim.scan_id), opened)
    at = here.now()
    with here.registry.begin() as db:
        scans.record(
            db,
            claim,
            state=ScanState.RECEIVED,
            opened=digest,
            kind=scan.kind,
            media_type=scan.media_type,
            pages=len(scan.pages),
        )
        audit.append(
            db,
            "opened",
            claim.scan_id,
            actor=here.worker,
            at=at,
            kind=scan.kind,
            pages=len(scan.pages),
        )
    return opened


def fetch_original(here: House, scan_id: str, key: str, folder: Path) -> Path:
    """The received bytes as a file in `folder`; DocumentFault `altered` when they are others.

    One altered object must not stop the lot: its scan is set aside, the object stays where it is.
    """
    source = folder / "original"
    try:
        here.intake.fetch(key, source)
    except IntegrityFault as error:
        raise _altered(scan_id) from error
    except NotFound as error:
        raise DocumentFault(
            "missing",
            f"Tệp không còn trong kho tiếp nhận ({scan_id[:12]}…): tải lên lại.",
        ) from error
    with source.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != scan_id:
        raise _altered(scan_id)
    return source


def _altered(scan_id: str) -> DocumentFault:
    return DocumentFault(
        "altered",
        f"Tệp trong kho tiếp nhận không còn đúng với lúc nhận ({scan_id[:12]}…): "
        "báo quản trị viên và tải lên lại.",
    )


def _keep(work: ContentStore, scan: OpenedScan, source: Path, folder: Path) -> Opened:
    images = {page.image: work.add(folder / page.image) for page in scan.pages}
    return Opened(scan=scan, original=work.add(source), images=images)

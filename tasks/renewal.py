"""An archived paper or certified copy gets a new document time stamp, in a next version.

All files stay as they are, except `paper.pdf` (time stamp and validation data behind everything
that was there) and the records that tell of it. Killed anywhere, it is done or not done: the
archive's commit decides, and a registry that lags behind it is brought up first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import RowMapping

from domain.errors import IntegrityFault, Unavailable
from domain.states import PaperState
from signing.outlook import outlook
from signing.verify import Verification
from storage.ocfl import Committed
from storage.registry import audit, copies, papers, protections
from storage.streams import blocks_of, digest_of
from tasks.archive import SOFTWARE
from tasks.certify import judged_copy
from tasks.claims import claimed
from tasks.house import House
from tasks.sign import judged
from tasks.versions import Newest, commit_next, enter_version, newest_files, tell

_MESSAGE = "Thêm dấu thời gian tài liệu và dữ liệu xác minh"
_OUTLOOK_SECONDS = 60.0


def renew_paper(here: House, paper_id: str) -> bool:
    """Whether the paper got a new version; no where a closer look shows that it needs none.

    Raises LeaseLost and AlreadyExists where another process is at it, Unavailable where no
    authority or responder answers, IntegrityFault and DocumentFault where the archived file is
    not what it must be: it is then left as it is.
    """
    with here.registry.read() as db:
        copy = copies.find(db, paper_id)
        paper = papers.paper(db, copy["source_id"] if copy else paper_id)
    with claimed(paper["scan_id"]) as claim, here.scratch() as folder:
        with here.registry.read() as db:
            row = copies.find(db, paper_id) if copy else papers.paper(db, paper_id)
            entry = protections.of(db, paper_id, copy=copy is not None)
        if row is None or entry is None or not _is_archived(row, copy=copy is not None):
            return False
        found = newest_files(here, paper_id, folder)
        at = here.now()
        if found.version == row["archive_version"]:
            _time_stamp(here, found, at, entry["level"], judged_copy if copy else judged)
        # Otherwise a run was killed between its commit and the registry: what is there counts.
        type_id = paper["type_id"]
        committed = commit_next(
            here, claim, row, found, type_id=type_id, message=_MESSAGE, by=SOFTWARE
        )
        _write_down(here, row, committed, found, at, copy=copy is not None)
    return True


def _is_archived(row: RowMapping, *, copy: bool) -> bool:
    return row["archived_at"] is not None if copy else row["state"] == PaperState.ARCHIVED


def _time_stamp(
    here: House,
    found: Newest,
    at: datetime,
    level: str,
    judge: Callable[[House, Path], Verification],
) -> None:
    """Renew `paper.pdf`, prove it, and tell of it in the records."""
    from signing.renewing import renew_pdf  # imports pyHanko
    from signing.timestamps import NoTimeStampError  # same
    from signing.validation_data import NoValidationDataError  # same

    paper = found.files["paper.pdf"]
    try:
        lacking = "; ".join(renew_pdf(paper, paper, here.trust_services))
    except (NoTimeStampError, NoValidationDataError) as error:
        raise Unavailable(f"Chưa đóng dấu thời gian được: {error}. Chạy lại sau.") from error
    verification = judge(here, paper)
    proven = here.pool.run(outlook, paper, timeout_seconds=_OUTLOOK_SECONDS)
    if proven is None or not proven.document_time_stamps:
        raise IntegrityFault("Dấu thời gian vừa thêm không đọc lại được; báo quản trị viên.")
    changes = {
        # Document time stamp and validation data make every level; without data only a time.
        "level": level if lacking else "B-LTA",
        "shortfall": lacking or None,
        "until": proven.until.isoformat(),
        "algorithms": list(proven.algorithms),
    }
    record = found.record
    record["signatures"] = verification.model_dump(mode="json")
    record["protection"] = {**(record.get("protection") or {}), **changes}
    outcome = "partial" if lacking else "success"
    tell(found, record, "time_stamped", by=SOFTWARE, at=at, outcome=outcome, **changes)


def _write_down(
    here: House,
    row: RowMapping,
    committed: Committed,
    found: Newest,
    at: datetime,
    *,
    copy: bool,
) -> None:
    """Bring the registry up to what the archive holds."""
    record, paper_id = found.record, row["id"]
    protection = record["protection"]
    digest = digest_of(blocks_of(found.files["paper.pdf"]), "sha256")
    enter = None if copy else enter_version(here, row, record, committed, at=at)
    with here.registry.begin() as db:
        if enter is None:
            copies.new_version(db, paper_id, committed.version, committed.inventory_sha512)
        else:
            enter(db)
        protections.change(
            db,
            paper_id,
            copy=copy,
            level=protection["level"],
            shortfall=protection["shortfall"],
            until=datetime.fromisoformat(protection["until"]),
            algorithms=protection["algorithms"],
            sha256=digest,
            behind=False,  # what is still lacking cannot be had any more
            updated_at=at,
        )
        audit.append(
            db,
            "time_stamped",
            paper_id,
            actor=here.worker,
            at=at,
            version=committed.version,
            sha512=committed.inventory_sha512,
            level=protection["level"],
        )

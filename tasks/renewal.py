"""An archived paper or certified copy gets a new document time stamp, in a next version.

All files stay as they are, except `paper.pdf` (time stamp and validation data behind everything
that was there) and the records that tell of it. Killed anywhere, it is done or not done: the
archive's commit decides, and a registry that lags behind it is brought up first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping

from domain.errors import IntegrityFault, Unavailable
from domain.identity import paper_object_id
from domain.states import PaperState
from signing.outlook import outlook
from signing.verify import Verification
from storage.ocfl import Committed
from storage.registry import audit, copies, papers, protections
from storage.streams import blocks_of, digest_of
from tasks.archive import EVENTS_SCHEMA, SOFTWARE, fence_of
from tasks.certify import judged_copy
from tasks.claims import claimed
from tasks.house import House
from tasks.retention import lock_end
from tasks.sign import judged

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
        version, files = _newest(here, paper_id, folder)
        at = here.now()
        if version == row["archive_version"]:
            judge = judged_copy if copy else judged
            _time_stamp(here, files, version, at, entry["level"], judge)
        # Otherwise a run was killed between its commit and the registry: what is there counts.
        committed = here.archive.commit(
            paper_object_id(paper_id),
            files,
            created=at,
            message=_MESSAGE,
            user_name=SOFTWARE,
            user_address="urn:sohoa",
            expect_head=version,
            lock_until=lock_end(here, [paper["type_id"]], row["archived_at"]),
            fence=fence_of(here, claim),
        )
        _write_down(here, paper_id, committed, files, at, copy=copy is not None)
    return True


def _is_archived(row: RowMapping, *, copy: bool) -> bool:
    return row["archived_at"] is not None if copy else row["state"] == PaperState.ARCHIVED


def _newest(here: House, paper_id: str, folder: Path) -> tuple[int, dict[str, Path]]:
    """The number of the newest version and its files, each compared with its digest."""
    object_id = paper_object_id(paper_id)
    inventory = here.archive.inventory(object_id)
    if inventory is None:
        raise IntegrityFault(f"Kho lưu trữ không có giấy tờ {paper_id}; báo quản trị viên.")
    names = [name for names in inventory.at().state.values() for name in names]
    files = {name: folder / str(number) for number, name in enumerate(names)}
    for name, local in files.items():
        here.archive.fetch(object_id, name, local)
    return inventory.version, files


def _time_stamp(
    here: House,
    files: dict[str, Path],
    version: int,
    at: datetime,
    level: str,
    judge: Callable[[House, Path], Verification],
) -> None:
    """Renew `paper.pdf`, prove it, and tell of it in the records."""
    from signing.renewing import renew_pdf  # imports pyHanko
    from signing.timestamps import NoTimeStampError  # same
    from signing.validation_data import NoValidationDataError  # same

    paper = files["paper.pdf"]
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
    _tell(files, verification, changes, version, at)


def _tell(
    files: dict[str, Path],
    verification: Verification,
    changes: dict[str, Any],
    version: int,
    at: datetime,
) -> None:
    record = json.loads(files["record.json"].read_bytes())
    record["signatures"] = verification.model_dump(mode="json")
    record["protection"] = {**(record.get("protection") or {}), **changes}
    told = files.setdefault("events.json", files["record.json"].with_name("events"))
    before = json.loads(told.read_bytes())["events"] if told.is_file() else []
    event = {
        "eventIdentifier": f"v{version + 1}",
        "eventType": "time_stamped",
        "eventDateTime": at.isoformat(),
        "linkingAgent": SOFTWARE,
        "linkingObject": record["id"],
        "eventOutcome": "success" if not changes["shortfall"] else "partial",
        "eventDetail": changes,
    }
    events = {"schema": EVENTS_SCHEMA, "events": [*before, event]}
    for name, value in (("record.json", record), ("events.json", events)):
        text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
        files[name].write_text(text, encoding="utf-8")


def _write_down(
    here: House,
    paper_id: str,
    committed: Committed,
    files: dict[str, Path],
    at: datetime,
    *,
    copy: bool,
) -> None:
    """Bring the registry up to what the archive holds."""
    protection = json.loads(files["record.json"].read_bytes())["protection"]
    digest = digest_of(blocks_of(files["paper.pdf"]), "sha256")
    with here.registry.begin() as db:
        if copy:
            copies.new_version(db, paper_id, committed.version, committed.inventory_sha512)
        else:
            papers.new_version(db, paper_id, committed.version, committed.inventory_sha512, at=at)
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

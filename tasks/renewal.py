"""An archived paper or certified copy gets a new document time stamp, in a next version.

All files stay as they are, except `paper.pdf` (time stamp and validation data behind everything
that was there) and the records that tell of it. Where the agency's signature is detached the
paper stays too, and evidence files come beside it (`signing.attestations`). Killed anywhere, it
is done or not done: the archive's commit decides, and a registry that lags behind it is brought
up first.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping

from domain.states import PaperState
from signing.attestations import PAPER, SIGNATURE
from storage.ocfl import Committed
from storage.registry import audit, copies, papers, protections
from storage.streams import blocks_of, digest_of
from tasks.certify import judged_copy
from tasks.claims import claimed
from tasks.house import House
from tasks.records import SOFTWARE
from tasks.restamp import Renewed, stamp_beside, stamp_inside
from tasks.sign import judged
from tasks.versions import Newest, catch_up, commit_next, enter_version, newest_files, tell

EVENT = "time_stamped"
_MESSAGE = "Thêm dấu thời gian tài liệu và dữ liệu xác minh"


def renew_paper(here: House, paper_id: str) -> bool:
    """Whether the paper got a new version; no where a closer look shows that it needs none.

    Raises LeaseLost and AlreadyExists where another process is at it, Unavailable where no
    authority or responder answers, IntegrityFault and DocumentFault where the archived file is
    not what it must be: it is then left as it is.
    """
    with here.registry.read() as db:
        copy = copies.find(db, paper_id)
        paper = papers.paper(db, copy["source_id"] if copy else paper_id)
    with claimed(paper["scan_id"], paper_id) as claim, here.scratch() as folder:
        with here.registry.read() as db:
            row = copies.find(db, paper_id) if copy else papers.paper(db, paper_id)
            entry = protections.of(db, paper_id, copy=copy is not None)
        if row is None or entry is None or not _is_archived(row, copy=copy is not None):
            return False
        found = newest_files(here, paper_id, folder)
        at = here.now()
        if copy is None and not _was_renewed(found):  # another killed run's version, if it is new
            catch_up(here, row, found, at=at)
            with here.registry.read() as db:
                row = papers.paper(db, paper_id)
            if not _is_archived(row, copy=False):
                return False
        if found.version == row["archive_version"]:
            if SIGNATURE in found.files:
                renewed, made = stamp_beside(here, found.files, folder)
                found.files.update(made)
            else:
                judge = judged_copy if copy else judged
                renewed = stamp_inside(here, found.files[PAPER], judge)
            _tell(found, entry, renewed, at)
        # Otherwise a run was killed between its commit and the registry: what is there counts.
        type_id = paper["type_id"]
        committed = commit_next(
            here, claim, row, found, type_id=type_id, message=_MESSAGE, by=SOFTWARE
        )
        _write_down(here, row, committed, found, at, copy=copy is not None)
    return True


def _was_renewed(found: Newest) -> bool:
    return bool(found.events) and found.events[-1]["eventType"] == EVENT


def _is_archived(row: RowMapping, *, copy: bool) -> bool:
    return row["archived_at"] is not None if copy else row["state"] == PaperState.ARCHIVED


def _tell(found: Newest, entry: RowMapping, renewed: Renewed, at: datetime) -> None:
    """Write what it came to into the records of the next version."""
    lacking = renewed.lacking
    inside = SIGNATURE not in found.files
    changes = {
        # Document time stamp and validation data make every level; without data only a time.
        "level": "B-LTA" if inside and not lacking else entry["level"],
        "wanted": entry["wanted"],
        "shortfall": lacking or None,
        "until": renewed.proven.until.isoformat(),
        "algorithms": list(renewed.proven.algorithms),
    }
    record = found.record
    record["signatures"] = renewed.verification.model_dump(mode="json")
    record["protection"] = changes
    outcome = "partial" if lacking else "success"
    tell(found, record, EVENT, by=SOFTWARE, at=at, outcome=outcome, **changes)


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
    digest = digest_of(blocks_of(found.files[PAPER]), "sha256")
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
            EVENT,
            paper_id,
            actor=here.worker,
            at=at,
            version=committed.version,
            sha512=committed.inventory_sha512,
            level=protection["level"],
        )

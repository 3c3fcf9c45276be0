"""Make the registry anew from the archive alone (`sohoa rebuild`).

Every archive object says in its own records what the registry must know of it. What is there
already stays; so the same run also completes a registry that was restored from an older backup,
and may be stopped and run again. Reviews under way, the shelf of set-aside scans, the audit
chain and imported figures are in no archive: they come from the backup (docs/backup.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from domain.errors import DocumentFault, IntegrityFault, NotFound
from signing.attestations import PAPER, SIGNATURE
from signing.outlook import Outlook, outlook
from storage.ocfl_inventory import Inventory
from storage.registry import audit, keeping, rebuilding
from storage.streams import checked, digest_of
from tasks.house import House
from tasks.objects import newest
from tasks.rebuild_rows import SCAN, Found, copy_row, paper_row, protection, scan_row

_BATCH = 200
_READERS = 8
_OUTLOOK_SECONDS = 60.0
_FAULTS = (KeyError, TypeError, ValueError, ValidationError, IntegrityError)
_PAPER_SCHEMA, _COPY_SCHEMA = "sohoa.record/", "sohoa.certified-copy/"


class Rebuilt(BaseModel):
    """What was written; objects whose rows were there already are not counted."""

    model_config = ConfigDict(frozen=True)

    objects: int = 0
    scans: int = 0
    papers: int = 0
    copies: int = 0
    failed: dict[str, str] = {}
    """Object id → why it could not be entered, in Vietnamese."""


class _Unread(NamedTuple):
    object_id: str
    fault: str


class _Tally:
    def __init__(self) -> None:
        self.scans: list[str] = []
        self.papers = self.copies = 0
        self.failed: dict[str, str] = {}

    def add(self, other: _Tally) -> None:
        """What another part of the walk has written and found."""
        self.scans += other.scans
        self.papers += other.papers
        self.copies += other.copies
        self.failed |= other.failed


def rebuild(here: House) -> Rebuilt:
    """Walk the archive and write what the registry lacks; damaged objects are named, not fatal."""
    here.prepare()
    ids = sorted(here.archive.object_ids(), key=lambda name: not name.startswith(SCAN))
    tally = _Tally()
    copies: list[Found] = []  # they point to papers, so they come last
    for batch in _read_all(here, ids):
        tally.failed |= {one.object_id: one.fault for one in batch if isinstance(one, _Unread)}
        found = [one for one in batch if isinstance(one, Found)]
        copies += [one for one in found if _is_copy(one)]
        _write(here, [one for one in found if not _is_copy(one)], tally)
    _write(here, copies, tally)
    at = here.now()
    waiting = frozenset(here.intake.keys())
    with here.registry.begin() as db:
        rebuilding.settle(db, waiting, tally.scans)
        audit.append(
            db,
            "registry_rebuilt",
            "registry",
            actor=here.worker,
            at=at,
            scans=len(tally.scans),
            papers=tally.papers,
            copies=tally.copies,
            failed=len(tally.failed),
        )
    return Rebuilt(
        objects=len(ids),
        scans=len(tally.scans),
        papers=tally.papers,
        copies=tally.copies,
        failed=tally.failed,
    )


def _read_all(here: House, ids: list[str]) -> Iterator[list[Found | _Unread]]:
    """What is in the objects, in batches: no more is in memory than is written at once."""
    with ThreadPoolExecutor(_READERS) as readers:
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            yield list(readers.map(lambda name: _read(here, name), batch))


def _read(here: House, object_id: str) -> Found | _Unread:
    objects = here.archive.objects
    name = "scan.json" if object_id.startswith(SCAN) else "record.json"
    try:
        inventory, digest, root = newest(here.archive, object_id)
        place, expected = inventory.content(name)
        blocks = checked(objects.chunks(f"{root}/{place}"), expected, of=name, algorithm="sha512")
        record = json.loads(b"".join(blocks))
        sha256 = proven = None
        if PAPER in inventory.at().paths:
            if _needs_sha256(inventory, record):
                paper, _ = inventory.content(PAPER)
                sha256 = digest_of(objects.chunks(f"{root}/{paper}"), "sha256")
            if "until" not in (record.get("protection") or {}):
                proven = _outlook(here, object_id, inventory)
    except (IntegrityFault, NotFound, ValueError) as fault:
        return _Unread(object_id, str(fault))
    return Found(object_id, inventory, digest, record, sha256, proven)


def _outlook(here: House, object_id: str, inventory: Inventory) -> Outlook | None:
    """Of a file from before records said it: a certified copy, or one with a detached signature.

    None where its signatures cannot be read: then nothing can be renewed either.
    """
    from signing.evidence_formats import outlook_beside  # imports pyHanko

    with here.scratch() as folder:
        names = inventory.at().paths & {PAPER, SIGNATURE}
        files = {name: folder / name for name in names}
        for name, local in files.items():
            here.archive.fetch(object_id, name, local)
        try:
            if SIGNATURE in files:
                return here.pool.run(outlook_beside, files, timeout_seconds=_OUTLOOK_SECONDS)
            return here.pool.run(outlook, files[PAPER], timeout_seconds=_OUTLOOK_SECONDS)
        except DocumentFault:
            return None


def _needs_sha256(inventory: Inventory, record: dict[str, Any]) -> bool:
    """A record says what its first version's paper is; only later ones must be digested."""
    return inventory.version > 1 or not (record.get("index") or {}).get("signed")


def _write(here: House, batch: list[Found], tally: _Tally) -> None:
    """Enter a batch at one go; where something in it is at fault, each object on its own."""
    together = _Tally()
    with here.registry.begin() as db:
        try:
            with db.begin_nested():
                _enter_all(here, db, batch, together)
        except _FAULTS:
            together = _Tally()
            for one in batch:
                _enter_alone(here, db, one, together)
    tally.add(together)


def _enter_alone(here: House, db: Connection, one: Found, tally: _Tally) -> None:
    own = _Tally()
    try:
        with db.begin_nested():  # one that fails takes no other with it
            _enter_all(here, db, [one], own)
    except IntegrityError:  # the message would show the code with its owner
        tally.failed[one.object_id] = "mã hoặc vị trí đã thuộc giấy tờ khác trong sổ"
    except _FAULTS as error:
        tally.failed[one.object_id] = f"bản ghi không đúng mẫu ({type(error).__name__})"
    else:
        tally.add(own)


def _enter_all(here: House, db: Connection, batch: list[Found], tally: _Tally) -> None:
    scans = [scan_row(one.record) for one in batch if one.object_id.startswith(SCAN)]
    tally.scans += rebuilding.enter_scans(db, scans)
    others = [one for one in batch if not one.object_id.startswith(SCAN)]
    papers = [_paper(here, one) for one in others if _schema(one).startswith(_PAPER_SCHEMA)]
    tally.scans += rebuilding.enter_unread_scans(db, papers)  # damaged, and named as such
    tally.papers += rebuilding.enter_papers(db, papers)
    for one in others:
        if _is_copy(one):
            tally.copies += rebuilding.enter_copy(db, copy_row(one), protection(here, one))
        elif not _schema(one).startswith(_PAPER_SCHEMA):
            raise ValueError(_schema(one))
    keeping.enter_all(db, {one.object_id: one.digest for one in batch})


def _paper(here: House, one: Found) -> rebuilding.Paper:
    former = one.record.get("former_codes", ())
    return rebuilding.Paper(paper_row(here, one), protection(here, one), former)


def _is_copy(one: Found) -> bool:
    return _schema(one).startswith(_COPY_SCHEMA)


def _schema(one: Found) -> str:
    return str(one.record.get("schema"))

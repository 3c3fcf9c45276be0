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
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from domain.errors import DocumentFault, IntegrityFault, NotFound
from domain.identity import scan_object_id
from domain.states import PaperState
from signing.attestations import PAPER, SIGNATURE
from signing.levels import reaches
from signing.outlook import Outlook, outlook
from storage.ocfl_inventory import Inventory
from storage.registry import audit, keeping, rebuilding, scans
from storage.streams import checked, digest_of
from tasks.describe import searchable
from tasks.house import House
from tasks.levels import wanted_for
from tasks.objects import newest
from tasks.versions import described

_BATCH = 200
_READERS = 8
_OUTLOOK_SECONDS = 60.0
_SCAN = scan_object_id("")
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


class _Found(NamedTuple):
    """One archive object: its inventory and what its record says; or why it cannot be read."""

    object_id: str
    inventory: Inventory | None
    digest: str
    record: dict[str, Any]
    sha256: str | None
    fault: str = ""
    proven: Outlook | None = None
    """How long the file proves itself, where the record does not say."""


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
    ids = sorted(here.archive.object_ids(), key=lambda name: not name.startswith(_SCAN))
    tally = _Tally()
    copies: list[_Found] = []  # they point to papers, so they come last
    for batch in _read_all(here, ids):
        copies += [one for one in batch if _is_copy(one)]
        _write(here, [one for one in batch if not _is_copy(one)], tally)
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


def _read_all(here: House, ids: list[str]) -> Iterator[list[_Found]]:
    """What is in the objects, in batches: no more is in memory than is written at once."""
    with ThreadPoolExecutor(_READERS) as readers:
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            yield list(readers.map(lambda name: _read(here, name), batch))


def _read(here: House, object_id: str) -> _Found:
    objects = here.archive.objects
    name = "scan.json" if object_id.startswith(_SCAN) else "record.json"
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
        return _Found(object_id, None, "", {}, None, str(fault))
    return _Found(object_id, inventory, digest, record, sha256, proven=proven)


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


def _write(here: House, batch: list[_Found], tally: _Tally) -> None:
    """Enter a batch at one go; where something in it is at fault, each object on its own."""
    tally.failed |= {one.object_id: one.fault for one in batch if one.inventory is None}
    readable = [one for one in batch if one.inventory is not None]
    together = _Tally()
    with here.registry.begin() as db:
        try:
            with db.begin_nested():
                _enter_all(here, db, readable, together)
        except _FAULTS:
            together = _Tally()
            for one in readable:
                _enter_alone(here, db, one, together)
    tally.add(together)


def _enter_alone(here: House, db: Connection, one: _Found, tally: _Tally) -> None:
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


def _enter_all(here: House, db: Connection, batch: list[_Found], tally: _Tally) -> None:
    for one in batch:
        if one.inventory is not None:
            _enter(here, db, one, one.inventory, tally)
    keeping.enter_all(db, {one.object_id: one.digest for one in batch})


def _enter(here: House, db: Connection, one: _Found, inventory: Inventory, tally: _Tally) -> None:
    schema = _schema(one)
    if one.object_id.startswith(_SCAN):
        row = _scan_row(one.record)
        if rebuilding.enter_scan(db, row):
            tally.scans.append(row["id"])
    elif schema.startswith(_PAPER_SCHEMA):
        row = _paper_row(here, one, inventory)
        try:
            scans.scan(db, row["scan_id"])
        except NotFound:  # its object is damaged, and named as such
            rebuilding.enter_scan(db, rebuilding.placeholder(row["scan_id"], row["created_at"]))
            tally.scans.append(row["scan_id"])
        former = one.record.get("former_codes", ())
        tally.papers += rebuilding.enter_paper(db, row, _protection(here, one, inventory), former)
    elif schema.startswith(_COPY_SCHEMA):
        tally.copies += rebuilding.enter_copy(
            db, _copy_row(one, inventory), _protection(here, one, inventory)
        )
    else:
        raise ValueError(schema)


def _is_copy(one: _Found) -> bool:
    return _schema(one).startswith(_COPY_SCHEMA)


def _schema(one: _Found) -> str:
    return str(one.record.get("schema"))


def _scan_row(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": record["sha256"],
        "lot_id": record["lot"],
        "name": record["name"],
        "key": record.get("key") or f"{record['lot']}/{record['name']}",
        "size_bytes": record["size_bytes"],
        "facts": record.get("facts") or {"name": record["name"]},
        "kind": record["kind"],
        "media_type": record["media_type"],
        "pages": record["pages"],
        "received_at": datetime.fromisoformat(record["received_at"]),
    }


def _paper_row(here: House, one: _Found, inventory: Inventory) -> dict[str, Any]:
    record, index = one.record, one.record["index"]
    description = described(record)
    return {
        "id": record["id"],
        "scan_id": record["scan"].removeprefix(_SCAN),
        "split": index["split"],
        "position": index["position"],
        "pages": record["pages"],
        "state": PaperState(record.get("state") or PaperState.ARCHIVED),
        "unit": record["unit"],
        "dossier": record["dossier"],
        "composed": index["composed"],
        "officer_signed": index["officer_signed"],
        "officer_signed_at": _time(index["officer_signed_at"]),
        "signed": index["signed"],
        "signed_at": _time(index["signed_at"]),
        "detached": index["detached"],
        "description": description.model_dump(mode="json"),
        **searchable(here, description),
        "code": record["code"],
        "result_code": record["result_code"],
        "replaced_by": record.get("replaced_by"),
        "archive_version": inventory.version,
        "archive_digest": one.digest,
        "archived_at": _time(record["archived_at"]),
        "created_at": _time(index["created_at"]),
        "updated_at": _time(inventory.at().created),
    }


def _protection(here: House, one: _Found, inventory: Inventory) -> dict[str, Any] | None:
    found = dict(one.record.get("protection") or {})
    if one.proven is not None:  # a record from before it said these
        found = {
            "level": "B-B",
            "wanted": wanted_for(here, one.record.get("type")),
            "shortfall": None,
            **found,
            "until": one.proven.until.isoformat(),
            "algorithms": one.proven.algorithms,
        }
    if "until" not in found:  # nothing in the file can be renewed
        return None
    return {
        "level": found["level"],
        "wanted": found["wanted"],
        "shortfall": found["shortfall"],
        "until": _time(found["until"]),
        "algorithms": found["algorithms"],
        "sha256": one.sha256 or one.record["index"]["signed"],
        # After a renewal what is still lacking cannot be had any more: tasks/renewal.py.
        "behind": inventory.version == 1 and not reaches(found["level"], found["wanted"]),
        "updated_at": _time(inventory.at().created),
    }


def _copy_row(one: _Found, inventory: Inventory) -> dict[str, Any]:
    record = one.record
    made = _time(inventory.versions["v1"].created)
    return {
        "id": record["id"],
        "source_id": record["source"].rpartition(":")[2],
        "number": record["register_number"],
        "certifier": record["certifier"],
        "words": record["words"],
        "requested_at": made,
        "signed": one.sha256,
        "archive_version": inventory.version,
        "archive_digest": one.digest,
        "archived_at": made,
    }


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

"""Rows that come from the archive: written where they are missing, brought up where they lag."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, String, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.codes import parse_result_code
from domain.errors import DocumentFault
from domain.lot import LotManifest
from domain.states import FINAL_PAPER_STATES, PaperState, ScanState
from storage.registry import protections
from storage.registry.once import insert_new
from storage.registry.papers import RESULTS
from storage.registry.schema import (
    certified_copies,
    counters,
    former_codes,
    likenesses,
    lots,
    papers,
    scans,
    uploads,
)

_BATCH = 500
_KNOWN = select(papers.c.state, papers.c.archive_version).where(
    papers.c.id == bindparam("paper", type_=String)
)


def enter_scan(db: Connection, row: dict[str, Any]) -> bool:
    """Write a scan with its lot and upload; whether it was missing."""
    at = row["received_at"]
    manifest = LotManifest.model_construct(lot=row["lot_id"]).model_dump(mode="json")
    insert_new(db, lots, id=row["lot_id"], manifest=manifest, created_at=at)
    if not insert_new(db, scans, **row, state=ScanState.DONE, split=1, epoch=0):
        return False
    insert_new(
        db,
        uploads,
        lot_id=row["lot_id"],
        name=row["name"],
        scan_id=row["id"],
        duplicate=False,
        received_at=at,
    )
    return True


def enter_paper(
    db: Connection,
    row: dict[str, Any],
    protection: dict[str, Any] | None,
    former: Collection[str] = (),
) -> bool:
    """Write an archived paper, or bring its row up to the archive; whether anything was written.

    `former`: its codes that corrections replaced. A row as new as the archive stays as it is;
    what protects it is entered where no row said so yet.
    """
    known = db.execute(_KNOWN, {"paper": row["id"]}).mappings().first()
    if known is None:
        db.execute(insert(papers), row)  # a code or place that another has is no "there already"
    elif known["state"] not in FINAL_PAPER_STATES or known["archive_version"] is None:
        db.execute(update(papers).where(papers.c.id == row["id"]).values(row))
    elif known["archive_version"] < row["archive_version"]:
        fixed = {"id", "scan_id", "split", "position", "pages", "created_at", "archived_at"}
        values = {name: value for name, value in row.items() if name not in fixed}
        db.execute(update(papers).where(papers.c.id == row["id"]).values(values))
    else:
        return protection is not None and protections.enter(db, row["id"], **protection)
    if protection is not None and not protections.enter(db, row["id"], **protection):
        protections.change(db, row["id"], **protection)
    for code in former:
        insert_new(db, former_codes, code=code, paper_id=row["id"])
    _raise_counters(db, [code for code in (row["code"], row["result_code"], *former) if code])
    return True


def enter_copy(db: Connection, row: dict[str, Any], protection: dict[str, Any] | None) -> bool:
    """Write a certified copy; whether it was missing."""
    missing = insert_new(db, certified_copies, **row)
    if protection is not None:
        protections.enter(db, row["id"], copy=True, **protection)
    return missing


def settle(db: Connection, waiting: Collection[str], entered: Collection[str]) -> None:
    """What follows from the papers: likenesses, each entered scan's division, end and state.

    A scan whose upload still lies in the intake store (under one of the keys `waiting`) was not
    finished: the line takes it again and finds its archived papers.
    """
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    first = (
        select(papers.c.likeness, papers.c.id)
        .where(papers.c.likeness.is_not(None), papers.c.state == PaperState.ARCHIVED)
        .order_by(papers.c.created_at, papers.c.id)
    )
    claimed = dialect.insert(likenesses).from_select(["likeness", "paper_id"], first)
    db.execute(claimed.on_conflict_do_nothing())
    ids = list(entered)
    for start in range(0, len(ids), _BATCH):
        _settle_scans(db, waiting, ids[start : start + _BATCH])


def _settle_scans(db: Connection, waiting: Collection[str], ids: list[str]) -> None:
    of_scan = papers.c.scan_id == scans.c.id
    split = select(func.max(papers.c.split)).where(of_scan).scalar_subquery()
    ended = select(func.max(papers.c.archived_at)).where(of_scan).scalar_subquery()
    mine = scans.c.id.in_(ids)
    db.execute(update(scans).where(mine).values(split=func.coalesce(split, 1), finished_at=ended))
    keys = db.execute(select(scans.c.id, scans.c.key).where(mine))
    again = [scan_id for scan_id, key in keys if key in waiting]
    if again:
        unfinished = {"state": ScanState.RECEIVED, "finished_at": None}
        db.execute(update(scans).where(scans.c.id.in_(again)).values(unfinished))


def _raise_counters(db: Connection, codes: Collection[str]) -> None:
    """Make sure that no serial number up to these codes' is given again."""
    rows = [row for row in map(_serial, codes) if row is not None]
    if rows:
        db.execute(_raising(db.dialect.name), rows)


def _serial(code: str) -> dict[str, Any] | None:
    """The counter of a code and where it must stand at least; None for a code without number."""
    prefix, _, serial = code.rpartition(".")
    try:
        dossier, ordinal = parse_result_code(code)
        prefix, serial = RESULTS + dossier, str(ordinal)
    except DocumentFault:
        pass
    return {"prefix": prefix, "last": int(serial)} if serial.isdigit() else None


@cache
def _raising(dialect_name: str) -> Executable:
    dialect = postgresql if dialect_name == "postgresql" else sqlite
    statement = dialect.insert(counters)
    last = statement.excluded.last
    raising: Executable = statement.on_conflict_do_update(
        index_elements=["prefix"], set_={"last": last}, where=counters.c.last < last
    )
    return raising


def placeholder(scan_id: str, at: datetime) -> dict[str, Any]:
    """A row for a scan whose own archive object cannot be read, so that its papers are found."""
    name = "(không rõ)"
    return {
        "id": scan_id,
        "lot_id": "khong-ro",
        "name": name,
        "key": "",
        "size_bytes": 0,
        "facts": {"name": name},
        "received_at": at,
    }

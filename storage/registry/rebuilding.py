"""Rows that come from the archive: written where they are missing, brought up where they lag."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Executable, Row, func, insert, select, update
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


class Paper(NamedTuple):
    """An archived paper's row, what protects it, and its codes that corrections replaced."""

    row: dict[str, Any]
    protection: dict[str, Any] | None
    former: Collection[str]


def enter_scans(db: Connection, rows: list[dict[str, Any]]) -> list[str]:
    """Write scans with their lots and uploads; which of them were missing."""
    known = _present(db, scans.c.id, [row["id"] for row in rows])
    new = [row for row in rows if row["id"] not in known]
    if not new:
        return []
    latest_first = sorted(new, key=lambda row: row["received_at"], reverse=True)
    for lot, at in {row["lot_id"]: row["received_at"] for row in latest_first}.items():
        manifest = LotManifest.model_construct(lot=lot).model_dump(mode="json")
        insert_new(db, lots, id=lot, manifest=manifest, created_at=at)
    at_the_end = {"state": ScanState.DONE, "split": 1, "epoch": 0}
    db.execute(insert(scans), [row | at_the_end for row in new])
    db.execute(
        insert(uploads),
        [
            {
                "lot_id": row["lot_id"],
                "name": row["name"],
                "scan_id": row["id"],
                "duplicate": False,
                "received_at": row["received_at"],
            }
            for row in new
        ],
    )
    return [row["id"] for row in new]


def enter_unread_scans(db: Connection, of: list[Paper]) -> list[str]:
    """A row for each scan whose own archive object cannot be read, so that its papers are found."""
    made = {paper.row["scan_id"]: paper.row["created_at"] for paper in of}
    known = _present(db, scans.c.id, made)
    missing = [_placeholder(scan, at) for scan, at in made.items() if scan not in known]
    return enter_scans(db, missing)


def enter_papers(db: Connection, found: list[Paper]) -> int:
    """Write archived papers, or bring their rows up to the archive; how many were written.

    A row as new as the archive stays as it is; what protects it is entered where no row said so
    yet.
    """
    ids = [paper.row["id"] for paper in found]
    query = select(papers.c.id, papers.c.state, papers.c.archive_version)
    known = {row.id: row for row in db.execute(query.where(papers.c.id.in_(ids)))}
    new = [paper for paper in found if paper.row["id"] not in known]
    if new:  # a code or place that another has is no "there already"
        db.execute(insert(papers), [paper.row for paper in new])
        protections.enter_all(
            db, {paper.row["id"]: paper.protection for paper in new if paper.protection}
        )
        _enter_codes(db, new)
    there = [paper for paper in found if paper.row["id"] in known]
    return len(new) + sum(_bring_up(db, paper, known[paper.row["id"]]) for paper in there)


def _bring_up(db: Connection, paper: Paper, known: Row[Any]) -> bool:
    """Make a row that is there as new as the archive; whether anything was written."""
    row, protection = paper.row, paper.protection
    if known.state not in FINAL_PAPER_STATES or known.archive_version is None:
        values = row
    elif known.archive_version < row["archive_version"]:
        fixed = {"id", "scan_id", "split", "position", "pages", "created_at", "archived_at"}
        values = {name: value for name, value in row.items() if name not in fixed}
    else:
        return protection is not None and protections.enter(db, row["id"], **protection)
    db.execute(update(papers).where(papers.c.id == row["id"]).values(values))
    if protection is not None and not protections.enter(db, row["id"], **protection):
        protections.change(db, row["id"], **protection)
    _enter_codes(db, [paper])
    return True


def _enter_codes(db: Connection, of: list[Paper]) -> None:
    """Former codes stay known, and no serial number up to these codes' is given again."""
    codes = []
    for row, _, former in of:
        codes += [code for code in (row["code"], row["result_code"], *former) if code]
        for code in former:
            insert_new(db, former_codes, code=code, paper_id=row["id"])
    counted = [counter for counter in map(_serial, codes) if counter is not None]
    if counted:
        db.execute(_raising(db.dialect.name), counted)


def _present(db: Connection, column: Column[str], ids: Collection[str]) -> set[str]:
    return set(db.execute(select(column).where(column.in_(list(ids)))).scalars())


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


def _placeholder(scan_id: str, at: datetime) -> dict[str, Any]:
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

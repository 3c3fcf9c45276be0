"""Look things up: papers, their files, who has what. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping

from domain.errors import NotFound
from domain.identity import paper_object_id
from domain.states import PaperState
from storage.registry import papers, scans
from tasks.house import house


def paper_row(handle: str) -> RowMapping:
    """The paper with this id or code; NotFound when there is none."""
    here = house()
    here.registry.migrate()
    with here.registry.read() as db:
        return papers.find(db, handle)


def lookup(owner_id: str, type_id: str | None, on: date | None = None) -> list[dict[str, Any]]:
    """Archived papers of an owner that are valid on a day, newest first; the owner masked."""
    here = house()
    day = on or here.today()
    with here.registry.read() as db:
        rows = papers.of_owner(db, here.owner_hash(owner_id), type_id=type_id, on=day)
    return [
        {
            "id": row["id"],
            "code": here.codes.masked(row["code"]),
            "type": row["type_id"],
            "title": row["title"],
            "number": row["number"],
            "issuer": row["issuer"],
            "issue_date": row["issue_date"] and row["issue_date"].isoformat(),
            "valid_until": row["valid_until"] and row["valid_until"].isoformat(),
            "archived_at": row["archived_at"].isoformat(),
        }
        for row in rows
    ]


def listed(state: PaperState | None = None) -> list[RowMapping]:
    """All papers, oldest first."""
    here = house()
    with here.registry.read() as db:
        return papers.listed(db, state=state)


def scan_names(scan_ids: Iterable[str]) -> dict[str, str]:
    """The file name under which each scan first came."""
    here = house()
    with here.registry.read() as db:
        return {scan_id: scans.scan(db, scan_id)["name"] for scan_id in set(scan_ids)}


def save_pdf(paper_id: str, target: Path) -> None:
    """Write the paper's file as far as it has come: signed, officer-signed or composed."""
    here = house()
    row = paper_row(paper_id)
    if row["state"] == PaperState.ARCHIVED:
        here.archive.fetch(paper_object_id(paper_id), "paper.pdf", target)
        return
    digest = row["signed"] or row["officer_signed"] or row["composed"]
    if digest is None:
        raise NotFound("Giấy tờ này chưa có tệp; chạy lại sohoa digitize.")
    here.work(row["scan_id"]).fetch(digest, target)

"""Look things up: papers and their files. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import RowMapping

from domain.errors import NotFound
from domain.states import PaperState
from storage.registry import papers, scans
from tasks.house import house
from tasks.objects import fetch_paper


def paper_row(handle: str) -> RowMapping:
    """The paper with this id or code; NotFound when there is none."""
    here = house()
    here.registry.migrate()
    with here.registry.read() as db:
        return papers.find(db, handle)


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
    if row["archived_at"] is not None:
        fetch_paper(here, row, "paper.pdf", target)
        return
    digest = row["signed"] or row["officer_signed"] or row["composed"]
    if digest is None:
        raise NotFound("Giấy tờ này chưa có tệp; chạy lại sohoa digitize.")
    here.work(row["scan_id"]).fetch(digest, target)

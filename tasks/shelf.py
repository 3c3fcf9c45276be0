"""Look things up: papers, their archive objects, their verification. Changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.errors import NotFound, SohoaError, Undecided
from domain.identity import paper_object_id, scan_object_id
from domain.states import PAPER_STATE_NAMES, PaperState
from signing.verify import Verification, detached_holds
from storage.registry import papers, scans
from tasks.house import House, house
from tasks.sign import verify


class ArchiveVerification(BaseModel):
    """What was found when a paper or a file was verified."""

    model_config = ConfigDict(frozen=True)

    paper: str | None
    code: str | None
    """Masked."""
    archive: str
    """`intact`, `broken` or `unknown` (a file that is not of our archive)."""
    problems: tuple[str, ...]
    sha256: str
    signatures: Verification

    @property
    def sound(self) -> bool:
        """Bytes, digests and signatures all hold."""
        return self.archive != "broken" and self.signatures.verdict == "sound"


def paper_row(handle: str) -> RowMapping:
    """The paper with this id or code; NotFound when there is none."""
    here = house()
    here.registry.migrate()
    with here.registry.read() as db:
        return papers.find(db, handle)


def verify_paper(handle: str) -> ArchiveVerification:
    """Verify an archived paper: every stored byte against its digest, then all signatures."""
    here = house()
    row = paper_row(handle)
    if row["archive_version"] is None:
        raise Undecided(
            f"Giấy tờ này chưa được lưu trữ ({PAPER_STATE_NAMES[PaperState(row['state'])]})."
        )
    problems: list[str] = []
    for object_id in (scan_object_id(row["scan_id"]), paper_object_id(row["id"])):
        problems += here.archive.check(object_id)
    inventory = here.archive.inventory(paper_object_id(row["id"]))
    if inventory is None:
        problems.append("kho lưu trữ không có giấy tờ này")
    with here.scratch() as folder:
        file = folder / "paper.pdf"
        try:
            here.archive.fetch(paper_object_id(row["id"]), "paper.pdf", file)
        except SohoaError as error:
            return ArchiveVerification(
                paper=row["id"],
                code=here.codes.masked(row["code"]) if row["code"] else None,
                archive="broken",
                problems=(*problems, str(error)),
                sha256="",
                signatures=Verification(reasons=("không đọc được tệp trong kho lưu trữ",)),
            )
        if row["detached"]:
            beside = folder / "paper.pdf.p7s"
            here.archive.fetch(paper_object_id(row["id"]), beside.name, beside)
            if not detached_holds(file, beside):
                problems.append("chữ ký rời của cơ quan không khớp với tệp")
        return _verified(here, file, row, tuple(problems))


def verify_file(file: Path) -> ArchiveVerification:
    """Verify a file at hand: its signatures, and whether it is one of ours, byte for byte."""
    here = house()
    here.registry.migrate()
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    with here.registry.read() as db:
        row = papers.by_digest(db, digest)
    return _verified(here, file, row, ())


def _verified(
    here: House, file: Path, row: RowMapping | None, problems: tuple[str, ...]
) -> ArchiveVerification:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if row is not None and row["signed"] != digest:
        problems = (*problems, "tệp không đúng với bản đã ký ghi trong sổ đăng ký")
    signatures = verify(here, file)
    state = "unknown" if row is None else "broken" if problems else "intact"
    return ArchiveVerification(
        paper=row["id"] if row else None,
        code=here.codes.masked(row["code"]) if row and row["code"] else None,
        archive=state,
        problems=problems,
        sha256=digest,
        signatures=signatures,
    )


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

"""A dossier as a package for the historical archive: E-ARK CSIP/SIP 2.1, zipped.

The layout is that of `domain.archival` and its two metadata standards; what is in it comes from
the archive alone, each file compared with its digest. The same dossier gives the same package id
until one of its papers has a new version.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from catalogues.archival_file import load_archival_lists
from domain.access import Access
from domain.archival import PackagedDossier, PackagedFile, PackagedPaper
from domain.errors import AlreadyExists, NotFound
from domain.states import PaperState
from storage.registry import audit, papers
from storage.streams import blocks_of, digest_of
from tasks.house import VIETNAM, House, house
from tasks.objects import fetch_paper, read_paper
from tasks.records import SOFTWARE
from tasks.sip_metadata import ead, premis
from tasks.sip_mets import REPRESENTATION, Described, inside, package_mets, representation_mets
from tasks.versions import described

_PACKAGES = uuid.UUID("3d7a1c52-4a55-5d0e-9d5c-7f3b7c1a9e01")
_INSIDE = f"representations/{REPRESENTATION}"
_README = """Gói hồ sơ nộp lưu theo E-ARK CSIP/SIP 2.1, lập bởi {software} lúc {created}.

{folder}/data        tệp PDF đã ký số của từng giấy tờ, giữ nguyên từng byte
{folder}/metadata    bản ghi (record.json) của từng giấy tờ, theo schemas/record.schema.json
metadata/descriptive/EAD.xml       mô tả hồ sơ và giấy tờ (EAD3)
metadata/preservation/PREMIS.xml   lịch sử của từng tệp (PREMIS 3)

Bảng mã: {lists}.
"""


class Exported(BaseModel):
    """Where the package is."""

    model_config = ConfigDict(frozen=True)

    file: Path
    package: str
    papers: int
    sha256: str


def export_sip(
    dossier: str, folder: Path, access: Access, *, submission: int = 1, ordinal: int = 1
) -> Exported:
    """Write the package of a dossier's archived papers into `folder`; who and why is audited.

    NotFound where the dossier has none, AlreadyExists where the folder has that package already.
    """
    here = house()
    here.registry.migrate()
    with here.registry.read() as db:
        rows = papers.of_dossier(db, dossier, PaperState.ARCHIVED)
    if not rows:
        raise NotFound(f"Hồ sơ «{dossier}» chưa có giấy tờ nào đã lưu trữ. Xem: sohoa papers.")
    package = _package_id(rows)
    target = folder / f"{package}.zip"
    if target.exists():
        raise AlreadyExists(f"Đã có {target}; xóa hoặc chọn thư mục khác (-o).")
    with here.scratch() as scratch:
        builder = _Builder(here, scratch, rows, package, submission, ordinal)
        builder.build()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _zip(scratch, package, target, builder.created)
    digest = digest_of(blocks_of(target), "sha256")
    with here.registry.begin() as db:
        audit.append(
            db,
            "exported:sip",
            package,
            actor=access.requester,
            at=here.now(),
            purpose=access.purpose,
            papers=[row["id"] for row in rows],
            sha256=digest,
        )
    return Exported(file=target, package=package, papers=len(rows), sha256=digest)


class _Builder:
    """Puts the files of one package into a folder, then the metadata that tells of them."""

    def __init__(
        self,
        here: House,
        folder: Path,
        rows: list[RowMapping],
        package: str,
        submission: int,
        ordinal: int,
    ) -> None:
        self.here, self.folder, self.rows, self.package = here, folder, rows, package
        self.created = here.now()
        self.lists = load_archival_lists(here.settings.export.lists)
        year = min(row["archived_at"] for row in rows).astimezone(VIETNAM).year
        export = here.settings.export
        parts = (export.archive, export.agency, str(year), str(submission), str(ordinal))
        self.code = ".".join(part for part in parts if part)
        self.histories: dict[str, list[Mapping[str, Any]]] = {}

    def build(self) -> None:
        """Everything, the root's METS last."""
        told = tuple(self._paper(number, row) for number, row in enumerate(self.rows, start=1))
        dossier = PackagedDossier(
            package_id=self.package,
            code=self.code,
            dossier=self.rows[0]["dossier"],
            title=f"Hồ sơ {self.rows[0]['dossier']}",
            agency=self.here.settings.agency_name,
            created=self.created,
            software=SOFTWARE,
            papers=told,
        )
        records = [inside(Described(paper.record, "sohoa.record/1")) for paper in told]
        history = premis(dossier, self.histories)
        inner = self._write(f"{_INSIDE}/metadata/preservation/PREMIS.xml", history)
        mets = representation_mets(dossier, records, inside(Described(inner, "PREMIS", "3.0")))
        representation = self._write(f"{_INSIDE}/METS.xml", mets)
        descriptive = self._write("metadata/descriptive/EAD.xml", ead(dossier, self.lists))
        preserved = self._write("metadata/preservation/PREMIS.xml", history)
        groups = {
            "Documentation": [self._write("documentation/README.txt", self._readme())],
            "Schemas": list(self._schemas()),
        }
        whole = package_mets(
            dossier,
            Described(descriptive, "EAD", "3"),
            Described(preserved, "PREMIS", "3.0"),
            groups,
            representation,
        )
        self._write("METS.xml", whole)

    def _paper(self, number: int, row: RowMapping) -> PackagedPaper:
        code = f"{self.code}.{number}"
        data = self.folder / _INSIDE / "data" / f"{code}.pdf"
        data.parent.mkdir(parents=True, exist_ok=True)
        fetch_paper(self.here, row, "paper.pdf", data)
        content = read_paper(self.here, row, "record.json")
        record = json.loads(content)
        self.histories[row["id"]] = json.loads(read_paper(self.here, row, "events.json"))["events"]
        description = described(record)
        entry = self.here.catalogue.type(description.type.id)
        term = self.here.catalogue.retention_of(description.type.id)
        issued = description.value("issue_date")
        return PackagedPaper(
            id=row["id"],
            title=description.value("title") or description.type.name,
            symbol=entry.symbol if entry else "",
            number=description.value("number"),
            subject=description.value("subject"),
            issuer=description.value("issuer"),
            issued_on=date.fromisoformat(issued) if issued else None,
            pages=len(row["pages"]),
            term_code=term.code if term else "",
            code=code,
            file=self._told(data),
            record=self._write(f"{_INSIDE}/metadata/descriptive/{code}.json", content),
            format="PDF/A-2b" if record["input"] == "scan" else "PDF",
        )

    def _schemas(self) -> Iterator[PackagedFile]:
        from domain.record import Description

        schema = json.dumps(Description.model_json_schema(), ensure_ascii=False, indent=1)
        yield self._write("schemas/record.schema.json", schema.encode())
        own = self.here.settings.export.schemas
        for file in sorted(own.iterdir()) if own else ():
            if file.is_file():
                yield self._write(f"schemas/{file.name}", file.read_bytes())

    def _readme(self) -> bytes:
        lists = self.lists.source + ("" if self.lists.verified else " – CHƯA XÁC MINH")
        at = self.created.isoformat(timespec="seconds")
        told = _README.format(software=SOFTWARE, created=at, folder=_INSIDE, lists=lists)
        return told.encode()

    def _write(self, path: str, content: bytes) -> PackagedFile:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return self._told(file)

    def _told(self, file: Path) -> PackagedFile:
        path = file.relative_to(self.folder).as_posix()
        kind = "application/xml" if path.endswith(".xsd") else mimetypes.guess_type(path)[0]
        return PackagedFile(
            path=path,
            media_type=kind or "application/octet-stream",
            size_bytes=file.stat().st_size,
            sha256=digest_of(blocks_of(file), "sha256"),
            created=self.created,
        )


def _package_id(rows: list[RowMapping]) -> str:
    told = "\x1f".join(f"{row['id']}/{row['archive_digest']}" for row in rows)
    identity = hashlib.sha256(told.encode()).hexdigest()
    return f"uuid-{str(uuid.uuid5(_PACKAGES, identity)).upper()}"


def _zip(folder: Path, package: str, target: Path, created: datetime) -> None:
    """The folder's files under one top folder; the ZIP appears whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    moment = created.timetuple()[:6]
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                name = f"{package}/{file.relative_to(folder).as_posix()}"
                entry = zipfile.ZipInfo(name, moment)
                entry.compress_type = zipfile.ZIP_DEFLATED
                with file.open("rb") as source, archive.open(entry, "w") as sink:
                    for block in iter(lambda: source.read(1 << 20), b""):
                        sink.write(block)
    part.chmod(0o600)
    part.replace(target)

"""Verify a file at hand or an archived paper: bytes, signatures, PDF/A. Changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.errors import DocumentFault, NotFound, SohoaError, Undecided
from domain.identity import paper_object_id, scan_object_id
from domain.states import PAPER_STATE_NAMES, PaperState
from signing.attestations import PAPER, SIGNATURE, evidence_names
from signing.detached import verify_detached
from signing.verdicts import SignatureVerdict, Verdict, Verification
from signing.verify import UNSIGNED, verify_pdf
from storage.registry import copies, papers, protections
from tasks.house import House, house
from tasks.pdfa import PdfA, check_pdfa, verapdf_command
from tasks.shelf import paper_row

_SECONDS = 5.0
_PDFA_SECONDS = 4.0
_SECONDS_PER_MEBIBYTE = 0.5
"""A small file gets its verdict within ten seconds, whatever it was made to do to us."""
WORDS = {
    "sound": "VỮNG",
    "unsound": "HỎNG",
    "undecided": "CHƯA KẾT LUẬN",
    "intact": "nguyên vẹn",
    "broken": "đã bị phá",
    "unknown": "chưa rõ",
    "trusted": "tin cậy",
    "untrusted": "không tin cậy",
    "pass": "đạt",
    "fail": "không đạt",
}
"""How verdicts are told to people."""
_UNREADABLE_IN_ARCHIVE = "không đọc được tệp trong kho lưu trữ"


class ArchiveVerification(BaseModel):
    """What was found when a paper or a file was verified."""

    model_config = ConfigDict(frozen=True)

    paper: str | None = None
    code: str | None = None
    """Masked."""
    archive: str
    """`intact`, `broken` or `unknown` (a file that is not of our archive)."""
    problems: tuple[str, ...] = ()
    sha256: str
    signatures: Verification
    pdfa: PdfA = "unknown"

    @property
    def verdict(self) -> Verdict:
        """That of the signatures, unless the archive's own digests tell otherwise."""
        return "unsound" if self.archive == "broken" else self.signatures.verdict

    @property
    def sound(self) -> bool:
        """Bytes, digests and signatures all hold."""
        return self.verdict == "sound"

    def report(self) -> dict[str, Any]:
        """What `sohoa verify --json` prints (docs/verify.md)."""
        return {
            **self.signatures.model_dump(mode="json"),
            **self.model_dump(mode="json", exclude={"signatures"}),
            "verdict": self.verdict,
        }


def verify_handle(text: str, detached: Path | None = None) -> ArchiveVerification:
    """Verify what the text names, with PDF/A: a file, or a paper by code or id; else NotFound."""
    file = Path(text)
    if file.is_file():
        return verify_file(file, detached, pdfa=True)
    try:
        return verify_paper(text, pdfa=True)
    except NotFound:
        if file.suffix == "" and "/" not in text:
            raise
        raise NotFound(f"Không có tệp «{text}», cũng không có giấy tờ mang mã này.") from None


def id_of(handle: str) -> str:
    """The public handle of the archived paper or certified copy with this code or id."""
    return _find(house(), handle).id


def verify_paper(handle: str, *, pdfa: bool = False) -> ArchiveVerification:
    """Verify an archived paper: every stored byte against its digest, then all signatures.

    `pdfa`: ask veraPDF too, which takes some seconds; otherwise that is left unknown.
    """
    here = house()
    subject = _find(here, handle)
    problems: list[str] = []
    for object_id in subject.objects:
        problems += here.archive.check(object_id)
    inventory = here.archive.inventory(subject.objects[-1])
    if inventory is None:
        problems.append("kho lưu trữ không có giấy tờ này")
    with here.scratch() as folder:
        file, beside, evidence = folder / PAPER, None, {}
        try:
            here.archive.fetch(subject.objects[-1], PAPER, file)
            if subject.detached and inventory is not None:
                beside = folder / SIGNATURE
                evidence = {name: folder / name for name in evidence_names(inventory.at().paths)}
                for name, local in {SIGNATURE: beside, **evidence}.items():
                    here.archive.fetch(subject.objects[-1], name, local)
        except SohoaError as error:
            return ArchiveVerification(
                paper=subject.id,
                code=subject.code,
                archive="broken",
                problems=(*problems, str(error)),
                sha256="",
                signatures=Verification(reasons=(_UNREADABLE_IN_ARCHIVE,)),
            )
        signatures = signatures_of(here, file, beside, evidence)
        found = _verified(signatures, file, subject, problems)
        return _with_pdfa(here, found, file) if pdfa else found


def verify_file(
    file: Path, detached: Path | None = None, *, pdfa: bool = False
) -> ArchiveVerification:
    """Verify a file at hand: its signatures, and whether it is one of ours, byte for byte.

    A signature file of the same name with `.p7s` is taken along when it lies beside.
    """
    here = house()
    here.registry.migrate()
    digest = _sha256(file)
    with here.registry.read() as db:
        row = papers.by_digest(db, digest) or protections.paper_by_digest(db, digest)
        copy = (
            None
            if row
            else (copies.by_digest(db, digest) or protections.copy_by_digest(db, digest))
        )
    subject = _paper(here, row) if row else _copy(copy) if copy else None
    beside = detached or file.with_name(f"{file.name}.p7s")
    if detached is not None and not detached.is_file():
        raise NotFound(f"Không có tệp chữ ký rời «{detached}».")
    evidence = {}
    if file.name == PAPER:  # as exported from the archive
        names = evidence_names(place.name for place in file.parent.iterdir())
        evidence = {name: file.with_name(name) for name in names}
    signatures = signatures_of(here, file, beside if beside.is_file() else None, evidence)
    found = _verified(signatures, file, subject, [])
    return _with_pdfa(here, found, file) if pdfa else found


class _Subject(NamedTuple):
    """What the registry says of a paper or a certified copy."""

    id: str
    code: str | None
    signed: str | None
    version: int | None
    detached: bool
    objects: tuple[str, ...]
    """Archive objects; the one with the file is the last."""


def _find(here: House, handle: str) -> _Subject:
    """The archived paper or certified copy; NotFound, or Undecided when not archived yet."""
    here.registry.migrate()
    with here.registry.read() as db:
        copy = copies.find(db, handle)
    row = copy or paper_row(handle)
    if row["archive_version"] is None:
        state = "đang chứng thực" if copy else PAPER_STATE_NAMES[PaperState(row["state"])]
        raise Undecided(f"Giấy tờ này chưa được lưu trữ ({state}).")
    return _copy(row) if copy else _paper(here, row)


def _paper(here: House, row: RowMapping) -> _Subject:
    return _Subject(
        id=row["id"],
        code=here.codes.masked(row["code"]) if row["code"] else None,
        signed=row["signed"],
        version=row["archive_version"],
        detached=bool(row["detached"]),
        objects=(scan_object_id(row["scan_id"]), paper_object_id(row["id"])),
    )


def _copy(row: RowMapping) -> _Subject:
    return _Subject(
        id=row["id"],
        code=None,
        signed=row["signed"],
        version=row["archive_version"],
        detached=False,
        objects=(paper_object_id(row["id"]),),
    )


def _verified(
    signatures: Verification, file: Path, subject: _Subject | None, problems: list[str]
) -> ArchiveVerification:
    digest = _sha256(file)
    first = subject is not None and subject.version == 1  # later versions add time stamps
    if subject is not None and first and subject.signed != digest:
        problems = [*problems, "tệp không đúng với bản đã ký ghi trong sổ đăng ký"]
    return ArchiveVerification(
        paper=subject.id if subject else None,
        code=subject.code if subject else None,
        archive="unknown" if subject is None else "broken" if problems else "intact",
        problems=tuple(problems),
        sha256=digest,
        signatures=signatures,
    )


def _with_pdfa(here: House, found: ArchiveVerification, file: Path) -> ArchiveVerification:
    with here.scratch() as folder:
        verdict = check_pdfa(
            file.resolve(),
            verapdf_command(here.settings.verapdf),
            folder,
            seconds=_seconds(file, _PDFA_SECONDS),
        )
    return found.model_copy(update={"pdfa": verdict})


def _seconds(file: Path, least: float) -> float:
    return least + file.stat().st_size / (1 << 20) * _SECONDS_PER_MEBIBYTE


def signatures_of(
    here: House, file: Path, beside: Path | None, evidence: Mapping[str, Path]
) -> Verification:
    """All signatures, judged in a child process with limits; what stops it becomes a reason.

    `beside` is a detached signature over the file; `evidence` are the files that vouch for it.
    """
    seconds = _seconds(file, _SECONDS)
    roots, online = here.trust_roots, here.settings.verify_online
    judge = partial(verify_pdf, trust_roots=roots, online=online)
    try:
        found = here.pool.run(judge, file, timeout_seconds=seconds)
    except DocumentFault as fault:
        found = Verification(reasons=(str(fault),))
    if beside is None:
        return found
    judge_beside = partial(
        verify_detached, file, beside, evidence=evidence, trust_roots=roots, online=online
    )
    return _with_detached(here, found, judge_beside, seconds)


def _with_detached(
    here: House,
    found: Verification,
    judge: Callable[[], tuple[SignatureVerdict, ...]],
    seconds: float,
) -> Verification:
    try:
        ours = here.pool.run(judge, timeout_seconds=seconds)
    except DocumentFault as fault:
        ours = (SignatureVerdict(field="p7s", reasons=(str(fault),)),)
    reasons = found.reasons
    if not found.signatures:  # then the file itself need not be signed, nor be a PDF
        reasons = tuple(reason for reason in reasons if reason not in UNSIGNED)
    return Verification(signatures=(*found.signatures, *ours), reasons=reasons)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

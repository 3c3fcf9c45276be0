"""A package for the historical archive (gói hồ sơ nộp lưu, TT 05/2025/TT-BNV) as values."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field


class ArchivalLists(BaseModel):
    """Code lists of the archive; configuration, as the circular's tables were not seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verified: bool = False
    source: str = ""
    access: str = Field(min_length=1)
    """Mức độ tiếp cận of every dossier."""
    language: str = Field(min_length=1)
    other_type: str = Field(min_length=1)
    types: dict[str, str] = {}
    """Symbol of a type ("QĐ") → code of the kind of document."""

    def type_code(self, symbol: str) -> str:
        """The code of a kind of document; that of other kinds where the list has none."""
        return self.types.get(symbol, self.other_type)


class PackagedFile(BaseModel):
    """One file of a package: where it is, and what proves it."""

    model_config = ConfigDict(frozen=True)

    path: str
    """Relative to the package's root."""
    media_type: str
    size_bytes: int
    sha256: str
    created: datetime


class PackagedPaper(BaseModel):
    """One paper of the dossier, with its signed file and its record in the package."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    symbol: str = ""
    """Of its type: "QĐ"."""
    number: str | None = None
    subject: str | None = None
    issuer: str | None = None
    issued_on: date | None = None
    pages: int
    term_code: str
    """Of its retention (thời hạn lưu trữ)."""
    code: str
    """In the package: ‹mã hồ sơ›.‹STT›."""
    file: PackagedFile
    record: PackagedFile
    format: str = "PDF/A-2b"


class PackagedDossier(BaseModel):
    """A dossier as it goes to the archive."""

    model_config = ConfigDict(frozen=True)

    package_id: str
    """`uuid-` and a UUID in upper case (OBJID of a SIP)."""
    code: str
    """Mã hồ sơ in the archive: agency, year, submission, ordinal."""
    dossier: str
    """Mã số hồ sơ of the procedure."""
    title: str
    agency: str
    """The agency that formed the dossier."""
    created: datetime
    software: str
    papers: tuple[PackagedPaper, ...]

    @property
    def first_day(self) -> date | None:
        """The earliest day of issue."""
        return min((one.issued_on for one in self.papers if one.issued_on), default=None)

    @property
    def last_day(self) -> date | None:
        """The latest day of issue."""
        return max((one.issued_on for one in self.papers if one.issued_on), default=None)

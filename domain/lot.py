"""The manifest of a lot of uploads (lô quét), `lot.json`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from domain.errors import DocumentFault
from domain.page_ranges import PageRanges
from domain.vietnamese import nfc

MANIFEST_NAME = "lot.json"


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("có ký tự điều khiển")
    return text


# As long as the registry's columns are: PostgreSQL refuses what SQLite would take.
UnitCode = Annotated[str, Field(max_length=40), AfterValidator(_one_line)]
DossierCode = Annotated[str, Field(max_length=80), AfterValidator(_one_line)]
PersonName = Annotated[str, Field(max_length=120), AfterValidator(_one_line)]
OfficerId = Annotated[str, Field(max_length=40), AfterValidator(_one_line)]


class Officer(BaseModel):
    """Who copied the papers (người thực hiện sao chụp, TT 01/2023/TT-VPCP Đ8.1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: PersonName = Field(min_length=1)
    id: OfficerId | None = None
    """The officer's id in the register (`sohoa officer`), where a name could mean two persons."""


class ExpectedFile(BaseModel):
    """A file that belongs to the lot; unit and dossier override those of the lot.

    `pages` says which pages make which paper: `"1-3,-4,5-9"` or `[[1, 3], [5, 9]]`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=255)
    unit: UnitCode | None = None
    dossier: DossierCode | None = None
    pages: PageRanges | None = None

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if "/" in name or "\\" in name or name in {".", ".."} or not name.isprintable():
            raise ValueError("tên tệp phải là tên trơn, không có đường dẫn")
        return nfc(name)


class LotManifest(BaseModel):
    """Who scanned what, when and for which dossier; what files the lot must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lot: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
    unit: UnitCode | None = None
    """The code of the unit that received the papers (mã định danh đơn vị)."""
    dossier: DossierCode | None = None
    """Mã số hồ sơ thủ tục hành chính."""
    officer: Officer | None = None
    operator: PersonName | None = None
    """The postal operator or contractor that scans for the unit, if any."""
    scanned_at: AwareDatetime | None = None
    compared: bool = False
    """Whether the officer compared the scan with the original paper."""
    files: tuple[ExpectedFile, ...] = ()

    @field_validator("files", mode="before")
    @classmethod
    def _names_or_entries(cls, files: object) -> object:
        if isinstance(files, list | tuple):
            return tuple({"name": item} if isinstance(item, str) else item for item in files)
        return files

    @property
    def names(self) -> frozenset[str]:
        """The names of the files that the lot must hold, in Unicode form C."""
        return frozenset(file.name for file in self.files)

    def saying(self, **facts: Any) -> LotManifest:
        """The same, but for these facts; ValidationError where one is none."""
        return LotManifest.model_validate({**dict(self), **facts})

    def upload(self, name: str) -> UploadFacts:
        """What the manifest says of the file `name`; the lot's own facts for a file not listed.

        A name in another Unicode form is the same name, and comes back in form C.
        """
        name = nfc(name)
        entry = next((file for file in self.files if file.name == name), None)
        return UploadFacts(
            name=name,
            unit=(entry and entry.unit) or self.unit,
            dossier=(entry and entry.dossier) or self.dossier,
            officer=self.officer.name if self.officer else None,
            officer_id=self.officer.id if self.officer else None,
            operator=self.operator,
            scanned_at=self.scanned_at,
            compared=self.compared,
            pages=entry.pages if entry else None,
        )


class UploadFacts(BaseModel):
    """What is known of one uploaded file before it is opened."""

    model_config = ConfigDict(frozen=True)

    name: str
    unit: str | None = None
    dossier: str | None = None
    officer: str | None = None
    officer_id: str | None = None
    operator: str | None = None
    """The organization that scanned, where it is not the unit itself."""
    scanned_at: datetime | None = None
    compared: bool = False
    pages: PageRanges | None = None
    """Which pages make which paper, where a person said so: overrides every sheet."""

    def as_metadata(self) -> dict[str, str]:
        """The facts as an object's metadata: text values, without the name and what is not said."""
        said = self.model_dump(
            mode="json", exclude={"name", "pages"}, exclude_none=True, exclude_defaults=True
        )
        return {name: str(value) for name, value in said.items()}


class SaidFacts(UploadFacts):
    """The facts as an object's metadata says them, before they are believed: within bounds."""

    unit: UnitCode | None = None
    dossier: DossierCode | None = None
    officer: PersonName | None = None
    officer_id: OfficerId | None = None
    operator: PersonName | None = None
    scanned_at: AwareDatetime | None = None
    """With its offset: read in the server's own time zone it would be another moment."""


_FAULTS = {
    "string_too_long": "dài quá {max_length} ký tự",
    "string_too_short": "trống",
    "string_pattern_mismatch": "chỉ gồm chữ không dấu, số, dấu chấm, gạch; nhiều nhất 80 ký tự",
    "string_type": "phải là chữ",
    "missing": "thiếu",
    "extra_forbidden": "không có mục nào tên như vậy",
    "timezone_aware": "thiếu múi giờ (viết như 2026-11-02T08:15:00+07:00)",
    "datetime_from_date_parsing": "không phải thời điểm (viết như 2026-11-02T08:15:00+07:00)",
    "datetime_parsing": "không phải thời điểm (viết như 2026-11-02T08:15:00+07:00)",
    "bool_parsing": "phải là true hoặc false",
    "model_type": "phải là một đối tượng JSON",
    "value_error": "{error}",
}


def parse_manifest(content: bytes | str, *, of: str = "", lot: str | None = None) -> LotManifest:
    """What a `lot.json` says; `lot`, where it is known, is the lot whatever the file says.

    Raises DocumentFault `bad_manifest` with what is wrong with the file `of` which lot.
    """
    try:
        told = json.loads(content)
        return LotManifest.model_validate({**told, "lot": lot} if lot else told)
    except ValidationError as error:
        why = first_fault(error)
    except (ValueError, TypeError) as error:
        why = f"không phải JSON ({error})"
    raise DocumentFault("bad_manifest", f"Tệp {MANIFEST_NAME}{of} sai: {why}. Sửa rồi tải lên lại.")


def first_fault(error: ValidationError) -> str:
    """What is wrong with a manifest, in Vietnamese: which entry, and why; no value is told."""
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, fault["loc"])) or MANIFEST_NAME
    told = _FAULTS.get(fault["type"])
    return f"{where}: {told.format(**fault.get('ctx', {})) if told else fault['msg']}"

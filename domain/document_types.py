"""A type of paper (loại giấy tờ), as the catalogue describes it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FieldName = Literal[
    "type_code",
    "owner_id",
    "title",
    "number",
    "issue_date",
    "issuer",
    "subject",
    "valid_until",
    "scope",
]
"""The nine fields of TT 01/2023/TT-VPCP Đ9.2, in the order of the regulation."""


class DocumentType(BaseModel):
    """One entry of the catalogue of document types.

    `code` is the national code of a result paper (KQ.Gxx.nnnnnn, CSDL quốc gia về TTHC);
    it stays empty where the source gives none and is never invented.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str
    """As people say it: "Quyết định"."""
    group: Literal["administrative", "result", "input"]
    titles: tuple[str, ...] = ()
    """Printed titles, as they stand on the paper, most usual first; empty for công văn."""
    symbol: str = ""
    """What stands between number and agency: "QĐ" in 88/QĐ-UBND (NĐ 30/2020 Phụ lục III)."""
    code: str = ""
    required: tuple[FieldName, ...] = ()
    """Fields without which a person must look."""
    retention_years: int | None = None
    """None: kept for ever. Configuration, not a legal statement, unless `verified`."""
    source: str = ""
    verified: bool = False
    valid_from: date | None = None
    valid_until: date | None = None

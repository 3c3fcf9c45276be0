"""What is known of a paper: its type, its nine fields, why a person must look."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from domain.document_types import FieldName
from domain.words import Box

FIELD_NAMES: tuple[FieldName, ...] = (
    "type_code",
    "owner_id",
    "title",
    "number",
    "issue_date",
    "issuer",
    "subject",
    "valid_until",
    "scope",
)

FIELD_LABELS: dict[FieldName, str] = {
    "type_code": "mã loại giấy tờ",
    "owner_id": "mã định danh của tổ chức, cá nhân",
    "title": "tên giấy tờ",
    "number": "số, ký hiệu",
    "issue_date": "ngày cấp",
    "issuer": "cơ quan cấp",
    "subject": "trích yếu",
    "valid_until": "thời hạn hiệu lực",
    "scope": "phạm vi hiệu lực",
}


class FieldValue(BaseModel):
    """One field as read: value or none, how sure, where it stands, why it is doubted."""

    model_config = ConfigDict(frozen=True)

    value: str | None = None
    confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    page: int | None = None
    box: Box | None = None
    source: str = ""
    """What gave the value: `label`, `layout`, `catalogue`, `derived`, `person`."""
    doubts: tuple[str, ...] = ()
    """Vietnamese sentences; each is a reason for review."""

    @property
    def review(self) -> bool:
        """Whether a person must confirm this field."""
        return bool(self.doubts)


class TypeGuess(BaseModel):
    """The recognised type, or an honest unknown (`id` is None)."""

    model_config = ConfigDict(frozen=True)

    id: str | None = None
    name: str = "Chưa rõ loại"
    confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    evidence: tuple[str, ...] = ()
    """Vietnamese sentences that say what was seen and where."""


class Description(BaseModel):
    """Type, fields and reasons for review of one paper."""

    model_config = ConfigDict(frozen=True)

    type: TypeGuess
    fields: dict[FieldName, FieldValue]
    details: dict[str, FieldValue] = {}
    """The type's own fields, by their ids in the catalogue. One that is not required and that
    something speaks against has no value but keeps the doubt: the paper does not wait for it."""
    review: tuple[str, ...] = ()
    """Reasons for review, each naming its field; empty means accepted automatically."""

    def value(self, name: FieldName) -> str | None:
        """The value of one field, or None."""
        return self.fields[name].value

"""A type of paper (loại giấy tờ), as the catalogue describes it."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

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

FieldKind = Literal[
    "text",
    "name",
    "organization",
    "address",
    "date",
    "year",
    "sex",
    "person_id",
    "tax_number",
    "identifier",
    "number",
    "money",
    "area",
]
"""What a type's own field holds.

`name` is a person's name; `person_id` số định danh, CCCD or CMND; `tax_number` mã số thuế or mã
số doanh nghiệp; `identifier` any other code of letters and digits; `money` is in đồng and `area`
in square metres, both as printed.
"""

_LOCAL_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class TypeField(BaseModel):
    """One field that a type of paper has beyond the nine of the regulation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: FieldKind
    label: str = Field(min_length=1)
    """The label as printed on the present form, most usual first, without its colon."""
    labels: tuple[str, ...] = ()
    """Other labels of the same field, on older forms or of other agencies."""
    required: bool = False
    """Without it a person must look."""

    @property
    def all_labels(self) -> tuple[str, ...]:
        """The label and its variants, the most usual first."""
        return (self.label, *self.labels)


class Validity(BaseModel):
    """How long papers of a type hold (thời hạn hiệu lực) where they do not say so themselves.

    `unlimited`: until replaced or withdrawn; `months`: so many months from the day of issue;
    `stated`: differs, the paper prints it; `none`: papers of this type have no term.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["unlimited", "months", "stated", "none"] = "none"
    months: int | None = Field(default=None, ge=1, le=1200)

    @model_validator(mode="after")
    def _months_where_they_count(self) -> Self:
        if (self.kind == "months") != (self.months is not None):
            raise ValueError('months đi với kind = "months" và chỉ với nó')
        return self

    def last_day(self, issued: date) -> date | None:
        """The last day of validity of a paper issued on this day; None where no rule says."""
        if self.months is None:
            return None
        year, month = divmod(issued.year * 12 + issued.month - 1 + self.months, 12)
        return date(year, month + 1, min(issued.day, monthrange(year, month + 1)[1]))


class DocumentType(BaseModel):
    """One entry of the catalogue of document types.

    `code` is the national code of a result paper (KQ.Gxx.nnnnnn, CSDL quốc gia về TTHC); it stays
    empty where the source gives none and is never invented: codes of papers then carry the
    catalogue's id with the local mark (`domain.codes.type_segment`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=_LOCAL_ID)
    name: str = Field(min_length=1)
    """As people say it: "Quyết định"."""
    group: Literal["administrative", "result", "input"]
    titles: tuple[str, ...] = ()
    """Printed titles, as they stand on the paper, most usual first; empty for công văn."""
    former_titles: tuple[str, ...] = ()
    """Those of `titles` that only forms no longer issued carry; such papers are still handed in."""
    symbol: str = ""
    """What stands between number and agency: "QĐ" in 88/QĐ-UBND (NĐ 30/2020 Phụ lục III)."""
    number_form: str = ""
    """A regular expression of the whole number where the form fixes it: twelve digits of a driving
    licence. Compared without spaces."""
    code: str = ""
    required: tuple[FieldName, ...] = ()
    """Fields without which a person must look."""
    evidence: tuple[str, ...] = ()
    """Phrases printed on papers of this type and on few others; they support a title."""
    fields: tuple[TypeField, ...] = ()
    """The type's own fields, in the order of the form."""
    owner: str = ""
    """The own field that holds the owner's identifier; empty where the type names no one owner."""
    issuers: tuple[str, ...] = ()
    """Ids of the agencies that issue this type, of any generation; empty: not restricted."""
    validity: Validity = Validity()
    retention: str = "permanent"
    """Id of the retention class (thời hạn lưu trữ). Configuration unless `verified` there."""
    source: str = ""
    verified: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    """The last day on which papers of this type were issued; older ones are still handed in."""

    @field_validator("number_form")
    @classmethod
    def _compiles(cls, text: str) -> str:
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"biểu thức chính quy sai: {error}") from error
        return text

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        ids = [field.id for field in self.fields]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"trường riêng bị lặp: {', '.join(twice)}")
        if self.owner and self.owner not in ids:
            raise ValueError(f"owner «{self.owner}» không phải một trường riêng của loại này")
        strange = [title for title in self.former_titles if title not in self.titles]
        if strange:
            raise ValueError(f"former_titles có «{strange[0]}» không nằm trong titles")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until trước valid_from")
        return self

    def field(self, field_id: str) -> TypeField | None:
        """The own field with this id, or None."""
        return next((entry for entry in self.fields if entry.id == field_id), None)

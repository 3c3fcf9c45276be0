"""What comes from outside: dossiers, results still valid, aggregate figures, as rows of a file."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from domain.plan_terms import DENOMINATORS, INDICATORS, MEANS

Outcome = Literal["pending", "resolved", "refused", "withdrawn"]
"""Where a dossier stands: being handled, solved successfully, refused, taken back."""
Yes = bool | None
_WORDS = {
    "có": True,
    "x": True,
    "true": True,
    "1": True,
    "không": False,
    "false": False,
    "0": False,
}


_WRITTEN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([T ]00:00(:00(\.0+)?)?)?", re.ASCII)


def _day(value: object) -> object:
    """A day is written as one; pydantic alone would take a number for seconds since 1970."""
    if isinstance(value, date) or _WRITTEN_DAY.fullmatch(str(value).strip()):
        return value
    raise ValueError("ngày phải ghi dạng 2026-11-02")


Day = Annotated[date, BeforeValidator(_day)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unknown(cls, row: object) -> object:
        """A blank cell says nothing; it is never 0 or "no"."""
        if not isinstance(row, dict):
            return row
        return {key: value for key, value in row.items() if value not in {"", None}}


class Dossier(_Row):
    """A dossier (hồ sơ TTHC). The plans count it at its *competent* unit, wherever it came in."""

    code: str = Field(min_length=1, max_length=80)
    procedure: str = Field(min_length=1, max_length=40)
    field: str | None = Field(default=None, max_length=120)
    """Lĩnh vực."""
    components: int | None = Field(default=None, ge=0, le=10_000)
    """How many papers it consists of."""
    receiving_unit: str = Field(min_length=1, max_length=40)
    competent_unit: str = Field(min_length=1, max_length=40)
    applicant: str | None = Field(default=None, max_length=40, repr=False)
    """Who handed it in: personal number or organization's code; kept only as a keyed hash."""
    received_on: Day
    due_on: Day | None = None
    resolved_on: Day | None = None
    outcome: Outcome = "pending"
    online: Yes = None
    component_files: Yes = None
    """Có file đính kèm trong thành phần hồ sơ (QĐ 766 4.2)."""
    result_file: Yes = None
    """Có file đính kèm trong kết quả xử lý (QĐ 766 4.1, 4.2)."""
    data_reused: Yes = None
    """Ít nhất một thành phần dùng lại dữ liệu đã số hóa (QĐ 766 4.3)."""
    shared: Yes = None
    """Có tệp lấy từ kho dữ liệu, hoặc kết quả đồng bộ để tái sử dụng (QĐ 766 4.4)."""
    identity_verified: Yes = None
    """Dùng dữ liệu dân cư (QĐ 766 4.5)."""
    not_asked_again: Yes = None
    result_synced: Yes = None
    status_synced: Yes = None
    circulated_electronically: Yes = None

    @field_validator(
        "online",
        "component_files",
        "result_file",
        "data_reused",
        "shared",
        "identity_verified",
        "not_asked_again",
        "result_synced",
        "status_synced",
        "circulated_electronically",
        mode="before",
    )
    @classmethod
    def _yes_or_no(cls, value: object) -> object:
        return _WORDS.get(str(value).strip().lower(), value)

    @model_validator(mode="after")
    def _in_order(self) -> Dossier:
        if self.resolved_on and self.resolved_on < self.received_on:
            raise ValueError("ngày giải quyết trước ngày tiếp nhận")
        if self.outcome == "resolved" and self.resolved_on is None:
            raise ValueError("hồ sơ đã giải quyết phải có ngày giải quyết")
        return self


class ValidResult(_Row):
    """A result still valid (kết quả giải quyết TTHC còn hiệu lực): one of the stock to digitize."""

    code: str = Field(min_length=1, max_length=80)
    """Mã hồ sơ của kết quả, or the stock list's own number; papers link to it as to a dossier."""
    procedure: str = Field(min_length=1, max_length=40)
    field: str | None = Field(default=None, max_length=120)
    competent_unit: str = Field(min_length=1, max_length=40)
    number: str | None = Field(default=None, max_length=200)
    """Số, ký hiệu of the paper: the other way in which a paper links to it."""
    issued_on: Day
    valid_until: Day | None = None
    shared: Yes = None

    @field_validator("shared", mode="before")
    @classmethod
    def _yes_or_no(cls, value: object) -> object:
        return _WORDS.get(str(value).strip().lower(), value)

    @model_validator(mode="after")
    def _in_order(self) -> ValidResult:
        if self.valid_until and self.valid_until < self.issued_on:
            raise ValueError("hết hiệu lực trước ngày cấp")
        return self


NO_SEPARATOR = "số viết liền, không có dấu ngăn nghìn: 1234"


class Figure(_Row):
    """A figure from outside: what a unit reports for a year or a month of it."""

    unit: str = Field(min_length=1, max_length=40)
    level: Literal["province", "district", "commune"]
    """The level that it speaks of; a province may state one figure for all its communes."""
    year: int = Field(ge=2000, le=2100)
    month: int = Field(default=0, ge=0, le=12)
    """1 to 12 by the reporting calendar; 0: the whole year."""
    indicator: str = Field(min_length=1, max_length=60)
    """A denominator, `‹indicator›.numerator`, or an indicator that is a mean."""
    value: float = Field(ge=0, allow_inf_nan=False)

    @field_validator("indicator")
    @classmethod
    def _known(cls, name: str) -> str:
        indicator = name.removesuffix(".numerator")
        if name in DENOMINATORS or name in MEANS or (indicator != name and indicator in INDICATORS):
            return name
        raise ValueError(
            f"không có số liệu «{name}»; dùng một trong: {', '.join((*DENOMINATORS, *MEANS))}, "
            "hoặc ‹chỉ tiêu›.numerator"
        )

    @field_validator("value")
    @classmethod
    def _whole(cls, value: float, info: ValidationInfo) -> float:
        """Only means have fractions: 1.234 dossiers are 1234, written with a separator."""
        if info.data.get("indicator") not in MEANS and not value.is_integer():
            raise ValueError(f"phải là số nguyên; {NO_SEPARATOR}")
        return value

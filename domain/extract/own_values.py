"""Values of a type's own fields by kind: what a read row says, and what a person may enter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from domain.document_types import FieldKind, TypeField
from domain.extract.dates import read_date
from domain.extract.handwriting import pen_signs
from domain.extract.layout import Run
from domain.extract.person_names import corrected_name, name_faults
from domain.identifiers import identifier_faults, normalise_identifier, tax_number_faults
from domain.vietnamese import fold, nfc

Checked = tuple[str | None, tuple[str, ...]]
"""A value in its normal form, ISO 8601 for days, and why it is doubted."""
_NAME = re.compile(r"[^\W\d_]+(?:['’.\- ]+[^\W\d_]+){1,6}")
_SPECKS = re.compile(r"(?<!\w)['’`]+|['’`]+(?!\w)")
_MONEY = re.compile(r"\d{1,3}(?:[.,]\d{3})*(?: ?(?:đồng|VNĐ|VND|đ))?(?: ?\(.*\))?", re.IGNORECASE)
_AREA = re.compile(r"\d{1,6}(?:[.,]\d{1,3})? ?m[2²]?", re.IGNORECASE)
_UNIT = re.compile(r"^([\d.,]+)(m[2²]?)$", re.IGNORECASE)
_TITLE_OF_ADDRESS = re.compile(r"^(?:(?:[Ôô]ng|[Bb]à)\W{0,3})+(?:là )?", re.UNICODE)
_SEXES = {"nam": "Nam", "nu": "Nữ"}
_FIRST_YEAR = 1880
"""Of birth, of anybody whom a paper still names."""


def read_value(kind: FieldKind, text: str, run: Run, today: date) -> Checked:
    """The value that a row says; None where nothing of this kind stands there."""
    return _CHECKS.get(kind, _as_text)(text, run, today)


def checked_text(  # noqa: PLR0911 - one line a kind
    field: TypeField, text: str, *, today: date
) -> Checked:
    """What a person entered, in its normal form, with Vietnamese reasons why it cannot be right.

    People know names that no list has: only what the kind itself excludes is refused.
    """
    value = nfc(" ".join(text.split()))
    if not any(char.isalnum() for char in value):
        return None, ("giá trị trống, không có chữ hoặc số nào",)
    if any(unicodedata.category(char) in {"Cc", "Cf"} for char in value):
        return None, ("có ký tự điều khiển không in được",)
    match field.kind:
        case "date":
            return _entered_day(value, today)
        case "person_id":
            value = normalise_identifier(value)
            return value, identifier_faults(value, today=today)
        case "tax_number":
            value = normalise_identifier(value)
            return value, tax_number_faults(value, today=today)
        case "sex":
            return _sex(value)
        case _ if field.kind in _PATTERNS:
            pattern, fault = _PATTERNS[field.kind]
            faults = () if pattern.fullmatch(value) else (f"«{value}» {fault}",)
            return _spaced(field.kind, value), faults
    return value, ()


def _entered_day(value: str, today: date) -> Checked:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None, (f"«{value}» không phải ngày dạng năm-tháng-ngày (2026-02-09)",)
    return day.isoformat(), _far(day, today)


def _far(day: date, today: date) -> tuple[str, ...]:
    return () if _FIRST_YEAR <= day.year <= today.year + 60 else ("ngày quá xa",)


def _sex(text: str) -> Checked:
    value = _SEXES.get(fold(text.partition(" ")[0]).strip(".,;"))
    return value, () if value else ("không phải Nam hoặc Nữ",)


def _as_text(text: str, run: Run, _today: date) -> Checked:
    del run
    if not any(char.isalnum() for char in text):
        return None, ("không đọc được",)
    return _SPECKS.sub("", text), ()


def _as_date(_text: str, run: Run, today: date) -> Checked:
    read = read_date(run)
    if read is None or read.value is None:
        return None, ("không đọc được ngày", *(read.doubts if read else ()))
    return read.value.isoformat(), (*read.doubts, *_far(read.value, today))


def _as_identifier(text: str, run: Run, today: date) -> Checked:
    first = re.match(r"[\w.\- ]*?\d[\d .\-]{6,}", text)
    value = normalise_identifier(first.group().strip() if first else text)
    return value, (*identifier_faults(value, today=today), *pen_signs(run.words[:1], ()))


def _as_tax_number(text: str, run: Run, today: date) -> Checked:
    value, doubts = _as_identifier(text, run, today)
    return value, tuple(dict.fromkeys((*tax_number_faults(value or "", today=today), *doubts)))


def _as_name(text: str, _run: Run, _today: date) -> Checked:
    name = corrected_name(_TITLE_OF_ADDRESS.sub("", _SPECKS.sub("", text)))
    if not _NAME.fullmatch(name):
        return name, ("không giống họ tên người",)
    return name, name_faults(name)


def _as_sex(text: str, _run: Run, _today: date) -> Checked:
    return _sex(text)


def _matching(kind: FieldKind) -> _Check:
    pattern, fault = _PATTERNS[kind]

    def check(text: str, _run: Run, _today: date) -> Checked:
        return _spaced(kind, text), () if pattern.fullmatch(text) else (fault,)

    return check


def _spaced(kind: FieldKind, text: str) -> str:
    """The text, an area with the one blank before its unit that the engine may have missed."""
    return _UNIT.sub(r"\1 \2", text) if kind == "area" else text


_Check = Callable[[str, Run, date], Checked]
_PATTERNS: dict[FieldKind, tuple[re.Pattern[str], str]] = {
    "year": (re.compile(r"(?:19|20)\d{2}"), "không phải một năm"),
    "number": (re.compile(r"\d{1,9}(?:[.,]\d{1,3})*.{0,12}"), "không phải một số"),
    "money": (_MONEY, "không phải một số tiền"),
    "area": (_AREA, "không phải một diện tích"),
}
_CHECKS: dict[FieldKind, _Check] = {
    "date": _as_date,
    "person_id": _as_identifier,
    "tax_number": _as_tax_number,
    "name": _as_name,
    "sex": _as_sex,
    **{kind: _matching(kind) for kind in _PATTERNS},
}

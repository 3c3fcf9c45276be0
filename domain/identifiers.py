"""Identifiers of persons and enterprises, and what their own digits say (domain notes, part E).

Only the tax number has a check digit; of a personal number only its parts can be compared with
what else is printed. Faults are Vietnamese sentences for the person who reviews.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.masking import mask

LEGACY_PROVINCE_CODES = frozenset(
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 "
    "036 037 038 040 042 044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 "
    "074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096".split()
)
"""The 63 province codes in personal numbers (TT 07/2016/TT-BCA); mergers do not change them."""

IdentifierKind = Literal["personal", "tax", "branch", "old_card", "passport"]

_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_TAX_CHECK_BASE = 10
_FIRST_CENTURY = 1900
_PATTERNS: tuple[tuple[IdentifierKind, re.Pattern[str]], ...] = (
    ("personal", re.compile(r"0\d{11}")),
    ("tax", re.compile(r"\d{10}")),
    ("branch", re.compile(r"\d{10}-?\d{3}")),
    ("old_card", re.compile(r"\d{9}")),
    ("passport", re.compile(r"[A-Z]\d{7,8}")),
)


class PersonalNumber(BaseModel):
    """The parts of a personal number (số định danh cá nhân): NĐ 137/2015 Đ13, TT 07/2016 Đ7."""

    model_config = ConfigDict(frozen=True)

    province: str
    female: bool
    birth_year: int
    serial: str


def parse_personal_number(text: str) -> PersonalNumber | None:
    """The parts of twelve digits that begin with 0, or None for anything else."""
    if not re.fullmatch(r"0[0-9]{11}", text):
        return None
    century, female = divmod(int(text[3]), 2)
    return PersonalNumber(
        province=text[:3],
        female=bool(female),
        birth_year=_FIRST_CENTURY + 100 * century + int(text[4:6]),
        serial=text[6:],
    )


def identifier_kind(text: str) -> IdentifierKind | None:
    """What the text is by its form alone; None when it is no identifier that we know."""
    if not text.isascii():
        return None
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(text)), None)


def normalise_identifier(text: str) -> str:
    """The identifier without the spaces and dots that people and OCR put between its digits."""
    return re.sub(r"[\s.]", "", text).upper()


def one_form(text: str) -> str:
    """The identifier as it is compared with others: a branch's number with its dash."""
    clean = normalise_identifier(text)
    if identifier_kind(clean) == "branch":
        return f"{clean[:10]}-{clean[-3:]}"
    return clean


def tax_check_digit(first_nine: str) -> int | None:
    """The tenth digit of a tax number (mã số thuế); None when no such number is issued."""
    total = sum(w * int(digit) for w, digit in zip(_TAX_WEIGHTS, first_nine, strict=True))
    check = _TAX_CHECK_BASE - total % 11
    return None if check == _TAX_CHECK_BASE else check


def tax_number_faults(text: str, *, today: date) -> tuple[str, ...]:
    """Vietnamese reasons why this cannot be a tax number (mã số thuế, mã số doanh nghiệp).

    Ten digits with a check digit, thirteen for a branch, with or without its dash. Since 2025-07-01
    a personal number serves persons and household businesses as well.
    """
    if identifier_kind(text) in {"tax", "branch", "personal"}:
        return identifier_faults(text, today=today)
    return (f"«{mask(text)}» không phải mã số thuế (10 hoặc 13 chữ số)",)


def identifier_faults(
    text: str,
    *,
    today: date,
    born: date | int | None = None,
    female: bool | None = None,
    provinces: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Vietnamese reasons why this cannot be an owner's identifier; empty when none is found.

    `born` (a day or a year), `female` and `provinces` (the three-digit codes of where the birth was
    registered, `Catalogue.province_codes`) are what else the paper says of the same person.
    """
    kind = identifier_kind(text)
    if kind is None:
        return (
            f"«{mask(text)}» không đúng dạng số định danh cá nhân, mã số thuế hoặc số hộ chiếu",
        )
    if kind == "personal":
        return _personal_faults(text, today, born, female, provinces)
    if kind in {"tax", "branch"} and tax_check_digit(text[:9]) != int(text[9]):
        return (f"mã số «{mask(text)}» sai chữ số kiểm tra",)
    return ()


def _personal_faults(
    text: str,
    today: date,
    born: date | int | None,
    female: bool | None,
    provinces: Collection[str] | None,
) -> tuple[str, ...]:
    number = parse_personal_number(text)
    if number is None:
        return (f"«{mask(text)}» không phải số định danh cá nhân",)
    faults = []
    if number.province not in LEGACY_PROVINCE_CODES:
        faults.append(f"ba số đầu «{number.province}» không phải mã tỉnh")
    elif provinces and number.province not in provinces:
        faults.append(f"mã tỉnh trong số ({number.province}) khác tỉnh đăng ký khai sinh")
    year = born.year if isinstance(born, date) else born
    if year is not None and year != number.birth_year:
        faults.append(f"năm sinh trong số ({number.birth_year}) khác năm sinh trên giấy ({year})")
    if number.birth_year > today.year:
        faults.append(f"năm sinh trong số ({number.birth_year}) ở tương lai")
    if female is not None and female != number.female:
        faults.append("giới tính trong số khác giới tính trên giấy")
    return tuple(faults)

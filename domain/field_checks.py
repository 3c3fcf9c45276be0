"""Checks that need more than one field: number against type and issuer, terms against days.

All are pure; each returns Vietnamese sentences, empty when nothing speaks against the value.
What the catalogue does not know is never a fault: the aim is a doubt that a person can act on.
"""

from __future__ import annotations

import re
from datetime import date

from domain.catalogue import Catalogue
from domain.document_types import DocumentType
from domain.issuers import resolve_issuer
from domain.vietnamese import fold

_OFFICIAL = re.compile(
    r"(?P<digits>\d{1,6}[A-Za-zĐđ]?)/(?:(?P<year>\d{4})/)?(?P<symbol>[^\W\d_][\w&.]*(?:-[\w&.]+)*)"
)
_YEARLY = re.compile(r"\d{1,6}/(?P<year>\d{4})")


def number_faults(
    number: str,
    catalogue: Catalogue,
    *,
    type_id: str | None = None,
    issuer: str | None = None,
    issued: date | None = None,
) -> tuple[str, ...]:
    """Why a number (số, ký hiệu) contradicts the paper's type, issuer or year of issue.

    Follows NĐ 30/2020/NĐ-CP Phụ lục I: `số/loại-cơ quan`, công văn `số/cơ quan-đơn vị`, and the
    catalogue's own form of a type's number.
    """
    entry = catalogue.type(type_id)
    faults = list(_form_faults(number, entry))
    official = _OFFICIAL.fullmatch(number.strip())
    if official is None:
        yearly = _YEARLY.fullmatch(number.strip())
        return (*faults, *_year_faults(yearly["year"] if yearly else None, issued))
    parts = official["symbol"].split("-")
    of_symbol = catalogue.type_of_symbol(parts[0])
    faults += _type_faults(parts[0], of_symbol, entry)
    rest = parts[1:] if of_symbol is not None else parts
    faults += _issuer_faults(rest, issuer, catalogue)
    return (*faults, *_year_faults(official["year"], issued))


def type_issuer_faults(entry: DocumentType, issuer: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Why this agency does not issue this type; nothing where either is unknown."""
    found = resolve_issuer(issuer, catalogue).agencies
    if not entry.issuers or not found or any(agency.id in entry.issuers for agency in found):
        return ()
    return (f"«{found[0].name}» không phải cơ quan cấp loại «{entry.name}»",)


def derived_valid_until(entry: DocumentType, issued: date) -> date | None:
    """The last day of validity that follows from the type alone, or None.

    A fallback for papers that do not print their term; its source is then `derived`.
    """
    return entry.validity.last_day(issued)


def validity_faults(
    entry: DocumentType, issued: date | None, until: date | None
) -> tuple[str, ...]:
    """Why a printed last day of validity contradicts the day of issue or the type's own term."""
    if until is None:
        return ()
    if issued is not None and until < issued:
        return ("thời hạn hiệu lực kết thúc trước ngày cấp",)
    if entry.validity.kind == "unlimited":
        return (f"loại «{entry.name}» không có thời hạn mà trên giấy lại ghi",)
    usual = entry.validity.last_day(issued) if issued is not None else None
    if usual is None or until <= usual:
        return ()
    term = f"{entry.validity.months} tháng, đến {usual:%d/%m/%Y}"
    return (f"thời hạn {until:%d/%m/%Y} dài hơn của loại «{entry.name}» ({term})",)


def type_date_faults(entry: DocumentType, issued: date) -> tuple[str, ...]:
    """Why papers of this type were not issued on this day."""
    if entry.valid_from is not None and issued < entry.valid_from:
        return (f"loại «{entry.name}» chưa được cấp trước ngày {entry.valid_from:%d/%m/%Y}",)
    if entry.valid_until is not None and issued > entry.valid_until:
        return (f"loại «{entry.name}» không còn được cấp sau ngày {entry.valid_until:%d/%m/%Y}",)
    return ()


def lock_until(type_id: str | None, archived: date, catalogue: Catalogue) -> date | None:
    """The last day of the store's first lock of a paper; None: no lock, or an unknown type."""
    found = catalogue.retention_of(type_id)
    return found.lock_until(archived) if found else None


def _form_faults(number: str, entry: DocumentType | None) -> tuple[str, ...]:
    if entry is None or not entry.number_form:
        return ()
    if re.fullmatch(entry.number_form, re.sub(r"\s", "", number), re.IGNORECASE):
        return ()
    return (f"số «{number}» không đúng dạng số của loại «{entry.name}»",)


def _type_faults(
    symbol: str, of_symbol: DocumentType | None, entry: DocumentType | None
) -> list[str]:
    if of_symbol is None or entry is None or of_symbol.id == entry.id:
        return []
    if entry.group != "administrative" and not entry.symbol:
        return []  # results are often issued under a decision's or another series' symbol
    return [f"ký hiệu «{symbol}» là của loại «{of_symbol.name}», không phải «{entry.name}»"]


def _issuer_faults(parts: list[str], issuer: str | None, catalogue: Catalogue) -> list[str]:
    if not parts or not issuer:
        return []
    found = resolve_issuer(issuer, catalogue).agencies
    known = {_bare(symbol) for agency in found for symbol in agency.symbols}
    named = [part for part in parts if _bare(part) in _all_symbols(catalogue)]
    if not known or not named or any(_bare(part) in known for part in parts):
        return []
    return [f"ký hiệu «{named[0]}» không phải của cơ quan cấp «{issuer}»"]


def _all_symbols(catalogue: Catalogue) -> frozenset[str]:
    return frozenset(_bare(s) for agency in catalogue.agencies for s in agency.symbols)


def _year_faults(year: str | None, issued: date | None) -> tuple[str, ...]:
    if year is None or issued is None or int(year) == issued.year:
        return ()
    return (f"năm trong số ({year}) khác năm cấp ({issued.year})",)


def _bare(symbol: str) -> str:
    return re.sub(r"\W", "", fold(symbol))

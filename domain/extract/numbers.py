"""Number and symbol (số, ký hiệu): as NĐ 30/2020/NĐ-CP Phụ lục I wants, or a result's own.

The Party writes `số-loại/cơ quan` (12-CV/TU) instead of `số/loại-cơ quan`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.catalogue import Catalogue
from domain.extract.handwriting import blank_between, pen_signs, too_tall
from domain.extract.layout import Header, Run, fold_each, row_from
from domain.vietnamese import fold
from domain.words import PageText, Word

_LABEL = re.compile(r"S[ốôóòồổỗộo6ó]\s*(?:/\s*No\b\s*\.?)?\s*[:;.]?", re.IGNORECASE)
_SYMBOL = r"[A-ZĐÐ][A-Za-zĐđÐ]*(?:\s?[-–—.&]\s?[A-ZĐÐ0-9][A-Za-zĐđÐ0-9]*)*"
_WITH_SLASH = re.compile(
    rf"[\s:;.,]*(?P<digits>.{{0,14}}?)\s*[/⁄]\s*"
    rf"(?P<rest>(?:\d{{4}}\s*[/⁄]\s*)?{_SYMBOL}|\d{{4}}(?!\d))"
)
_OF_PARTY = re.compile(
    r"[\s:;.,]*(?P<digits>[^/⁄]{0,14}?)\s*[-–—]\s*"
    r"(?P<rest>[A-ZĐÐ][A-Za-zĐđÐ]{0,4}\s?[/⁄]\s?[A-ZĐÐ][A-Za-zĐđÐ]*)"
)
_OTHER_NUMBER = re.compile(r"cmnd|cccd|cmt|ho chieu|dinh danh|tai khoan|ma so thue|ho so")
"""Words before the slash that name another number: Số CMND/CCCD, Số hộ chiếu/Passport."""
_PLAIN = re.compile(r"[\s:;.,]*(?P<digits>[0-9A-ZĐ][0-9A-ZĐ.\-]*\d[0-9A-ZĐ.\-]*)(?=\s|$)")
_DIGITS = re.compile(r"\d{1,6}[a-zđ]?")
_OWN_CODE = re.compile(
    r"ma so(?: doanh nghiep| don vi| ho kinh doanh)?\s*[:.]?\s*(?P<code>\d{10}(?:-\d{3})?)"
)
_ATTACHED = re.compile(r"kem theo .{0,60}?so\s*:?\s*(?P<digits>\d{1,6})\s*/\s*(?P<rest>[\w\-–]+)")
_HEADER_SHARE = 0.5
"""A paper's own number stands in the upper half of its first page."""
_PIECES = 3
"""Pieces that handwritten digits may be read as."""
_SURE_SYMBOL = 0.6
"""Below this the engine is not sure of the printed symbol."""


@dataclass(frozen=True)
class NumberRead:
    """A number as it was read; `value` is None when its digits could not be read."""

    value: str | None
    symbol: str
    """What follows the digits: "QĐ-UBND", "CV/TU", "2026", or empty."""
    run: Run
    doubts: tuple[str, ...] = ()
    by_pen: bool = False

    @property
    def kind_symbol(self) -> str:
        """The part that names the type: "QĐ" of "QĐ-UBND" and of "2025/QĐ-UBND"."""
        without_year = re.sub(r"^\d{4}/", "", self.symbol)
        return re.split(r"[-–./]", without_year)[0]


def read_number(
    page: PageText, runs: Sequence[Run], header: Header, catalogue: Catalogue
) -> NumberRead | None:
    """The number after its label "Số:" in the header, else the enterprise's own code, or None."""
    reads = [
        read
        for word in _labels(page, runs, header)
        if (read := _read_row(page, word, catalogue)) is not None
    ]
    if reads:
        return next((read for read in reads if read.symbol), reads[0])
    for run in runs:
        found = _OWN_CODE.search(run.folded)
        if found and run.box.y < _HEADER_SHARE * page.height:
            words = run.covering(*found.span("code"))
            doubts = pen_signs(words, ())
            return NumberRead(found["code"], "", run.part(words), doubts)
    return None


def _labels(page: PageText, runs: Sequence[Run], header: Header) -> list[Word]:
    found = []
    for run in runs:
        first = run.words[0]
        label = _LABEL.match(first.text)
        if not label or run.box.y > _HEADER_SHARE * page.height or run.box.y < header.top:
            continue
        colon = ":" in run.text[:5] or ";" in run.text[:5]
        rest = first.text[label.end() :]
        if first.text[0] == "S" and (colon or "/" in run.text) and not rest[:1].isalpha():
            found.append((not colon, run.box.y, first))
    return [word for _, _, word in sorted(found, key=lambda item: item[:2])]


def _read_row(page: PageText, label: Word, catalogue: Catalogue) -> NumberRead | None:
    row = row_from(page, label)
    start = _LABEL.match(row.text)
    if start is None:
        return None
    text = row.text[start.end() :]
    for form in (_OF_PARTY, _WITH_SLASH):
        match = form.match(text)
        if match and len(match["digits"].split()) <= _PIECES and "," not in match["digits"]:
            if _OTHER_NUMBER.search(fold(match["digits"])):
                return None
            return _with_symbol(page, row, start.end(), match, catalogue)
    plain = _PLAIN.match(text)
    if plain is None:
        return None
    words = row.covering(start.end() + plain.start("digits"), start.end() + plain.end("digits"))
    signs = () if page.source == "text" else pen_signs(words, ())
    value = plain["digits"].strip(".-")
    if not value[-1].isdigit():
        signs = (*signs, "có thể thiếu dấu gạch chéo")
    return NumberRead(value, "", _part(row, words), signs)


def _with_symbol(
    page: PageText, row: Run, offset: int, match: re.Match[str], catalogue: Catalogue
) -> NumberRead:
    symbol = _official(re.sub(r"\s", "", match["rest"]).replace("⁄", "/"), catalogue)
    digit_words = row.covering(offset + match.start("digits"), offset + match.end("digits"))
    symbol_words = row.covering(offset + match.start("rest") - 1, offset + match.end("rest"))
    words = tuple(dict.fromkeys((*digit_words, *symbol_words)))
    digits = match["digits"].strip(" _.:;-")
    joint = "-" if match.re is _OF_PARTY else "/"
    if not _DIGITS.fullmatch(digits):
        seen = f"đọc được «{digits}»" if digits else "để trống hoặc viết tay"
        doubts: tuple[str, ...] = (f"phần số trước «{joint}{symbol}» chưa rõ ({seen})",)
        return NumberRead(None, symbol, _part(row, words), doubts, by_pen=True)
    signs = _signs(page, row, digit_words, symbol_words)
    value = f"{digits}{joint}{symbol}"
    return NumberRead(value, symbol, _part(row, words), signs, by_pen=bool(signs))


def _signs(
    page: PageText, row: Run, digits: Sequence[Word], symbol: Sequence[Word]
) -> tuple[str, ...]:
    if page.source == "text":
        return ()
    signs = list(pen_signs(digits, ()))
    if digits[-1] is not symbol[0] and blank_between(digits[-1], symbol[0]):
        signs.append("khoảng trống lạ giữa số và dấu gạch chéo, có thể viết tay")
    if any(too_tall(word, row.words[0]) for word in digits):
        signs.append("chữ số cao hơn chữ in bên cạnh, có thể viết tay")
    if min(word.confidence for word in symbol) < _SURE_SYMBOL:
        signs.append("phần ký hiệu đọc không chắc")
    return tuple(dict.fromkeys(signs))


def _official(symbol: str, catalogue: Catalogue) -> str:
    # tesseract reads Đ as the Icelandic Ð, or as both.
    cleaned = re.sub("ĐÐ|ÐĐ|Ð", "Đ", symbol).replace("–", "-").replace("—", "-")
    year, slash, rest = cleaned.rpartition("/")
    first, dash, tail = rest.partition("-")
    known = catalogue.type_of_symbol(first)
    if known is not None and first.upper() == first:
        first = known.symbol if fold(known.symbol) == fold(first) else first
    return f"{year}{slash}{first}{dash}{tail}"


def _part(row: Run, words: Sequence[Word]) -> Run:
    return row.part(tuple(words) or row.words)


def attached_numbers(pages: Sequence[PageText], symbol: str) -> set[str]:
    """The digits with the same symbol that annexes name: "kèm theo Quyết định số 84/QĐ-UBND"."""
    found = set()
    for page in pages:
        folded = fold_each(page.text.replace("\n", " "))
        for match in _ATTACHED.finditer(folded):
            if symbol and fold(symbol) == match["rest"]:
                found.add(match["digits"])
    return found

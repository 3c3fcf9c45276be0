"""Dates: in words and figures, the day of issue, and months counted from it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from domain.extract.handwriting import pen_signs
from domain.extract.layout import Header, Run, row_from
from domain.vietnamese import fold
from domain.words import PageText, Word

_SPOKEN = re.compile(
    r"ng[a-z]y\W{0,2}(?P<day>.{0,4}?)\s*th[a-z]ng\s*(?P<month>.{0,4}?)\s*n[a-z]m\s*(?P<year>\d{4})"
)
_NUMERIC = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})\s?[/.\-]\s?(?P<month>\d{1,2})\s?[/.\-]\s?(?P<year>\d{4})(?!\d)"
)
_LABELS = tuple(
    re.compile(pattern)
    for pattern in (
        r"ngay,? ?thang,? ?nam (?:dang ky|cap)\b",
        r"ngay dang ky\b",
        r"dang ky (?:thay doi )?lan (?:dau|thu [\w ]{1,12}?)\b",
        r"ngay cap\b",
        r"cap lan (?:dau|thu \w+)\b",
        r"(?:da )?dang ky (?:ngay|vao ngay)\b",
    )
)
_HEADER_SHARE = 0.45
_RIGHT_PART = 0.35
_FIRST_YEAR = 1945
"""No paper of this state is older (02/9/1945)."""


@dataclass(frozen=True)
class DateRead:
    """A date as it was read; `value` is None when day or month could not be read."""

    value: date | None
    run: Run
    doubts: tuple[str, ...] = ()
    by_pen: bool = False


def parse_dates(text: str) -> list[date]:
    """All valid dates in a text, spoken ("ngày 05 tháng 3 năm 2020") or dd/mm/yyyy, in order."""
    folded = fold(text)
    matches = [*_SPOKEN.finditer(folded), *_NUMERIC.finditer(folded)]
    days = [_day(match) for match in sorted(matches, key=lambda match: match.start())]
    return [day for day in days if day is not None]


def _day(match: re.Match[str]) -> date | None:
    if not (match["day"].isdecimal() and match["month"].isdecimal()):
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def months_after(day: date, months: int) -> date:
    """The same day `months` later; the month's last day where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def read_date(run: Run, *, printed: bool = False) -> DateRead | None:
    """The first date of a run with its doubts; `printed` leaves out the signs of a pen."""
    match = _SPOKEN.search(run.folded) or _NUMERIC.search(run.folded)
    if match is None:
        return None
    words = run.covering(*match.span())
    part = run.part(words)
    day = _day(match)
    if day is None:
        seen = f"«{run.text[match.start() : match.end()]}»"
        return DateRead(None, part, (f"ngày hoặc tháng chưa rõ: {seen}",), by_pen=True)
    signs: tuple[str, ...] = ()
    if not printed:
        digits = [
            word for name in ("day", "month", "year") for word in run.covering(*match.span(name))
        ]
        years = [
            word for word in run.covering(*match.span("year")) if word.text.strip(".,;").isdecimal()
        ]
        plain = [word for word in digits if word.text.strip(".,;").isdecimal()]
        years = [word for word in years if _beside(word, plain)]
        signs = pen_signs(digits, ())
        if _SPOKEN.search(run.folded):
            signs = tuple(dict.fromkeys((*signs, *(pen_signs(plain, years) if plain else ()))))
            if len(plain) < len(digits):
                signs = (*signs, "chữ và số dính nhau, có thể viết tay")
    return DateRead(day, part, signs, by_pen=bool(signs))


def _beside(year: Word, digits: Sequence[Word]) -> bool:
    """Whether the year stands in the row of the other digits, and not in the next one."""
    return all(abs(year.box.y - word.box.y) < 1.2 * year.box.height for word in digits)


def issue_date(
    pages: Sequence[PageText],
    first: PageText,
    runs: Sequence[Run],
    header: Header,
    *,
    labelled: bool,
) -> DateRead | None:
    """The day of issue: beside the number, else by its label, else over the signature.

    `labelled`: the type is a form that may print the day by a label (results, not NĐ 30 papers).
    """
    for word in _day_words(first):
        if header.top <= word.box.y < _HEADER_SHARE * first.height and _placed(first, word, header):
            read = read_date(row_from(first, word), printed=first.source == "text")
            if read is not None:
                return read
    if labelled and (read := _by_label(runs)) is not None:
        return read
    return _over_signature(pages)


def _day_words(page: PageText) -> Iterable[Word]:
    found = [word for word in page.words if fold(word.text).startswith("ngay")]
    return sorted(found, key=lambda word: word.box.y)


def _placed(page: PageText, word: Word, header: Header) -> bool:
    if word.box.x < max(header.divide, _RIGHT_PART * page.width):
        return False
    return _after_comma(page, word)


def _after_comma(page: PageText, word: Word) -> bool:
    before = [
        other
        for other in page.words
        if other.box.x < word.box.x
        and abs(other.box.y + other.box.height / 2 - word.box.y - word.box.height / 2)
        < 0.6 * word.box.height
    ]
    nearest = max(before, key=lambda other: other.box.x, default=None)
    return nearest is not None and nearest.text[-1] in ",.;"


def _by_label(runs: Sequence[Run]) -> DateRead | None:
    for label in _LABELS:
        for run in runs:
            match = label.search(run.folded[:60])
            if match is None or any(char.isdigit() for char in run.folded[3 : match.start()]):
                continue
            rest = run.covering(match.start(), len(run.text))
            read = read_date(run.part(rest))
            if read is not None:
                return read
    return None


def _over_signature(pages: Sequence[PageText]) -> DateRead | None:
    for page in reversed(pages):
        for word in reversed(list(_day_words(page))):
            row = row_from(page, word)
            short = row.box.width < 0.5 * page.width
            if short and word.box.x > _RIGHT_PART * page.width and _after_comma(page, word):
                read = read_date(row, printed=page.source == "text")
                if read is not None:
                    return read
    return None


def plausible(day: date, today: date) -> tuple[str, ...]:
    """Why this cannot be a day of issue, in Vietnamese; empty when it can."""
    if day > today:
        return ("ngày ở tương lai",)
    if day.year < _FIRST_YEAR:
        return ("ngày quá xa trong quá khứ",)
    return ()

"""A second look at the two lines that decide most: number ("Số: 73/TLKT") and day of issue.

The pass over the whole page sometimes spoils such short lines. They are read again by themselves
and the readings weighed (`reading/looks.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from PIL import Image

from domain.vietnamese import fold
from reading.looks import Look, ReadLine, box_of, looks_at, runs_of, weigh
from reading.reading_order import RawWord

_UPPER_SHARE = 0.45
"""Number and day stand above this share of the page's height (NĐ 30/2020/NĐ-CP Phụ lục I)."""
_MOST_LINES = 3
_LONGEST = 60
"""Characters: longer lines are running text that quotes a number or a day."""
_REACH = 9.0
"""How far behind "Số:" a number that was not seen at all is looked for, in heights of a word."""
_SURE = 0.8
"""Two readings that agree need no third when one of them is as sure as this."""

_LABEL = re.compile(r"s[o06]\s?[:;.]|s[o06]\s?\d{1,6}\s?[/\-–]")
_NUMBER = re.compile(
    r"s[ốôóòồổỗộo06]\s?[:;.,]{0,2}\s?(?P<key>\d[\w\-–—./&ĐÐ ]*)$",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"ng[a-z]y\b(?!\s?,).{0,6}\bth[a-z]ng\b.{1,6}n[a-z]m|\bth[a-z]ng\b.{1,6}\bn[a-z]m\s*\d{2,4}$"
)
_DATE = re.compile(
    r"ng[a-z]y\s*(?P<day>\d{1,2})\s*th[a-z]ng\s*(?P<month>\d{1,2})\s*n[a-z]m\s*(?P<year>\d{4})"
)
_REGISTERED = "dang ky lan dau"
_RIGHT_PART = 0.3
"""Dates that begin further left, as shares of the width, are those of laws that are quoted."""


def second_look(
    picture: Image.Image, words: Sequence[RawWord], dpi: float, read_line: ReadLine
) -> list[RawWord]:
    """The words of an upright, straightened page with its number and date lines read again.

    Words are in pixels of `picture`; all others come back as they were, in the same order.
    """
    result = list(words)
    for run, is_number in list(_wanted(words, picture.size))[:_MOST_LINES]:
        box = box_of(run, words, picture, _REACH if is_number else 0.0)
        old = [word for word in result if word in run or _inside(word, box)]
        if old:
            again = looks_at(picture, box, dpi, read_line, run[0].line)
            first = _look(old, is_number=is_number)
            verdict = weigh(first, _looks(again, is_number=is_number), enough=_SURE)
            new = [verdict.weighed(w) if _carries(w) else w for w in verdict.look.words]
            result = _replaced(result, old, new)
    return result


def _replaced(
    words: Sequence[RawWord], old: Sequence[RawWord], new: Sequence[RawWord]
) -> list[RawWord]:
    """`words` with `new` in the places of `old`; one by one where there are as many."""
    if len(old) == len(new):
        places = dict(zip(old, new, strict=True))
        return [places.get(word, word) for word in words]
    at = words.index(old[0])
    rest = [word for word in words if word not in old]
    return [*rest[:at], *new, *rest[at:]]


def _wanted(
    words: Sequence[RawWord], size: tuple[int, int]
) -> Iterator[tuple[list[RawWord], bool]]:
    """Runs that look like a number line (True) or a date line (False), number lines first."""
    runs = [run for run in runs_of(words) if run[0].y < _UPPER_SHARE * size[1]]
    numbers = [run for run in runs if _LABEL.match(_folded(run))]
    dates = [
        run
        for run in runs
        if _DATE_LINE.search(_folded(run))
        and (run[0].x > _RIGHT_PART * size[0] or _folded(run).startswith(_REGISTERED))
    ]
    for run in sorted(numbers, key=_top):
        if len(_text(run)) <= _LONGEST:
            yield run, True
    for run in sorted(dates, key=_top):
        if run not in numbers and len(_text(run)) <= _LONGEST:
            yield run, False


def _top(run: Sequence[RawWord]) -> int:
    return run[0].y


def _text(run: Sequence[RawWord]) -> str:
    return " ".join(word.text for word in run)


def _folded(run: Sequence[RawWord]) -> str:
    return fold(_text(run))


def _inside(word: RawWord, box: tuple[int, int, int, int]) -> bool:
    across, down = word.x + word.width / 2, word.y + word.height / 2
    return box[0] < across < box[2] and box[1] < down < box[3]


def _look(words: list[RawWord], *, is_number: bool) -> Look:
    """What a reading says as number or day; other letters than figures the catalogue can judge."""
    said = _number(words) if is_number else _date(words)
    if said is None:
        return Look(words, None, 0.0)
    key = said if is_number or _is_day(said) else None
    figures = [word.confidence for word in words if any(char.isdigit() for char in word.text)]
    return Look(words, key, min(figures, default=0.0), re.sub(r"[^\d/]", "", said).strip("/"))


def _looks(again: Callable[[int], list[RawWord]], *, is_number: bool) -> Callable[[int], Look]:
    return lambda attempt: _look(again(attempt), is_number=is_number)


def _number(words: Sequence[RawWord]) -> str | None:
    found = _NUMBER.match(_text(words))
    return re.sub(r"\s", "", found["key"]).replace("Ð", "Đ") if found else None


def _date(words: Sequence[RawWord]) -> str | None:
    """What stands there as day of issue, be it a day or none."""
    found = _DATE.search(_folded(words))
    if found is None:
        return None
    return "/".join(str(int(found[part])) for part in ("day", "month", "year"))


def _is_day(said: str) -> bool:
    """No reading of a 37th can be right; but it contradicts one of the 27th."""
    day, month, year = map(int, said.split("/"))
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _carries(word: RawWord) -> bool:
    """Whether figures or a symbol stand in the word."""
    return "/" in word.text or any(char.isdigit() for char in word.text)

"""A second look at the two lines that decide most: number ("Số: 73/TLKT") and day of issue.

The pass over the whole page sometimes spoils such short lines. They are cut out, brought to the
size that the engine was trained on, and read again by themselves. Readings that agree are surer
than one, readings that differ are a warning: figures that sure readings give differently get a
confidence that asks a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from statistics import median
from typing import NamedTuple

from PIL import Image, ImageFilter

from domain.vietnamese import fold
from reading.reading_order import RawWord

ReadLine = Callable[[Image.Image, float], list[RawWord]]
"""Reads a picture of one line at a resolution in dots per inch."""

_UPPER_SHARE = 0.45
"""Number and day stand above this share of the page's height (NĐ 30/2020/NĐ-CP Phụ lục I)."""
_MOST_LINES = 3
_LONGEST = 60
"""Characters: longer lines are running text that quotes a number or a day."""
_GAP = 1.6
"""White that parts the columns of a header, in heights of a word."""
_REACH = 9.0
"""How far behind "Số:" a number that was not seen at all is looked for, in heights of a word."""
_MARGIN = 0.45
"""White kept around the line, in its heights: tesseract loses letters that touch the border."""
_LOOKS = ((150.0, 0.7), (180.0, 0.0), (140.0, 0.0))
"""Dots per inch and blur (pixels) of the second, third and fourth reading. Letters of 13–14 pt are
then about 36 pixels high, the height that tesseract's network sees: larger ones it shrinks itself,
and badly. Of 558 drawn lines (days in italics, numbers; clean, worn, noisy) the figures came out
right in 558, 557 and 558, at 300 dpi in 539; of other 558, at 360 dpi with blur in 551."""
_SURE = 0.8
"""Two readings that agree need no third when one of them is as sure as this."""
_UNSURE = 0.7
"""A reading below this contradicts nobody."""
_DOUBTED = 0.4
"""What is left of the confidence of figures that another sure reading gives differently."""

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


class _Look(NamedTuple):
    """One reading of a line: its words, and what they say as number or day (None: neither)."""

    words: list[RawWord]
    key: str | None
    sure: float
    """0–1: the least confidence among the words that carry figures."""


def second_look(
    picture: Image.Image, words: Sequence[RawWord], dpi: float, read_line: ReadLine
) -> list[RawWord]:
    """The words of an upright, straightened page with its number and date lines read again.

    Words are in pixels of `picture`; all others come back as they were, in the same order.
    """
    result = list(words)
    for run, is_number in list(_wanted(words, picture.size))[:_MOST_LINES]:
        box = _box(run, words, picture, is_number=is_number)
        old = [word for word in result if word in run or _inside(word, box)]
        if old:
            look = _looks(picture, box, dpi, read_line, run[0].line, is_number=is_number)
            new = _weighed(_look(old, is_number=is_number), look)
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
    runs = [run for run in _runs(words) if run[0].y < _UPPER_SHARE * size[1]]
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


def _runs(words: Sequence[RawWord]) -> Iterator[list[RawWord]]:
    """The engine's lines, cut where white is wide."""
    for _, line in groupby(words, key=lambda word: word.line):
        run: list[RawWord] = []
        for word in line:
            if run and word.x - run[-1].right > _GAP * max(word.height, run[-1].height):
                yield run
                run = []
            run.append(word)
        yield run


def _text(run: Sequence[RawWord]) -> str:
    return " ".join(word.text for word in run)


def _folded(run: Sequence[RawWord]) -> str:
    return fold(_text(run))


def _box(
    run: Sequence[RawWord], words: Sequence[RawWord], picture: Image.Image, *, is_number: bool
) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is read again: the run with a margin, free of neighbours."""
    high = median(word.height for word in run)
    margin = round(_MARGIN * high)
    middle = median(word.y + word.height / 2 for word in run)
    top, bottom = round(middle - high / 2) - margin, round(middle + high / 2) + margin
    left, right = run[0].x - margin, max(word.right for word in run) + margin
    if is_number:
        right = max(right, round(run[0].right + _REACH * high))
    for word in words:
        beside = abs(word.y + word.height / 2 - middle) < high
        if beside and word not in run and word.x > run[0].x and word.x - margin < right:
            right = max(word.x - margin, *(other.right for other in run))
    return max(left, 0), max(top, 0), min(right, picture.width), min(bottom, picture.height)


def _inside(word: RawWord, box: tuple[int, int, int, int]) -> bool:
    across, down = word.x + word.width / 2, word.y + word.height / 2
    return box[0] < across < box[2] and box[1] < down < box[3]


def _looks(
    picture: Image.Image,
    box: tuple[int, int, int, int],
    dpi: float,
    read_line: ReadLine,
    line: int,
    *,
    is_number: bool,
) -> Callable[[int], _Look]:
    crop = picture.crop(box).convert("L")

    def look(attempt: int) -> _Look:
        target, blur = _LOOKS[attempt]
        prepared = crop.filter(ImageFilter.GaussianBlur(blur)) if blur else crop
        scale = target / dpi
        size = (max(1, round(crop.width * scale)), max(1, round(crop.height * scale)))
        words = [
            word._replace(
                x=round(word.x / scale) + box[0],
                y=round(word.y / scale) + box[1],
                width=max(1, round(word.width / scale)),
                height=max(1, round(word.height / scale)),
                line=line,
            )
            for word in read_line(prepared.resize(size, Image.Resampling.BICUBIC), target)
        ]
        return _look(words, is_number=is_number)

    return look


def _look(words: list[RawWord], *, is_number: bool) -> _Look:
    key = _number(words) if is_number else _day(words)
    if key is None:
        return _Look(words, None, 0.0)
    figures = [word.confidence for word in words if any(char.isdigit() for char in word.text)]
    return _Look(words, key, min(figures, default=0.0))


def _number(words: Sequence[RawWord]) -> str | None:
    found = _NUMBER.match(_text(words))
    return re.sub(r"\s", "", found["key"]).replace("Ð", "Đ") if found else None


def _day(words: Sequence[RawWord]) -> str | None:
    """The day of issue; None also for a 37th, which no reading can have right."""
    found = _DATE.search(_folded(words))
    if found is None:
        return None
    day, month, year = (int(found[part]) for part in ("day", "month", "year"))
    try:
        date(year, month, day)
    except ValueError:
        return None
    return f"{day}/{month}/{year}"


def _weighed(first: _Look, look: Callable[[int], _Look]) -> list[RawWord]:
    """The words of the reading that most looks agree on, with what that says of its confidence."""
    second = look(0)
    if first.key is not None and first.key == second.key and max(first.sure, second.sure) >= _SURE:
        return _at_least(first.words, second.sure)
    again = [second, look(1)]
    if second.key is not None and second.key == again[1].key and _contradicted(second, [first]):
        again.append(look(2))
    looks = [one for one in (first, *again) if one.key is not None]
    agreed = next((one for one in looks if sum(other.key == one.key for other in looks) > 1), None)
    if agreed is None:
        contradicted = _contradicted(first, again)
        return _at_most(first.words, _DOUBTED) if contradicted else first.words
    chosen = first if agreed.key == first.key else agreed
    judges = again if len(again) == len(_LOOKS) else [first, *again]  # three overrule the page
    if _contradicted(agreed, judges):
        return _at_most(chosen.words, _DOUBTED)
    return _at_least(chosen.words, max(one.sure for one in looks if one.key == agreed.key))


def _contradicted(one: _Look, others: Sequence[_Look]) -> bool:
    """Whether another reading is sure of other figures; other letters the catalogue can judge."""
    return any(
        other.sure >= _UNSURE and _figures(other.key) != _figures(one.key)
        for other in others
        if other.key is not None
    )


def _figures(key: str | None) -> str:
    return re.sub(r"[^\d/]", "", key or "").strip("/")


def _at_least(words: list[RawWord], confidence: float) -> list[RawWord]:
    return [
        word._replace(confidence=max(word.confidence, confidence)) if _carries(word) else word
        for word in words
    ]


def _at_most(words: list[RawWord], confidence: float) -> list[RawWord]:
    return [
        word._replace(confidence=min(word.confidence, confidence)) if _carries(word) else word
        for word in words
    ]


def _carries(word: RawWord) -> bool:
    """Whether figures or a symbol stand in the word."""
    return "/" in word.text or any(char.isdigit() for char in word.text)

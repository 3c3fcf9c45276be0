"""How words lie on a page: pieces of lines, rows, the header of NĐ 30/2020/NĐ-CP.

OCR may join the left and the right column of a header into one line, or cut one printed row
into two lines. So lines are split at wide gaps, and rows are put together by geometry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from statistics import median

from rapidfuzz import fuzz

from domain.vietnamese import fold, is_upper
from domain.words import Box, Line, PageText, Word

COLUMN_GAP = 1.3
"""A gap wider than this many word heights parts two columns."""
_NATION = "cong hoa xa hoi chu nghia viet nam"
_INSTEAD = ("dang cong san viet nam", "doan tncs ho chi minh")
"""What papers of the Party and of its youth union carry in its place."""
_NATION_SCORE, _INSTEAD_SCORE = 80, 90
_NATION_WORDS = 4
"""Fewer cannot be the national name, whatever OCR joined."""
_MIDDLE = (0.42, 0.58)
"""Where the middle of a line lies (part of the page width) that is centred over the page."""


@dataclass(frozen=True)
class Run:
    """Words that stand one after the other on a page, and their text."""

    words: tuple[Word, ...]
    sheet: PageText
    number: int = 0
    """The line on the page, from 1, as a person counts."""

    @cached_property
    def text(self) -> str:
        """The words joined by single spaces."""
        return " ".join(word.text for word in self.words)

    @cached_property
    def folded(self) -> str:
        """The text without diacritics in lower case, letter for letter as long as `text`."""
        return fold_each(self.text)

    @cached_property
    def box(self) -> Box:
        """The rectangle around the words, in pixels."""
        return Line(words=self.words).box

    @cached_property
    def confidence(self) -> float:
        """0–1, the mean of the words."""
        return sum(word.confidence for word in self.words) / len(self.words)

    @cached_property
    def height(self) -> float:
        """The median height of the words, in pixels."""
        return median(word.box.height for word in self.words)

    @property
    def page(self) -> int:
        """The page's number in the scan, from 1."""
        return self.sheet.page

    @property
    def page_width(self) -> int:
        """Pixels."""
        return self.sheet.width

    def part(self, words: Sequence[Word]) -> Run:
        """Some of the words as a run of their own; the whole run when there are none."""
        return Run(tuple(words), self.sheet, self.number) if words else self

    @property
    def centre(self) -> float:
        """The x of the middle, as a part of the page width."""
        return (self.box.x + self.box.width / 2) / self.page_width

    @property
    def letters(self) -> int:
        """How many letters and digits it has; specks and rules have few."""
        return sum(char.isalnum() for char in self.text)

    @property
    def capitals(self) -> bool:
        """Whether it is set in capitals."""
        return is_upper(self.text)

    def covering(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that the characters from `start` to `end` of `text` belong to."""
        found, at = [], 0
        for word in self.words:
            if at < end and at + len(word.text) > start:
                found.append(word)
            at += len(word.text) + 1
        return tuple(found)


def fold_each(text: str) -> str:
    """Fold character by character, so that places in the result are places in the text."""
    return "".join(_fold_letter(char) for char in text)


@cache
def _fold_letter(char: str) -> str:
    return (fold(char) or char)[0]


def runs_of(page: PageText) -> tuple[Run, ...]:
    """The pieces of the page's lines, split at column gaps, from top to bottom."""
    pieces: list[Run] = []
    for number, line in enumerate(page.lines, start=1):
        pieces.extend(Run(words, page, number) for words in _split(line.words))
    return tuple(sorted(pieces, key=lambda run: (run.box.y, run.box.x)))


def _split(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    gap = COLUMN_GAP * median(word.box.height for word in words)
    pieces: list[list[Word]] = [[]]
    for word in words:
        if pieces[-1] and word.box.x - pieces[-1][-1].box.right > gap:
            pieces.append([])
        pieces[-1].append(word)
    return [tuple(piece) for piece in pieces]


def row_from(page: PageText, first: Word) -> Run:
    """`first` and all words right of it that stand in the same printed row, skew allowed for."""
    row, last = [first], first
    for word in sorted(page.words, key=lambda word: word.box.x):
        if word.box.x <= last.box.x or word in row:
            continue
        middle = word.box.y + word.box.height / 2
        if abs(middle - last.box.y - last.box.height / 2) < 0.6 * min(
            max(word.box.height, 1), max(last.box.height, 1)
        ):
            row.append(word)
            last = word if word.box.height > 0.5 * first.box.height else last
    return Run(tuple(row), page, first.line + 1)


@dataclass(frozen=True)
class Header:
    """Where the header of the first page ends and its columns part (pixels)."""

    top: float
    bottom: float
    """Under the motto (tiêu ngữ); the number and the date may stand lower."""
    divide: float
    """Left of it stands the issuing agency; 0 when the header has one column."""
    found: bool


def header_of(page: PageText, runs: Sequence[Run]) -> Header:
    """The header by the national name (quốc hiệu); without it, the usual places are assumed."""
    for run in runs:
        at = _nation_at(run)
        if at is None:
            continue
        words = run.words[at:]
        box = Line(words=words).box
        middle = (box.x + box.width / 2) / page.width
        single = at == 0 and _MIDDLE[0] < middle < _MIDDLE[1]
        return Header(
            top=box.y - 0.8 * run.height,
            bottom=box.bottom + 1.6 * run.height,
            divide=0.0 if single else box.x - 0.3 * run.height,
            found=True,
        )
    return Header(top=0.0, bottom=0.0, divide=0.45 * page.width, found=False)


def _nation_at(run: Run) -> int | None:
    """The word of the run with which the national name begins, or what stands in its place."""
    found = _begins_at(run, _NATION, _NATION_SCORE)
    if found is not None or not run.capitals:
        return found
    others = (_begins_at(run, name, _INSTEAD_SCORE) for name in _INSTEAD)
    return next((at for at in others if at is not None), None)


def _begins_at(run: Run, name: str, least: float) -> int | None:
    if fuzz.partial_ratio(name, run.folded) < least or len(run.words) < _NATION_WORDS:
        return None
    rests = [
        (fuzz.ratio(name, fold(" ".join(word.text for word in run.words[at:]))), -at)
        for at in range(len(run.words) - _NATION_WORDS + 1)
    ]
    score, at = max(rests)
    return -at if score >= least else None

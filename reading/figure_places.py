"""Where a paper leaves room for figures by hand: after "Số:", around "tháng" in the date line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from domain.extract.layout import COLUMN_GAP, row_from
from domain.vietnamese import fold
from domain.words import Box, Line, PageText, Word
from reading.glyphs import Glyph

_UPPER = 0.4
"""Number and date stand in this part of a paper's first page."""
_RIGHT = 0.33
_ROW = 10
"""Words of a row in which symbol, month and year must come."""
_LABEL = re.compile(r"[Ss][ốôóòồổỗộo6ó]\s*[:;.]")
_SLASH = re.compile(r"[/⁄](?=[A-Za-zĐđÐ]|\d{4})")
"""The slash before symbol or year: a handwritten 1 is read as a slash, too."""
_SYMBOL = re.compile(r"[A-ZĐÐ][A-Za-zĐđÐ]{0,6}[-–][A-ZĐÐ]{2}")
"""Type and agency, where the slash before them was not read."""
_YEAR = re.compile(r"^\D?(?:19|20)\d\d\D?$")
_CAPITAL, _DIGIT = 0.662, 0.676
"""Heights in em of Times, in which papers are set (NĐ 30/2020/NĐ-CP Phụ lục I)."""
_EM = {"so": 1.33, "ngay": 1.944, "thang": 2.25}
"""Widths of the printed labels in em, upright or italic."""
_ADVANCE = {"/": 0.28, "⁄": 0.28, "-": 0.33, ".": 0.25, ":": 0.28, "1": 0.5}
_MUCH_LIKE = 70
_SAME_ROW = 0.6
_GARBLED = 0.6
"""A word read with less confidence may be "ngày" under the stroke of a pen."""
_LOOSE = 1.1
"""A label's box may be this much wider than the print says; beyond, it holds other ink."""


class Edge(NamedTuple):
    """An edge of the room for figures: as the words say, and as the print's size allows."""

    word: Word
    label: str
    fused: bool
    """Whether the word holds more than its label, so that its box does not give the edge."""
    last: bool = False
    """Whether the label stands at the right end of its word."""


class Place(NamedTuple):
    """Room for figures in one row, and the print beside it."""

    before: Word
    """The printed word before the figures."""
    start: Edge
    end: float | Edge
    """Its right edge in pixels, or the label that stands there."""
    models: tuple[Word, ...]
    """Words whose figures or capitals show how high print is here."""
    model_start: float
    """Where in the models the print begins, in pixels."""
    prints: tuple[Word, ...]
    """Words that stand on the same line."""
    em: float
    """Height in em of the models' figures or capitals."""
    words: tuple[Word, ...]
    """The row, from the label on."""

    @property
    def box(self) -> Box:
        """The rectangle around the row, in pixels."""
        return Line(words=self.words).box

    @property
    def height(self) -> float:
        """About how high print is here, in pixels."""
        return max(word.box.height for word in self.models)

    def span(self, height: float) -> tuple[float, float]:
        """Left and right edge of the room in pixels, with models of `height` pixels."""
        left = _right_edge(self.start, height / self.em)
        right = self.end if isinstance(self.end, float) else _left_edge(self.end, height / self.em)
        return left, right

    def is_model(self, glyph: Glyph) -> bool:
        """Whether the glyph is one of those that show the height of print."""
        return glyph.left >= self.model_start and _in_any(glyph, self.models)

    def is_print(self, glyph: Glyph) -> bool:
        """Whether the glyph is known to be print on the same line."""
        return self.is_model(glyph) or _in_any(glyph, self.prints)


def figure_places(page: PageText) -> list[Place]:
    """The places on this page, which may have none."""
    return [*_numbers(page), *_dates(page)]


def is_label(word: Word) -> bool:
    """Whether the word is a printed label and nothing else: "Số:", "ngày", "tháng", "năm"."""
    return fold(word.text).rstrip(":;.,") in {"so", "ngay", "thang", "nam"}


def _numbers(page: PageText) -> Iterator[Place]:
    for word in page.words:
        if word.box.y > _UPPER * page.height or not _LABEL.match(word.text):
            continue
        if (left := _left_neighbour(page, word)) and _is_near(left, word):
            continue  # "số:" within a sentence names another paper
        row = row_from(page, word).words[:_ROW]
        for number, other in enumerate(row):
            slash = _SLASH.search(other.text)
            symbol = slash or (_SYMBOL.search(other.text) if number else None)
            if symbol is None:
                continue
            at = symbol.start()
            start = Edge(word, "so", fused=number == 0)
            edge = _within(other, at)
            yield Place(
                before=word,
                start=start,
                end=edge,
                models=(other,),
                model_start=_within(other, at + 1) if slash else edge,
                prints=() if number == 0 else (word,),
                em=_CAPITAL,
                words=row[: number + 1],
            )
            break


def _dates(page: PageText) -> Iterator[Place]:
    for word in page.words:
        if word.box.y > _UPPER * page.height or word.box.x < _RIGHT * page.width:
            continue
        garbled = word.confidence < _GARBLED
        if (_is_day_label(word) or garbled) and _after_comma(page, word):
            row = row_from(page, word).words[:_ROW]
            year = next((n for n, other in enumerate(row) if _YEAR.match(other.text)), None)
            if year is not None:
                yield from _day_and_month(row[: year + 1])


def _is_day_label(word: Word) -> bool:
    """Whether the word begins with "ngày", or with what OCR makes of it ("hgày", "ngài")."""
    return fuzz.ratio(fold(word.text)[: len("ngay")], "ngay") >= _MUCH_LIKE


def _day_and_month(row: Sequence[Word]) -> Iterator[Place]:
    folded = [fold(word.text) for word in row]
    month = next((n for n, text in enumerate(folded) if "thang" in text), None)
    if month is None or month >= len(row) - 2:
        return
    named = len(row) - 2
    prints = [row[named]]
    if folded[0] == "ngay":
        prints.append(row[0])
    if folded[month] == "thang":
        prints.append(row[month])
    models, words = (row[-1],), tuple(row)
    fused = Edge(row[month], "thang", fused=folded[month] != "thang")
    # A garbled label may hold some of the figures, so its box does not give the edge.
    day = Edge(row[0], "ngay", fused=folded[0] != "ngay")
    if not folded[month].startswith("thang") or folded[month] == "thang" or month == 0:
        end: Edge | float = fused
    else:
        end = float(row[month].box.x)
    at = float(row[-1].box.x)
    yield Place(row[0], day, end, models, at, tuple(prints), _DIGIT, words)
    if folded[month].endswith("thang"):
        fused = fused._replace(last=True)
    until = float(row[named].box.x)
    yield Place(row[month], fused, until, models, at, tuple(prints), _DIGIT, words)


def _right_edge(edge: Edge, em: float) -> float:
    box = edge.word.box
    printed = _EM[edge.label] * em
    if edge.last:
        return float(box.right)
    if edge.fused:
        return box.x + printed
    return float(min(box.right, box.x + _LOOSE * printed)) if box.width > printed else box.right


def _left_edge(edge: Edge, em: float) -> float:
    box = edge.word.box
    return box.right - _EM[edge.label] * em if edge.fused else float(box.x)


def _within(word: Word, index: int) -> float:
    """The x at which the letter `index` of a word begins, by the usual widths of letters."""
    widths = [_ADVANCE.get(char, 0.5 if not char.isupper() else 0.69) for char in word.text]
    return word.box.x + word.box.width * sum(widths[:index]) / max(sum(widths), 0.1)


def _in_any(glyph: Glyph, words: Sequence[Word]) -> bool:
    return any(
        word.box.x - 1 <= glyph.middle <= word.box.right + 1
        and glyph.bottom > word.box.y
        and glyph.top < word.box.bottom
        for word in words
    )


def _after_comma(page: PageText, word: Word) -> bool:
    """Whether a place name with its comma stands before the word: "Hà Nội, ngày"."""
    left = _left_neighbour(page, word)
    return left is not None and left.text[-1] in ",.;"


def _left_neighbour(page: PageText, word: Word) -> Word | None:
    middle = word.box.y + word.box.height / 2
    before = [
        other
        for other in page.words
        if other.box.x < word.box.x
        and abs(other.box.y + other.box.height / 2 - middle) < _SAME_ROW * word.box.height
    ]
    return max(before, key=lambda other: other.box.x, default=None)


def _is_near(left: Word, word: Word) -> bool:
    return word.box.x - left.box.right < COLUMN_GAP * word.box.height

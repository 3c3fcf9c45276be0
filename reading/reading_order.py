"""Reading order: in a stretch of two columns the left one first, then the right one.

Headers (agency at the left, national title at the right) and signature blocks ("Nơi nhận" at the
left, signer at the right) of Vietnamese papers stand side by side (NĐ 30/2020/NĐ-CP Phụ lục I);
OCR engines often read across both.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from statistics import median
from typing import NamedTuple

from domain.vietnamese import fold, is_upper

_GAP = 1.6
"""White between two runs, in heights of a word."""
_GUTTER = 1.0
"""Least white between two columns, in heights of a word."""
_SAME_ROW = 0.6
_NEIGHBOURS = 4.0
"""Distance between rows, in heights of a word, beyond which a stretch ends."""
_LINES_PER_SIDE = 2
_RECIPIENTS = "noi nhan"


class RawWord(NamedTuple):
    """A word as an engine or a PDF gives it: pixels, confidence 0–1, number of its line."""

    text: str
    x: int
    y: int
    width: int
    height: int
    confidence: float
    line: int

    @property
    def right(self) -> int:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The y of the lower edge."""
        return self.y + self.height


_HEADER_ENDS = 0.3
"""Share of the page's height in which a header's columns may begin."""
_SIGNATURE_BEGINS = 0.35


Row = list[list[RawWord]]
"""Runs of words at one height, from left to right; wide white parts the runs."""


def in_reading_order(
    words: Sequence[RawWord], page_size: tuple[int, int]
) -> list[tuple[int, RawWord]]:
    """Each word with the number of its line (from 0), in the order in which a person reads.

    Two-column stretches are looked for in the header and around the signature; elsewhere rows
    run from top to bottom, so that a table's label stays beside its value. `page_size` is width
    and height in pixels.
    """
    if not words:
        return []
    height = median(word.height for word in words)
    lines = [list(line) for _, line in groupby(words, key=lambda word: word.line)]
    rows = _rows(lines, height)
    ordered: list[list[RawWord]] = []
    index = 0
    while index < len(rows):
        end, gutter = index, None
        if _may_begin(rows, index, page_size[1]):
            end, gutter = _stretch(rows, index, height, page_size[0])
        if gutter is None:
            ordered.extend(_whole_lines(rows[index]))
            index += 1
            continue
        for right_side in (False, True):
            for row in rows[index:end]:
                ordered.extend(_side(row, gutter, right_side=right_side))
        index = end
    return [(number, word) for number, line in enumerate(ordered) for word in line]


def _rows(lines: list[list[RawWord]], height: float) -> list[Row]:
    """Lines grouped by their height on the page, cut into runs where white is wide."""
    groups: list[list[list[RawWord]]] = []
    for line in sorted(lines, key=_middle):
        if groups and abs(_middle(groups[-1][0]) - _middle(line)) < height * _SAME_ROW:
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_runs([word for line in group for word in line], height) for group in groups]


def _middle(words: Sequence[RawWord]) -> float:
    return median(word.y + word.height / 2 for word in words)


def _runs(words: list[RawWord], height: float) -> Row:
    ordered = sorted(words, key=lambda word: word.x)
    runs = [[ordered[0]]]
    right = ordered[0].right
    for word in ordered[1:]:
        if word.x - right > _GAP * height:
            runs.append([word])
        else:
            runs[-1].append(word)
        right = max(right, word.right)
    return runs


def _whole_lines(row: Row) -> list[list[RawWord]]:
    """Outside of columns: runs that the engine read as one line are one line again."""
    lines: list[list[RawWord]] = []
    for run in row:
        if lines and lines[-1][-1].line == run[0].line:
            lines[-1].extend(run)
        else:
            lines.append(list(run))
    return lines


def _may_begin(rows: list[Row], index: int, page_height: int) -> bool:
    """Whether columns may begin here: in the header, or where "Nơi nhận" or a signer stands."""
    row = rows[index]
    place = _middle(row[0]) / page_height
    if place < _HEADER_ENDS:
        return len(row) > 1
    if place < _SIGNATURE_BEGINS:
        return False
    left = _folded(row[0])
    if left.startswith(_RECIPIENTS):
        return True
    if len(row) > 1:
        return is_upper(_text(row[-1])) and not left.endswith(":")
    following = rows[index + 1] if index + 1 < len(rows) else []
    return bool(following) and is_upper(_text(row[0])) and _starts_lower_left(row, following)


def _starts_lower_left(row: Row, following: Row) -> bool:
    """Whether a signer's line stands at the right, a little above "Nơi nhận" at the left."""
    return _folded(following[0]).startswith(_RECIPIENTS) and row[0][0].x > following[0][-1].right


def _text(run: list[RawWord]) -> str:
    return " ".join(word.text for word in run)


def _folded(run: list[RawWord]) -> str:
    return fold(_text(run))


def _stretch(rows: list[Row], start: int, height: float, page_width: int) -> tuple[int, int | None]:
    """Where the two-column stretch that begins at `start` ends, and the x of its gutter."""
    gutter = _first_gutter(rows, start, page_width)
    end, sides, last = start, [0, 0], start
    while end < len(rows):
        row = rows[end]
        if end > start and _middle(row[0]) - _middle(rows[end - 1][0]) > _NEIGHBOURS * height:
            break
        narrowed = _narrow(gutter, row)
        if narrowed[1] - narrowed[0] < _GUTTER * height:
            break
        at_left, at_right = row[0][0].x < narrowed[0], row[-1][0].x >= narrowed[1]
        sides[0] += at_left
        sides[1] += at_right
        end += 1
        if at_right or narrowed == gutter:
            last = end
        gutter = narrowed
    if min(sides) < _LINES_PER_SIDE:
        return start, None
    return last, (gutter[0] + gutter[1]) // 2


def _first_gutter(rows: list[Row], start: int, page_width: int) -> tuple[int, int]:
    """The white between the columns as the first row shows it, in pixels from the left."""
    row = rows[start]
    if len(row) == 1:
        if start + 1 < len(rows) and _starts_lower_left(row, rows[start + 1]):
            return rows[start + 1][0][-1].right, row[0][0].x
        return row[0][-1].right, page_width
    gaps = [(row[at][-1].right, row[at + 1][0].x) for at in range(len(row) - 1)]
    return max(gaps, key=lambda gap: gap[1] - gap[0])


def _narrow(gutter: tuple[int, int], row: Row) -> tuple[int, int]:
    """The gutter without this row's runs: what begins left of it belongs to the left column."""
    left, right = gutter
    for run in row:
        if run[0].x < left:
            left = max(left, run[-1].right)
        else:
            right = min(right, run[0].x)
    return left, right


def _side(row: Row, gutter: int, *, right_side: bool) -> list[list[RawWord]]:
    """The words of a row on one side of the gutter as one line; nothing where there are none."""
    words = [word for run in row if (run[0].x >= gutter) == right_side for word in run]
    return [words] if words else []

"""Setting text on A4 pages and remembering every printed line.

Lengths are points (1/72 inch) from the top left corner of the page. In a text, `**…**` is
bold and `~~…~~` is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from PIL import Image, ImageDraw

from deployments.samples.fonts import POINTS_PER_INCH, Style, font, width_pt

PAGE_WIDTH, PAGE_HEIGHT = 595.3, 841.9
TOP, BOTTOM, LEFT, RIGHT = 62.0, 62.0, 88.0, 48.0
TEXT_WIDTH = PAGE_WIDTH - LEFT - RIGHT
LINE_SPACING = 1.22
INK = (28, 28, 32)
WIDE = " \u2003\u2003 "
"""A wide gap between two fields of one line; in the recorded line it is one space."""
_MARKS = re.compile(r"(\*\*.+?\*\*|~~.+?~~)")
_BOLDER = {Style.REGULAR: Style.BOLD, Style.ITALIC: Style.BOLD_ITALIC}

Align = Literal["left", "centre", "justify"]
HandWriter = Callable[[Image.Image, str, float, float, float], None]
"""Writes digits on a page: image, text, left, baseline and size, all in pixels."""


@dataclass(frozen=True)
class Piece:
    """A stretch of letters of one cut, without spaces."""

    text: str
    style: Style
    by_hand: bool

    def width(self, size: float) -> float:
        """Width in points; handwriting needs more room than print."""
        return (
            hand_width(self.text, size) if self.by_hand else width_pt(self.text, self.style, size)
        )


Token = tuple[Piece, ...]
"""A word: pieces that stand together."""


@dataclass(frozen=True)
class Row:
    """One line of a block that stands beside another block."""

    text: str
    size: float = 13
    style: Style = Style.REGULAR
    rule: float = 0.0
    """Length of the line drawn beneath, in points."""
    space: float = 0.0
    """Empty space above, in points."""


def hand_width(text: str, size: float) -> float:
    """The width in points that handwritten digits take."""
    return 0.62 * size * len(text)


def tokens(text: str, style: Style) -> list[Token]:
    """The words of a marked-up text, each as its pieces."""
    words: list[list[Piece]] = [[]]
    for part in _MARKS.split(text):
        by_hand, bold = part.startswith("~~"), part.startswith("**")
        cut = _BOLDER.get(style, style) if bold else style
        bare = part.strip("~") if by_hand else part.strip("*") if bold else part
        for place, chunk in enumerate(bare.split(" ")):
            if place:
                words.append([])
            if chunk:  # two blanks in a row are one
                words[-1].append(Piece(chunk, cut, by_hand))
    return [tuple(word) for word in words if word]


def plain(text: str) -> str:
    """The text as it is read: without the marks of bold and handwriting."""
    return text.replace("**", "").replace("~~", "")


class Placed(NamedTuple):
    """A printed word and where it stands: left, baseline, width and size in points."""

    text: str
    left: float
    baseline: float
    width: float
    size: float
    line: int
    by_hand: bool


class Sheet:
    """Pages in the making; `y` is where the next line goes on the last page."""

    def __init__(self, dpi: int, hand: HandWriter, *, numbered: bool = True) -> None:
        self.dpi = dpi
        self.pages: list[Image.Image] = []
        self.lines: list[list[str]] = []
        self.placed: list[list[Placed]] = []
        self.y = 0.0
        self._hand = hand
        self._numbered = numbered
        self.new_page()

    @property
    def page(self) -> Image.Image:
        """The page being filled."""
        return self.pages[-1]

    @property
    def scale(self) -> float:
        """Pixels per point."""
        return self.dpi / POINTS_PER_INCH

    def new_page(self) -> None:
        """Start a page; from the second on its number stands centred in the top margin."""
        size = (round(PAGE_WIDTH * self.scale), round(PAGE_HEIGHT * self.scale))
        self.pages.append(Image.new("RGB", size, "white"))
        self.lines.append([])
        self.placed.append([])
        self.y = TOP
        if self._numbered and len(self.pages) > 1:
            self._set_line(str(len(self.pages)), PAGE_WIDTH / 2, TOP - 20, 13, Style.REGULAR)
            self.lines[-1].append(str(len(self.pages)))

    def filled(self, pages: int, share: float) -> bool:
        """Whether page number `pages` has been reached and is used to this share of its height."""
        return len(self.pages) > pages or (
            len(self.pages) == pages and self.y >= share * PAGE_HEIGHT
        )

    def room(self, height: float) -> None:
        """Go to a new page unless this much height is left."""
        if self.y + height > PAGE_HEIGHT - BOTTOM:
            self.new_page()

    def paragraph(
        self,
        text: str,
        *,
        size: float = 14,
        style: Style = Style.REGULAR,
        align: Align = "justify",
        indent: float = 28,
        inset: float = 0,
        after: float = 6,
    ) -> None:
        """Set a paragraph over as many lines and pages as it needs."""
        width = TEXT_WIDTH - 2 * inset
        rows = list(_wrapped(tokens(text, style), size, width, indent))
        for number, row in enumerate(rows):
            self.room(size * LINE_SPACING)
            self.y += size * LINE_SPACING
            start = LEFT + inset + (indent if number == 0 else 0)
            natural = _natural_width(row, size)
            gap = width_pt(" ", Style.REGULAR, size)
            if align == "centre":
                start = LEFT + (TEXT_WIDTH - natural) / 2
            elif align == "justify" and number < len(rows) - 1 and len(row) > 1:
                gap += (LEFT + inset + width - start - natural) / (len(row) - 1)
            self._put(row, start, self.y, size, gap)
            words = ("".join(piece.text for piece in word) for word in row)
            self.lines[-1].append(" ".join(word for word in words if word.strip()))
        self.y += after

    def heading(self, text: str, *, size: float = 14, after: float = 6) -> None:
        """Set a centred bold line (or more)."""
        self.paragraph(text, size=size, style=Style.BOLD, align="centre", indent=0, after=after)

    def rule(self, length: float, *, after: float = 8) -> None:
        """Draw a short centred line beneath what was set last."""
        self.y += 5
        self._rule(PAGE_WIDTH / 2, self.y, length)
        self.y += after

    def block(
        self, rows: Sequence[Row], centre: float, top: float, *, left: float | None = None
    ) -> float:
        """Set lines centred on `centre`, or from `left` on; the y after them is returned."""
        y = top
        for row in rows:
            y += row.size * LINE_SPACING + row.space
            self._set_line(row.text, centre, y, row.size, row.style, left=left)
            self.lines[-1].append(plain(row.text))
            if row.rule:
                y += 5
                self._rule(centre, y, row.rule)
        return y

    def _rule(self, centre: float, y: float, length: float) -> None:
        ends = [(centre - length / 2, y), (centre + length / 2, y)]
        ImageDraw.Draw(self.page).line(
            [(x * self.scale, at * self.scale) for x, at in ends],
            fill=INK,
            width=max(1, round(0.7 * self.scale)),
        )

    def _set_line(
        self,
        text: str,
        centre: float,
        y: float,
        size: float,
        style: Style,
        *,
        left: float | None = None,
    ) -> None:
        row = tokens(text, style)
        start = centre - _natural_width(row, size) / 2 if left is None else left
        self._put(row, start, y, size, width_pt(" ", style, size))

    def _put(self, row: Sequence[Token], x: float, y: float, size: float, gap: float) -> None:
        pen = ImageDraw.Draw(self.page)
        line = self.placed[-1][-1].line + 1 if self.placed[-1] else 0
        for word in row:
            width = sum(piece.width(size) for piece in word)
            by_hand = any(piece.by_hand for piece in word)
            text = "".join(piece.text for piece in word)
            if text.strip():
                self.placed[-1].append(Placed(text, x, y, width, size, line, by_hand))
            for piece in word:
                at = (x * self.scale, y * self.scale)
                if piece.by_hand:
                    self._hand(self.page, piece.text, *at, size * self.scale)
                else:
                    cut = font(piece.style, size, self.dpi)
                    pen.text(at, piece.text, font=cut, fill=INK, anchor="ls")
                x += piece.width(size)
            x += gap


def _natural_width(row: Sequence[Token], size: float) -> float:
    letters = sum(piece.width(size) for word in row for piece in word)
    return letters + width_pt(" ", Style.REGULAR, size) * (len(row) - 1)


def _wrapped(
    words: Sequence[Token], size: float, width: float, indent: float
) -> Iterator[list[Token]]:
    row: list[Token] = []
    free = width - indent
    for word in words:
        if row and _natural_width([*row, word], size) > free:
            yield row
            row, free = [], width
        row.append(word)
    if row:
        yield row

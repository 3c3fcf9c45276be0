"""What was read on a page: words with boxes, lines in reading order.

Coordinates are pixels of the page image as it was received, after the lossless rotation
named in `rotation`; the origin is the top left corner.
"""

from __future__ import annotations

from itertools import groupby

from pydantic import BaseModel, ConfigDict


class Box(BaseModel):
    """A rectangle in pixels: left, top, width, height."""

    model_config = ConfigDict(frozen=True)

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The x of the right edge, in pixels."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The y of the lower edge, in pixels."""
        return self.y + self.height


class Word(BaseModel):
    """One word as read; `line` numbers the lines of the page in reading order."""

    model_config = ConfigDict(frozen=True)

    text: str
    box: Box
    confidence: float
    """0–1, the engine's own figure."""
    line: int
    handwritten: bool = False
    """Detected as written by hand: a person must confirm it."""
    read_as: str | None = None
    """What the engine read, where its neighbours told that the word is spelled otherwise."""


class Line(BaseModel):
    """One printed line: its words from left to right."""

    model_config = ConfigDict(frozen=True)

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words joined by single spaces, NFC."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The rectangle around all words, in pixels."""
        left = min(word.box.x for word in self.words)
        top = min(word.box.y for word in self.words)
        right = max(word.box.right for word in self.words)
        bottom = max(word.box.bottom for word in self.words)
        return Box(x=left, y=top, width=right - left, height=bottom - top)

    @property
    def confidence(self) -> float:
        """0–1: the mean of the words' figures."""
        return sum(word.confidence for word in self.words) / len(self.words)


class PageProblem(BaseModel):
    """What is wrong with a page's picture (mờ, tối, cắt mép…), and what to do at the scanner."""

    model_config = ConfigDict(frozen=True)

    reason: str
    message: str
    """A Vietnamese sentence that names the page."""


class PageText(BaseModel):
    """All that was read on one page, and how the page was turned to be read."""

    model_config = ConfigDict(frozen=True)

    page: int
    """From 1, in the order of the scan."""
    width: int
    """Pixels of the upright page image."""
    height: int
    dpi: float
    rotation: int = 0
    """Clockwise degrees (0, 90, 180, 270) that turn the received image upright."""
    skew: float = 0.0
    """Degrees by which lines rise (counter-clockwise); the image itself is left as it is."""
    blank: bool = False
    source: str = "ocr"
    """`ocr`, or `text` where a born-digital page brought its own text."""
    words: tuple[Word, ...] = ()
    problems: tuple[PageProblem, ...] = ()
    """What a person who scans it again can make better; the page was read all the same."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Lines in reading order (left block of a two-column header before the right block)."""
        return tuple(
            Line(words=tuple(words)) for _, words in groupby(self.words, key=lambda word: word.line)
        )

    @property
    def text(self) -> str:
        """The page's text, one printed line per line."""
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float:
        """0–1: mean over the words, weighted by their length; 0 for a page without words."""
        letters = sum(len(word.text) for word in self.words)
        if not letters:
            return 0.0
        return sum(word.confidence * len(word.text) for word in self.words) / letters

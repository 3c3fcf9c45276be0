"""Read one page: turn it upright, straighten a copy, recognise, give boxes on the page as received.

The page image itself is never changed; what is turned, straightened and scaled is a grey copy.
"""

from __future__ import annotations

import math
import unicodedata
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from domain.words import Box, PageText, Word
from reading.engines import engine
from reading.faults import foreign_bytes
from reading.handwriting import mark_handwriting
from reading.opened import OpenedPage
from reading.page_look import (
    Lean,
    ink_of,
    lean_of,
    shows_hardly_anything,
    shows_nothing,
    skew_of,
    small_grey,
    solid_ink,
)
from reading.reading_order import RawWord, in_reading_order
from reading.second_look import second_look
from reading.settings import ReadingSettings
from reading.shade import evened

_MAX_OCR_PIXELS = 40_000_000
_SURE = 0.7
_SURELY_UPRIGHT = 0.8
"""Mean confidence that text standing on its head or side never reaches."""
_ENOUGH_LETTERS = 60
_POOR = 0.55
_FEWEST_LETTERS = 3
_ACROSS, _UPSIDE_DOWN = 0.7, -0.15
"""Real pages of text stand at across ≥ 6 and up ≥ 0.4, on their heads at up ≤ -0.4."""
_MARGIN = 1.5
"""By how much more must be read for a page to be turned."""

_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
"""Clockwise degrees to Pillow's counter-clockwise names."""


class Reading(NamedTuple):
    """What was read with the page turned clockwise by `turn`; words in pixels of that page."""

    turn: int
    skew: float
    words: list[RawWord]

    @property
    def sure_letters(self) -> int:
        """Letters in words that the engine is sure of: the measure of a good reading."""
        return sum(len(word.text) for word in self.words if word.confidence >= _SURE)

    @property
    def confidence(self) -> float:
        """Mean confidence weighted by length, 0–1."""
        letters = sum(len(word.text) for word in self.words)
        return sum(word.confidence * len(word.text) for word in self.words) / max(letters, 1)


_NOTHING_READ = Reading(0, 0.0, [])


def recognise_page(image: Path, page: OpenedPage, settings: ReadingSettings) -> PageText:
    """The words of `page`, whose stored picture is the file `image`.

    A page that brings its own text is not read again. Raises DocumentFault (`damaged`,
    `timeout`, `too_large`) or ConfigurationFault when engine or model is missing.
    """
    if page.words is not None:
        return _page_text(page, Reading(page.rotation, 0.0, []), source="text")
    with foreign_bytes("damaged"):
        grey = evened(load_grey(image))
    if page.rotation:
        grey = grey.transpose(_TURNS[page.rotation])
    dpi = (page.dpi, page.height / page.height_pt * 72)
    if page.rotation in {90, 270}:
        dpi = (dpi[1], dpi[0])
    share = solid_ink(ink_of(small_grey(grey, min(dpi))))
    if shows_nothing(share):
        return _page_text(page, _NOTHING_READ, blank=True)
    reading = _best_reading(grey, dpi, settings)
    if shows_hardly_anything(share) and reading.sure_letters < _FEWEST_LETTERS:
        return _page_text(page, _NOTHING_READ, blank=True)
    upright = grey.transpose(_TURNS[reading.turn]) if reading.turn else grey
    text = _page_text(page, reading)
    return mark_handwriting(text, upright, partial(load_colour, image, text.rotation))


def load_colour(path: Path, rotation: int) -> Image.Image | None:
    """The stored page image in RGB, turned clockwise by `rotation`; None for a grey image."""
    with Image.open(path) as image:
        if image.mode not in {"RGB", "P"}:
            return None
        image.load()
        # A conversion to the same mode would copy: 200 MiB for an A3 page at 600 dpi.
        picture: Image.Image = image if image.mode == "RGB" else image.convert("RGB")
    return picture.transpose(_TURNS[rotation]) if rotation else picture


def load_grey(path: Path) -> Image.Image:
    """The stored page image in 8-bit grey; its size was checked when it was stored."""
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path) as image:
        if image.format == "JPEG":
            # Decoding luminance alone leaves out half of the work.
            image.draft("L", image.size)
        return image.convert("L")


def _best_reading(
    grey: Image.Image, dpi: tuple[float, float], settings: ReadingSettings
) -> Reading:
    """The reading of the page the way up that yields text; as received when in doubt."""
    small = small_grey(grey, min(dpi))
    suspected = suspected_turns(small, settings.max_skew)
    first = _read(grey, dpi, suspected[0] if suspected else 0, settings)
    if first.confidence >= _SURELY_UPRIGHT and first.sure_letters >= _ENOUGH_LETTERS:
        return first
    if first.turn == 0 and first.confidence >= _POOR:
        return first
    others = {0, *suspected} - {first.turn}
    readings = [first, *(_read(grey, dpi, turn, settings) for turn in sorted(others))]
    upright = next(reading for reading in readings if reading.turn == 0)
    best = max(readings, key=lambda reading: reading.sure_letters)
    if best.sure_letters > _MARGIN * upright.sure_letters + _ENOUGH_LETTERS / 3:
        return best
    return upright


def suspected_turns(small: Image.Image, max_skew: float) -> list[int]:
    """Clockwise turns worth trying, most likely first; empty where the page looks upright."""
    return _turns(lean_of(small, max_skew))


def _turns(lean: Lean) -> list[int]:
    if lean.across < _ACROSS:
        # Text runs along columns; `up` was measured with the page turned counter-clockwise.
        return [270, 90] if lean.up >= 0 else [90, 270]
    return [180] if lean.up < _UPSIDE_DOWN else []


def _read(
    grey: Image.Image, dpi: tuple[float, float], turn: int, settings: ReadingSettings
) -> Reading:
    """Read the page turned by `turn`: straighten, scale, recognise, map the boxes back."""
    upright = grey.transpose(_TURNS[turn]) if turn else grey
    if turn in {90, 270}:
        dpi = (dpi[1], dpi[0])
    skew = skew_of(ink_of(small_grey(upright, min(dpi))), settings.max_skew)
    if abs(skew) < settings.min_skew:
        skew = 0.0
    scale = _scale(upright.size, dpi, settings)
    picture = upright
    if scale != (1.0, 1.0):
        size = tuple(max(1, round(side * by)) for side, by in zip(upright.size, scale, strict=True))
        picture = upright.resize((size[0], size[1]), Image.Resampling.BICUBIC)
    if skew:
        picture = picture.rotate(-skew, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    reader = engine(settings)
    words = reader.words(picture, dpi[0] * scale[0])
    words = second_look(picture, words, dpi[0] * scale[0], reader.line)
    ordered = in_reading_order(words, picture.size)
    back = _Back(picture.size, upright.size, scale, skew)
    return Reading(turn, skew, [back.word(word, line) for line, word in ordered])


def _scale(
    size: tuple[int, int], dpi: tuple[float, float], settings: ReadingSettings
) -> tuple[float, float]:
    """Factors that bring the page to a resolution that the engine reads best, square pixels."""
    target = dpi[0]
    if max(dpi) > settings.ocr_dpi * 1.1:
        target = settings.ocr_dpi
    elif min(dpi) < settings.min_ocr_dpi:
        target = max(settings.enlarged_dpi, *dpi)
    elif abs(dpi[0] - dpi[1]) > 0.02 * dpi[0]:
        target = max(dpi)
    x, y = target / dpi[0], target / dpi[1]
    if abs(x - 1) < 0.02 and abs(y - 1) < 0.02:  # noqa: PLR2004 - not worth the resampling
        x = y = 1.0
    pixels = size[0] * x * size[1] * y
    shrink = min(1.0, math.sqrt(_MAX_OCR_PIXELS / pixels))
    return x * shrink, y * shrink


class _Back(NamedTuple):
    """Maps boxes from the straightened picture back onto the page."""

    picture: tuple[int, int]
    page: tuple[int, int]
    scale: tuple[float, float]
    skew: float

    def word(self, word: RawWord, line: int) -> RawWord:
        """The word with the rectangle that holds it on the page, in page pixels."""
        cos, sin = math.cos(math.radians(self.skew)), math.sin(math.radians(self.skew))
        x = word.x + word.width / 2 - self.picture[0] / 2
        y = word.y + word.height / 2 - self.picture[1] / 2
        centre_x = (x * cos + y * sin) / self.scale[0] + self.page[0] / 2
        centre_y = (y * cos - x * sin) / self.scale[1] + self.page[1] / 2
        wide = (word.width * cos + word.height * abs(sin)) / self.scale[0]
        high = (word.height * cos + word.width * abs(sin)) / self.scale[1]
        left = min(max(round(centre_x - wide / 2), 0), self.page[0] - 1)
        top = min(max(round(centre_y - high / 2), 0), self.page[1] - 1)
        right = min(round(centre_x + wide / 2), self.page[0])
        bottom = min(round(centre_y + high / 2), self.page[1])
        return word._replace(
            x=left, y=top, width=max(right - left, 1), height=max(bottom - top, 1), line=line
        )


def _page_text(
    page: OpenedPage, reading: Reading, *, blank: bool = False, source: str = "ocr"
) -> PageText:
    rotation = (page.rotation + reading.turn) % 360 if source == "ocr" else page.rotation
    swapped = rotation in {90, 270}
    words = page.words or tuple(
        Word(
            text=unicodedata.normalize("NFC", word.text),
            box=Box(x=word.x, y=word.y, width=word.width, height=word.height),
            confidence=word.confidence,
            line=word.line,
        )
        for word in reading.words
    )
    return PageText(
        page=page.page,
        width=page.height if swapped else page.width,
        height=page.width if swapped else page.height,
        dpi=page.dpi,
        rotation=rotation,
        skew=reading.skew,
        blank=blank,
        source=source,
        words=words,
    )

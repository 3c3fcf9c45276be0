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

from domain.secrecy import Stamp
from domain.words import Box, PageText, Word
from reading.coloured_ink import without_marks
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
from reading.picture import Picture, load_picture
from reading.quality import DEFAULT_QUALITY, flaws
from reading.reading_order import RawWord, in_reading_order
from reading.respell import respelled
from reading.second_look import second_look
from reading.settings import ReadingSettings
from reading.shade import evened
from reading.stamps import read_stamps
from reading.value_look import look_at_values

_MAX_OCR_PIXELS = 25_000_000
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


class PageRead(NamedTuple):
    """A page's words, and what stands in framed stamps, which recognition passes over."""

    text: PageText
    stamps: tuple[Stamp, ...]


def recognise_page(image: Path, page: OpenedPage, settings: ReadingSettings) -> PageText:
    """The words of `page`, whose stored picture is the file `image`.

    A page that brings its own text is not read again. Raises DocumentFault (`damaged`,
    `timeout`, `too_large`) or ConfigurationFault when engine or model is missing.
    """
    if page.words is not None:
        return _page_text(page, Reading(page.rotation, 0.0, []), source="text")
    return _recognised(_load(image, page), page, settings)


def read_page(image: Path, page: OpenedPage, settings: ReadingSettings) -> PageRead:
    """As `recognise_page`, and the stamps on the page's picture, also where it brings its text."""
    picture = _load(image, page)
    if page.words is not None:
        text = _page_text(page, Reading(page.rotation, 0.0, []), source="text")
    else:
        text = _recognised(picture, page, settings)
    turn = text.rotation
    upright = picture.image.transpose(_TURNS[turn]) if turn else picture.image
    return PageRead(text, read_stamps(upright, page.dpi / picture.factor, settings))


def _load(image: Path, page: OpenedPage) -> Picture:
    with foreign_bytes("damaged"):
        return load_picture(image, page)


def _recognised(picture: Picture, page: OpenedPage, settings: ReadingSettings) -> PageText:
    dpi = (page.dpi / picture.factor, page.height / page.height_pt * 72 / picture.factor)
    if page.rotation in {90, 270}:
        dpi = (dpi[1], dpi[0])
    small = page.model_copy(update=dict(zip(("width", "height"), picture.image.size, strict=True)))
    if page.rotation:
        picture = picture._replace(image=picture.image.transpose(_TURNS[page.rotation]))
    text = _read_picture(picture.image, dpi, small, settings)
    return _in_page_pixels(text, page, picture.factor)


def _read_picture(
    colour: Image.Image, dpi: tuple[float, float], page: OpenedPage, settings: ReadingSettings
) -> PageText:
    """What is read on the upright picture of `page`, whose sides are given in its pixels."""
    grey = evened(without_marks(colour, min(dpi)))
    small = small_grey(grey, min(dpi))
    share = solid_ink(ink_of(small))
    if shows_nothing(share):
        return _page_text(page, _NOTHING_READ, blank=True)
    problems = flaws(colour.convert("L"), min(dpi), page, DEFAULT_QUALITY)
    reading = _best_reading(grey, dpi, settings)
    if shows_hardly_anything(share) and reading.sure_letters < _FEWEST_LETTERS:
        return _page_text(page, _NOTHING_READ, blank=True)
    upright = grey.transpose(_TURNS[reading.turn]) if reading.turn else grey
    text = _page_text(page, reading).model_copy(update={"problems": problems})
    text = mark_handwriting(text, upright, partial(_colour, colour, reading.turn))
    return text.model_copy(update={"words": respelled(text.words)})


def _colour(picture: Image.Image, turn: int) -> Image.Image | None:
    """The upright picture in RGB; None for a grey scan."""
    if picture.mode != "RGB":
        return None
    return picture.transpose(_TURNS[turn]) if turn else picture


def _in_page_pixels(text: PageText, page: OpenedPage, factor: int) -> PageText:
    """The words with boxes in pixels of the upright stored image, `factor` times as many."""
    if factor == 1:
        return text
    turned = text.rotation in {90, 270}
    size = (page.height, page.width) if turned else (page.width, page.height)
    words = tuple(
        word.model_copy(update={"box": _enlarged(word.box, factor, size)}) for word in text.words
    )
    return text.model_copy(update={"width": size[0], "height": size[1], "words": words})


def _enlarged(box: Box, factor: int, page: tuple[int, int]) -> Box:
    left, top = min(box.x * factor, page[0] - 1), min(box.y * factor, page[1] - 1)
    return Box(
        x=left,
        y=top,
        width=max(1, min(box.width * factor, page[0] - left)),
        height=max(1, min(box.height * factor, page[1] - top)),
    )


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
    square = max(dpi) if max(dpi) > 1.02 * min(dpi) else dpi[0]
    to_square = _fitting(upright.size, (square / dpi[0], square / dpi[1]))
    straight = _scaled(upright, to_square)
    dots = dpi[0] * to_square[0]
    if skew:
        straight = straight.rotate(-skew, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    by = _fitting(straight.size, (_target_dpi(dots, settings) / dots,) * 2)[0]
    reader = engine(settings)
    words = reader.words(_scaled(straight, (by, by)), dots * by)
    words = [_scaled_word(word, 1 / by) for word in words]
    words = second_look(straight, words, dots, reader.line)
    words = look_at_values(straight, words, dots, reader.line)
    ordered = in_reading_order(words, straight.size)
    back = _Back(straight.size, upright.size, to_square, skew)
    return Reading(turn, skew, [back.word(word, line) for line, word in ordered])


def _target_dpi(dpi: float, settings: ReadingSettings) -> float:
    """The resolution that the engine reads fastest without loss, from that of the page."""
    if dpi > settings.ocr_dpi * 1.1:
        return settings.ocr_dpi
    return max(settings.enlarged_dpi, dpi) if dpi < settings.min_ocr_dpi else dpi


def _fitting(size: tuple[int, int], scale: tuple[float, float]) -> tuple[float, float]:
    """The scale, less where it would make a picture larger than may be."""
    pixels = size[0] * scale[0] * size[1] * scale[1]
    shrink = min(1.0, math.sqrt(_MAX_OCR_PIXELS / pixels))
    return scale[0] * shrink, scale[1] * shrink


def _scaled(picture: Image.Image, scale: tuple[float, float]) -> Image.Image:
    if all(abs(by - 1) < 0.02 for by in scale):  # noqa: PLR2004 - not worth the resampling
        return picture
    size = tuple(max(1, round(side * by)) for side, by in zip(picture.size, scale, strict=True))
    return picture.resize((size[0], size[1]), Image.Resampling.BICUBIC)


def _scaled_word(word: RawWord, by: float) -> RawWord:
    left, top = round(word.x * by), round(word.y * by)
    right, bottom = round(word.right * by), round(word.bottom * by)
    return word._replace(x=left, y=top, width=max(1, right - left), height=max(1, bottom - top))


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

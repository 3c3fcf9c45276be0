"""Figures that a pen wrote into printed lines: the number after "Số:", day and month of the date.

The clerk fills them in after the paper is signed (vào sổ, lấy số). OCR reads them wrongly and
may be sure of it, so they are told by how they look beside the print of the same line: higher,
off the line, with heavier strokes, in another colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from typing import NamedTuple

import numpy as np
from PIL import Image

from domain.words import Box, PageText, Word
from reading.figure_places import Place, figure_places, is_label
from reading.glyphs import Glyph, glyphs_in, whole
from reading.print_line import PrintLine, print_line

PLACEHOLDER = "…"
"""Stands for handwriting that the engine passed over; it is no figure, so nobody takes it for one.
"""
_STRIP_ABOVE, _STRIP_BELOW = 0.6, 0.5
"""How much above and below the row is looked at, in heights of the row: pens reach far."""
_LOWEST, _HIGHEST, _WORKING = 24.0, 60.0, 36.0
"""Rows lower or higher than these pixels are brought to the working height to be measured."""
_SMALLEST, _LARGEST = 0.45, 3.5
"""Ink lower than this part of a figure is a dot, a comma or dust; higher is a rule or a seal."""
_MARK, _UNDECIDED = 0.33, 0.2
"""Sum of differences from print: drawn print reaches 0.19, real print 0.15 (0.2 at 100 dpi);
handwriting starts at 1.0 where drawn and 0.48 where real."""
_HEAVY, _HEAVY_WEIGHT = 1.3, 0.3
"""Strokes this much wider than the print's count; print reaches 1.2."""
_GREY, _COLOURFUL = 25.0, 100.0
"""Levels by which ink may be more colourful than print, and for which the difference is 1."""
_FOREIGN, _MOST = 0.3, 0.5
"""A word of which this share is handwriting is marked, or that holds this share of it."""

Ink = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


class Look(NamedTuple):
    """How figures differ from the print beside them; heights are those of printed figures."""

    tall: float
    """Height of the highest figure."""
    foot: float
    """The farthest that a figure's foot stands off the printed line."""
    head: float
    """The same for its head."""
    ragged: float
    """How much the figures' feet or heads differ among themselves."""
    stroke: float
    """Width of the strokes, in those of the print."""
    ink: Ink
    printed: Ink

    @property
    def difference(self) -> float:
        """The sum of what speaks for a pen, without colour."""
        heavy = _HEAVY_WEIGHT * max(0.0, self.stroke - _HEAVY)
        return max(0.0, self.tall - 1) + self.foot + self.head + self.ragged + heavy


def mark_handwriting(
    page: PageText, grey: Image.Image, colour: Callable[[], Image.Image | None]
) -> PageText:
    """The page with handwritten figures marked in its number and date lines.

    `grey` is the upright page image that `page` was read from. `colour` gives the same in RGB, or
    None where the scan is grey; it is called only where the shape leaves doubt. Handwriting in
    which nothing was read gets a word of its own, «…». Pages without such lines cost nothing.
    """
    if page.source != "ocr":
        return page
    for place in figure_places(page):
        look = look_at(place, page, grey)
        if look is not None and _by_hand(look, colour):
            page = _marked(page, place, look.ink)
    return page


def look_at(place: Place, page: PageText, grey: Image.Image) -> Look | None:
    """What stands at the place and how it differs from print; None: nothing, or no print beside."""
    glyphs = list(_glyphs(place, grey))
    line = print_line(place, glyphs, page.skew)
    if line is None:
        return None
    left, right = place.span(line.height)
    inside = whole(glyph for glyph in glyphs if line.has_between(glyph, left, right))
    figures = [g for g in inside if _SMALLEST <= g.height / line.height <= _LARGEST]
    return _look(figures, line) if figures else None


def _look(figures: list[Glyph], line: PrintLine) -> Look:
    feet = [(glyph.bottom - line.at(glyph.middle)) / line.height for glyph in figures]
    heads = [(line.at(glyph.middle) - glyph.top) / line.height - 1 for glyph in figures]
    return Look(
        tall=max(glyph.height for glyph in figures) / line.height,
        foot=max(map(abs, feet)),
        head=max(map(abs, heads)),
        ragged=max(max(feet) - min(feet), max(heads) - min(heads)),
        stroke=median(glyph.stroke for glyph in figures) / line.stroke,
        ink=_around(figures),
        printed=_around(line.models),
    )


def _around(glyphs: list[Glyph] | tuple[Glyph, ...]) -> Ink:
    joined = glyphs[0]
    for glyph in glyphs[1:]:
        joined = joined.joined(glyph)
    return joined.left, joined.top, joined.right, joined.bottom


def _by_hand(look: Look, colour: Callable[[], Image.Image | None]) -> bool:
    difference = look.difference
    if _UNDECIDED <= difference < _MARK:
        picture = colour()
        if picture is not None:
            more = _saturation(picture, look.ink) - _saturation(picture, look.printed)
            difference += max(0.0, more - _GREY) / _COLOURFUL
    return difference >= _MARK


def _saturation(picture: Image.Image, ink: Ink) -> float:
    """How far the darkest pixels of the box are from grey, in levels of 255."""
    left, top, right, bottom = map(round, ink)
    pixels = np.asarray(picture.crop((left, top, right, bottom)), dtype=np.int16).reshape(-1, 3)
    if not len(pixels):
        return 0.0
    light = pixels.sum(axis=1)
    dark = pixels[light <= np.percentile(light, 15)]
    return float(np.median(dark.max(axis=1) - dark.min(axis=1)))


def _glyphs(place: Place, grey: Image.Image) -> Iterator[Glyph]:
    """The glyphs of the row, in pixels of the page, measured at a size that is fine enough."""
    box = place.box
    left, right = max(box.x, 0), min(box.right, grey.width)
    top = max(0, round(box.y - _STRIP_ABOVE * box.height))
    bottom = min(grey.height, round(box.bottom + _STRIP_BELOW * box.height))
    strip = grey.crop((left, top, right, bottom))
    scale = 1.0
    if not _LOWEST <= place.height <= _HIGHEST:
        scale = _WORKING / max(place.height, 1)
        size = (max(1, round(strip.width * scale)), max(1, round(strip.height * scale)))
        strip = strip.resize(size, Image.Resampling.BICUBIC)
    for glyph in glyphs_in(strip):
        yield glyph.moved(left, top, scale)


def _marked(page: PageText, place: Place, ink: Ink) -> PageText:
    words = list(page.words)
    found = [n for n, word in enumerate(words) if word in place.words and _is_of(word, ink)]
    for number in found:
        words[number] = words[number].model_copy(update={"handwritten": True})
    if not found:
        words.insert(words.index(place.before) + 1, _placeholder(ink, place.before.line))
    return page.model_copy(update={"words": tuple(words)})


def _is_of(word: Word, ink: Ink) -> bool:
    """Whether the word is handwriting, in part at least."""
    box = word.box
    shared = min(box.right, ink[2]) - max(box.x, ink[0])
    return not is_label(word) and (
        shared > _FOREIGN * box.width or shared > _MOST * (ink[2] - ink[0])
    )


def _placeholder(ink: Ink, line: int) -> Word:
    left, top, right, bottom = map(round, ink)
    box = Box(x=left, y=top, width=max(right - left, 1), height=max(bottom - top, 1))
    return Word(text=PLACEHOLDER, box=box, confidence=0.0, line=line, handwritten=True)

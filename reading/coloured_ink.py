"""Seals and signatures in colour: taken out of the grey picture before it is read.

A seal (con dấu) is red and lies over the signature, which is mostly blue, and over the signer's
office and name (NĐ 30/2020/NĐ-CP Phụ lục I). In the lightest of the three colour channels such ink
nearly vanishes and black print beneath it stays. Coloured print is left alone: only marks larger
than lines of print, yet smaller than a coloured ground, are taken for seals and signatures.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from reading.glyphs import connected

_MAP_DPI = 50.0
_COLOURFUL = 48
"""Levels between lightest and darkest channel: blue-black ballpoint has 60, toned paper 25."""
_LEAST_MM, _MOST_SHARE = 8.0, 0.2
"""A mark is at least so high and wide: a line of 20-point capitals with marks is 7 mm high; its
box takes at most this share of the page."""
_MARGIN_MM = 1.0
_MM_PER_INCH = 25.4

Box = tuple[int, int, int, int]


def without_marks(picture: Image.Image, dpi: float) -> Image.Image:
    """The page in grey, its coloured seals and signatures faded out."""
    grey = picture.convert("L")
    if picture.mode != "RGB":
        return grey
    for box in coloured_marks(picture, dpi):
        red, green, blue = picture.crop(box).split()
        grey.paste(ImageChops.lighter(ImageChops.lighter(red, green), blue), box[:2])
    return grey


def coloured_marks(picture: Image.Image, dpi: float) -> Iterator[Box]:
    """Boxes (left, top, right, bottom in pixels) of the seals and signatures of an RGB page."""
    factor = max(1, round(dpi / _MAP_DPI))
    levels = np.asarray(picture.reduce(factor), dtype=np.int16)
    colourful = Image.fromarray(np.ptp(levels, axis=2) > _COLOURFUL)
    joined = np.asarray(colourful.convert("L").filter(ImageFilter.MaxFilter(3))) > 0
    per_mm = dpi / factor / _MM_PER_INCH
    margin = _MARGIN_MM * per_mm
    for mark in connected(joined):
        if min(mark.width, mark.height) < _LEAST_MM * per_mm:
            continue
        if mark.width * mark.height > _MOST_SHARE * joined.size:
            continue
        yield (
            max(0, round((mark.left - margin) * factor)),
            max(0, round((mark.top - margin) * factor)),
            min(picture.width, round((mark.right + margin) * factor)),
            min(picture.height, round((mark.bottom + margin) * factor)),
        )

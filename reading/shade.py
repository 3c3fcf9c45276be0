"""Shade on a page, as on a photograph or beside a book's fold: taken out before reading.

The engine parts ink from paper with one threshold for the whole page: where the light lacks a
third, all of a corner would be ink.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

_STEP = 16
"""Pixels of the squares in which the paper's level is taken."""
_UNEVEN = 45.0
"""Levels between light and dark paper from which a page is evened; scanners stay within 30."""
_DARKEST = 40.0
"""Paper is never darker: what is, is a black border or a picture."""
_WHITE = 255.0
_ROWS = 512


def evened(grey: Image.Image) -> Image.Image:
    """The page with its paper equally light everywhere; as it is when it already is."""
    paper = grey.reduce(_STEP).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(2))
    levels = np.asarray(paper, dtype=np.float32)
    light, dark = np.percentile(levels, (95, 5))
    if light - dark < _UNEVEN:
        return grey
    ground = Image.fromarray(np.clip(levels, _DARKEST, _WHITE).astype(np.uint8))
    under = ground.resize(grey.size, Image.Resampling.BILINEAR)
    even = Image.new("L", grey.size)
    for top in range(0, grey.height, _ROWS):  # whole pages of decimal numbers would be too much
        box = (0, top, grey.width, min(top + _ROWS, grey.height))
        shaded = np.asarray(under.crop(box), dtype=np.float32)
        pixels = np.asarray(grey.crop(box), dtype=np.float32)
        part = np.minimum(pixels * _WHITE / shaded, _WHITE).astype(np.uint8)
        even.paste(Image.fromarray(part), (0, top))
    return even

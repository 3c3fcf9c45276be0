"""Words in red ink that no frame holds, such as a mark of secrecy (độ mật) that lost its frame.

Red ink is told from black print by the red channel, so print that runs through a word does no harm.
Black words without a frame cannot be told from print: recognition of the page must see them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from reading.glyphs import connected
from reading.stamp_ink import HEIGHT, StampInk

_LOOK_DPI = 150.0
_PER_MM = _LOOK_DPI / 25.4
_RED = 40
"""Levels by which red ink is redder than any other colour of the pixel."""
_APART_MM, _MARKS_MM = 2.4, 0.8
"""White between the letters and words of a stamp, and between a letter and its marks."""
_LOWEST_MM, _HIGHEST_MM = 2.6, 9.0
_NARROWEST_MM, _WIDEST_MM = 7.0, 55.0
_FLATTEST = 1.6
"""Width by height: three capitals are at least so wide."""
_MOST = 6
_SHARE = 0.58
"""Height of the word by that of the frame it would stand in."""
_SIDE = 24
"""Pixels of white beside the word."""
_PRINT = 0.6
"""Print is darker than this part of the red ink's red channel."""

Box = tuple[int, int, int, int]


def red_words(picture: Image.Image, dpi: float) -> Iterator[StampInk]:
    """The ink of red words by themselves on an RGB picture at `dpi`; nothing on a grey one."""
    if picture.mode != "RGB":
        return
    for box in _places(picture, dpi / _LOOK_DPI):
        yield _ink(picture.crop(box))


def _places(picture: Image.Image, by: float) -> list[Box]:
    small = picture.resize(
        (max(1, round(picture.width / by)), max(1, round(picture.height / by))),
        Image.Resampling.BOX,
    )
    joined = _joined(_redness(small).point(lambda level: 255 * (level > _RED)))
    found = []
    for word in connected(np.asarray(joined) > 0):
        high = word.height / _PER_MM - _MARKS_MM
        wide = word.width / _PER_MM - _APART_MM
        fits = _LOWEST_MM <= high <= _HIGHEST_MM and _NARROWEST_MM <= wide <= _WIDEST_MM
        if fits and wide >= _FLATTEST * high:
            edges = (word.left, word.top, word.right, word.bottom)
            found.append(tuple(round(edge * by) for edge in edges))
    return found[:_MOST]  # type: ignore[return-value]


def _redness(picture: Image.Image) -> Image.Image:
    red, green, blue = picture.split()
    return ImageChops.subtract(red, ImageChops.lighter(green, blue))


def _joined(mask: Image.Image) -> Image.Image:
    """Letters and marks of one word grown together: wide to the sides, little up and down."""
    from scipy import ndimage  # type: ignore[import-untyped]

    reach = (round(_MARKS_MM * _PER_MM) | 1, round(_APART_MM * _PER_MM) | 1)
    ink = np.asarray(mask.filter(ImageFilter.MedianFilter(3))) > 0
    return Image.fromarray(ndimage.binary_dilation(ink, np.ones(reach)))


def _ink(cut: Image.Image) -> StampInk:
    """The word as it would stand in a frame `HEIGHT` pixels high."""
    high = round(_SHARE * HEIGHT)
    size = (max(1, round(cut.width * high / cut.height)), high)
    word = cut.resize(size, Image.Resampling.BICUBIC)
    red = np.asarray(_redness(word)) > _RED
    channel = np.asarray(word.getchannel(0), dtype=np.float32)
    usual = np.median(channel[red]) if red.any() else 255.0
    hidden = np.asarray(
        Image.fromarray(channel < _PRINT * usual).convert("L").filter(ImageFilter.MaxFilter(5))
    )
    rows = (HEIGHT - high) // 2
    around = ((rows, HEIGHT - high - rows), (_SIDE, _SIDE))
    return StampInk(np.pad(red, around), np.pad(hidden > 0, around))

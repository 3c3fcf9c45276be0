"""Words in red ink that no frame holds, such as a mark of secrecy (độ mật) that lost its frame.

Red ink is told from black print by the red channel, so print that runs through a word does no harm.
Black words without a frame cannot be told from print: recognition of the page must see them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from reading.frames import Frame
from reading.glyphs import Mask, connected
from reading.stamp_ink import HEIGHT, StampInk

_LOOK_DPI = 150.0
_MM_PER_INCH = 25.4
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


def red_words(picture: Image.Image, dpi: float, frames: Sequence[Frame]) -> Iterator[StampInk]:
    """The ink of red words outside the frames of an RGB picture at `dpi`; nothing on a grey one."""
    if picture.mode != "RGB":
        return
    for box in _places(picture, dpi):
        if not any(_meet(box, frame) for frame in frames):
            yield _ink(picture.crop(box))


def _meet(box: Box, frame: Frame) -> bool:
    left, top, right, bottom = box
    across = left < frame.x + frame.width / 2 and frame.x - frame.width / 2 < right
    return across and top < frame.y + frame.height / 2 and frame.y - frame.height / 2 < bottom


def _places(picture: Image.Image, dpi: float) -> list[Box]:
    by = max(1, round(dpi / _LOOK_DPI))
    red = np.asarray(_redness(picture.reduce(by))) > _RED
    per_mm = dpi / by / _MM_PER_INCH
    found: list[Box] = []
    for word in connected(_joined(red, per_mm)) if red.any() else ():
        high = word.height / per_mm - _MARKS_MM
        wide = word.width / per_mm - _APART_MM
        fits = _LOWEST_MM <= high <= _HIGHEST_MM and _NARROWEST_MM <= wide <= _WIDEST_MM
        if fits and wide >= _FLATTEST * high:
            left, top, right, bottom = word.left, word.top, word.right, word.bottom
            found.append((round(left * by), round(top * by), round(right * by), round(bottom * by)))
    return found[:_MOST]


def _redness(picture: Image.Image) -> Image.Image:
    red, green, blue = picture.split()
    return ImageChops.subtract(red, ImageChops.lighter(green, blue))


def _joined(red: Mask, per_mm: float) -> Mask:
    """Letters and marks of one word grown together: wide to the sides, little up and down."""
    from scipy import ndimage  # type: ignore[import-untyped]

    across = np.ones((1, round(_APART_MM * per_mm) | 1))
    down = np.ones((round(_MARKS_MM * per_mm) | 1, 1))
    grown: Mask = ndimage.binary_dilation(ndimage.binary_dilation(red, across), down)
    return grown


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

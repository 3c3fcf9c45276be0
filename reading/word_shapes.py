"""How much what a frame holds looks like a word in bold capitals, whatever print lies over it.

Recognition fails where black print runs through a black stamp. Comparing does not: all of a word's
letters are inked, and between them there is less ink. Letters are those of a Times-like and of an
Arial-like font, stretched in both directions.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from reading.stamp_ink import HEIGHT, StampInk

LOG = logging.getLogger("sohoa.stamps")
Levels = npt.NDArray[np.float32]

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_FONTS = ("LiberationSerif-Bold.ttf", "LiberationSans-Bold.ttf")
_SMALL = 3
"""Pixels of the ink that make one pixel of the comparison."""
_HIGH = np.arange(0.42, 0.76, 0.04)
"""Height of a word, marks included, by that of its frame."""
_WIDE = (0.88, 1.0, 1.12)
"""Width of a word by that in the font."""
_LEAST_SEEN = 0.45
"""The part of a word's letters that print must not hide."""
_FONT_SIZE = 200


class Likeness(NamedTuple):
    """A word, and how much more ink there is on its letters than between them, -1 to 1."""

    word: str
    degree: float


def likest(inside: StampInk, words: tuple[str, ...]) -> Likeness:
    """The word that the ink inside a frame looks like most; degree 0 where no font is installed."""
    seen = _reduced(~inside.hidden)
    ink = _reduced(inside.ink & ~inside.hidden)
    best = Likeness(words[0], 0.0)
    for word in words:
        for letters, between in _shapes(word):
            if letters.shape[0] > ink.shape[0] or letters.shape[1] > ink.shape[1]:
                continue
            degree = _degree(ink, seen, letters, between)
            if degree > best.degree:
                best = Likeness(word, degree)
    return best


def _degree(ink: Levels, seen: Levels, letters: Levels, between: Levels) -> float:
    on, on_seen = _slid(ink, letters), _slid(seen, letters)
    off, off_seen = _slid(ink, between), _slid(seen, between)
    enough = on_seen >= _LEAST_SEEN * letters.sum()
    if not enough.any():
        return 0.0
    excess = on / np.maximum(on_seen, 1) - off / np.maximum(off_seen, 1)
    return float(excess[enough].max())


def _slid(picture: Levels, shape: Levels) -> Any:
    """The sum of the picture under the shape, for every place where it fits in."""
    from scipy import signal  # type: ignore[import-untyped]

    return signal.fftconvolve(picture, shape[::-1, ::-1], mode="valid")


def _reduced(mask: npt.NDArray[np.bool_]) -> Levels:
    small = Image.fromarray(mask.astype(np.float32) * 255).convert("L").reduce(_SMALL)
    return np.asarray(small, dtype=np.float32) / np.float32(255)


@cache
def _shapes(word: str) -> tuple[tuple[Levels, Levels], ...]:
    return tuple(_drawn(word))


def _drawn(word: str) -> Iterator[tuple[Levels, Levels]]:
    from scipy import ndimage

    for file in _font_files():
        font = ImageFont.truetype(str(file), _FONT_SIZE)
        left, top, right, bottom = (round(edge) for edge in font.getbbox(word))
        whole = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(whole).text((-left, -top), word, font=font, fill=255)
        for high in _HIGH:
            height = round(high * HEIGHT / _SMALL)
            for wide in _WIDE:
                width = round(wide * height * whole.width / whole.height)
                shape = np.asarray(whole.resize((width, height), Image.Resampling.BOX)) > 140  # noqa: PLR2004
                apart = ~ndimage.binary_dilation(shape)
                yield shape.astype(np.float32), apart.astype(np.float32)


@cache
def _font_files() -> tuple[Path, ...]:
    found = []
    for name in _FONTS:
        files = sorted(file for folder in _FOLDERS for file in folder.rglob(name))
        found += sorted(files, key=lambda file: "liberation2" not in str(file))[:1]
    if not found:
        LOG.warning("thiếu phông Liberation: dấu mật bị chữ in đè lên có thể bị sót")
    return tuple(found)

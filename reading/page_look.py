"""What can be seen of a page before any letter is read: skew, blankness, which way is up.

Everything is measured on a small picture (about 100 dpi) whose dark pixels are told from the
paper by comparing them with their surroundings, so that shadows and toned paper do not count.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Ink = npt.NDArray[np.bool_]

_LOOK_DPI = 100.0
_DARKER = 48
"""Grey levels by which ink is darker than the paper around it."""
_EDGE = 0.03
_NOTHING = 0.0001
_HARDLY_ANYTHING = 0.003
"""Shares of solid ink: a page number alone has 0.0001, a seal showing through from the other side
0.0001-0.0006, one short line 0.001, a page of text 0.01 and more."""
_LOOK_PIXELS = 2_500_000
_MAX_POINTS = 40_000
_FEWEST_POINTS = 200
"""A handful of specks has no direction."""


class Lean(NamedTuple):
    """Which way the text runs: `across` > 1 for lines, < 1 for columns; `up` > 0 for upright."""

    across: float
    up: float


def small_grey(image: Image.Image, dpi: float) -> Image.Image:
    """The page in grey at about 100 dpi."""
    pixels = image.width * image.height
    factor = max(1, int(dpi // _LOOK_DPI), math.ceil(math.sqrt(pixels / _LOOK_PIXELS)))
    return image.reduce(factor) if factor > 1 else image


def ink_of(small: Image.Image) -> Ink:
    """True where a pixel is clearly darker than the paper around it, without the page's edges."""
    paper = small.reduce(8).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(2))
    ground = np.asarray(paper.resize(small.size), dtype=np.int16)
    ink: Ink = (ground - np.asarray(small, dtype=np.int16)) > _DARKER
    margin_y, margin_x = (int(side * _EDGE) for side in ink.shape)
    return ink[margin_y : ink.shape[0] - margin_y, margin_x : ink.shape[1] - margin_x]


def solid_ink(ink: Ink) -> float:
    """Share of the page that is solid ink, 0–1: specks of one or two pixels do not count."""
    if ink.size == 0:
        return 0.0
    solid = ink[:-1, :-1] & ink[1:, :-1] & ink[:-1, 1:] & ink[1:, 1:]
    return float(solid.mean())


def shows_nothing(share: float) -> bool:
    """Whether so little solid ink means an empty page without reading it."""
    return share < _NOTHING


def shows_hardly_anything(share: float) -> bool:
    """Whether the page is empty unless words are read on it."""
    return share < _HARDLY_ANYTHING


def skew_of(ink: Ink, most: float) -> float:
    """Degrees (±`most`) by which lines of text rise to the right; 0 where no lines are seen."""
    return _lines_of(ink, most)[0]


def _lines_of(ink: Ink, most: float) -> tuple[float, float]:
    """The skew of the lines, and how sharply they stand out at that angle."""
    ys, xs = np.nonzero(ink)
    if len(xs) < _FEWEST_POINTS:
        return 0.0, 0.0
    step = max(1, len(xs) // _MAX_POINTS)
    down, across = ys[::step].astype(np.float32), xs[::step].astype(np.float32)
    coarse, _ = _best(across, down, np.arange(-most, most + 0.01, 0.5))
    fine, sharpness = _best(across, down, np.arange(coarse - 0.5, coarse + 0.51, 0.1))
    return round(float(np.clip(fine, -most, most)), 2) + 0.0, sharpness


def _best(
    xs: npt.NDArray[np.float32], ys: npt.NDArray[np.float32], angles: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """The angle at which the ink falls into the sharpest rows, and that sharpness."""
    scores = [_sharpness(ys + xs * np.float32(math.tan(math.radians(a)))) for a in angles]
    best = int(np.argmax(scores))
    return float(angles[best]), scores[best]


def _sharpness(rows: npt.NDArray[np.float32]) -> float:
    counts = np.bincount((rows - rows.min()).astype(np.int64)).astype(np.float64)
    return float(np.sum(np.diff(counts) ** 2))


def lean_of(small: Image.Image, most: float) -> Lean:
    """Which way the text of a small grey page runs; a skew up to `most` degrees does no harm."""
    ink = ink_of(small)
    skew, rows = _lines_of(ink, most)
    skew_of_columns, columns = _lines_of(np.rot90(ink), most)
    across = rows / max(columns, 1e-9)
    if across < 1:
        small, skew = small.transpose(Image.Transpose.ROTATE_90), skew_of_columns
    if skew:
        small = small.rotate(-skew, Image.Resampling.BILINEAR, fillcolor=255)
    return Lean(across=across, up=_up(ink_of(small)))


def _up(ink: Ink) -> float:
    """-1…1: how much more ink stands above the lines' x-height than hangs below their baseline.

    Vietnamese carries most of its marks above the letters, so upright text is clearly positive.
    """
    profile = ink.sum(axis=1).astype(np.float64)
    above = below = 0.0
    for top, bottom in _bands(profile > max(1.0, 0.15 * np.percentile(profile, 95))):
        if not 6 <= bottom - top <= 60:  # noqa: PLR2004 - heights of text lines at 100 dpi
            continue
        band = profile[top:bottom]
        core = np.nonzero(band > 0.5 * band.max())[0]
        above += float(band[: core[0]].sum())
        below += float(band[core[-1] + 1 :].sum())
    return (above - below) / (above + below) if above + below else 0.0


def _bands(rows: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], rows, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]

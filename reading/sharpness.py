"""Measures of a scanned page: how sharp its edges are, how light it is, what its borders cut."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

_MM_PER_INCH = 25.4
_CONTRAST_TILE = 64
"""Pixels of the squares in which contrast is taken, so that shade does not count."""
_FEWEST_TILES = 3
_TEXT_CONTRAST = 40
_MOST_PIXELS = 9_000_000
"""Of larger pages the middle is looked at."""
_FAINT = 14
_WRITING_SHARE = 0.004
_INK = 60
"""Levels by which writing is darker than the paper around it."""
_BORDER_PX = 2
"""At 100 dpi: less than a millimetre, where no printed margin ends."""
_LETTER = (2, 26)
"""Sides of cut letters or words along a border, in pixels at 100 dpi; longer is shadow or rule."""
_CUT_LINES, _CUT_LETTERS = 4, 8
"""So many pieces of text at a border are no coincidence: lines at a side, letters above, below."""

Grey = npt.NDArray[np.int16]


class Light(NamedTuple):
    """How light the paper is, and how much darker the writing; levels of 255."""

    paper: float
    contrast: float
    writing: bool
    """Whether anything faint or dark stands on the paper."""


def light_of(small: Image.Image) -> Light:
    """The light of a small grey page (about 100 dpi)."""
    softened = small.filter(ImageFilter.GaussianBlur(0.7))
    ground = small.reduce(8).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(2))
    levels = np.asarray(ground.resize(small.size), dtype=np.int16)
    darker = levels - np.asarray(softened, dtype=np.int16)
    margin_y, margin_x = (side // 25 for side in darker.shape)
    inner = darker[margin_y : darker.shape[0] - margin_y, margin_x : darker.shape[1] - margin_x]
    faint = inner[inner > _FAINT]
    writing = faint.size > _WRITING_SHARE * inner.size
    contrast = float(np.percentile(faint, 90)) if faint.size else 0.0
    return Light(float(np.median(levels)), contrast, writing)


def edge_width_mm(grey: Image.Image, dpi: float) -> float:
    """How wide the change from paper to ink is, in mm, in the blurrier direction; 0: no edges.

    A sharp scan needs about two pixels. Contrast and steps are compared square by square.
    """
    levels = np.asarray(_middle(grey))
    widths = [_edge_width(levels), _edge_width(levels.T)]
    return max(widths) / dpi * _MM_PER_INCH


def _middle(grey: Image.Image) -> Image.Image:
    share = min(1.0, math.sqrt(_MOST_PIXELS / (grey.width * grey.height)))
    across, down = grey.width * (1 - share) / 2, grey.height * (1 - share) / 2
    return grey.crop(
        (round(across), round(down), round(grey.width - across), round(grey.height - down))
    )


def _edge_width(levels: npt.NDArray[np.uint8]) -> float:
    """Pixels along rows from paper to ink: contrast by the steepest step of each square."""
    tile = _CONTRAST_TILE
    measured = [
        _contrast_and_step(levels[top : top + tile])
        for top in range(0, levels.shape[0] - tile + 1, tile)
    ]
    if not measured:
        return 0.0
    contrast, steps = (np.concatenate(values) for values in zip(*measured, strict=True))
    text = contrast > max(_TEXT_CONTRAST, 0.5 * float(np.percentile(contrast, 95)))
    if np.count_nonzero(text) < _FEWEST_TILES:
        return 0.0
    return float(np.median(contrast[text] / np.maximum(steps[text], 1)))


def _contrast_and_step(band: npt.NDArray[np.uint8]) -> tuple[Grey, Grey]:
    """Contrast and steepest step of the squares that lie beside each other in a band."""
    tile = _CONTRAST_TILE
    columns = band.shape[1] // tile
    squares = band[:, : columns * tile].reshape(tile, columns, tile).astype(np.int16)
    contrast: Grey = squares.max(axis=(0, 2)) - squares.min(axis=(0, 2))
    steps: Grey = np.abs(np.diff(squares, axis=2)).max(axis=(0, 2))
    return contrast, steps


def cut_sides(small: Image.Image) -> list[str]:
    """The borders (Vietnamese names) at which writing runs off a small grey page."""
    ground = small.reduce(8).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(2))
    levels = np.asarray(ground.resize(small.size), dtype=np.int16)
    dark: npt.NDArray[np.bool_] = levels - np.asarray(small, dtype=np.int16) > _INK
    found = []
    for name, border, least in (
        ("trái", dark[:, :_BORDER_PX], _CUT_LINES),
        ("phải", dark[:, -_BORDER_PX:], _CUT_LINES),
        ("trên", dark[:_BORDER_PX].T, _CUT_LETTERS),
        ("dưới", dark[-_BORDER_PX:].T, _CUT_LETTERS),
    ):
        if _pieces(border) >= least:
            found.append(name)
    return found


def _pieces(border: npt.NDArray[np.bool_]) -> int:
    """How many stretches of a border, given row by row, are as long as a cut letter or line."""
    inked = np.any(border, axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inked, [False])).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return int(np.count_nonzero((lengths >= _LETTER[0]) & (lengths <= _LETTER[1])))

"""Rectangular frames (khung) on a page, such as those around a mark of secrecy (dấu độ mật).

Print runs through a stamp, so the shape of connected ink says nothing. What stays is two upright
lines as high as a stamp, joined above and below by lines of ink: these are looked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFilter

Mask = npt.NDArray[np.bool_]

LOOK_DPI = 150
_PER_MM = LOOK_DPI / 25.4
_LOWEST_MM, _HIGHEST_MM = 5.0, 16.0
_NARROWEST_MM, _WIDEST_MM = 10.0, 60.0
"""Stamps are 8 mm high and 20 to 40 mm wide; others cut theirs larger."""
_UPRIGHT_MM = 4.9
"""Upright lines are at least so long: more than a letter of the largest print is high."""
_UNBROKEN = 0.94
"""The part of an upright line that is ink."""
_STEEPEST = 0.12
"""Rise by run: 4 degrees of the stamp and 3 of the page."""
_SLOPES = np.arange(-0.03, 0.031, 0.005)
_CLOSED = 0.86
"""The part of the upper and lower line that is ink."""
_DARK, _RED = 0.72, 40
"""Ink is darker than this part of the paper around it, or so many levels redder than grey."""
_MOST_UPRIGHTS, _MOST_FRAMES = 60, 8


class Frame(NamedTuple):
    """A frame in pixels of the picture it was found on: centre, sides, rise by run."""

    x: float
    y: float
    width: float
    height: float
    slope: float

    def scaled(self, by: float) -> Frame:
        """The frame on a picture `by` times as large."""
        return Frame(self.x * by, self.y * by, self.width * by, self.height * by, self.slope)


class _Upright(NamedTuple):
    x: float
    top: float
    bottom: float
    lean: float


def frames_in(picture: Image.Image, dpi: float) -> list[Frame]:
    """Frames of a stamp's size on a grey or RGB picture, in its pixels, the widest first."""
    by = LOOK_DPI / dpi
    size = (max(1, round(picture.width * by)), max(1, round(picture.height * by)))
    wide = _wider(ink_mask(picture.resize(size, Image.Resampling.BOX)))
    ink = _wider(wide.T).T
    tallest = sorted(_uprights(wide), key=lambda line: line.top - line.bottom)[:_MOST_UPRIGHTS]
    uprights = sorted(tallest)
    frames: list[Frame] = []
    for frame in sorted(_closed(ink, uprights), key=lambda frame: -frame.width):
        if not any(_within(frame, other) for other in frames):
            frames.append(frame)
    return [frame.scaled(1 / by) for frame in frames[:_MOST_FRAMES]]


def ink_mask(picture: Image.Image) -> Mask:
    """Where a picture at `LOOK_DPI` has ink, dark or red, whatever the light on the paper."""
    grey = picture.convert("L")
    paper = grey.reduce(16).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.BoxBlur(2))
    light = np.asarray(paper.resize(grey.size, Image.Resampling.BILINEAR), dtype=np.float32)
    ink: Mask = np.asarray(grey) < _DARK * light
    if picture.mode == "RGB":
        red, green, blue = picture.split()
        ink |= np.asarray(ImageChops.subtract(red, ImageChops.lighter(green, blue))) > _RED
    return ink


def _wider(ink: Mask) -> Mask:
    """Ink one pixel wider to the left and right: lines lean, and thin ones break."""
    wide = ink.copy()
    wide[:, 1:] |= ink[:, :-1]
    wide[:, :-1] |= ink[:, 1:]
    return wide


def _uprights(ink: Mask) -> Iterator[_Upright]:
    from scipy import ndimage  # type: ignore[import-untyped]

    run = round(_UPRIGHT_MM * _PER_MM)
    if ink.shape[0] <= run:
        return
    depth = np.cumsum(ink, axis=0, dtype=np.int16)
    upright = depth[run:] - depth[:-run] >= _UNBROKEN * run
    labels, _ = ndimage.label(upright, structure=np.ones((3, 3)))
    for label, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1):
        height = (rows.stop - rows.start + run) / _PER_MM
        if height > _HIGHEST_MM + 2 or (columns.stop - columns.start) / _PER_MM > 2.5:  # noqa: PLR2004
            continue
        place = np.argwhere(labels[rows, columns] == label)
        middles = [place[place[:, 0] == row, 1].mean() for row in (0, rows.stop - rows.start - 1)]
        rise = max(1, rows.stop - rows.start - 1)
        lean = (middles[1] - middles[0]) / rise if rise > 0.3 * run else 0.0
        yield _Upright(columns.start + place[:, 1].mean(), rows.start, rows.stop + run, float(lean))


def _closed(ink: Mask, uprights: list[_Upright]) -> Iterator[Frame]:
    for left, right in combinations(uprights, 2):
        width = right.x - left.x
        if not _NARROWEST_MM * _PER_MM <= width <= _WIDEST_MM * _PER_MM:
            continue
        shared = min(left.bottom, right.bottom) - max(left.top, right.top)
        if shared < 0.5 * max(left.bottom - left.top, right.bottom - right.top):
            continue
        frame = _joined(ink, left, right)
        if frame is not None:
            yield frame


def _joined(ink: Mask, left: _Upright, right: _Upright) -> Frame | None:
    """The frame that two upright lines make with the lines of ink above and below, if any."""
    columns = np.arange(round(left.x), round(right.x) + 1)
    middle = (left.x + right.x) / 2
    low, high = min(left.top, right.top) - 4, max(left.bottom, right.bottom) + 4
    best, surest = None, 0.0
    for slope in _SLOPES - (left.lean + right.lean) / 2:
        if abs(slope) > _STEEPEST:
            continue
        drift = np.round(slope * (columns - middle)).astype(int)
        rows = np.arange(low, high)[:, None] + drift
        inked = ink[np.clip(rows, 0, ink.shape[0] - 1), columns].mean(axis=1)
        lines = np.flatnonzero(inked >= _CLOSED)
        height = float(lines[-1] - lines[0]) if lines.size else 0.0
        if not _LOWEST_MM * _PER_MM <= height <= _HIGHEST_MM * _PER_MM:
            continue
        sure = float(min(inked[lines[0] : lines[0] + 4].max(), inked[lines[-1] - 3 :].max()))
        if sure > surest:
            y = low + (lines[0] + lines[-1]) / 2
            best, surest = Frame(middle, y, right.x - left.x, height, float(slope)), sure
    return best


def _within(inner: Frame, outer: Frame) -> bool:
    """Whether a frame is a part of another: its inner line, or one that ends at a letter."""
    return abs(inner.y - outer.y) < outer.height / 2 and (
        abs(inner.x - outer.x) < (outer.width - inner.width) / 2 + 2.0 * _PER_MM
    )

"""The ink of a framed stamp, apart from the print that runs through it.

The colour of a stamp is that of its frame. Where it is red, or a grey lighter than print, print is
told from it by the red channel: red ink is light there and print is dark.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from reading.frames import Frame, Mask

Levels = npt.NDArray[np.float32]

HEIGHT = 96
"""Pixels from the upper to the lower line of a frame that was cut out."""
_AROUND = 15
"""Pixels cut out around it, to see its lines whole."""
_LINE = 9
"""Within so many pixels a line of the frame, or both of a double one, is expected."""
_DEEPEST_LINE = 0.2
"""The inner line of a double frame lies at most so deep, by the height of the outer one."""
_LINE_INKED = 0.6
"""The part of a line that is inked, leaning a little."""
_LIGHTER_THAN_PRINT = 0.27
"""Red channel of a stamp by that of the paper: black ink has 0.1 to 0.26, grey copies 0.4."""
_PRINT = 0.62
"""Print is darker than this part of the stamp's red channel."""
_DARKEST_PAPER = 40.0


class StampInk(NamedTuple):
    """What is inside a frame: where the stamp's ink is, and where print hides whether it is."""

    ink: Mask
    hidden: Mask

    @property
    def picture(self) -> Image.Image:
        """Black on white, what is hidden filled in from around it."""
        from scipy import ndimage  # type: ignore[import-untyped]

        near = 0.035 * HEIGHT
        known = 1.0 - self.hidden
        share = ndimage.gaussian_filter(self.ink * known, near)
        share /= ndimage.gaussian_filter(known, near) + 1e-3
        shown = np.where(self.hidden, share > 0.5, self.ink)  # noqa: PLR2004
        sharp = np.pad(255.0 * ~shown, HEIGHT // 4, constant_values=255.0)
        return Image.fromarray(ndimage.gaussian_filter(sharp, 1.0).astype(np.uint8))


def inks_inside(picture: Image.Image, frame: Frame) -> list[StampInk]:
    """The ink inside a frame of a grey or RGB picture, its lines level and `HEIGHT` apart.

    Twice where the stamp is lighter than print: without the print, and all of it, for the thin
    lines of a black stamp look light too. Empty where the frame leaves nothing inside.
    """
    from scipy import ndimage

    levels = np.asarray(_cut_out(picture, frame).convert("RGB"), dtype=np.float32)
    levels /= np.maximum(np.percentile(levels, 90, axis=(0, 1)), _DARKEST_PAPER)
    levels = ndimage.gaussian_filter(levels, (1.0, 1.0, 0.0))
    colour = _colour_of_lines(levels)
    ink = levels[..., 1:].min(axis=2) < (1 + colour[1:].min()) / 2
    inside = _within_lines(ink, 1), _within_lines(ink, 0)
    shown = [np.zeros_like(ink)]
    if colour[0] > _LIGHTER_THAN_PRINT:
        print_on_it = levels[..., 0] < _PRINT * colour[0]
        shown.append(ndimage.binary_dilation(print_on_it, iterations=2))
    found = [StampInk(ink[inside], hidden[inside]) for hidden in shown]
    return [one for one in found if min(one.ink.shape) >= HEIGHT // 3 and one.ink.any()]


def _within_lines(ink: Mask, along: int) -> slice:
    """The rows or columns between the lines that run along an axis, single or double."""
    length = ink.shape[1 - along]
    margin = _AROUND + round(_DEEPEST_LINE * HEIGHT)
    core = slice(_AROUND + _LINE, -_AROUND - _LINE)
    inked = (ink[:, core] if along else ink[core]).mean(axis=along) > _LINE_INKED
    first = np.flatnonzero(inked[:margin])
    last = np.flatnonzero(inked[-margin:])
    low = max(first[-1] + _LINE // 3 if first.size else 0, _AROUND + _LINE)
    high = min(last[0] - _LINE // 3 if last.size else margin, margin - _AROUND - _LINE)
    return slice(int(low), int(length - margin + high))


def _cut_out(picture: Image.Image, frame: Frame) -> Image.Image:
    by = frame.height / HEIGHT
    size = (round(frame.width / by) + 2 * _AROUND, HEIGHT + 2 * _AROUND)
    rise = by * frame.slope
    left = frame.x - by * size[0] / 2 + rise * size[1] / 2
    top = frame.y - rise * size[0] / 2 - by * size[1] / 2
    turn = (by, -rise, left, rise, by, top)
    return picture.transform(size, Image.Transform.AFFINE, turn, Image.Resampling.BICUBIC)


def _colour_of_lines(levels: Levels) -> Levels:
    """Red, green, blue of the upper and lower line by that of the paper, where no print crosses."""
    height, width = levels.shape[:2]
    found = []
    for middle in (_AROUND, height - _AROUND):
        strip = levels[middle - _LINE + 2 : middle + _LINE - 2, _AROUND : width - _AROUND]
        found.append(strip[strip.sum(axis=2).argmin(axis=0), np.arange(strip.shape[1])])
    line = np.concatenate(found)
    bare = line[line[:, 0] >= np.median(line[:, 0])]
    colour: Levels = np.median(bare, axis=0)
    return colour

"""Single glyphs of a strip of a page: connected ink with its box and its stroke width."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

Mask = npt.NDArray[np.bool_]

_FAINT = 40.0
"""Grey levels between paper and ink below which a strip holds nothing."""
_SPECK = 0.012
"""Ink in squares of the strip's height; less is dust."""
_SAME_COLUMN = 0.55
"""Pieces that share this part of the narrower one's width are one broken glyph."""


class Glyph(NamedTuple):
    """Connected ink: a box in pixels, its ink in pixels, and the length of its outline."""

    left: float
    top: float
    right: float
    bottom: float
    ink: float
    outline: float

    @property
    def height(self) -> float:
        """Pixels from the highest to the lowest ink."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Pixels from the leftmost to the rightmost ink."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """The x of the middle."""
        return (self.left + self.right) / 2

    @property
    def stroke(self) -> float:
        """The mean width of the strokes, in pixels: a line's area is half its outline times it."""
        return 2 * self.ink / max(self.outline, 1.0)

    def joined(self, other: Glyph) -> Glyph:
        """One glyph of both."""
        return Glyph(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            self.ink + other.ink,
            self.outline + other.outline,
        )

    def moved(self, x: float, y: float, scale: float) -> Glyph:
        """The glyph in the pixels of the page from which the strip was cut."""
        return Glyph(
            x + self.left / scale,
            y + self.top / scale,
            x + self.right / scale,
            y + self.bottom / scale,
            self.ink / scale**2,
            self.outline / scale,
        )


def glyphs_in(strip: Image.Image) -> list[Glyph]:
    """The glyphs of a grey strip from left to right, without dust."""
    mask = _ink(strip)
    if mask is None:
        return []
    found = [glyph for glyph in connected(mask) if glyph.ink > _SPECK * strip.height]
    return sorted(found, key=lambda glyph: glyph.left)


def whole(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """The glyphs with pieces that stand over one another joined: a broken 0, a slashed 7."""
    done: list[Glyph] = []
    for glyph in glyphs:
        shared = min(done[-1].right, glyph.right) - glyph.left if done else 0.0
        if done and shared > _SAME_COLUMN * min(done[-1].width, glyph.width):
            done[-1] = done[-1].joined(glyph)
        else:
            done.append(glyph)
    return done


def _ink(strip: Image.Image) -> Mask | None:
    """Where the strip is nearer to its ink than to its paper; None when nothing stands on it."""
    levels = np.asarray(strip, dtype=np.uint8)
    if not levels.size:
        return None
    paper, ink = np.percentile(levels, (75, 1))
    if paper - ink < _FAINT:
        return None
    mask: Mask = levels < (paper + ink) / 2
    return mask


def connected(mask: Mask) -> list[Glyph]:
    """Connected ink (eight neighbours), from the runs of each row."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    first = np.searchsorted(rows, np.arange(mask.shape[0] + 1))
    root, shared = _join(starts.tolist(), ends.tolist(), first.tolist())
    return _boxes(np.asarray(root), np.asarray(shared), rows, starts, ends)


def _join(starts: list[int], ends: list[int], first: list[int]) -> tuple[list[int], list[int]]:
    """For each run the number of its glyph, and the pixels it shares with runs of the row above."""
    parent = list(range(len(starts)))
    shared = [0] * len(starts)

    def find(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    for row in range(1, len(first) - 1):
        above, last_above = first[row - 1], first[row]
        for run in range(first[row], first[row + 1]):
            while above < last_above and ends[above] < starts[run]:
                above += 1
            touching = above
            while touching < last_above and starts[touching] <= ends[run]:
                parent[find(run)] = find(touching)
                over = min(ends[run], ends[touching]) - max(starts[run], starts[touching])
                shared[run] += max(0, over)
                touching += 1
    return [find(run) for run in range(len(starts))], shared


def _boxes(
    root: npt.NDArray[np.int64],
    shared: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> list[Glyph]:
    """Box, ink and outline of every glyph; steps of a slanted outline count π/4 of their length."""
    _, of = np.unique(root, return_inverse=True)
    count = int(of.max()) + 1 if len(of) else 0
    ink = np.bincount(of, ends - starts, count)
    steps = 2 * np.bincount(of, minlength=count) + 2 * (ink - np.bincount(of, shared, count))
    left, top = np.full(count, np.inf), np.full(count, np.inf)
    right, bottom = np.zeros(count), np.zeros(count)
    np.minimum.at(left, of, starts)
    np.maximum.at(right, of, ends)
    np.minimum.at(top, of, rows)
    np.maximum.at(bottom, of, rows + 1)
    outline = steps * math.pi / 4
    columns = (left, top, right, bottom, ink, outline)
    return [Glyph(*map(float, values)) for values in zip(*columns, strict=True)]

"""The printed line beside handwriting: how high its figures are, where it runs, how thick it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import numpy as np

from reading.figure_places import Place
from reading.glyphs import Glyph

_ALIKE = 0.12
"""Printed capitals and figures of one row differ less in height; feet stand as near the line."""
_TYPICAL = 0.7
"""The rank whose height is that of capitals: lower are hyphens and small letters, few are higher.
"""
_SMALL_LETTER = 0.55
_LONG_ENOUGH = 4.0
"""Heights over which a line must run before its own slope is surer than the page's skew."""
_INSIDE, _REACHES_IN = 0.5, 0.7
_TOO_HIGH, _TOO_LOW = 0.7, 0.2


class PrintLine(NamedTuple):
    """Measures of the print, in pixels of the page."""

    height: float
    """Of its figures or capitals."""
    slope: float
    offset: float
    stroke: float
    models: tuple[Glyph, ...]
    """The figures or capitals that were measured."""

    def at(self, x: float) -> float:
        """The y on which letters stand at `x`."""
        return self.slope * x + self.offset

    def has_between(self, glyph: Glyph, left: float, right: float) -> bool:
        """Whether the glyph stands on this line and between these two edges, mostly or far in."""
        line = self.at(glyph.middle)
        if glyph.bottom < line - _TOO_HIGH * self.height:
            return False
        if glyph.top > line - _TOO_LOW * self.height:
            return False
        inside = min(glyph.right, right) - max(glyph.left, left)
        return inside > _INSIDE * glyph.width or inside > _REACHES_IN * self.height


def print_line(place: Place, glyphs: Sequence[Glyph], skew: float) -> PrintLine | None:
    """The line that the place's printed words stand on; None where too little print is seen.

    `skew` is the page's, in degrees by which lines rise.
    """
    printed = sorted((g for g in glyphs if place.is_model(g)), key=lambda glyph: glyph.height)
    if len(printed) < 2:  # noqa: PLR2004 - one glyph makes no line
        return None
    typical = printed[int(_TYPICAL * (len(printed) - 1))].height
    models = [g for g in printed if abs(g.height - typical) <= _ALIKE * typical]
    height = median(glyph.height for glyph in models)
    slope = -math.tan(math.radians(skew))
    near = median(glyph.bottom - slope * glyph.middle for glyph in models)
    standing = [
        glyph
        for glyph in glyphs
        if place.is_print(glyph)
        and glyph.height > _SMALL_LETTER * height
        and abs(glyph.bottom - slope * glyph.middle - near) < _ALIKE * height
    ] or models
    across = np.array([glyph.middle for glyph in standing])
    feet = np.array([glyph.bottom for glyph in standing])
    if np.ptp(across) > _LONG_ENOUGH * height:
        slope = float(np.polyfit(across, feet, 1)[0])
    return PrintLine(
        height=height,
        slope=slope,
        offset=float(np.median(feet - slope * across)),
        stroke=max(median(glyph.stroke for glyph in models), 0.5),
        models=tuple(models),
    )

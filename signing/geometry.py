"""Where a stamp lies: from millimetres on the page as seen to the PDF's own coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

POINTS_PER_MM = 72 / 25.4
_FULL_TURN = 360
_GAP = 3
"""A stamp takes at most half of what three equal margins leave of the width."""

Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]
Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class PageView:
    """How a viewer shows a page: crop box in user space units, rotation, unit size.

    `rotation` is clockwise, in degrees (ISO 32000-1 table 30); `unit` is the size of one
    user space unit in points.
    """

    box: Rectangle
    rotation: int = 0
    unit: float = 1.0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as seen, in user space units."""
        left, bottom, right, top = self.box
        width, height = right - left, top - bottom
        return (height, width) if self.rotation in (90, 270) else (width, height)

    def place(
        self, corner: Corner, *, width_mm: float, height_mm: float, margin_mm: float
    ) -> Rectangle:
        """The rectangle of a stamp in the visible corner, in user space units.

        On a narrow page the stamp shrinks, so that two stamps stand side by side.
        """
        seen_width, seen_height = self.size
        scale = POINTS_PER_MM / self.unit
        margin = min(margin_mm * scale, seen_width / 10, seen_height / 10)
        width = min(width_mm * scale, (seen_width - _GAP * margin) / 2)
        height = min(height_mm * scale, seen_height / 5)
        left = margin if corner.endswith("left") else seen_width - margin - width
        top = seen_height - margin if corner.startswith("top") else margin + height
        return self._own((left, top - height, left + width, top))

    def _own(self, seen: Rectangle) -> Rectangle:
        """The rectangle in the page's own coordinates, lower left corner first."""
        first, second = self._point(*seen[:2]), self._point(*seen[2:])
        (x0, x1), (y0, y1) = sorted((first[0], second[0])), sorted((first[1], second[1]))
        return (round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2))

    def _point(self, across: float, up: float) -> tuple[float, float]:
        left, bottom, right, top = self.box
        match self.rotation:
            case 90:
                return right - up, bottom + across
            case 180:
                return right - across, top - up
            case 270:
                return left + up, top - across
            case _:
                return left + across, bottom + up


def overlap(first: Rectangle, second: Rectangle) -> bool:
    """Whether two rectangles share more than an edge."""
    return (
        first[0] < second[2]
        and second[0] < first[2]
        and first[1] < second[3]
        and second[1] < first[3]
    )


def page_view(box: Sequence[float], rotation: object, unit: object) -> PageView:
    """A page view from what stands in a file; odd rotations and units count as none."""
    x0, y0, x1, y1 = (float(side) for side in box)
    turned = int(rotation) % _FULL_TURN if isinstance(rotation, int | float) else 0
    size = float(unit) if isinstance(unit, int | float) and unit > 0 else 1.0
    return PageView(
        box=(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)),
        rotation=turned if turned in (90, 180, 270) else 0,
        unit=size,
    )

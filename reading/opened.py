"""A scan once opened: one archival image file per page, and what was found in it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.words import Word


class OpenedPage(BaseModel):
    """One page: its image file and how that image stands on the page.

    `width`, `height` (pixels), `width_pt`, `height_pt` (points of 1/72 inch) describe the image
    as stored; `rotation` is the clockwise turn (0, 90, 180, 270) that makes it upright as far
    as the file itself says so. `words`, where the page brings its own text, are in pixels of
    the upright image.
    """

    model_config = ConfigDict(frozen=True)

    page: int
    image: str
    """File name in the scan's folder: `.jpg` (the scan's own bytes), `.tif` (G4) or `.png`."""
    dpi: float
    """Horizontal resolution of the stored image."""
    width: int
    height: int
    rotation: int = 0
    width_pt: float
    height_pt: float
    words: tuple[Word, ...] | None = None


class OpenedScan(BaseModel):
    """All pages of a scan, in order, and how its bytes are to be treated.

    `signed`: the bytes carry a signature and are never rewritten. `born_digital`: pages with
    their own text, never rasterised for the archive. `scan`: composed anew from page images.
    """

    model_config = ConfigDict(frozen=True)

    media_type: str
    kind: Literal["scan", "signed", "born_digital"]
    pages: tuple[OpenedPage, ...]
    active_content: tuple[str, ...] = ()
    """What could act on its own: `javascript`, `launch`, `embedded_file`, `submit_form`, …"""

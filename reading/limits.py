"""Caps on what one scan may cost. Beyond them a scan is set aside; it never takes others along."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

_MIB = 1 << 20


class Limits(BaseModel):
    """Bounds for opening and reading one scan; every figure is an upper limit."""

    model_config = ConfigDict(frozen=True)

    max_bytes_per_scan: int = Field(default=256 * _MIB, gt=0)
    max_pages_per_scan: int = Field(default=500, gt=0)
    max_pixels_per_page: int = Field(default=200_000_000, gt=0)
    """Width times height as declared, checked before anything is decoded."""
    max_total_pixels: int = Field(default=6_000_000_000, gt=0)
    """Sum over all pages of a scan: 500 A4 pages at 300 dpi are 4.4 thousand million."""
    max_decoded_bytes: int = Field(default=288 * _MIB, gt=0)
    """What decoding one page may hold: with the process itself less than 400 MiB. A colour page of
    A3 at 600 dpi takes 266 MiB; WebP and JPEG 2000 reach this at 18 and 15 megapixels."""
    max_rendered_pixels: int = Field(default=18_000_000, gt=0)
    """A page that must be rasterised gets a lower resolution rather than more pixels than this:
    A3 at 300 dpi."""
    max_content_bytes: int = Field(default=32 * _MIB, gt=0)
    """Decoded drawing instructions of one PDF page."""
    open_seconds: float = Field(default=60.0, gt=0)
    page_seconds: float = Field(default=60.0, gt=0)
    compose_seconds: float = Field(default=300.0, gt=0)
    memory_bytes: int = Field(default=1024 * _MIB, gt=0)
    """Address space of one child process (RLIMIT_AS)."""

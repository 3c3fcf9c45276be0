"""A page as a small picture for people: the whole page, or a piece of it. Runs in a child."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from domain.words import Box
from reading.faults import fault
from reading.limits import Limits
from reading.raster import render

_QUALITY = 80
_PREVIEW_DPI = 150.0
_MARGIN = 12
"""Pixels of the page around a piece."""


def picture_of_image(
    file: Path, rotation: int, box: Box | None, width: int, limits: Limits
) -> bytes:
    """A JPEG of a page image turned clockwise by `rotation` degrees, at most `width` pixels wide.

    `box`, in pixels of the turned image, cuts a piece out, with a little of what is around it.
    """
    Image.MAX_IMAGE_PIXELS = limits.max_pixels_per_page
    with Image.open(file) as stored:
        upright = stored.convert("RGB").rotate(-rotation, expand=True)
    return _jpeg(upright, box, width)


def picture_of_pdf(
    file: Path, page: int, box: Box | None, size: tuple[int, int], width: int, limits: Limits
) -> bytes:
    """The same for a page (from 1) of a PDF; `size` is the page in the pixels that `box` is in."""
    import pypdfium2

    document = pypdfium2.PdfDocument(file)
    try:
        if not 1 <= page <= len(document):
            raise fault("damaged")
        image, _ = render(document[page - 1], _PREVIEW_DPI, limits, annotations=False)
    finally:
        document.close()
    return _jpeg(image.convert("RGB").resize(size), box, width)


def _jpeg(image: Image.Image, box: Box | None, width: int) -> bytes:
    if box is not None:
        left, top = max(0, box.x - _MARGIN), max(0, box.y - _MARGIN)
        right = min(image.width, box.right + _MARGIN)
        bottom = min(image.height, box.bottom + _MARGIN)
        if right <= left or bottom <= top:
            raise fault("damaged")
        image = image.crop((left, top, right, bottom))
    if image.width > width:
        image = image.resize((width, max(1, round(image.height * width / image.width))))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()

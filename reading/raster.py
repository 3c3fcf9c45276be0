"""Rasterise PDF pages with pdfium. It is not thread-safe: one process, one thread.

Of signed files the page content alone is rendered, for reading: stamps of signatures are
annotations that lie over the printed header and would be read as text. Of unsigned files
annotations and filled-in fields are drawn too, since the picture is what will be archived.
"""

from __future__ import annotations

from typing import Any

from PIL import Image

from reading.faults import fault
from reading.limits import Limits
from reading.png_strips import cut

POINTS_PER_INCH = 72.0
_LEVELS = 256


def render(
    page: Any, dpi: float, limits: Limits, *, annotations: bool
) -> tuple[Image.Image, float]:
    """The upright page in two levels, grey or RGB, and the resolution used.

    `dpi` is lowered so that the image keeps within `limits.max_rendered_pixels`; a page so large
    that less than 36 dpi remains is `too_large`.
    """
    width, height = page.get_size()
    if width <= 0 or height <= 0:
        raise fault("damaged")
    at_most = (limits.max_rendered_pixels / (width * height)) ** 0.5 * POINTS_PER_INCH
    used = min(dpi, at_most)
    if used < POINTS_PER_INCH / 2:
        raise fault("too_large")
    bitmap = page.render(
        scale=used / POINTS_PER_INCH,
        may_draw_forms=annotations,
        draw_annots=annotations,
        rev_byteorder=True,
    )
    return plain(bitmap.to_pil().convert("RGB")), used


def plain(image: Image.Image) -> Image.Image:
    """The same pixels in the smallest mode: two levels, grey or RGB."""
    if image.mode == "RGB":
        if any(_colourful(strip) for strip in cut(image, lambda strip: strip)):
            return image
        image = image.getchannel(0)
    if image.mode == "L" and not any(image.histogram()[1 : _LEVELS - 1]):
        return image.convert("1", dither=Image.Dither.NONE)
    return image


def _colourful(strip: Image.Image) -> bool:
    red, green, blue = (channel.tobytes() for channel in strip.split())
    return red != green or green != blue


def embedded_image(page: Any, size: tuple[int, int]) -> Image.Image | None:
    """The pixels of the page's only image of `size`, as stored; None when it is not the only one.

    For codings that pikepdf cannot undo by itself (JBIG2, JPEG 2000).
    """
    import pypdfium2.raw as pdfium_c

    images = list(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]))
    if len(images) != 1 or images[0].get_px_size() != size:
        return None
    bitmap = images[0].get_bitmap(render=False)
    pixels: Image.Image = bitmap.to_pil()
    return plain(pixels if pixels.mode in {"L", "RGB"} else pixels.convert("RGB"))

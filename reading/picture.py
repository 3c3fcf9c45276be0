"""The stored image of a page as it is read: decoded once, and never larger than reading needs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from reading import png_strips
from reading.decoding import is_wide_png
from reading.opened import OpenedPage

_WORKING_DPI = 300.0
_MOST_PIXELS = 25_000_000
"""Grey and colour of a page, and what the engine makes of it, stay within a worker's memory."""


class Picture(NamedTuple):
    """Grey or RGB pixels, and by how much (whole number) they are fewer along each side."""

    image: Image.Image
    factor: int

    @property
    def grey(self) -> Image.Image:
        """The picture in 8-bit grey."""
        return self.image.convert("L")


def load_picture(path: Path, page: OpenedPage) -> Picture:
    """The picture of `page`, stored in the file `path`, at 300 to 600 dpi.

    Very large pages get less. Their size was checked when they were stored.
    """
    dpi = min(page.dpi, page.height / page.height_pt * 72)
    by_size = math.ceil(math.sqrt(page.width * page.height / _MOST_PIXELS))
    factor = max(1, int(dpi / _WORKING_DPI + 0.01), by_size)
    return Picture(load_reduced(path, factor), factor)


def load_reduced(path: Path, factor: int, *, colour: bool = True) -> Image.Image:
    """The stored image with its sides divided by a whole number, rounded up.

    RGB where the stored image has colours and `colour` asks for them, else 8-bit grey.
    """
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path) as image:
        mode = "RGB" if colour and image.mode in {"RGB", "P"} else "L"
        size = (-(-image.width // factor), -(-image.height // factor))
        if is_wide_png(image, path):
            return _joined(png_strips.strips(path), mode, size, factor)
        if image.format == "JPEG":  # the decoder itself leaves out what is not wanted
            image.draft(mode, size)
            by = max(1, round(image.width / size[0]))
            whole = image.convert(mode)
            return whole.reduce(by) if by > 1 else whole
        if factor == 1:
            return image.convert(mode)
        image.load()
        return _joined(png_strips.cut(image, lambda strip: strip), mode, size, factor)


def _joined(
    strips: Iterable[Image.Image], mode: str, size: tuple[int, int], factor: int
) -> Image.Image:
    """One picture of strips, each reduced before the next is decoded."""
    picture = Image.new(mode, size)
    top = 0
    for strip in strips:
        part = strip.convert(mode).reduce(factor)
        picture.paste(part, (0, top // factor))
        top += strip.height
    return picture

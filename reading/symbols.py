"""Read the bar codes and QR codes of a page. Runs in a child process (`reading.pool`)."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from PIL import Image

from domain.errors import SohoaError
from domain.symbols import Symbol, SymbolKind
from domain.words import Box
from reading.faults import FOREIGN_ERRORS
from reading.opened import OpenedPage
from reading.picture import load_reduced

LOG = logging.getLogger("sohoa.symbols")
_LEAST_DPI = 150.0
"""What a page is reduced to at first: codes of 20 mm and more are read, a third of the time."""
_MOST_PIXELS = 25_000_000
_FAULTS: tuple[type[Exception], ...] = (SohoaError, MemoryError, *FOREIGN_ERRORS)
_MOST_SYMBOLS, _LONGEST_TEXT = 20, 2000


def read_symbols(image: Path, page: OpenedPage) -> tuple[Symbol, ...]:
    """QR codes, Code 128 and Code 39 on the stored image of `page`, as they stand from the top.

    A reduced grey copy is read first, the whole image only where a symbol was seen that could not
    be read. Whatever goes wrong costs this page's symbols and nothing else: none are returned.
    """
    try:
        factor = max(1, int(min(page.dpi, page.height / page.height_pt * 72) // _LEAST_DPI))
        found, unread = _read(image, factor)
        least = _least_factor(page)
        if unread and least < factor:
            found, _ = _read(image, least)
    except _FAULTS as error:
        LOG.warning("trang %d: không đọc được mã: %s", page.page, type(error).__name__)
        return ()
    return found


def _least_factor(page: OpenedPage) -> int:
    factor = 1
    while page.width * page.height > _MOST_PIXELS * factor * factor:
        factor += 1
    return factor


def _read(path: Path, factor: int) -> tuple[tuple[Symbol, ...], bool]:
    """The symbols of the image reduced by a whole factor; whether one was seen and not read."""
    import zxingcpp

    kinds: dict[Any, SymbolKind] = {
        zxingcpp.BarcodeFormat.QRCode: "qr",
        zxingcpp.BarcodeFormat.Code128: "code128",
        zxingcpp.BarcodeFormat.Code39: "code39",
    }
    grey, scale = _grey(path, factor)
    wanted: Any = list(kinds)
    seen = zxingcpp.read_barcodes(grey, formats=wanted, try_invert=False, return_errors=True)
    found: dict[tuple[str, str], Symbol] = {}
    for item in seen:
        kind = next((kind for format_, kind in kinds.items() if item.format == format_), None)
        text = item.text.strip()
        if item.valid and kind and 0 < len(text) <= _LONGEST_TEXT:
            found.setdefault((kind, text), Symbol(kind=kind, text=text, box=_box(item, scale)))
    ordered = sorted(found.values(), key=lambda symbol: (symbol.box.y, symbol.box.x))
    return tuple(ordered[:_MOST_SYMBOLS]), any(not item.valid for item in seen)


def _grey(path: Path, factor: int) -> tuple[Image.Image, float]:
    """A reduced 8-bit grey copy of the image, and pixels of the image per pixel of the copy."""
    Image.MAX_IMAGE_PIXELS = None  # checked against the limits when it was stored
    with Image.open(path) as image:
        wide = image.width
    grey = load_reduced(path, factor, colour=False)
    return grey, wide / grey.width


def _box(item: Any, scale: float) -> Box:
    corners = item.position
    points = (corners.top_left, corners.top_right, corners.bottom_left, corners.bottom_right)
    xs, ys = [point.x * scale for point in points], [point.y * scale for point in points]
    return Box(
        x=round(min(xs)),
        y=round(min(ys)),
        width=max(1, round(max(xs) - min(xs))),
        height=max(1, round(max(ys) - min(ys))),
    )

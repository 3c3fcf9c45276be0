"""Flate-coded images of a PDF (ISO 32000-1, 7.4.4): a PNG's data under another name.

They are taken over as they are coded and looked through block by block, so that a large page
never stands in memory decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reading.faults import fault
from reading.limits import Limits
from reading.png_strips import Writer, inflated

_PNG_PREDICTORS = range(10, 16)
_BITS = 8
_MODES = {
    "/DeviceGray": ("L", 1),
    "/CalGray": ("L", 1),
    "/DeviceRGB": ("RGB", 3),
    "/CalRGB": ("RGB", 3),
}
_BLOCK = 1 << 18
_DRAWN_BYTES = 4


def flate_as_png(stream: Any, target: Path) -> bool:
    """Write an 8-bit grey or RGB image as a PNG of the same pixels; False: it is anything else.

    Raises zlib.error or ValueError where data is corrupt or missing.
    """
    form = _form(stream)
    if form is None:
        return False
    mode, channels, predicted = form
    width, height = int(stream.Width), int(stream.Height)
    row = width * channels + predicted
    left = row * height
    with Writer(target, mode, (width, height)) as writer:
        pending = bytearray()
        for block in _inflated(stream):
            pending += block[:left]
            left -= min(len(block), left)
            rows = len(pending) // row * row
            if rows:
                writer.write_filtered(_filtered(bytes(pending[:rows]), row, predicted=predicted))
                del pending[:rows]
    if left or pending:
        raise ValueError("image data is truncated")
    return True


def _filtered(rows: bytes, row: int, *, predicted: bool) -> bytes:
    """The rows, each behind the byte that says how it is filtered: not at all, where none was."""
    if predicted:
        return rows
    return b"".join(b"\0" + rows[at : at + row] for at in range(0, len(rows), row))


def _form(stream: Any) -> tuple[str, int, bool] | None:
    """Mode, channels and whether PNG's filters are used, where the image is of the plain kind."""
    filters, parameters = stream.get("/Filter"), stream.get("/DecodeParms")
    if str(filters) != "/FlateDecode" or "/Decode" in stream or "/ImageMask" in stream:
        return None
    form = _MODES.get(str(stream.get("/ColorSpace")))
    if form is None or int(stream.get("/BitsPerComponent", 0)) != _BITS:
        return None
    predictor = int(parameters.get("/Predictor", 1)) if parameters is not None else 1
    if predictor == 1:
        return *form, False
    same = (
        predictor in _PNG_PREDICTORS
        and int(parameters.get("/Colors", 1)) == form[1]
        and int(parameters.get("/BitsPerComponent", _BITS)) == _BITS
        and int(parameters.get("/Columns", 1)) == int(stream.Width)
    )
    return (*form, True) if same else None


def check_inflates(stream: Any) -> None:
    """Raise ValueError or zlib.error where the data of a Flate stream is corrupt or cut."""
    for _ in _inflated(stream):
        pass


def check_drawable(stream: Any, limits: Limits) -> None:
    """Raise DocumentFault `too_large` for an image that pdfium would decode beyond the cap."""
    pixels = int(stream.get("/Width", 0)) * int(stream.get("/Height", 0))
    if pixels * _DRAWN_BYTES > limits.max_decoded_bytes:
        raise fault("too_large")


def _inflated(stream: Any) -> Iterator[bytes]:
    raw = memoryview(stream.get_raw_stream_buffer())
    return inflated(bytes(raw[at : at + _BLOCK]) for at in range(0, len(raw), _BLOCK))

"""A stored page image as a PDF image, its coded bytes taken over as they are."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from PIL import Image

_BLACK_IS_ZERO = 1
_PHOTOMETRIC, _STRIP_OFFSETS, _STRIP_COUNTS = 262, 273, 279
_CHANNELS = {0: 1, 2: 3, 3: 1}
"""PNG colour types to samples per pixel: grey, RGB, palette."""
_PNG_SIGNATURE_BYTES = 8


def image_stream(pdf: Any, path: Path) -> Any:
    """An indirect image XObject made from a file that `reading.images` stored.

    JPEG goes in as DCT, G4 TIFF as CCITT, PNG as Flate with PNG prediction: nothing is encoded
    again. Colours are device grey or RGB, to be read by the document's sRGB output intent.
    """
    if path.suffix == ".jpg":
        return _jpeg(pdf, path)
    if path.suffix == ".tif":
        return _g4(pdf, path)
    return _png(pdf, path)


def _stream(pdf: Any, data: bytes, size: tuple[int, int], **entries: Any) -> Any:
    from pikepdf import Name, Stream

    return pdf.make_indirect(
        Stream(
            pdf,
            data,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=size[0],
            Height=size[1],
            **entries,
        )
    )


def _jpeg(pdf: Any, path: Path) -> Any:
    from pikepdf import Name

    with Image.open(path, formats=("JPEG",)) as image:
        size, grey = image.size, image.mode == "L"
    return _stream(
        pdf,
        path.read_bytes(),
        size,
        ColorSpace=Name.DeviceGray if grey else Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )


def _g4(pdf: Any, path: Path) -> Any:
    from pikepdf import Dictionary, Name

    with Image.open(path, formats=("TIFF",)) as image:
        tags, size = image.tag_v2, image.size  # type: ignore[attr-defined]
        offset, count = tags[_STRIP_OFFSETS][0], tags[_STRIP_COUNTS][0]
        inverted = tags.get(_PHOTOMETRIC) == _BLACK_IS_ZERO
    with path.open("rb") as stream:
        stream.seek(offset)
        data = stream.read(count)
    return _stream(
        pdf,
        data,
        size,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=1,
        Filter=Name.CCITTFaxDecode,
        DecodeParms=Dictionary(K=-1, Columns=size[0], Rows=size[1], BlackIs1=inverted),
    )


def _png(pdf: Any, path: Path) -> Any:
    from pikepdf import Array, Dictionary, Name

    header, palette, data = _png_chunks(path.read_bytes())
    width, height, bits, colour = struct.unpack(">IIBB", header[:10])
    space: Any = Name.DeviceRGB if _CHANNELS[colour] > 1 else Name.DeviceGray
    if palette:
        space = Array([Name.Indexed, Name.DeviceRGB, len(palette) // 3 - 1, palette])
    return _stream(
        pdf,
        data,
        (width, height),
        ColorSpace=space,
        BitsPerComponent=bits,
        Filter=Name.FlateDecode,
        DecodeParms=Dictionary(
            Predictor=15, Colors=_CHANNELS[colour], BitsPerComponent=bits, Columns=width
        ),
    )


def _png_chunks(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Header, palette (may be empty) and joined image data of a PNG."""
    header = palette = b""
    parts = []
    position = _PNG_SIGNATURE_BYTES
    while position + _PNG_SIGNATURE_BYTES <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        body = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            header = body
        elif kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            parts.append(body)
        elif kind == b"IEND":
            break
        position += length + 12
    return header, palette if header[9] == 3 else b"", b"".join(parts)  # noqa: PLR2004 - indexed

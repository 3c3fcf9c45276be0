"""Stored page images as PDF images, their coded bytes copied from file to file as they are."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from PIL import Image

from reading.png_strips import SIGNATURE

_BLACK_IS_ZERO = 1
_PHOTOMETRIC, _STRIP_OFFSETS, _STRIP_COUNTS = 262, 273, 279
_CHANNELS = {0: 1, 2: 3, 3: 1}
"""PNG colour types to samples per pixel: grey, RGB, palette."""
_BLOCK = 1 << 20


class Coded(NamedTuple):
    """What the PDF says of an image; offset and length of its coded bytes in its file."""

    entries: dict[str, Any]
    pieces: list[tuple[int, int]]


def write_images(paths: Sequence[Path], target: Path) -> None:
    """Write a PDF whose catalog lists the images under /Images, in order, and that has no pages.

    The files are those that `reading.images` stored. JPEG goes in as DCT, G4 TIFF as CCITT, PNG as
    Flate with PNG prediction: nothing is encoded again, nor held in memory. Colours are device
    grey or RGB, to be read by the document's sRGB output intent.
    """
    from pikepdf import Dictionary, Name

    with target.open("wb") as out:
        out.write(b"%PDF-1.7\n")
        offsets = []
        for number, path in enumerate(paths, start=1):
            coded = _coded(path)
            length = sum(size for _, size in coded.pieces)
            entries = Dictionary(
                Type=Name.XObject, Subtype=Name.Image, Length=length, **coded.entries
            )
            offsets.append(out.tell())
            out.write(b"%d 0 obj\n%b\nstream\n" % (number, entries.unparse()))
            _copy(path, coded.pieces, out)
            out.write(b"\nendstream\nendobj\n")
        images = b" ".join(b"%d 0 R" % number for number in range(1, len(paths) + 1))
        catalog, pages = len(paths) + 1, len(paths) + 2
        for number, body in (
            (catalog, b"<< /Type /Catalog /Pages %d 0 R /Images [%b] >>" % (pages, images)),
            (pages, b"<< /Type /Pages /Kids [] /Count 0 >>"),
        ):
            offsets.append(out.tell())
            out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (pages + 1))
        out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
        out.write(b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (pages + 1, catalog))
        out.write(b"startxref\n%d\n%%%%EOF\n" % start)


def _copy(path: Path, pieces: Sequence[tuple[int, int]], out: BinaryIO) -> None:
    with path.open("rb") as stream:
        for offset, length in pieces:
            stream.seek(offset)
            out.writelines(stream.read(min(_BLOCK, length - at)) for at in range(0, length, _BLOCK))


def _coded(path: Path) -> Coded:
    if path.suffix == ".jpg":
        return _jpeg(path)
    if path.suffix == ".tif":
        return _g4(path)
    return _png(path)


def _jpeg(path: Path) -> Coded:
    from pikepdf import Name

    with Image.open(path, formats=("JPEG",)) as image:
        size, grey = image.size, image.mode == "L"
    entries = {
        "Width": size[0],
        "Height": size[1],
        "ColorSpace": Name.DeviceGray if grey else Name.DeviceRGB,
        "BitsPerComponent": 8,
        "Filter": Name.DCTDecode,
    }
    return Coded(entries, [(0, path.stat().st_size)])


def _g4(path: Path) -> Coded:
    from pikepdf import Dictionary, Name

    with Image.open(path, formats=("TIFF",)) as image:
        tags, size = image.tag_v2, image.size  # type: ignore[attr-defined]
        offset, count = tags[_STRIP_OFFSETS][0], tags[_STRIP_COUNTS][0]
        inverted = tags.get(_PHOTOMETRIC) == _BLACK_IS_ZERO
    entries = {
        "Width": size[0],
        "Height": size[1],
        "ColorSpace": Name.DeviceGray,
        "BitsPerComponent": 1,
        "Filter": Name.CCITTFaxDecode,
        "DecodeParms": Dictionary(K=-1, Columns=size[0], Rows=size[1], BlackIs1=inverted),
    }
    return Coded(entries, [(offset, count)])


def _png(path: Path) -> Coded:
    from pikepdf import Array, Dictionary, Name

    header, palette, pieces = _png_chunks(path)
    width, height, bits, colour = struct.unpack(">IIBB", header[:10])
    space: Any = Name.DeviceRGB if _CHANNELS[colour] > 1 else Name.DeviceGray
    if palette:
        space = Array([Name.Indexed, Name.DeviceRGB, len(palette) // 3 - 1, palette])
    entries = {
        "Width": width,
        "Height": height,
        "ColorSpace": space,
        "BitsPerComponent": bits,
        "Filter": Name.FlateDecode,
        "DecodeParms": Dictionary(
            Predictor=15, Colors=_CHANNELS[colour], BitsPerComponent=bits, Columns=width
        ),
    }
    return Coded(entries, pieces)


def _png_chunks(path: Path) -> tuple[bytes, bytes, list[tuple[int, int]]]:
    """Header, palette (may be empty) and the places of the image data of a PNG."""
    header = palette = b""
    pieces = []
    with path.open("rb") as stream:
        stream.seek(len(SIGNATURE))
        while len(head := stream.read(8)) == 8:  # noqa: PLR2004 - length and kind
            length, kind = int.from_bytes(head[:4], "big"), head[4:]
            if kind == b"IHDR":
                header = stream.read(length)
            elif kind == b"PLTE":
                palette = stream.read(length)
            else:
                if kind == b"IDAT":
                    pieces.append((stream.tell(), length))
                stream.seek(length, 1)
            stream.seek(4, 1)
            if kind == b"IEND":
                break
    return header, palette if header[9] == 3 else b"", pieces  # noqa: PLR2004 - indexed

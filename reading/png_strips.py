"""PNG (ISO/IEC 15948) read and written strip by strip: a page never stands in memory as a whole.

The codec stays Pillow's: rows still filtered are handed to it as small images of their own, each
with the row above it, which is all that PNG's filters look back to.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_STRIP_ROWS = 240
"""A multiple of the small whole numbers by which strips are reduced."""
_BLOCK = 1 << 18
_LEVEL = 3
"""Twice as fast as zlib's default for 3 % more bytes on scanned pages."""
_ZLIB_HEAD = 2
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6
_CHANNELS = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGB_ALPHA: 4}
_LAYOUTS: dict[tuple[int, int], tuple[str, str]] = {
    (_GREY, 1): ("1", "1"),
    (_GREY, 2): ("L", "L;2"),
    (_GREY, 4): ("L", "L;4"),
    (_GREY, 8): ("L", "L"),
    (_GREY, 16): ("I;16", "I;16B"),
    (_RGB, 8): ("RGB", "RGB"),
    (_PALETTE, 1): ("P", "P;1"),
    (_PALETTE, 2): ("P", "P;2"),
    (_PALETTE, 4): ("P", "P;4"),
    (_PALETTE, 8): ("P", "P"),
    (_GREY_ALPHA, 8): ("LA", "LA"),
    (_RGB_ALPHA, 8): ("RGBA", "RGBA"),
}
"""Colour type and bits per sample to Pillow's mode and raw layout."""
_WRITTEN = {"L": _GREY, "P": _PALETTE, "RGB": _RGB}
_PLAIN_OF_BYTES = {
    1: ("L", _GREY),
    2: ("LA", _GREY_ALPHA),
    3: ("RGB", _RGB),
    4: ("RGBA", _RGB_ALPHA),
}


class Header(NamedTuple):
    """What IHDR, PLTE and tRNS say, and where the image data begins in the file."""

    width: int
    height: int
    bits: int
    colour: int
    interlaced: bool
    palette: bytes
    transparency: bytes
    data_at: int

    @property
    def in_strips(self) -> bool:
        """Whether `strips` can read it; interlaced images and 16-bit colour are decoded whole."""
        return not self.interlaced and (self.colour, self.bits) in _LAYOUTS

    @property
    def row_bytes(self) -> int:
        """Bytes of one row of samples."""
        return (self.width * _CHANNELS[self.colour] * self.bits + 7) // 8

    @property
    def sample_bytes(self) -> int:
        """Bytes by which PNG's filters look to the left."""
        return max(1, _CHANNELS[self.colour] * self.bits // 8)


def header_of(stream: BinaryIO) -> Header:
    """The header of a PNG; ValueError where it has none or its checksums are wrong."""
    fields: tuple[int, int, int, int, int] | None = None
    found = {b"PLTE": b"", b"tRNS": b""}
    if stream.read(len(SIGNATURE)) != SIGNATURE:
        raise ValueError("no PNG signature")
    while True:
        at = stream.tell()
        length, kind = _chunk_head(stream)
        if kind == b"IDAT":
            break
        if kind == b"IHDR":
            width, height, bits, colour, _, _, laced = struct.unpack(
                ">IIBBBBB", _body(stream, 13, kind)
            )
            fields = (width, height, bits, colour, laced)
        elif kind in found:
            found[kind] = _body(stream, min(length, 1024), kind)
        else:
            stream.seek(length + 4, io.SEEK_CUR)
    if fields is None or fields[3] not in _CHANNELS or not (fields[0] and fields[1]):
        raise ValueError("no usable IHDR")
    palette = found[b"PLTE"] if fields[3] == _PALETTE else b""
    return Header(*fields[:4], bool(fields[4]), palette, found[b"tRNS"], at)


def strips(path: Path) -> Iterator[Image.Image]:
    """The rows of a PNG from top to bottom, 240 at a time, in the mode that Pillow gives the whole.

    Raises ValueError or zlib.error when data is missing or corrupt; the last strip is only given
    once all is known to be there.
    """
    with path.open("rb") as stream:
        header = header_of(stream)
        mode, layout = _LAYOUTS[header.colour, header.bits]
        stream.seek(header.data_at)
        for rows in _plain_rows(header, inflated(_data(stream))):
            size = (header.width, len(rows) // header.row_bytes)
            strip = Image.frombytes(mode, size, rows, "raw", layout)
            if header.palette:
                strip.putpalette(header.palette)
            yield _with_transparency(strip, header)


def _with_transparency(strip: Image.Image, header: Header) -> Image.Image:
    if not header.transparency or header.colour in {_GREY_ALPHA, _RGB_ALPHA}:
        return strip
    if header.colour == _PALETTE:
        strip.info["transparency"] = header.transparency
    elif header.colour == _GREY:
        strip.info["transparency"] = int.from_bytes(header.transparency[:2], "big")
    else:
        strip.info["transparency"] = struct.unpack(">HHH", header.transparency[:6])
    return strip


def _plain_rows(header: Header, data: Iterator[bytes]) -> Iterator[bytes]:
    """Rows of samples without filters, so many at a time."""
    left, above = header.height, b""
    pending = bytearray()
    while left:
        rows = min(_STRIP_ROWS, left)
        wanted = rows * (header.row_bytes + 1)
        while len(pending) < wanted:
            block = next(data, b"")
            if not block:
                raise ValueError("image data is truncated")
            pending += block
        plain = _unfiltered(header, above, bytes(pending[:wanted]), rows)
        del pending[:wanted]
        left -= rows
        above = plain[-header.row_bytes :]
        yield plain


def _unfiltered(header: Header, above: bytes, rows: bytes, count: int) -> bytes:
    mode, colour = _PLAIN_OF_BYTES[header.sample_bytes]
    before = b"\0" + above if above else b""
    size = (header.row_bytes // header.sample_bytes, count + bool(above))
    with Image.open(io.BytesIO(_small_png(size, colour, before + rows)), formats=("PNG",)) as image:
        if image.mode != mode:
            raise ValueError("unexpected layout")
        plain = image.tobytes()
    return plain[len(above) :]


def _small_png(size: tuple[int, int], colour: int, filtered: bytes) -> bytes:
    ihdr = struct.pack(">IIBBBBB", *size, 8, colour, 0, 0, 0)
    data = zlib.compress(filtered, 0)
    return b"".join((SIGNATURE, _chunk(b"IHDR", ihdr), _chunk(b"IDAT", data), _chunk(b"IEND", b"")))


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _chunk_head(stream: BinaryIO) -> tuple[int, bytes]:
    head = stream.read(8)
    if len(head) < 8:  # noqa: PLR2004 - length and kind
        raise ValueError("chunks end early")
    return int.from_bytes(head[:4], "big"), head[4:]


def _body(stream: BinaryIO, length: int, kind: bytes) -> bytes:
    body, checksum = stream.read(length), stream.read(4)
    if zlib.crc32(body, zlib.crc32(kind)).to_bytes(4, "big") != checksum:
        raise ValueError("wrong checksum")
    return body


def _data(stream: BinaryIO) -> Iterator[bytes]:
    """The compressed bytes of all IDAT chunks, their checksums verified."""
    while True:
        length, kind = _chunk_head(stream)
        if kind != b"IDAT":
            return
        checksum = zlib.crc32(kind)
        while length:
            block = stream.read(min(length, _BLOCK))
            if not block:
                raise ValueError("image data is truncated")
            checksum = zlib.crc32(block, checksum)
            length -= len(block)
            yield block
        if stream.read(4) != checksum.to_bytes(4, "big"):
            raise ValueError("wrong checksum")


def inflated(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes that a zlib stream holds, never more than a block at a time.

    Raises zlib.error where it is corrupt, ValueError where it ends before its last block does;
    a missing checksum behind that is forgiven, as PDF readers do.
    """
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    skipped = _ZLIB_HEAD
    for block in blocks:
        rest = block[skipped:]
        skipped -= min(skipped, len(block))
        while rest and not engine.eof:
            yield engine.decompress(rest, _BLOCK)
            rest = engine.unconsumed_tail
    while not engine.eof:
        more = engine.decompress(b"", _BLOCK)
        if not more and not engine.eof:
            raise ValueError("compressed data is truncated")
        yield more


class Writer:
    """Writes a PNG of `size` strip by strip; a context manager. Modes: L, P and RGB, 8 bits."""

    def __init__(self, path: Path, mode: str, size: tuple[int, int], palette: bytes = b"") -> None:
        self._stream = path.open("wb")
        self._mode = mode
        self._above: Image.Image | None = None
        self._packed = zlib.compressobj(_LEVEL)
        self._put = self._stream.write
        ihdr = struct.pack(">IIBBBBB", *size, 8, _WRITTEN[mode], 0, 0, 0)
        self._put(SIGNATURE + _chunk(b"IHDR", ihdr))
        if palette:
            self._put(_chunk(b"PLTE", palette))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._data(self._packed.flush())
            self._put(_chunk(b"IEND", b""))
        self._stream.close()

    def write(self, strip: Image.Image) -> None:
        """Add the rows of a strip, of the same mode and width."""
        self.write_filtered(self._filtered(strip))
        self._above = strip.crop((0, strip.height - 1, strip.width, strip.height))

    def write_filtered(self, rows: bytes) -> None:
        """Add rows that are already filtered, each behind the byte that names its filter."""
        self._data(self._packed.compress(rows))

    def _data(self, packed: bytes) -> None:
        if packed:
            self._put(_chunk(b"IDAT", packed))

    def _filtered(self, strip: Image.Image) -> bytes:
        """The rows as Pillow's encoder filters them, seen with the row above them."""
        picture, skipped = strip, 0
        if self._above is not None:
            picture, skipped = Image.new(self._mode, (strip.width, strip.height + 1)), 1
            picture.paste(self._above, (0, 0))
            picture.paste(strip, (0, 1))
        if self._mode == "P":  # four colours would be packed into two bits
            picture = Image.frombytes("L", picture.size, picture.tobytes())
        target = io.BytesIO()
        picture.save(target, format="PNG", compress_level=0)
        target.seek(0)
        header = header_of(target)
        target.seek(header.data_at)
        rows = b"".join(inflated(_data(target)))
        return rows[skipped * (header.row_bytes + 1) :]


def cut(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Iterator[Image.Image]:
    """A decoded image in strips, each changed: no second copy of the whole is ever made."""
    for top in range(0, image.height, _STRIP_ROWS):
        yield change(image.crop((0, top, image.width, min(top + _STRIP_ROWS, image.height))))

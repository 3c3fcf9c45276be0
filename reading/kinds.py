"""What the bytes are, by content: names and extensions are never believed."""

from __future__ import annotations

from typing import Literal

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
TIFF = "image/tiff"
ZIP = "application/zip"

_PDF_HEADER_WITHIN = 1024
"""Readers accept junk before the header up to this many bytes (ISO 32000-1 Annex H, note 13)."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"PK\x03\x04", ZIP),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
)

PILLOW_FORMATS = ("JPEG", "PNG", "TIFF", "GIF", "BMP", "JPEG2000", "WEBP")
"""The decoders that may see foreign bytes; Pillow's other forty never do."""


def media_type(head: bytes) -> str | None:
    """The media type of a file from its first kibibyte; None when it is none that we read."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if b"%PDF-" in head[:_PDF_HEADER_WITHIN]:
        return PDF
    return None


def ends_early(kind: str, size: int, head: bytes, tail: bytes) -> bool:
    """Whether the end of the file is missing, judged by the format's own end mark.

    `tail` is the last few kibibytes. Formats without an end mark give False.
    """
    marks = {
        PDF: (b"%%EOF", b"startxref"),
        JPEG: (b"\xff\xd9",),
        PNG: (b"IEND",),
        ZIP: (b"PK\x05\x06",),
    }
    if kind in marks:
        return not all(mark in tail for mark in marks[kind])
    if kind == "image/webp":
        return int.from_bytes(head[4:8], "little") + 8 > size
    if kind == "image/bmp":
        return int.from_bytes(head[2:6], "little") > size
    # A TIFF's first directory usually stands behind the pixels. (BigTIFF has zero here.)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    return kind == TIFF and int.from_bytes(head[4:8], order) >= size

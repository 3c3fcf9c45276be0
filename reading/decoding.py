"""What decoding a page image costs in memory, told from its header, and the cap on it.

Pillow holds colour with 4 bytes per pixel. What its decoders hold beside that was measured on
images of 20 megapixels; whoever exceeds the cap is asked for 200-300 dpi instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from PIL import Image

from reading import png_strips
from reading.faults import fault
from reading.limits import Limits

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's frame markers, SOF0 to SOF15 (ITU-T T.81, table B.1)."""
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SMALL_MODES = {"1": 1.0, "L": 1.0, "P": 1.0, "LA": 4.0, "I;16": 2.0, "I;16B": 2.0, "I;16L": 2.0}
_COLOUR_BYTES = 4.0
_COEFFICIENT_BYTES = 3.0
"""Two bytes per sample of a progressive JPEG stay in memory, again while the page is read, beside
the engine: counted half as much again."""
_WEBP_BYTES, _JPEG2000_BYTES, _JPEG2000_SAMPLE_BYTES = 16.6, 5.0, 5.0
_SEQUENTIAL_BYTES = 0.2
_TAG_ORIENTATION = 0x0112
_MIRRORED = frozenset({2, 4, 5, 7})
"""Orientations that need new pixels, and so a second copy."""
_COMPRESSION, _ROWS_PER_STRIP, _TILE_WIDTH, _TILE_HEIGHT = 259, 278, 322, 323
_WIDE_BYTES = 96 << 20
"""From here on PNGs are read in strips, which takes longer."""


class JpegFrame(NamedTuple):
    """The frame header of a JPEG: marker, bits per sample, samples per pixel of all components."""

    marker: int
    bits: int
    samples: float

    @property
    def progressive(self) -> bool:
        """Whether all coefficients must be held until the last scan."""
        return self.marker in _PROGRESSIVE


def jpeg_frame(path: Path) -> JpegFrame | None:
    """The frame header of the JPEG file; None where there is none."""
    with path.open("rb") as stream:
        stream.seek(2)
        while (head := stream.read(2)) and head[0] == 0xFF:  # noqa: PLR2004 - marker prefix
            while head[1:] == b"\xff":
                head = head[:1] + stream.read(1)
            length = stream.read(2)
            if len(head) + len(length) < 4:  # noqa: PLR2004 - marker and length
                return None
            size = int.from_bytes(length, "big") - 2
            if head[1] in _FRAMES:
                return _frame(head[1], stream.read(max(size, 0)))
            stream.seek(max(size, 0), 1)
    return None


def _frame(marker: int, body: bytes) -> JpegFrame | None:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:  # noqa: PLR2004 - up to the components
        return None
    factors = [(body[7 + 3 * n] >> 4, body[7 + 3 * n] & 15) for n in range(body[5])]
    most = (
        max(((x or 1) for x, _ in factors), default=1),
        max(((y or 1) for _, y in factors), default=1),
    )
    samples = sum(x * y for x, y in factors) / (most[0] * most[1])
    return JpegFrame(marker, body[0], samples)


def is_wide_png(image: Image.Image, source: Path) -> bool:
    """Whether the image is a PNG so large that it is read in strips, and can be."""
    if image.format != "PNG" or _whole(image) <= _WIDE_BYTES:
        return False
    with source.open("rb") as stream:
        return png_strips.header_of(stream).in_strips


def orientation_of(image: Image.Image, source: Path | None) -> int:
    """EXIF's orientation, 1 to 8; of a large PNG only where it stands before the pixels."""
    if source is not None and is_wide_png(image, source) and "exif" not in image.info:
        return 1  # Pillow would decode the whole image to look behind the pixels
    return int(image.getexif().get(_TAG_ORIENTATION, 1) or 1)


def check_affordable(image: Image.Image, source: Path, limits: Limits) -> None:
    """Raise DocumentFault `too_large` where decoding would hold more than a worker may.

    `image` is opened from the file `source` and not yet decoded.
    """
    if decoding_bytes(image, source) > limits.max_decoded_bytes:
        raise fault("too_large")


def decoding_bytes(image: Image.Image, source: Path) -> float:
    """Bytes that are held at most while the image is decoded, beside the process itself."""
    pixels = image.width * image.height
    whole = _whole(image)
    match image.format:
        case "PNG" if is_wide_png(image, source):
            return 2 * whole if orientation_of(image, source) in _MIRRORED else 0.0
        case "JPEG" | "MPO":
            return _jpeg_bytes(image, source)
        case "WEBP":
            return _WEBP_BYTES * pixels
        case "JPEG2000":
            return (_JPEG2000_BYTES + _JPEG2000_SAMPLE_BYTES * len(image.getbands())) * pixels
        case "TIFF":
            return whole + _tiff_part_bytes(image)
    return whole


def _whole(image: Image.Image) -> float:
    return _SMALL_MODES.get(image.mode, _COLOUR_BYTES) * image.width * image.height


def _jpeg_bytes(image: Image.Image, source: Path) -> float:
    pixels = image.width * image.height
    frame = jpeg_frame(source)
    kept = image.mode in {"L", "RGB"} and orientation_of(image, source) not in _MIRRORED
    coefficients = _COEFFICIENT_BYTES * frame.samples * pixels if frame and frame.progressive else 0
    return coefficients + (_SEQUENTIAL_BYTES * pixels if kept else 2 * _whole(image))


def _tiff_part_bytes(image: Image.Image) -> float:
    """What libtiff holds of the file at a time: one strip or row of tiles."""
    tags = image.tag_v2  # type: ignore[attr-defined]
    if tags.get(_COMPRESSION, 1) == 1:  # read straight from the file
        return 0.0
    rows = int(tags.get(_TILE_HEIGHT) or tags.get(_ROWS_PER_STRIP) or image.height)
    depth = 0.125 if image.mode == "1" else _SMALL_MODES.get(image.mode, len(image.getbands()))
    return depth * min(rows, image.height) * max(image.width, int(tags.get(_TILE_WIDTH) or 0))

"""Page images: what is kept as it is, what is stored anew without loss, and at which resolution.

Kept byte for byte: JPEG in grey or RGB, CCITT G4 in one strip, plain PNG. Everything else is
decoded once and stored as G4 (two levels) or PNG; transparency is laid on white, CMYK becomes RGB.
Large PNGs pass strip by strip, so no page costs more memory than `reading.decoding` allows.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from reading import kinds, png_strips
from reading.decoding import check_affordable, is_wide_png, jpeg_frame, orientation_of
from reading.faults import Reason, fault, foreign_bytes
from reading.limits import Limits
from reading.opened import OpenedPage, OpenedScan

POINTS_PER_INCH = 72.0
_MIN_SIDE_PT, _MAX_SIDE_PT = 3.0, 14400.0
_A4_INCHES = (210 / 25.4, 297 / 25.4)
_DEFAULT_DPIS = {1.0, 72.0, 96.0}
"""What software writes when it knows nothing."""
_MIN_DPI, _MAX_DPI = 50.0, 2400.0
_PLAIN_MODES = {"L", "RGB", "P", "1"}
_TURNS = {1: 0, 3: 180, 6: 90, 8: 270}
"""EXIF orientation to clockwise degrees; the mirrored ones (2, 4, 5, 7) need new pixels."""
_SUBFILE_TYPE, _ROWS_PER_STRIP, _STRIP_OFFSETS, _TILE_OFFSETS = 254, 278, 273, 324
_COMPRESSION, _FILL_ORDER, _GROUP_4 = 259, 266, 4
_REDUCED_COPY = 1
_PDF_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended, progressive with Huffman coding: what PDF readers decode."""
_BITS = 8
_BYTE, _WORD = 255.0, 65535.0


class StoredImage(NamedTuple):
    """A page image as written to its folder; pixels, dots per inch, clockwise degrees."""

    name: str
    width: int
    height: int
    dpi: tuple[float, float]
    rotation: int


def open_image(
    source: Path, folder: Path, limits: Limits, *, media_type: str, cut: bool
) -> OpenedScan:
    """The pages of an image file (several for TIFF), each stored in `folder`.

    Raises DocumentFault: `too_large`, `too_many_pages`, `truncated` where `cut` says that the
    end of the file is missing, else `damaged`.
    """
    reason: Reason = "truncated" if cut else "damaged"
    with foreign_bytes(reason):
        pages = []
        pixels = 0
        for number, frame in enumerate(_frames(source, limits), start=1):
            pixels += frame.width * frame.height
            if pixels > limits.max_total_pixels:
                raise fault("too_large")
            original = source if media_type != kinds.TIFF else None
            stored = store_image(frame, folder, f"page-{number:04}", original=original)
            size_pt = (
                stored.width / stored.dpi[0] * POINTS_PER_INCH,
                stored.height / stored.dpi[1] * POINTS_PER_INCH,
            )
            pages.append(opened_page(number, stored, size_pt, stored.rotation))
    if not pages:
        raise fault("no_pages")
    return OpenedScan(media_type=media_type, kind="scan", pages=tuple(pages))


def opened_page(
    number: int, stored: StoredImage, size_pt: tuple[float, float], rotation: int
) -> OpenedPage:
    """The page that a stored image makes on paper of `size_pt` points.

    Sides beyond what PDF/A-2 allows (ISO 19005-2, 6.1.13) are scaled into its range.
    """
    scale = min(1.0, _MAX_SIDE_PT / max(size_pt))
    scale = max(scale, _MIN_SIDE_PT / min(size_pt))
    return OpenedPage(
        page=number,
        image=stored.name,
        dpi=round(stored.width / (size_pt[0] * scale) * POINTS_PER_INCH, 4),
        width=stored.width,
        height=stored.height,
        rotation=rotation,
        width_pt=size_pt[0] * scale,
        height_pt=size_pt[1] * scale,
    )


def load_image(source: Path, limits: Limits) -> Image.Image:
    """The image in a file, header read, size checked against the limits, nothing decoded yet."""
    Image.init()
    Image.MAX_IMAGE_PIXELS = limits.max_pixels_per_page
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(source, formats=kinds.PILLOW_FORMATS)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise fault("too_large") from error
    if image.width * image.height > limits.max_pixels_per_page:
        raise fault("too_large")
    check_affordable(image, source, limits)
    return image


def _frames(source: Path, limits: Limits) -> Iterator[Image.Image]:
    """Pages of an image file in order; directory loops and reduced copies are left out."""
    with load_image(source, limits) as image:
        if image.format != "TIFF":
            yield image
            return
        yield from _tiff_frames(image, source, limits)


def _tiff_frames(image: Image.Image, source: Path, limits: Limits) -> Iterator[Image.Image]:
    seen: set[int] = set()
    for index in range(limits.max_pages_per_scan + 1):
        try:
            image.seek(index)
        except EOFError:
            return
        tags = image.tag_v2  # type: ignore[attr-defined]
        key = hash((tags.get(_STRIP_OFFSETS) or tags.get(_TILE_OFFSETS), image.size))
        if key in seen:
            return
        seen.add(key)
        if index == limits.max_pages_per_scan:
            raise fault("too_many_pages")
        if image.width * image.height > limits.max_pixels_per_page:
            raise fault("too_large")
        if not tags.get(_SUBFILE_TYPE, 0) & _REDUCED_COPY:
            check_affordable(image, source, limits)
            yield image


def store_image(
    image: Image.Image, folder: Path, stem: str, *, original: Path | None = None
) -> StoredImage:
    """Write the archival form of `image` as `folder/stem.*`; the bytes of `original` where allowed.

    Every pixel is decoded once, so a file that is cut or corrupt raises here and never passes.
    """
    orientation = orientation_of(image, original)
    dpi = plausible_dpi(image)
    mirrored = orientation not in _TURNS and 1 < orientation <= 8  # noqa: PLR2004 - EXIF's range
    if original is not None and not mirrored:
        suffix = _kept_as(image, original)
        if suffix is not None:
            shutil.copyfile(original, folder / f"{stem}{suffix}")
            return StoredImage(f"{stem}{suffix}", *image.size, dpi, _TURNS.get(orientation, 0))
        if is_wide_png(image, original):
            strips = map(flatten, png_strips.strips(original))
            return StoredImage(_as_png(strips, image.size, folder, stem), *image.size, dpi, 0)
    turned = ImageOps.exif_transpose(image) if orientation != 1 else image
    if turned.size != image.size:
        dpi = (dpi[1], dpi[0])
    name = write_lossless(turned, folder, stem)
    return StoredImage(name, *turned.size, dpi, 0)


def _kept_as(image: Image.Image, original: Path) -> str | None:
    """The suffix under which the received bytes may stay, after decoding them in full."""
    if image.format in {"JPEG", "MPO"} and image.mode in {"L", "RGB"} and _huffman_8bit(original):
        size = image.size
        with Image.open(original, formats=("JPEG",)) as probe:
            # Eighth size still reads every coded block, in a third of the time.
            probe.draft("L", (size[0] // 8, size[1] // 8))
            probe.load()
        return ".jpg"
    if image.format == "PNG" and image.mode in _PLAIN_MODES and _may_stay(image):
        if is_wide_png(image, original):
            for _ in png_strips.strips(original):
                pass
        else:
            image.load()
            return ".png" if _may_stay(image) else None  # chunks behind the pixels are known now
        return ".png"
    if image.format == "TIFF" and _is_one_g4_strip(image):
        image.load()
        return ".tif"
    return None


def _may_stay(image: Image.Image) -> bool:
    return not image.info.get("interlace") and "transparency" not in image.info


def _is_one_g4_strip(image: Image.Image) -> bool:
    """Whether a TIFF frame is CCITT G4 in one strip, most significant bit first."""
    tags = image.tag_v2  # type: ignore[attr-defined]
    return (
        image.mode == "1"
        and tags.get(_COMPRESSION) == _GROUP_4
        and len(tags.get(_STRIP_OFFSETS, ())) == 1
        and tags.get(_FILL_ORDER, 1) == 1
    )


def _huffman_8bit(path: Path) -> bool:
    """Whether the JPEG's frame is one that PDF allows: baseline, extended or progressive."""
    frame = jpeg_frame(path)
    return frame is not None and frame.marker in _PDF_FRAMES and frame.bits == _BITS


def flatten(image: Image.Image, scale: float = _BYTE / _WORD) -> Image.Image:
    """The image in grey, palette or RGB, 8 bits, transparency laid on white.

    `scale` brings the levels of images of more than 8 bits into 0-255.
    """
    if image.mode == "1" and "transparency" not in image.info:
        return image.convert("L")
    if image.mode in _PLAIN_MODES and "transparency" not in image.info:
        return image
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        ground.alpha_composite(layered)
        return ground.convert("RGB")
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        levels = np.asarray(image, dtype=np.float32) * scale
        return Image.fromarray(levels.clip(0, _BYTE).astype(np.uint8))
    return image.convert("RGB")


def write_lossless(image: Image.Image, folder: Path, stem: str) -> str:
    """Store two-level images as one strip of CCITT G4, all others as PNG; return the name.

    The image is brought to what PDF holds (`flatten`) strip by strip: no second copy is made.
    """
    image.load()
    if image.mode == "1" and "transparency" not in image.info:
        name = f"{stem}.tif"
        tags = {_ROWS_PER_STRIP: image.height}
        image.save(folder / name, format="TIFF", compression="group4", tiffinfo=tags)
        return name
    scale = 1.0
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        brightest = image.getextrema()[1]
        scale = _BYTE / _WORD if isinstance(brightest, int | float) and brightest > _BYTE else 1.0
    return _as_png(png_strips.cut(image, partial(flatten, scale=scale)), image.size, folder, stem)


def _as_png(strips: Iterator[Image.Image], size: tuple[int, int], folder: Path, stem: str) -> str:
    name = f"{stem}.png"
    first = next(strips)
    palette = bytes(first.getpalette() or b"") if first.mode == "P" else b""
    with png_strips.Writer(folder / name, first.mode, size, palette) as writer:
        for strip in chain((first,), strips):
            writer.write(strip)
    return name


def plausible_dpi(image: Image.Image) -> tuple[float, float]:
    """Horizontal and vertical resolution: the file's own, or as if on A4 where that is absurd."""
    try:
        x, y = (float(value) for value in image.info.get("dpi", (0.0, 0.0)))
    except (TypeError, ValueError, ZeroDivisionError):
        x = y = 0.0
    sane = _MIN_DPI <= x <= _MAX_DPI and _MIN_DPI <= y <= _MAX_DPI
    if sane and round(x) not in _DEFAULT_DPIS:
        return x, y
    on_a4 = max(min(image.size) / _A4_INCHES[0], max(image.size) / _A4_INCHES[1])
    assumed = min(max(on_a4, _MIN_DPI), _MAX_DPI)
    return assumed, assumed

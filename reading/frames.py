"""Words in small frames on the upper half of a page, such as a mark of secrecy (dấu độ mật).

Recognition of the whole page passes over framed stamps: a frame reads as a figure. So frames are
looked for by their shape on a small copy, the frame is wiped out, and what it held is read as a
line of its own. Runs in a child process (`reading.pool`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from domain.errors import SohoaError
from reading.engines import engine
from reading.faults import FOREIGN_ERRORS
from reading.opened import OpenedPage
from reading.settings import ReadingSettings

LOG = logging.getLogger("sohoa.frames")
_LOOK_DPI = 100.0
_UPPER_SHARE = 0.5
_LOWEST_PT, _HIGHEST_PT, _WIDEST_PT = 10.0, 60.0, 220.0
_LEAST_SLIM, _MOST_SLIM = 1.2, 9.0
"""Width of a frame by its height."""
_MOST_INK = 0.5
"""A frame is hollow: its own ink covers at most this part of its rectangle."""
_LEAST_EDGES = 0.6
"""The part of each of its four sides that ink of the frame runs along."""
_DARK = 0.8
"""Ink is darker than this part of the paper's grey."""
_MOST_FRAMES = 12
_READ_DPI = 300.0
_FAULTS: tuple[type[Exception], ...] = (SohoaError, MemoryError, *FOREIGN_ERRORS)


def read_framed(
    image: Path, page: OpenedPage, rotation: int, settings: ReadingSettings
) -> tuple[str, ...]:
    """What stands in each small frame of the page's upper half, `rotation` turning it upright.

    Whatever goes wrong costs this page's frames and nothing else: none are returned.
    """
    try:
        with Image.open(image) as opened:
            upright = opened.convert("RGB").rotate(-rotation, expand=True)
        dpi = page.dpi or _READ_DPI
        upper = upright.crop((0, 0, upright.width, round(_UPPER_SHARE * upright.height)))
        inks = (_red_ink(upper), upper.convert("L"))
        pieces = (piece for ink in inks for piece in _inside_frames(ink, dpi))
        return tuple(text for piece in pieces if (text := _text(piece, dpi, settings)))
    except _FAULTS as error:
        LOG.warning("trang %d: không xem được khung: %s", page.page, type(error).__name__)
        return ()


def _red_ink(page: Image.Image) -> Image.Image:
    """What is red, dark on white: a stamp apart from the print that it lies upon."""
    red, green, blue = (np.asarray(part).astype(np.int16) for part in page.split())
    excess = np.clip(red - np.maximum(green, blue), 0, 85)
    return Image.fromarray((255 - 3 * excess).astype(np.uint8))


def _inside_frames(upper: Image.Image, dpi: float) -> Iterator[Image.Image]:
    from scipy import ndimage  # type: ignore[import-untyped]

    factor = max(1.0, dpi / _LOOK_DPI)
    small = upper.resize((round(upper.width / factor), round(upper.height / factor)))
    look = np.asarray(small)
    ink = ndimage.binary_dilation(look < _DARK * np.median(look))  # thin lines break when reduced
    labels, _ = ndimage.label(ink, structure=np.ones((3, 3)))
    point = dpi / factor / 72
    count = 0
    for label, place in enumerate(ndimage.find_objects(labels), start=1):
        if _is_frame(labels[place] == label, point):
            yield _without_frame(upper, labels, label, place, factor)
            count += 1
            if count == _MOST_FRAMES:
                return


def _is_frame(shape: np.ndarray[Any, Any], point: float) -> bool:
    height, width = shape.shape
    if not _LOWEST_PT * point < height < _HIGHEST_PT * point or width > _WIDEST_PT * point:
        return False
    if not _LEAST_SLIM < width / height < _MOST_SLIM or shape.mean() > _MOST_INK:
        return False
    # A stamp is pressed a little askew, so a side is a band as deep as that leans.
    deep, broad = max(2, round(0.09 * width) + 2), max(2, round(0.09 * height) + 2)
    sides = (
        shape[:deep].any(axis=0),
        shape[-deep:].any(axis=0),
        shape[:, :broad].any(axis=1),
        shape[:, -broad:].any(axis=1),
    )
    return all(side.mean() >= _LEAST_EDGES for side in sides)


def _without_frame(
    upper: Image.Image, labels: np.ndarray[Any, Any], label: int, place: Any, factor: float
) -> Image.Image:
    """The rectangle of the frame at full size, the frame itself wiped to the paper's grey."""
    rows, columns = place
    box = [round(edge * factor) for edge in (columns.start, rows.start, columns.stop, rows.stop)]
    cut = upper.crop((box[0], box[1], box[2], box[3]))
    frame = labels[place] == label
    mask = Image.fromarray((frame * 255).astype(np.uint8)).resize(cut.size)
    paper = round(float(np.percentile(np.asarray(cut), 90)))
    cut.paste(paper, (0, 0, cut.width, cut.height), mask.point(lambda level: 255 * (level > 0)))
    margin = round(cut.height * 0.3)
    wide = Image.new("L", (cut.width + 2 * margin, cut.height + 2 * margin), paper)
    wide.paste(cut, (margin, margin))
    return wide


def _text(piece: Image.Image, dpi: float, settings: ReadingSettings) -> str:
    scale = _READ_DPI / dpi
    if scale > 1.05 or scale < 0.7:  # noqa: PLR2004 - nearly the resolution of reading
        piece = piece.resize((round(piece.width * scale), round(piece.height * scale)))
    return " ".join(word.text for word in engine(settings).line(piece, _READ_DPI))

"""What is measured: readable papers of the sample lot and, where they are there, real scans."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from deployments.samples.lot import draw_lot
from reading.limits import Limits
from reading.opening import open_scan

REAL_SCANS = Path(__file__).resolve().parents[2] / "shared" / "samples" / "real-scans"
_READABLE = frozenset({"archived", "review"})


class MixedSet(NamedTuple):
    """Files for the line, the same pages as PNG for the bare loop, and what was left out."""

    folder: Path
    pages: list[Path]
    files: int
    real_files: int
    left_out: list[str]
    """Files whose pages bring their own text: the line does not recognise them, a loop would."""


def make_set(folder: Path) -> MixedSet:
    """Draw and collect the files under `folder`, and rasterise their pages to PNG.

    A page keeps the resolution at which the line keeps it: the scan's own.
    """
    drawn = folder / "drawn"
    truth = draw_lot(drawn)
    sources = [drawn / file.name for file in truth.files if file.outcome in _READABLE]
    real = sorted(REAL_SCANS.glob("*.pdf"))
    scans, images = folder / "scans", folder / "pages"
    scans.mkdir()
    images.mkdir()
    pages: list[Path] = []
    left_out: list[str] = []
    for source in [*sources, *real]:
        made = _rasterise(source, images)
        if made:
            shutil.copyfile(source, scans / source.name)
        else:
            left_out.append(source.name)
        pages += made
    taken = {path.name for path in scans.iterdir()}
    real_taken = sum(path.name in taken for path in real)
    return MixedSet(scans, pages, len(taken), real_taken, left_out)


def _rasterise(source: Path, images: Path) -> list[Path]:
    """The pages of one file as PNG; empty when a page brings its own text."""
    opened_in = images / f"{source.name}.opened"
    opened_in.mkdir()
    scan = open_scan(source, opened_in, Limits())
    made = []
    if not any(page.words is not None for page in scan.pages):
        for page in scan.pages:
            target = images / f"{source.name}.{page.page}.png"
            with Image.open(opened_in / page.image) as image:
                image.save(target, dpi=(page.dpi, page.dpi), compress_level=1)
            made.append(target)
    shutil.rmtree(opened_in)
    return made

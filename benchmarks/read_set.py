"""The pages of `make bench-read`: real scans where they are there, and the drawn lot."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import img2pdf
from PIL import Image

from benchmarks.mixed_set import REAL_SCANS
from deployments.samples.lot import draw_lot
from reading.limits import Limits
from reading.opened import OpenedPage
from reading.opening import open_scan

PAGES_PER_FILE = 11
"""Long enough that a program which works on one file at a time keeps all cores busy."""
_READABLE = frozenset({"archived", "review"})


class ReadSet(NamedTuple):
    """What was put into the folder: PDF files under `pdf`, the same pages as PNG under `png`."""

    pages: int
    real_pages: int
    files: int


def make_read_set(folder: Path, most_pages: int) -> ReadSet:
    """Up to `most_pages` pages without text of their own, real ones first."""
    for name in ("opened", "pdf", "png"):
        (folder / name).mkdir()
    truth = draw_lot(folder / "drawn")
    real = sorted(REAL_SCANS.glob("*.pdf"))
    drawn = [folder / "drawn" / file.name for file in truth.files if file.outcome in _READABLE]
    pages: list[tuple[Path, OpenedPage]] = []
    real_pages = 0
    for source in [*real, *drawn]:
        pages += list(_pages(source, folder / "opened" / source.name))[: most_pages - len(pages)]
        real_pages = len(pages) if source in real else real_pages
    starts = range(0, len(pages), PAGES_PER_FILE)
    for start in starts:
        _write_pdf(pages[start : start + PAGES_PER_FILE], folder / "pdf" / f"{start:04}.pdf")
    for number, (image, page) in enumerate(pages):
        with Image.open(image) as picture:
            target = folder / "png" / f"{number:04}.png"
            picture.save(target, dpi=(page.dpi, page.dpi), compress_level=1)
    shutil.rmtree(folder / "opened")
    return ReadSet(len(pages), real_pages, len(starts))


def _pages(source: Path, folder: Path) -> Iterator[tuple[Path, OpenedPage]]:
    folder.mkdir()
    for page in open_scan(source, folder, Limits()).pages:
        if page.words is None:
            yield folder / page.image, page


def _write_pdf(pages: list[tuple[Path, OpenedPage]], target: Path) -> None:
    """Each page image as it is stored, on paper of its size."""
    sizes = iter([(page.width_pt, page.height_pt) for _, page in pages])

    def layout(*_: object) -> tuple[float, float, float, float]:
        width, height = next(sizes)
        return width, height, width, height

    content: bytes = img2pdf.convert(
        [str(image) for image, _ in pages],
        engine=img2pdf.Engine.internal,
        layout_fun=layout,
        nodate=True,
    )
    target.write_bytes(content)

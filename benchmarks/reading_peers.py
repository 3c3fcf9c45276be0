"""One pass of one peer in a process of its own: `python -m benchmarks.reading_peers PEER FOLDER N`.

`FOLDER` holds `pdf/`, `png/` and an empty `out/`; the last line printed is the result as JSON.
OCRmyPDF is called as a program and lives in an environment of its own, which git ignores:
`python3 -m venv .cache/ocrmypdf && .cache/ocrmypdf/bin/pip install 'ocrmypdf>=17,<18'`; its
PDF/A output needs Ghostscript (Debian: ghostscript).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from benchmarks.bare_loop import run_loop

if TYPE_CHECKING:
    from reading.compose import Page
    from reading.pool import ReadingPool

OCRMYPDF = Path(__file__).resolve().parents[1] / ".cache" / "ocrmypdf" / "bin" / "ocrmypdf"
_CREATED = datetime(2026, 1, 2, tzinfo=UTC)


class PeerRun(BaseModel):
    """What one pass took and left."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    output_bytes: int


def run_tesseract(folder: Path, workers: int) -> None:
    """Text only, `workers` programs at once."""
    run_loop(sorted((folder / "png").glob("*.png")), workers)


def run_sohoa(folder: Path, workers: int) -> None:
    """Open, read and compose every file; pages of all files share the child processes."""
    from reading.pool import ReadingPool

    files = sorted((folder / "pdf").glob("*.pdf"))
    with ReadingPool(processes=workers) as pool, ThreadPoolExecutor(workers + 1) as threads:
        list(threads.map(lambda file: _read_and_compose(pool, file, folder / "out"), files))


def _read_and_compose(pool: ReadingPool, file: Path, out: Path) -> None:
    from reading.opening import open_scan
    from reading.recognise import recognise_page
    from reading.settings import ReadingSettings

    limits, settings = pool.limits, ReadingSettings()
    images = out.parent / "work" / file.stem
    images.mkdir(parents=True, exist_ok=True)
    scan = pool.run(open_scan, file, images, limits, timeout_seconds=limits.open_seconds)
    arguments = [(images / page.image, page, settings) for page in scan.pages]
    texts = pool.map(recognise_page, arguments, timeout_seconds_each=limits.page_seconds)
    pages = [
        (images / page.image, page, text) for page, text in zip(scan.pages, texts, strict=True)
    ]
    (out / f"{file.stem}.json").write_text(
        "[" + ",".join(text.model_dump_json() for text in texts) + "]", "utf-8"
    )
    seconds = limits.compose_seconds
    pool.run(_compose, pages, out / file.name, timeout_seconds=seconds)


def _compose(pages: Sequence[Page], target: Path) -> None:
    from reading.compose import compose_pdf

    compose_pdf(pages, target, title=target.stem, created=_CREATED, document_id=target.stem)


def run_ocrmypdf(folder: Path, workers: int) -> None:
    """One file after the other, each with all cores, as its documentation recommends."""
    for file in sorted((folder / "pdf").glob("*.pdf")):
        subprocess.run(
            [
                str(OCRMYPDF),
                *("-l", "vie", "--jobs", str(workers), "--output-type", "pdfa"),
                *("--rotate-pages", "--deskew", "--quiet"),
                str(file),
                str(folder / "out" / file.name),
            ],
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            check=True,
            stdout=subprocess.DEVNULL,
        )


PEERS: dict[str, Callable[[Path, int], None]] = {
    "tesseract": run_tesseract,
    "sohoa": run_sohoa,
    "ocrmypdf": run_ocrmypdf,
}


def main() -> None:
    """Run the peer named first on the command line."""
    peer, folder, workers = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    start = time.perf_counter()
    PEERS[peer](folder, workers)
    seconds = time.perf_counter() - start
    files = (folder / "out").iterdir() if peer != "tesseract" else (folder / "png").glob("*.txt")
    size = sum(file.stat().st_size for file in files)
    print(PeerRun(seconds=seconds, output_bytes=size).model_dump_json())


if __name__ == "__main__":
    main()

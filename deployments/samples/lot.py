"""Drawing the sample lot: files, manifest, figures and truth."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

from PIL import Image
from pydantic import ValidationError

from deployments.samples import files, plan
from deployments.samples.degradation import Degradation
from deployments.samples.papers import Wish, blank_page, draw_paper
from deployments.samples.truth import FileTruth, LotTruth, PageTruth

TRUTH_NAME, MANIFEST_NAME, FIGURES_NAME = "truth.json", "lot.json", "figures.csv"
_WORKERS = 2


def draw_lot(folder: Path, *, seed: int = 2026) -> LotTruth:
    """Write the sample lot into `folder` and return its truth.

    A lot that is already there, whole and of the same seed and edition, is left as it is:
    the encrypted and the signed file would come out with other bytes each time (salt, key and
    signing time are fresh), all other files come out the same. Other files are not touched.
    Raises ConfigurationFault when the font is not installed.
    """
    there = _already_drawn(folder, seed)
    if there is not None:
        return there
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TRUTH_NAME).unlink(missing_ok=True)
    # Fresh interpreters: a fork of a process that runs threads (Prefect's) may hang.
    with ProcessPoolExecutor(_WORKERS, multiprocessing.get_context("spawn")) as pool:
        drawn = list(pool.map(partial(_write, folder, seed), range(len(plan.SCANS))))
    drawn += [_repeated(folder, drawn, name, first) for name, first in plan.DUPLICATES.items()]
    truth = LotTruth(lot=plan.LOT, seed=seed, edition=plan.EDITION, files=tuple(drawn))
    _put(folder / MANIFEST_NAME, json.dumps(manifest(), ensure_ascii=False, indent=2) + "\n")
    _put(folder / FIGURES_NAME, figures())
    # Written last: its presence says that the lot is whole.
    _put(folder / TRUTH_NAME, truth.model_dump_json(indent=2) + "\n")
    return truth


def manifest() -> dict[str, object]:
    """The content of `lot.json`: who scanned what, when and for which dossiers."""
    scans = {scan.name: scan for scan in plan.SCANS}
    entries = []
    for name in [*scans, *plan.DUPLICATES]:
        scan = scans[plan.DUPLICATES.get(name, name)]
        own = {"name": name, "unit": scan.unit, "dossier": scan.dossier}
        entries.append({key: value for key, value in own.items() if value is not None})
    return {
        "lot": plan.LOT,
        "unit": plan.COMMUNE_UNIT,
        "dossier": None,
        "officer": plan.OFFICER,
        "scanned_at": plan.SCANNED_AT,
        "compared": True,
        "files": entries,
    }


def figures() -> str:
    """The content of `figures.csv`: dossiers resolved per unit, level and year."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\n")
    rows.writerow(("unit", "level", "year", "indicator", "value"))
    rows.writerows(plan.FIGURES)
    return buffer.getvalue()


def _already_drawn(folder: Path, seed: int) -> LotTruth | None:
    try:
        truth = LotTruth.model_validate_json((folder / TRUTH_NAME).read_text("utf-8"))
    except (FileNotFoundError, ValidationError):
        return None
    whole = all((folder / file.name).is_file() for file in truth.files)
    return truth if whole and (truth.seed, truth.edition) == (seed, plan.EDITION) else None


def _put(path: Path, text: str) -> None:
    partial_file = path.with_name(path.name + ".part")
    partial_file.write_text(text, "utf-8")
    partial_file.replace(path)


def _write(folder: Path, seed: int, position: int) -> FileTruth:
    """Draw one scan of the plan and write its file; its truth is returned."""
    scan = plan.SCANS[position]
    own_seed = seed * 1000 + position
    wear = Degradation.drawn(Random(f"lot/{own_seed}"), colour=scan.colour)
    if scan.upside_down:
        wear = wear.model_copy(update={"rotation": 180})
    paper = draw_paper(
        scan.kind,
        seed=own_seed,
        dpi=scan.dpi,
        degrade=wear,
        handwritten=scan.handwritten,
        wish=Wish(province=plan.PROVINCE, districts=scan.districts, pages=scan.pages),
    )
    images, pages = list(paper.pages), list(paper.truth.pages)
    if scan.blank_after is not None:
        images.insert(scan.blank_after, blank_page(scan.dpi, wear, seed=own_seed))
        pages.insert(scan.blank_after, PageTruth(text="", blank=True))
    (folder / scan.name).write_bytes(_content(scan, images, wear.jpeg_quality))
    return FileTruth(
        name=scan.name,
        outcome=scan.outcome,
        reason=scan.reason,
        dpi=scan.dpi,
        paper=paper.truth.model_copy(update={"pages": tuple(pages)}),
    )


def _content(scan: plan.Scan, images: list[Image.Image], quality: int) -> bytes:
    writers: dict[str, Callable[[], bytes]] = {
        ".tif": lambda: files.as_tiff(images, quality),
        ".jpg": lambda: files.as_jpeg(images[0], quality),
        ".png": lambda: files.as_png(images[0]),
        ".pdf": lambda: files.as_pdf(images, quality),
    }
    content = writers[Path(scan.name).suffix]()
    match scan.accident:
        case "cut":
            return files.cut_in_half(content)
        case "encrypted":
            return files.encrypted(content, plan.PASSWORD)
        case "signed":
            return files.signed(content, plan.SIGNING_AGENCY)
        case None:
            return content


def _repeated(folder: Path, drawn: list[FileTruth], name: str, first: str) -> FileTruth:
    """Copy a file under another name; the copy is a duplicate of the first."""
    shutil.copyfile(folder / first, folder / name)
    original = next(file for file in drawn if file.name == first)
    return original.model_copy(update={"name": name, "outcome": "duplicate", "reason": first})

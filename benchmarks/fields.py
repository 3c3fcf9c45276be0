"""How rightly types and fields are found: part of `make bench-accuracy`.

Drawn papers of every type of the catalogue at three noise levels, documents of other authorities
(ministries, courts, the Party) with notes and stamps of others on them, papers numbered by hand,
and the real scans. The measure is the silent error: a wrong value that nobody is asked about.
`--set calibration` takes other seeds and prints what each threshold would cost; the reported set
sets no threshold.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path

from benchmarks.field_scores import Scored, confusion, score, score_real, tables
from benchmarks.field_set import (
    LEVELS,
    PERFECT,
    Job,
    is_kept,
    read_drawn,
    read_real,
    real_fields,
)
from benchmarks.field_thresholds import calibrate
from catalogues import load_catalogue
from deployments.samples.papers import ADMINISTRATIVE_KINDS, catalogue_kinds
from domain.describe import Thresholds, describe

SETS = {"report": 850_000, "calibration": 820_000, "development": 830_000}
"""The first seed of each set; no paper is in two."""
TODAY = date(2026, 11, 2)
_OTHER_AUTHORITIES, _BY_HAND = 100, 200
"""Where in a set the seeds of these papers begin."""
_PER_KIND = 4
_MARKS = {"report": "<!-- fields -->", "calibration": "<!-- thresholds -->"}
"""Between two of them a set's tables stand in the documentation."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print Markdown tables; the exit code is 0 whatever the figures are."""
    options = _options(arguments)
    os.environ["OMP_THREAD_LIMIT"] = "1"
    began = time.monotonic()
    drawn, real = measure(options)
    if options.set == "calibration":
        lines = calibrate(drawn)
    else:
        measured = (
            f"Đo {datetime.now().astimezone():%d/%m/%Y %H:%M} trên {len(os.sched_getaffinity(0))} "
            f"lõi, {time.monotonic() - began:.0f} giây: {len(drawn)} giấy tờ vẽ, "
            f"{len(real)} bản quét thật."
        )
        lines = [measured, "", *tables(drawn, real)]
    print("\n".join(lines))
    if options.docs:
        mark = _MARKS[options.set]
        before, _, after = options.docs.read_text("utf-8").split(mark)
        block = "\n".join(["", *lines, ""])
        options.docs.write_text(mark.join((before, block, after)), "utf-8")
    if options.json:
        found = {
            "confusion": confusion(drawn),
            "papers": [one.as_json() for one in (*drawn, *real)],
        }
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    return 0


def measure(options: argparse.Namespace) -> tuple[list[Scored], list[Scored]]:
    """All papers of the chosen set, read, described and compared with the truth."""
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(workers, get_context("forkserver")) as pool:
        jobs = [job for job in _jobs(options) if not options.kept or is_kept(job)]
        papers = list(pool.map(read_drawn, jobs, chunksize=2))
        scans = [] if options.no_real else list(pool.map(read_real, real_fields()))
    catalogue = load_catalogue()
    none = Thresholds(type_confidence=0.0, field_confidence=0.0, optional_confidence=0.0)
    thresholds = none if options.set == "calibration" else Thresholds()
    drawn = [
        score(
            paper, describe(paper.pages, catalogue, thresholds=thresholds, today=TODAY), catalogue
        )
        for paper in papers
    ]
    real = [
        score_real(scan, describe(scan.pages, catalogue, thresholds=thresholds, today=TODAY))
        for scan in scans
    ]
    return drawn, real


def _jobs(options: argparse.Namespace) -> Iterator[Job]:
    """Noise levels by turns, so that each type meets all of them."""
    first = SETS[options.set]
    kinds = options.kinds.split(",") if options.kinds else catalogue_kinds()
    levels = (PERFECT,) if options.perfect else LEVELS
    catalogue = load_catalogue()
    for at, kind in enumerate(kinds):
        entry = catalogue.type(kind)
        for number in range(options.per_kind):
            level = levels[(number + at * (number // len(levels))) % len(levels)]
            yield Job(kind, first + number, level, None, options.fresh)
        if entry and entry.group == "administrative" and "number" in entry.required:
            yield from _others(kind, first, levels, fresh=options.fresh)


def _others(kind: str, first: int, levels: Sequence[str], *, fresh: bool) -> Iterator[Job]:
    for number, level in enumerate(levels):
        seed = first + _OTHER_AUTHORITIES + number
        yield Job(kind, seed, level, None, fresh, any_authority=True)
        if kind in ADMINISTRATIVE_KINDS:
            seed = first + _BY_HAND + number
            yield Job(kind, seed, level, None, fresh, number == 1, handwritten=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fields", description=__doc__)
    parser.add_argument(
        "--set", choices=SETS, default="report", help="bộ báo cáo, hiệu chỉnh ngưỡng, hay sửa luật"
    )
    parser.add_argument("--per-kind", type=int, default=_PER_KIND, help="giấy tờ mỗi loại")
    parser.add_argument("--kinds", help="chỉ những loại này, cách nhau bằng dấu phẩy")
    parser.add_argument("--perfect", action="store_true", help="không qua OCR: chỉ đo luật")
    parser.add_argument("--fresh", action="store_true", help="đọc lại, không dùng .cache/words")
    parser.add_argument(
        "--kept", action="store_true", help="chỉ giấy tờ đã đọc xong của một lần đo bị ngắt"
    )
    parser.add_argument("--no-real", action="store_true", help="không đo bản quét thật")
    parser.add_argument("--json", type=Path, help="tệp nhận mọi kết quả")
    parser.add_argument("--docs", type=Path, help="tệp Markdown nhận bảng, giữa hai dấu của bộ")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

"""How rightly types and fields are found: part of `make bench-accuracy`.

Drawn papers of every type of the catalogue at three noise levels, and the real scans. The measure
is the silent error: a wrong value that nobody is asked about. `--calibrate` uses other seeds and
finds the lowest thresholds without silent errors; the reported set sets no threshold.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path

from benchmarks.field_scores import Scored, confusion, score, score_real, tables
from benchmarks.field_set import LEVELS, PERFECT, Job, read_drawn, read_real, real_fields
from catalogues import load_catalogue
from deployments.samples.papers import catalogue_kinds
from domain.describe import Thresholds, describe

REPORTED, CALIBRATION, DEVELOPMENT = 810_000, 820_000, 830_000
"""First seeds of the three sets, which share no paper."""
TODAY = date(2026, 11, 2)
_SEEDS_PER_KIND = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print Markdown tables; the exit code is 0 whatever the figures are."""
    options = _options(arguments)
    os.environ["OMP_THREAD_LIMIT"] = "1"
    began = time.monotonic()
    drawn, real = measure(options)
    if options.calibrate:
        from benchmarks.field_thresholds import calibrate

        print("\n".join(calibrate(drawn)))
        return 0
    print(f"Đo {datetime.now().astimezone():%d/%m/%Y %H:%M}, {len(drawn)} giấy tờ vẽ, ", end="")
    print(f"{len(real)} bản quét thật, {time.monotonic() - began:.0f} giây.\n")
    print("\n".join(tables(drawn, real)))
    if options.json:
        found = {
            "confusion": confusion(drawn),
            "papers": [one.as_json() for one in (*drawn, *real)],
        }
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    return 0


def measure(options: argparse.Namespace) -> tuple[list[Scored], list[Scored]]:
    """All papers of the chosen set, read, described and compared with the truth."""
    jobs = _jobs(options)
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(workers, get_context("forkserver")) as pool:
        papers = list(pool.map(read_drawn, jobs, chunksize=2))
        scans = [] if options.no_real else list(pool.map(read_real, real_fields()))
    catalogue = load_catalogue()
    none = Thresholds(type_confidence=0.0, field_confidence=0.0)
    thresholds = none if options.calibrate else Thresholds()
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


def _jobs(options: argparse.Namespace) -> list[Job]:
    kinds = options.kinds.split(",") if options.kinds else catalogue_kinds()
    first = CALIBRATION if options.calibrate else options.first_seed
    levels = (PERFECT,) if options.perfect else LEVELS
    return [
        Job(kind, first + number, levels[number % len(levels)], None, options.fresh)
        for kind in kinds
        for number in range(options.per_kind)
    ]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fields", description=__doc__)
    parser.add_argument("--per-kind", type=int, default=None, help="giấy tờ mỗi loại")
    parser.add_argument("--kinds", help="chỉ những loại này, cách nhau bằng dấu phẩy")
    parser.add_argument("--calibrate", action="store_true", help="tìm ngưỡng trên bộ hiệu chỉnh")
    parser.add_argument("--develop", action="store_true", help="bộ dùng khi sửa luật")
    parser.add_argument("--perfect", action="store_true", help="không qua OCR: chỉ đo luật")
    parser.add_argument("--fresh", action="store_true", help="đọc lại, không dùng .cache/words")
    parser.add_argument("--no-real", action="store_true", help="không đo bản quét thật")
    parser.add_argument("--json", type=Path, help="tệp nhận mọi kết quả")
    options = parser.parse_args(arguments)
    kinds = len(options.kinds.split(",")) if options.kinds else len(catalogue_kinds())
    options.first_seed = DEVELOPMENT if options.develop else REPORTED
    options.per_kind = options.per_kind or (_SEEDS_PER_KIND if options.kinds else -(-400 // kinds))
    return options


if __name__ == "__main__":
    sys.exit(main())

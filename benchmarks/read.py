"""Reading and composing against two named peers: `make bench-read`.

The same pages go, in turns (A B C A B C) and in one run, through (A) the bare `tesseract`
program, text only, (B) this project's opening, reading and composing, (C) OCRmyPDF with PDF/A
output, rotation and deskewing. Compare ratios, not seconds. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.figures import machine
from benchmarks.process_tree import run_watched
from benchmarks.read_set import ReadSet, make_read_set
from benchmarks.reading_peers import OCRMYPDF, PeerRun

AIM_RATIO = 0.7
AIM_WORKER_MIB = 400
_MIB = 1 << 20


class Measured(NamedTuple):
    """One pass of one peer over all pages."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    """Resident memory of the largest process that worked."""
    output_mib: float


def main() -> int:
    """Measure and print; the exit code is 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="lượt đo xen kẽ (mặc định 2)")
    parser.add_argument("--pages", type=int, default=44, help="số trang của bộ đo (mặc định 44)")
    asked = parser.parse_args()
    workers = len(os.sched_getaffinity(0))
    peers = ["tesseract", "sohoa", *(["ocrmypdf"] if OCRMYPDF.is_file() else [])]
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
        folder = Path(name)
        measured_set = make_read_set(folder, asked.pages)
        rounds = [
            {peer: _measure(peer, folder, workers) for peer in peers}
            for _ in range(max(1, asked.rounds))
        ]
    print("\n".join(table(measured_set, rounds, workers)))
    if "ocrmypdf" not in peers:
        print("\nOCRmyPDF không có: xem đầu tệp benchmarks/reading_peers.py.", file=sys.stderr)
    return 0


def _measure(peer: str, folder: Path, workers: int) -> Measured:
    out = folder / "out"
    out.mkdir()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    usage = run_watched(
        [sys.executable, "-m", "benchmarks.reading_peers", peer, str(folder), str(workers)],
        os.environ,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    waited = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    run = PeerRun.model_validate_json(usage.output.strip().rpartition("\n")[2])
    shutil.rmtree(out)
    measured = Measured(
        run.seconds,
        # Sampling misses the ends of short processes; the kernel's sum, orphans.
        max(usage.cpu_seconds, waited),
        max(usage.workers_mib, default=0.0),
        run.output_bytes / _MIB,
    )
    print(f"{peer}: {measured.seconds:.1f} giây", file=sys.stderr, flush=True)
    return measured


def table(measured_set: ReadSet, rounds: list[dict[str, Measured]], workers: int) -> list[str]:
    """The Markdown table, medians over the rounds; ratios are taken within a round."""
    pages = measured_set.pages
    lines = [
        (
            f"{machine()}; {workers} tiến trình; {pages} "
            f"trang ({measured_set.real_pages} trang quét thật), {measured_set.files} tệp PDF; "
            f"{len(rounds)} lượt xen kẽ; mục tiêu ≤ {AIM_RATIO} lần tesseract, "
            f"≤ {AIM_WORKER_MIB} MiB mỗi tiến trình"
        ),
        "",
        (
            "| | trang/giây | so với tesseract (từng lượt) | CPU-giây mỗi trang "
            "| bộ nhớ cao nhất của một tiến trình, MiB | tệp ra, MiB |"
        ),
        "|---|--:|--:|--:|--:|--:|",
    ]
    for peer in rounds[0]:
        runs = [each[peer] for each in rounds]
        ratios = [each[peer].seconds / each["tesseract"].seconds for each in rounds]
        lines.append(
            f"| {peer} | {pages / median(run.seconds for run in runs):.2f} "
            f"| **{median(ratios):.2f}** ({', '.join(f'{ratio:.2f}' for ratio in ratios)}) "
            f"| {median(run.cpu_seconds for run in runs) / pages:.2f} "
            f"| {max(run.peak_mib for run in runs):.0f} "
            f"| {median(run.output_mib for run in runs):.1f} |"
        )
    return lines


if __name__ == "__main__":
    sys.exit(main())

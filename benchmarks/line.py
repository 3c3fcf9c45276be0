"""The whole line against a bare `tesseract` loop over the same pages: `make bench`.

Both are measured in turns (A B A B) in one run, so that other load on the machine falls on
both; compare ratios, not seconds. The result is printed as a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.bare_loop import LoopRun, run_loop
from benchmarks.figures import machine
from benchmarks.mixed_set import MixedSet, make_set
from benchmarks.one_run import LineRun
from benchmarks.process_tree import Usage, run_watched

AIM_RATIO = 1.5
AIM_WORKER_MIB = 500
_SHOWN_MIB = 20
"""Descendants below this are bookkeeping (resource tracker), not workers."""


class Round(NamedTuple):
    """One line run and the loop run that followed it."""

    line: LineRun
    usage: Usage
    loop: LoopRun

    @property
    def ratio(self) -> float:
        """How many times the bare loop's time the line took."""
        return self.line.seconds / self.loop.seconds


def main() -> int:
    """Measure and print; the exit code is 0 whatever the figures are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.line", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="lượt đo xen kẽ (mặc định 2)")
    rounds = max(1, parser.parse_args().rounds)
    workers = len(os.sched_getaffinity(0))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the folder below is removed then too
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
        folder = Path(name)
        measured_set = make_set(folder)
        _say(f"{measured_set.files} tệp, {len(measured_set.pages)} trang; {rounds} lượt xen kẽ")
        measured = []
        for number in range(1, rounds + 1):
            one = _round(folder / f"home-{number}", measured_set, workers)
            measured.append(one)
            _say(
                f"lượt {number}: dây chuyền {one.line.seconds:.1f} giây, "
                f"tesseract {one.loop.seconds:.1f} giây, tỷ lệ {one.ratio:.2f}"
            )
    print("\n".join([*figures(measured_set, measured, workers), "", *where_time_goes(measured)]))
    return 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _round(home: Path, measured_set: MixedSet, workers: int) -> Round:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SOHOA_", "PREFECT_"))
    }
    environment = {**inherited, "SOHOA_HOME": str(home), "SOHOA_WORKERS": str(workers)}
    usage = run_watched(
        [sys.executable, "-m", "benchmarks.one_run", str(measured_set.folder)], environment
    )
    line = LineRun.model_validate_json(usage.output.strip().rpartition("\n")[2])
    if line.pages != len(measured_set.pages):
        raise SystemExit(
            f"Dây chuyền đọc {line.pages} trang, vòng lặp {len(measured_set.pages)}: không so được."
        )
    return Round(line, usage, run_loop(measured_set.pages, workers))


def figures(measured_set: MixedSet, rounds: list[Round], workers: int) -> list[str]:
    """The Markdown table of speed and memory; times are medians over the rounds."""
    rows = {
        "máy, ngày": machine(),
        "bộ đo": _described(measured_set),
        **_speed(len(measured_set.pages), rounds, workers),
        "bộ nhớ cao nhất": _memory(rounds),
        "kết quả lượt cuối": _outcome(rounds[-1].line),
    }
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())]


def _speed(pages: int, rounds: list[Round], workers: int) -> dict[str, str]:
    line = median(one.line.seconds for one in rounds)
    loop = median(one.loop.seconds for one in rounds)
    line_cpu = median(one.usage.cpu_seconds for one in rounds) / pages
    loop_cpu = median(one.loop.cpu_seconds for one in rounds) / pages
    each = ", ".join(f"{one.ratio:.2f}" for one in rounds)
    ratio = median(one.ratio for one in rounds)
    start_up = median(one.line.start_up for one in rounds)
    loop_name = f"vòng lặp `tesseract -l vie`, {workers} tiến trình"
    return {
        "cả dây chuyền": f"{pages / line:.2f} trang/giây ({line:.1f} giây)",
        loop_name: f"{pages / loop:.2f} trang/giây ({loop:.1f} giây)",
        "tỷ lệ thời gian": f"**{ratio:.2f}** (từng lượt: {each}; mục tiêu ≤ {AIM_RATIO})",
        "khởi động chương trình": f"{start_up:.1f} giây, không tính ở trên",
        "CPU mỗi trang": (
            f"dây chuyền {line_cpu:.2f} giây, tesseract {loop_cpu:.2f} giây: "
            f"tỷ lệ {line_cpu / loop_cpu:.2f}"
        ),
    }


def _described(measured_set: MixedSet) -> str:
    text = (
        f"{measured_set.files} tệp, {len(measured_set.pages)} trang, "
        f"trong đó {measured_set.real_files} bản quét thật"
    )
    if measured_set.left_out:
        text += f"; bỏ qua {', '.join(measured_set.left_out)} (tự mang chữ, không cần nhận dạng)"
    return text


def _memory(rounds: list[Round]) -> str:
    workers = [mib for mib in rounds[-1].usage.workers_mib if mib >= _SHOWN_MIB]
    each = ", ".join(f"{mib:.0f}" for mib in workers)
    heaviest = max(one.usage.workers_mib[0] for one in rounds)
    main_mib = max(one.usage.main_mib for one in rounds)
    return (
        f"tiến trình đọc {heaviest:.0f} MiB (lượt cuối, từng tiến trình con: {each}; "
        f"mục tiêu < {AIM_WORKER_MIB}), tiến trình chính {main_mib:.0f} MiB"
    )


def _outcome(run: LineRun) -> str:
    return (
        f"{run.archived} giấy tờ lưu trữ, {run.review} chờ xem xét, "
        f"{run.set_aside} bản quét để riêng"
    )


def where_time_goes(rounds: list[Round]) -> list[str]:
    """The Markdown table of steps and child functions of the last round, dearest first."""
    times = rounds[-1].line.times
    rows = [
        (place, name, spent)
        for place, table in (("bước", times["steps"]), ("tiến trình con", times["functions"]))
        for name, spent in sorted(table.items(), key=lambda item: -item[1]["seconds"])
    ]
    return [
        "| nơi | việc | lần | giây (cộng dồn, chạy song song) | CPU giây |",
        "|---|---|--:|--:|--:|",
        *(
            f"| {place} | `{name}` | {spent['calls']:.0f} | {spent['seconds']:.1f} "
            f"| {spent['cpu_seconds']:.1f} |"
            for place, name, spent in rows
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())

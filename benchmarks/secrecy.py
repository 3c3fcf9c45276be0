"""Marks of secrecy: how many stamped papers are stopped, how many others are stopped wrongly."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.field_set import LEVELS, Job, read_drawn, stamps_drawn
from deployments.samples.papers import ADMINISTRATIVE_KINDS, SECRECY_WORDS
from domain.secrecy import find_secrecy

_FIRST_SEED = 970_000


def stamped_jobs(count: int) -> list[Job]:
    """Stamped papers, marks and noise levels by turns."""
    return [
        Job(
            ADMINISTRATIVE_KINDS[at % len(ADMINISTRATIVE_KINDS)],
            _FIRST_SEED + at,
            LEVELS[(at // 3) % len(LEVELS)],
            SECRECY_WORDS[at % len(SECRECY_WORDS)],
        )
        for at in range(count)
    ]


def verdict(job: Job) -> str:
    """What the line would do with this paper."""
    mark = find_secrecy(read_drawn(job).pages, stamps_drawn(job))
    return "tiếp tục" if mark is None else "dừng" if mark.sure else "chờ người xem"


def main() -> int:
    """Print hits by noise level, false alarms, and what was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.secrecy", description=__doc__)
    parser.add_argument("--papers", type=int, default=36)
    os.environ["OMP_THREAD_LIMIT"] = "1"
    jobs = stamped_jobs(parser.parse_args().papers)
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(workers, get_context("forkserver")) as pool:
        stamped = list(pool.map(verdict, jobs))
        bare = list(pool.map(verdict, [job._replace(secrecy_framed=False) for job in jobs]))
        plain = list(pool.map(verdict, [job._replace(secrecy=None) for job in jobs]))
    print("| giấy tờ (vẽ) | dừng | chờ người xem | tiếp tục |\n|---|--:|--:|--:|")
    for level in LEVELS:
        of_level = [said for job, said in zip(jobs, stamped, strict=True) if job.level == level]
        print(f"| có dấu, {level} | {_counts(of_level)} |")
    print(f"| có dấu, đã mất khung | {_counts(bare)} |")
    print(f"| cùng giấy tờ ấy không có dấu | {_counts(plain)} |")
    for job, said in zip(jobs, stamped, strict=True):
        if said != "dừng":
            print(f"- {said}: {job.kind}/{job.seed} {job.level} {job.secrecy}")
    return 0


def _counts(said: list[str]) -> str:
    return " | ".join(str(said.count(what)) for what in ("dừng", "chờ người xem", "tiếp tục"))


if __name__ == "__main__":
    sys.exit(main())

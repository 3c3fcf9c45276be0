"""Marks of secrecy: how many stamped papers are stopped, how many others are stopped wrongly."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.field_set import LEVELS, Job, read_drawn, read_frames
from deployments.samples.papers import ADMINISTRATIVE_KINDS, SECRECY_WORDS
from domain.secrecy import find_secrecy

_FIRST_SEED = 840_000


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


def stopped(job: Job) -> bool:
    """Whether the line would stop this paper."""
    return find_secrecy(read_drawn(job).pages, read_frames(job)) is not None


def main() -> int:
    """Print hits by noise level, false alarms, and what was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.secrecy", description=__doc__)
    parser.add_argument("--papers", type=int, default=36)
    os.environ["OMP_THREAD_LIMIT"] = "1"
    jobs = stamped_jobs(parser.parse_args().papers)
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(workers, get_context("forkserver")) as pool:
        plain = [job._replace(secrecy=None) for job in jobs]
        hits, alarms = list(pool.map(stopped, jobs)), list(pool.map(stopped, plain))
    print("| dấu mật (vẽ) | dừng lại | trên |\n|---|--:|--:|")
    for level in LEVELS:
        of_level = [hit for job, hit in zip(jobs, hits, strict=True) if job.level == level]
        print(f"| {level} | {sum(of_level)} | {len(of_level)} |")
    print(f"| báo nhầm trên cùng giấy tờ không có dấu | {sum(alarms)} | {len(alarms)} |")
    for job, hit in zip(jobs, hits, strict=True):
        if not hit:
            print(f"- sót: {job.kind}/{job.seed} {job.level} {job.secrecy}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

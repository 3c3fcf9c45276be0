"""CPU time and peak memory of a process and all that it starts, by sampling."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]

_INTERVAL_SECONDS = 0.1
_MIB = 1 << 20


@dataclass
class Usage:
    """What a program and its descendants used."""

    output: str = ""
    cpu_seconds: float = 0.0
    main_mib: float = 0.0
    """Peak resident memory of the program itself."""
    workers_mib: list[float] = field(default_factory=list)
    """Peak resident memory of each descendant, largest first."""


def run_watched(command: Sequence[str], environment: Mapping[str, str]) -> Usage:
    """Run a program to its end and say what it used; CalledProcessError when it fails.

    Peaks are the kernel's own high-water marks, read ten times a second, so a peak between two
    samples counts too, except in the last tenth of a second of a process.
    """
    cpu: dict[int, float] = {}
    peaks: dict[int, float] = {}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as program:
        main = psutil.Process(program.pid)
        try:
            while program.poll() is None:
                _sample(main, cpu, peaks)
                time.sleep(_INTERVAL_SECONDS)
        except BaseException:  # we are being stopped: nothing we started may stay behind
            program.kill()
            raise
        output = program.stdout.read() if program.stdout else ""
    if program.returncode:
        raise subprocess.CalledProcessError(program.returncode, list(command), output)
    main_mib = peaks.pop(program.pid, 0.0)
    return Usage(output, sum(cpu.values()), main_mib, sorted(peaks.values(), reverse=True))


def _sample(main: psutil.Process, cpu: dict[int, float], peaks: dict[int, float]) -> None:
    try:
        processes = [main, *main.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in processes:
        try:
            times = process.cpu_times()
            peak = _peak_mib(process.pid)
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue  # it ended between being listed and being asked
        cpu[process.pid] = times.user + times.system
        peaks[process.pid] = max(peak, peaks.get(process.pid, 0.0))


def _peak_mib(pid: int) -> float:
    """The high-water mark of resident memory; 0 for a process that has ended but is listed."""
    for line in (
        Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").split("\n")
    ):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / _MIB
    return 0.0

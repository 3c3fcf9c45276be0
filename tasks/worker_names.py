"""Names of processes that work on scans: whose they are, and whether they live."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_PROCESS_FACTS = Path("/proc/self")
SLASHES = 3
"""In every name, besides those of the host."""


def worker_name(pid: int) -> str:
    """Host, process space, process number and start time: `host/4026531836/812/3345021`."""
    space = str((_PROCESS_FACTS / "ns/pid").readlink()).strip("pid:[]")
    return f"{socket.gethostname()}/{space}/{pid}/{_started(pid)}"


def is_dead(worker: str) -> bool:
    """Whether this worker ran in our process space and has ended; False when we cannot know."""
    host, space, pid, started = worker.rsplit("/", SLASHES)
    ours = worker_name(os.getpid()).rsplit("/", SLASHES)
    if [host, space] != ours[:2]:
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return "ended"
    state, *rest = stat.rpartition(")")[2].split()
    return "ended" if state == "Z" else rest[18]  # field 22, start time since boot

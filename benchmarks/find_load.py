"""`sohoa api` in a process of its own, asked at a fixed rate whether answers come or not."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from tests.servers.postgres import free_port

_CONNECTIONS = 8

Request = tuple[str, str, dict[str, Any] | None]
"""Method, address, body."""


class Times(NamedTuple):
    """Milliseconds of many answers, ascending, and how many were refused or wrong."""

    ms: list[float]
    failed: int
    per_second: float
    cpu_ms: float
    """CPU time of the API for one answer: what does not depend on who else uses the machine."""

    def at(self, share: float) -> float:
        """The time within which `share` of the answers came."""
        return self.ms[min(len(self.ms) - 1, int(len(self.ms) * share))]


class Api(NamedTuple):
    """The process that answers."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """User and system time so far (Linux)."""
        fields = (
            Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def api(log_file: Path) -> Iterator[Api]:
    """Start it and wait until it answers; it ends with the block."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("sohoa")), "api", "--port", str(port)]
    with log_file.open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            _until_up(port)
            yield Api(port, process.pid)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _until_up(port: int) -> None:
    for _ in range(600):
        with suppress(OSError):
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            link.request("GET", "/v1/health")
            if link.getresponse().status == http.HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise SystemExit("API không lên trong 60 giây.")


def load(on: Api, token: str, requests: Iterator[Request], rate: float, seconds: float) -> Times:
    """Ask at a fixed rate over several connections; times run from when each was due."""
    due: SimpleQueue[tuple[float, Request] | None] = SimpleQueue()
    done: SimpleQueue[tuple[float, bool]] = SimpleQueue()
    threads = [
        threading.Thread(target=_ask, args=(on.port, token, due.get, done.put))
        for _ in range(_CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    began, used = time.monotonic(), on.cpu_seconds()
    for number in range(int(rate * seconds)):
        moment = began + number / rate
        time.sleep(max(0.0, moment - time.monotonic()))
        due.put((moment, next(requests)))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    elapsed, used = time.monotonic() - began, on.cpu_seconds() - used
    found = []
    with suppress(Empty):
        while True:
            found.append(done.get_nowait())
    return Times(
        sorted(ms for ms, _ in found),
        sum(not ok for _, ok in found),
        len(found) / elapsed,
        used * 1000 / len(found),
    )


def _ask(
    port: int,
    token: str,
    take: Callable[[], tuple[float, Request] | None],
    tell: Callable[[tuple[float, bool]], None],
) -> None:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    while (item := take()) is not None:
        moment, (method, address, body) = item
        try:
            link.request(method, address, json.dumps(body) if body else None, headers)
            answer = link.getresponse()
            answer.read()
            ok = answer.status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            link.close()
            ok = False
        tell(((time.monotonic() - moment) * 1000, ok))
    link.close()

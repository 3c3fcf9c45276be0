"""An installation whose workers and clients are processes of their own, so they can be killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path

from tasks.house import house
from tasks.upload import Overrides, upload
from tests.faults.worker import READY
from tests.invariants import digest_of, violations

_ROOT = Path(__file__).resolve().parents[2]
_END_SECONDS = 1200
LEASE_SECONDS = "10"


class Site:
    """What happens at one installation: lots come in, workers work and die."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.brought: set[str] = set()
        self._processes: list[subprocess.Popen] = []

    def write(self, files: dict[str, bytes]) -> list[Path]:
        """The files on disk, as a scanner leaves them."""
        inbox = self.folder / "inbox"
        inbox.mkdir(exist_ok=True)
        for name, content in files.items():
            (inbox / name).write_bytes(content)
        self.brought |= {digest_of(content) for content in files.values()}
        return [inbox / name for name in files]

    def bring(self, files: dict[str, bytes], lot: str = "lo-1") -> None:
        """Upload files as one lot, from this process."""
        upload(self.write(files), Overrides(lot=lot, unit="H31"))

    def start(self, *words: str, **environment: str) -> subprocess.Popen:
        """Start a module of `tests.faults` in a process of its own; returns when it is ready."""
        module, *arguments = words
        with (self.folder / "output").open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", f"tests.faults.{module}", *arguments],
                env={**os.environ, "PYTHONPATH": str(_ROOT), **environment},
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        self._processes.append(process)
        line = process.stdout.readline()
        assert line.strip() == READY, self.said()
        return process

    def kill(self, process: subprocess.Popen) -> bool:
        """SIGKILL; whether the process was still at work."""
        at_work = process.poll() is None
        process.kill()
        process.wait()
        process.stdout.close()
        return at_work

    def finish(self, process: subprocess.Popen) -> None:
        """Wait for a worker's own end, which must be a good one."""
        assert process.wait(_END_SECONDS) == 0, self.said()
        process.stdout.close()

    def work(self, lot: str = "lo-1") -> None:
        """One worker, from start to end."""
        self.finish(self.start("worker", lot))

    def wait_for(self, look: Callable[[], bool], seconds: float = 300) -> None:
        """Until `look` is true; fails with what the processes said when it does not come."""
        deadline = time.monotonic() + seconds
        while not look():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        """The end of what all processes wrote to stderr."""
        return (self.folder / "output").read_text(errors="replace")[-9000:]

    def violations(self) -> list[str]:
        """What is wrong now that all is at rest; see tests/invariants.py."""
        house.cache_clear()
        print(self.said())  # noqa: T201 - shown where something is wrong
        return violations(house(), self.brought)

    def end(self) -> None:
        """Nothing of this installation runs on."""
        for process in self._processes:
            if process.poll() is None:
                self.kill(process)


@contextmanager
def opened(folder: Path, monkeypatch, keys: Path, **settings: str):
    """A fresh installation; settings are SOHOA_ variables."""
    home = folder / "home"
    shutil.copytree(keys, home / "keys")
    monkeypatch.setenv("SOHOA_HOME", str(home))
    monkeypatch.setenv("SOHOA_LEASE_SECONDS", LEASE_SECONDS)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    house.cache_clear()
    site = Site(folder)
    try:
        yield site
    finally:
        site.end()
        house().close()
        house.cache_clear()
    assert not living_processes_of(home)


def living_processes_of(home: Path, seconds: float = 10) -> set[int]:
    """The processes, other than this one, that still run with this SOHOA_HOME after a while."""
    sought = f"SOHOA_HOME={home}".encode()
    deadline = time.monotonic() + seconds
    while (found := _with(sought)) and time.monotonic() < deadline:
        time.sleep(0.2)
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return found


def _with(sought: bytes) -> set[int]:
    found = set()
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if (
                folder.name.isdigit()
                and int(folder.name) != os.getpid()
                and sought in (folder / "environ").read_bytes().split(b"\0")
            ):
                found.add(int(folder.name))
    return found

"""Where a server of the tests runs: this machine's loopback, or a host of our own making.

A made host is a network namespace on a bridge of its own, with a host name and process numbers
of its own, as a machine has. Killing its first process ends all the others at once, as a power
cut does. Its files are this machine's: what a host must not share stands in folders of its own.
Making hosts needs root and `iproute2`.
"""

import os
import shutil
import signal
import subprocess
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_IP = shutil.which("ip", path="/usr/sbin:/sbin:" + os.environ.get("PATH", ""))
_NEEDED = ("unshare", "nsenter", "hostname")


@dataclass(frozen=True)
class Host:
    """A machine on which commands run."""

    name: str
    address: str
    enter: tuple[str, ...] = ()
    """What is put before a command so that it runs there."""
    wire: tuple[str, str] | None = field(default=None, repr=False)
    """The namespace and the device that connect it; None for this machine."""
    init: int | None = field(default=None, repr=False)
    """Its first process, by this machine's numbers."""

    def command(self, *words: str, cwd: Path | None = None) -> list[str]:
        """The command as it must be called from here; whoever enters a host stands at its root."""
        return [*self.enter, *(("env", "-C", str(cwd)) if cwd else ()), *words]

    def run(self, *words: str, seconds: float = 120, **options) -> subprocess.CompletedProcess:
        """Run a command there to its end; CalledProcessError when it fails."""
        return subprocess.run(
            self.command(*words), check=True, capture_output=True, timeout=seconds, **options
        )

    def start(self, *words: str, log: Path, cwd: Path | None = None, **options) -> subprocess.Popen:
        """Start a command there; what it says goes to `log`."""
        with log.open("ab") as out:
            return subprocess.Popen(
                self.command(*words, cwd=cwd),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                **options,
            )

    def answers(self, url: str, user: str | None = None) -> bool:
        """Whether an address answers well to somebody on this host."""
        asked = ("curl", "-sf", "-m", "5", "-o", os.devnull, *(("-u", user) if user else ()), url)
        return subprocess.run(self.command(*asked), check=False).returncode == 0

    def kill(self) -> None:
        """The power goes: every process there ends at this moment."""
        os.kill(self.init, signal.SIGKILL)

    def cut(self) -> None:
        """Pull the network cable."""
        _ip("-n", self.wire[0], "link", "set", self.wire[1], "down")

    def mend(self) -> None:
        """Put the network cable back."""
        _ip("-n", self.wire[0], "link", "set", self.wire[1], "up")


LOOPBACK = Host("localhost", "127.0.0.1")


def hosts_can_be_made() -> str | None:
    """Why not, or None."""
    if os.geteuid() != 0:
        return "making hosts needs root"
    if _IP is None or not all(map(shutil.which, _NEEDED)):
        return "iproute2 or util-linux is not installed"
    probe = subprocess.run(
        ["unshare", "--net", "--uts", "--pid", "--fork", "true"], check=False, capture_output=True
    )
    return None if probe.returncode == 0 else "this machine does not let us make namespaces"


@contextmanager
def made_hosts(*names: str):
    """Hosts on one network of their own; name → `Host`. Gone, with all they run, at the end."""
    tag = uuid.uuid4().hex[:6]
    switch = f"sohoa-{tag}"
    made: list[str] = []
    first: list[subprocess.Popen] = []
    try:
        _ip("netns", "add", switch)
        made.append(switch)
        _ip("-n", switch, "link", "add", "br0", "type", "bridge")
        _ip("-n", switch, "link", "set", "br0", "up")
        hosts = {}
        for number, name in enumerate(names, start=1):
            space = f"{switch}-{name}"
            _ip("netns", "add", space)
            made.append(space)
            address = f"10.77.0.{number}"
            _connect(switch, space, number, address)
            init = _boot(space, name)
            first.append(init)
            pid = _first_process(init.pid)
            enter = ("nsenter", "-t", str(pid), "-n", "-u", "-p", "-m", "--")
            hosts[name] = Host(name, address, enter, (switch, f"port{number}"), pid)
        yield hosts
    finally:
        for process in first:
            process.kill()  # the first process of the host dies with it, and all the others
            process.wait()
        for space in made:
            _ip("netns", "del", space)


def _connect(switch: str, space: str, number: int, address: str) -> None:
    port = f"port{number}"
    _ip("-n", switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", space)
    _ip("-n", switch, "link", "set", port, "master", "br0", "up")
    _ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
    _ip("-n", space, "link", "set", "eth0", "up")
    _ip("-n", space, "link", "set", "lo", "up")


def _boot(space: str, name: str) -> subprocess.Popen:
    # --mount-proc: process numbers and /proc are the host's own, so workers tell dead from alive.
    new = ("unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
    first = f"hostname {name} && exec sleep infinity"
    return subprocess.Popen([_IP, "netns", "exec", space, *new, "sh", "-c", first])


def _first_process(parent: int) -> int:
    """The process that is number 1 over there; `ip netns exec` becomes `unshare` itself."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "sleep":
            return int(children[0])
        time.sleep(0.05)
    raise TimeoutError("the host did not come up")


def _ip(*words: str) -> None:
    subprocess.run([_IP, *words], check=True, capture_output=True, timeout=30)

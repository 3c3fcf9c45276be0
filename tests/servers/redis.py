"""A Redis server from Debian's package, in a folder of its own, in memory only."""

import secrets
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.hosts import LOOPBACK, Host
from tests.servers.postgres import free_port

_START_SECONDS = 30


@dataclass(frozen=True)
class RedisServer:
    """Where it is, and its password."""

    address: str
    password: str
    pid: int


@contextmanager
def start_redis(folder: Path, host: Host = LOOPBACK):
    """Start a server that asks for a password; give it, or None where it is not installed."""
    if shutil.which("redis-server") is None:
        yield None
        return
    port, password = free_port(), secrets.token_hex(16)
    configuration = folder / "redis.conf"
    configuration.write_text(
        f"bind {host.address}\nport {port}\nrequirepass {password}\ndir {folder}\n"
        'save ""\nappendonly no\ndaemonize no\n'
    )
    process = host.start("redis-server", str(configuration), log=folder / "redis.log")
    try:
        _wait_for(host, port, password)
        yield RedisServer(f"{host.address}:{port}", password, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(host: Host, port: int, password: str) -> None:
    ask = ("redis-cli", "-h", host.address, "-p", str(port), "-a", password, "ping")
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        done = subprocess.run(host.command(*ask), check=False, capture_output=True, timeout=10)
        if b"PONG" in done.stdout:
            return
        time.sleep(0.1)
    raise TimeoutError(f"Redis at {host.address}:{port} does not answer")

"""A PostgreSQL server from Debian's package, in a folder of its own, on a Unix socket and port."""

import os
import random
import shutil
import signal
import socket
import subprocess
import uuid
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from tests.servers.hosts import LOOPBACK, Host

_PORTS = range(20_000, 32_000)
"""Below `net.ipv4.ip_local_port_range`."""
_ANY = random.SystemRandom()
"""Not the generator whose seed tests set: each process that asks would get the same port."""
_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


def _command(*words: str) -> list[str]:
    """PostgreSQL refuses to run as root: as root it runs as `nobody`."""
    return ["runuser", "-u", "nobody", "--", *words] if os.geteuid() == 0 else list(words)


def free_port(together: int = 1) -> int:
    """A port of the loopback address that was free a moment ago, as were those after it.

    Not one that the kernel may give to an outgoing connection before the server is up.
    """
    while True:
        first = _ANY.choice(_PORTS)
        with suppress(OSError), ExitStack() as probes:
            for number in range(first, first + together):
                probes.enter_context(socket.socket()).bind(("127.0.0.1", number))
            return first


@contextmanager
def start_postgres(
    folder: Path, host: Host = LOOPBACK, password: str | None = None, *, kept: bool = False
):
    """Start a server; give its URL, without the password, or None where it is not installed.

    Without a password it trusts whoever comes over loopback. `kept`: what the folder holds is
    started again, writes reach the disk as in an office, and it ends in good order.
    """
    if not _BINARIES or not (_BINARIES[0] / "initdb").exists():
        yield None
        return
    data, port = folder / "data", free_port()
    new = not (kept and data.exists())
    data.mkdir(exist_ok=kept)
    if os.geteuid() == 0:
        for place in (*folder.parents, folder):
            if str(place).startswith("/tmp"):  # noqa: S108 - pytest's own folders are private
                place.chmod(place.stat().st_mode | 0o011)
        shutil.chown(data, "nobody")
    binaries = _BINARIES[0]
    if new:
        _make(data, str(binaries / "initdb"), password)
    options = (
        f"-c listen_addresses={host.address} -c port={port} -c unix_socket_directories= "
        f"-c fsync={'on' if kept else 'off'} -c max_connections=200"
    )
    control = host.command(
        *_command(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-t", "60", "-l", f"{data}/log")
    )
    environment = {**os.environ, "PGPASSWORD": password or ""}  # pg_ctl asks it whether it is up
    subprocess.run([*control, "-o", options, "start"], check=True, timeout=90, env=environment)
    pid = int((data / "postmaster.pid").read_text().split()[0])
    try:
        yield f"postgresql+psycopg://sohoa@{host.address}:{port}/postgres"
    finally:
        if host is not LOOPBACK:
            pass  # it ends with its host, and the number is not one of this machine's
        elif subprocess.run(
            [*control, "-m", "fast" if kept else "immediate", "stop"], check=False, timeout=90
        ).returncode:
            # A second test run may have swept the folder away; the server still has to end.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)


def _make(data: Path, initdb: str, password: str | None) -> None:
    asked = ["-A", "trust"]
    if password is not None:
        word = data.with_name("password")
        word.write_text(password)
        if os.geteuid() == 0:
            shutil.chown(word, "nobody")
        asked = ["-A", "scram-sha-256", "--pwfile", str(word)]
    command = _command(initdb, "-D", str(data), "-U", "sohoa", "-N", *asked)
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    if password is not None:
        word.unlink()
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet scram-sha-256\n")


def restart_postgres(folder: Path) -> None:
    """Restart the server that runs in this folder, as after a crash: no client is waited for."""
    data = folder / "data"
    control = _command(str(_BINARIES[0] / "pg_ctl"), "-D", str(data), "-w", "-t", "60")
    log = str(data / "log")
    own = {name: value for name, value in os.environ.items() if not name.startswith("SOHOA")}
    subprocess.run(
        [*control, "-l", log, "-m", "immediate", "restart"], check=True, timeout=90, env=own
    )


def fresh_database(url: str) -> str:
    """Make an empty database on the server; its URL."""
    name = "t" + uuid.uuid4().hex
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)

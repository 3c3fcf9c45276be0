"""A PostgreSQL server from Debian's package, in a folder of its own, on a Unix socket and port."""

import os
import shutil
import signal
import socket
import subprocess
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


def _command(*words: str) -> list[str]:
    """PostgreSQL refuses to run as root: as root it runs as `nobody`."""
    return ["runuser", "-u", "nobody", "--", *words] if os.geteuid() == 0 else list(words)


def free_port() -> int:
    """A port of the loopback address that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def start_postgres(folder: Path):
    """Start a server with trust on loopback; give its URL, or None where it is not installed."""
    if not _BINARIES or not (_BINARIES[0] / "initdb").exists():
        yield None
        return
    data, port = folder / "data", free_port()
    data.mkdir()
    if os.geteuid() == 0:
        for place in (data, *folder.parents, folder):
            if str(place).startswith("/tmp"):  # noqa: S108 - pytest's own folders are private
                place.chmod(place.stat().st_mode | 0o011)
        shutil.chown(data, "nobody")
    binaries = _BINARIES[0]
    subprocess.run(
        _command(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "sohoa"),
        check=True,
        capture_output=True,
        timeout=120,
    )
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    )
    control = _command(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-t", "60")
    log = data / "log"
    subprocess.run([*control, "-l", str(log), "-o", options, "start"], check=True, timeout=90)
    pid = int((data / "postmaster.pid").read_text().split()[0])
    try:
        yield f"postgresql+psycopg://sohoa@127.0.0.1:{port}/postgres"
    finally:
        if subprocess.run(
            [*control, "-m", "immediate", "stop"], check=False, timeout=90
        ).returncode:
            # A second test run may have swept the folder away; the server still has to end.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)


def fresh_database(url: str) -> str:
    """Make an empty database on the server; its URL."""
    name = "t" + uuid.uuid4().hex
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)

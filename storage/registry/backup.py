"""A copy of the whole registry in one file, taken while others go on writing, and back again.

SQLite: the online backup interface (https://www.sqlite.org/backup.html). PostgreSQL: `pg_dump`
in its custom format and `pg_restore`. The password goes through the child's environment, never
through its arguments.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from domain.errors import ConfigurationFault, IntegrityFault, Unavailable
from storage.registry.database import Registry

_SECONDS = 6 * 3600
_PAGES = 4096  # copied at a time; writers get in between
_BUSY_SECONDS = 60


def backend(registry: Registry) -> str:
    """`sqlite` or `postgresql`."""
    return make_url(registry.url).get_backend_name()


def dump(registry: Registry, target: Path) -> None:
    """Write the registry as it stands at one moment into a new file, mode 0600.

    Raises Unavailable where the database does not answer, ConfigurationFault without `pg_dump`.
    """
    target.touch(mode=0o600, exist_ok=False)
    if backend(registry) == "sqlite":
        _copy(_file(registry), target)
        _settle(target)
    else:
        _run(registry, "pg_dump", "--format=custom", "--no-owner", f"--file={target}")


def restore(registry: Registry, source: Path) -> None:
    """Put a dump in the place of this registry, which must hold nothing that is needed."""
    if backend(registry) == "sqlite":
        registry.close()
        target = _file(registry)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.touch(mode=0o600)
        _copy(source, target)
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
        _run(registry, "pg_restore", *options, "--exit-on-error", str(source))


def check_dump(kind: str, source: Path) -> None:
    """IntegrityFault unless the dump can be read from end to end."""
    if kind == "sqlite":
        try:
            # immutable: a backup on read-only media has no place for a log file
            with closing(sqlite3.connect(f"{source.as_uri()}?immutable=1", uri=True)) as db:
                said = db.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise IntegrityFault(f"Bản sao lưu {source.name} không đọc được: {error}.") from error
        if said != "ok":
            raise IntegrityFault(f"Bản sao lưu {source.name} đã hỏng: {said}.")
        return
    # Reads all data blocks, decompresses them and writes the script nowhere.
    _call("pg_restore", ["--file=/dev/null", str(source)], {}, broken=IntegrityFault)


def _file(registry: Registry) -> Path:
    return Path(make_url(registry.url).database or "")


def _copy(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(source, timeout=_BUSY_SECONDS)) as here,
            closing(sqlite3.connect(target, timeout=_BUSY_SECONDS)) as there,
        ):
            here.backup(there, pages=_PAGES)
    except sqlite3.Error as error:
        raise Unavailable(f"Không chép được sổ đăng ký: {error}. Chạy lại sau.") from error


def _settle(target: Path) -> None:
    """One plain file on disk, without the log files that belong to a live database."""
    with closing(sqlite3.connect(target)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    with target.open("rb") as stream:
        os.fsync(stream.fileno())


def _run(registry: Registry, program: str, *options: str) -> None:
    url = make_url(registry.url)
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {}
    if registry.password_file:
        secret["PGPASSWORD"] = registry.password_file.read_text(encoding="utf-8").strip()
    _call(program, [f"--dbname={plain}", "--no-password", *options], secret, broken=Unavailable)


def _call(
    program: str,
    options: list[str],
    secret: dict[str, str],
    *,
    broken: type[IntegrityFault | Unavailable],
) -> None:
    limits = {"PGCONNECT_TIMEOUT": "10", "PGOPTIONS": ""}
    try:
        done = subprocess.run(
            [program, *options],
            env={**os.environ, **limits, **secret},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise ConfigurationFault(f"Không có {program}: cài gói postgresql-client.") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{program} chạy quá {_SECONDS // 3600} giờ nên bị dừng.") from error
    if done.returncode:
        raise broken(f"{program} không xong: {' '.join(done.stderr.split())[:300]}")

"""The registry's address, its connections and its migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

from domain.errors import ConfigurationFault, IntegrityFault, SohoaError, Unavailable

SCHEMA_VERSION = "0014"
_BUSY_SECONDS = 60
_THREADS = 40
"""Of a server process that may ask at once; a connection is made when one is needed."""
_WRITES = "sohoa_writes"


class Registry(BaseModel):
    """Where the registry is: an SQLAlchemy URL and, apart from it, the file with the password.

    A value without clients or secrets; connections are made on demand and pooled per address.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    password_file: Path | None = None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that writes; committed at the end of the block, undone by an exception.

        On SQLite it holds the write lock from the start, so that two writers wait for each
        other instead of failing half way; threads of one process take turns before that. Raises
        Unavailable when the database does not answer, IntegrityFault where its file is damaged.
        """
        with _ours():
            engine = _engine(self).execution_options(**{_WRITES: True})
            with _turn(self), engine.begin() as connection:
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads. Raises as `begin` does."""
        with _ours(), _engine(self).connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that only reads, and sees all of the registry as it was at one moment.

        For answers that several statements make together. Raises as `begin` does.
        """
        with self.read() as connection:
            if connection.dialect.name == "postgresql":  # SQLite reads so anyway
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def migrate(self) -> None:
        """Bring the tables to this software's version; quick when they are there already."""
        if self.version() == SCHEMA_VERSION:
            return
        from alembic import command  # a third of a second, rarely needed
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option(
            "script_location", str(Path(__file__).parents[1] / "migrations").replace("%", "%%")
        )
        with self.begin() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, SCHEMA_VERSION)
            except CommandError as error:
                raise ConfigurationFault(
                    f"Sổ đăng ký thuộc phiên bản khác của phần mềm ({error}). Cài phiên bản mới "
                    "trên mọi máy, hoặc khôi phục bản sao lưu của phiên bản này."
                ) from error

    def version(self) -> str | None:
        """The version of the tables that are there, or None for an empty database."""
        with self.read() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def close(self) -> None:
        """Give up pooled connections (before a fork, or at the end)."""
        _engine(self).dispose()


@contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if isinstance(error, OperationalError) or type(error) is DatabaseError:
            raise _as_ours(error) from error
        raise  # a constraint, a value that does not fit: whoever asked for it knows


def _as_ours(error: DBAPIError) -> SohoaError:
    if not isinstance(error, OperationalError):  # SQLite: no database, or a malformed one
        return IntegrityFault(
            f"Tệp sổ đăng ký hỏng ({error.orig}). Dừng lại, cất tệp đó đi, rồi khôi phục bản sao "
            "lưu: sohoa registry restore."
        )
    return Unavailable(
        f"Sổ đăng ký không trả lời ({type(error.orig).__name__}: {error.orig}). "
        "Kiểm tra cơ sở dữ liệu rồi chạy lại."
    )


@contextmanager
def _turn(registry: Registry) -> Iterator[None]:
    """This thread's turn to write, on SQLite.

    SQLite lets a writer that waits look again every 100 ms, and whoever looks at the right moment
    is next: with eight threads one write in a hundred waited for over 3 seconds.
    """
    if not registry.url.startswith("sqlite"):
        yield
        return
    lock = _writer(registry)
    if not lock.acquire(timeout=_BUSY_SECONDS):
        raise Unavailable(
            f"Sổ đăng ký bận ghi hơn {_BUSY_SECONDS} giây. Chạy lại; nếu vẫn vậy, xem tiến trình "
            "nào đang giữ sổ, hoặc chuyển sang PostgreSQL."
        )
    try:
        yield
    finally:
        lock.release()


@cache
def _writer(_registry: Registry) -> Lock:
    return Lock()


@cache
def _engine(registry: Registry) -> Engine:
    try:
        return _made(registry)
    except (ArgumentError, ImportError) as error:  # the address may hold a password: not shown
        raise ConfigurationFault(
            "Không dùng được địa chỉ sổ đăng ký (SOHOA_REGISTRY__URL): viết như "
            "sqlite:////thư/mục/registry.db hoặc postgresql+psycopg://tên@máy/sổ."
        ) from error


def _made(registry: Registry) -> Engine:
    url = make_url(registry.url)
    if url.password:
        raise ConfigurationFault(
            "Mật khẩu của sổ đăng ký không được nằm trong địa chỉ: "
            "ghi vào tệp và đặt SOHOA_REGISTRY__PASSWORD_FILE."
        )
    if registry.password_file:
        url = url.set(password=registry.password_file.read_text(encoding="utf-8").strip())
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=_THREADS,
        hide_parameters=True,
        connect_args={"connect_timeout": 10},
    )


def _sqlite(url: Any) -> Engine:
    database = Path(url.database or "")
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not database.exists():
        database.touch(mode=0o600)
    engine = create_engine(
        url,
        pool_size=_THREADS,
        hide_parameters=True,  # rows hold personal data; error messages end in logs
        connect_args={"timeout": _BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # a committed row survives a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine

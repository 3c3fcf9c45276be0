"""A watched folder (thư mục máy quét): files that no longer change are taken into the spool."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from domain.errors import ConfigurationFault, DocumentFault
from domain.lot import MANIFEST_NAME, LotManifest
from domain.watching import is_closed, is_passing, lot_of
from tasks.house import house
from tasks.incoming import SIDECARS, read_manifest_file
from tasks.spool import SPOOL, move

LOG = logging.getLogger("sohoa.watch")
_FILLING = ".dang-chuyen-"


class _Seen(NamedTuple):
    size: int
    changed_ns: int
    since: float


class Inbox:
    """One watched folder. A sub-folder is a lot; files beside them are the lot of the day.

    What is kept in memory is only how long each file has not changed: after a restart that is
    observed anew. One watcher a folder: ConfigurationFault for a second one.
    """

    def __init__(self, root: Path, *, stable_seconds: float, quiet_seconds: float) -> None:
        self.root = root
        self.stable_seconds = stable_seconds
        self.quiet_seconds = quiet_seconds
        self._seen: dict[Path, _Seen] = {}
        self._spool = root / SPOOL
        self._lock = self._own()
        self._finish_takes()

    def close(self) -> None:
        """Let another watcher have the folder."""
        os.close(self._lock)

    def _own(self) -> int:
        if not self.root.is_dir():
            raise ConfigurationFault(f"Không có thư mục «{self.root}» để theo dõi.")
        self._spool.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(self._spool / ".khoa", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise ConfigurationFault(
                f"Thư mục «{self.root}» đang được một lệnh sohoa watch khác theo dõi."
            ) from error
        return lock

    def _finish_takes(self) -> None:
        """Take as it is what a killed watcher had begun to take; the rest of that lot follows."""
        for begun in self._spool.glob(f"{_FILLING}*"):
            begun.rename(begun.with_name(begun.name.removeprefix(_FILLING)))

    def take(self) -> int:
        """Take every closed lot into the spool; how many files still change or wait."""
        now, waiting = time.monotonic(), 0
        present: set[Path] = set()
        for folder, files in self._groups():
            present.update(files)
            stable = {file: self._is_stable(file, now) for file in files}
            chosen = self._chosen(folder, stable, now)
            waiting += len(files) - len(chosen)
            if chosen:
                self._move(folder, chosen)
        self._seen = {file: seen for file, seen in self._seen.items() if file in present}
        return waiting

    def _groups(self) -> Iterator[tuple[Path, list[Path]]]:
        """The folder's own files, then each sub-folder with all that is in it."""
        inside = sorted(one for one in self.root.iterdir() if not is_passing(one.name))
        yield self.root, [one for one in inside if not one.is_dir() and _is_wanted(one)]
        for folder in inside:
            if folder.is_dir() and not folder.is_symlink():
                files = sorted(
                    file
                    for file in folder.rglob("*")
                    if not file.is_dir()
                    and not any(map(is_passing, file.relative_to(folder).parts))
                    and _is_wanted(file)
                )
                yield folder, files

    def _is_stable(self, file: Path, now: float) -> bool:
        try:
            stat = file.lstat()
        except OSError:  # it went away meanwhile
            return False
        before = self._seen.get(file)
        if before is None or (before.size, before.changed_ns) != (stat.st_size, stat.st_mtime_ns):
            before = self._seen[file] = _Seen(stat.st_size, stat.st_mtime_ns, now)
        return now - before.since >= self.stable_seconds and not is_being_written(file)

    def _chosen(self, folder: Path, stable: dict[Path, bool], now: float) -> list[Path]:
        """The files to take now: all of a closed lot, or the loose ones that are whole."""
        manifest_file = folder / MANIFEST_NAME
        if folder == self.root and manifest_file not in stable:
            return [file for file, whole in stable.items() if whole]
        named = {file.name: whole for file, whole in stable.items() if file != manifest_file}
        if manifest_file in stable and not stable[manifest_file]:
            return []
        quiet = all(now - self._seen[file].since >= self.quiet_seconds for file in stable)
        closed = is_closed(named, _manifest(manifest_file, stable), quiet=quiet)
        return list(stable) if closed else []

    def _move(self, folder: Path, files: list[Path]) -> None:
        day = house().today() if folder == self.root else None
        name = f"{time.time_ns():020d}-{lot_of(folder.name, day)}"
        filling = self._spool / f"{_FILLING}{name}"
        filling.mkdir(mode=0o700)
        for file in sorted(files, key=lambda file: file.name != MANIFEST_NAME):  # manifest first
            try:
                move(file, filling, "_".join(file.relative_to(folder).parts))
            except OSError as error:  # locked by another computer: it is taken next time
                LOG.warning("một tệp chưa chuyển được (%s), sẽ thử lại", error.strerror)
        filling.rename(self._spool / name)


def _is_wanted(file: Path) -> bool:
    return file.name == MANIFEST_NAME or file.suffix.lower() not in SIDECARS


def _manifest(file: Path, stable: dict[Path, bool]) -> LotManifest | None:
    """The lot's manifest, None where there is none; a wrong one closes by quiet time alone."""
    if file not in stable:
        return None
    try:
        return read_manifest_file(file)
    except (DocumentFault, OSError):
        return None


def is_being_written(file: Path) -> bool:
    """Whether a program on this machine, a file server too, has the file open for writing.

    A read lease is refused then. False where the file system knows no leases, or the file is
    somebody else's: then size and time alone tell.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False

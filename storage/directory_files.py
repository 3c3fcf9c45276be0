"""Files and folders below the root of a directory store: placed whole, synced, walked in order."""

from __future__ import annotations

import errno
import logging
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from domain.errors import DocumentFault
from storage.objects import check_key
from storage.streams import PART_PREFIX

LOG = logging.getLogger("sohoa.storage")
_FORGOTTEN_SECONDS = 86_400
_ATTEMPTS = 20


def ready(root: Path) -> Path:
    """The root, made where it was missing, swept of what kills left behind."""
    _make_folder(root)
    _sweep(root)
    return root


@cache
def _sweep(root: Path) -> None:
    """Remove, once per process, what kills left behind more than a day ago."""
    for part in root.glob(f"{PART_PREFIX}*"):
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < time.time() - _FORGOTTEN_SECONDS:
                part.unlink()


def settle(part: Path, path: Path, place: Callable[[Path, Path], None]) -> None:
    """Place the part file at `path` by `place` (link, replace), durably, in one atomic step."""
    for _ in range(_ATTEMPTS):
        _make_folder(path.parent)
        try:
            place(part, path)
        except FileNotFoundError:  # a deletion removed the folder just now: make it again
            continue
        _sync_folder(path.parent)
        return
    raise BlockingIOError(errno.EBUSY, "folder keeps vanishing", str(path.parent))


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with suppress(FileNotFoundError):
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_empty(folder: Path) -> bool:
    """Whether the folder was empty and is gone."""
    try:
        folder.rmdir()
    except OSError:  # not empty, or already gone: either way it is not ours to remove
        return False
    return True


def regular(path: Path) -> os.stat_result:
    """Its status; FileNotFoundError for anything but a regular file."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):  # a link could lead out of the root
        raise FileNotFoundError(errno.ENOENT, "not a regular file", str(path))
    return status


def walk(folder: Path, base: str, prefix: str) -> Iterator[str]:
    """The keys below `folder`, whose own key is `base`, in the order of their UTF-8 bytes."""
    try:
        with os.scandir(folder) as found:
            entries = [(_sort_name(entry), entry) for entry in found]
    except (FileNotFoundError, NotADirectoryError):
        return
    for name, entry in sorted(entries, key=lambda item: item[0]):
        key = base + name
        if not key.startswith(prefix) or _hidden(key):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from walk(Path(entry.path), key, prefix)
        elif entry.is_file(follow_symlinks=False):
            yield key


def _sort_name(entry: os.DirEntry[str]) -> str:
    # With the slash that follows it in the key, a folder falls into the place of its keys.
    return f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name


def _hidden(key: str) -> bool:
    if key.startswith("."):
        return True
    try:
        check_key(key.rstrip("/"))
    except DocumentFault as fault:  # somebody put it there by hand; no key can name it
        LOG.warning("bỏ qua một tệp trong kho: %s", fault.reason)
        return True
    return False

"""Bytes on their way: read in blocks, digested as they pass, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from domain.errors import IntegrityFault, Unavailable

BLOCK_BYTES = 1 << 20
"""How many bytes are in memory at a time."""

PART_PREFIX = ".part-"
"""How the names of files begin that are not yet whole."""


def blocks_of(data: bytes | Path) -> Iterator[bytes]:
    """The bytes, or the file's bytes, in blocks."""
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as stream:
        yield from read_blocks(stream)


def read_blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """What is left of an open file, in blocks."""
    while block := stream.read(BLOCK_BYTES):
        yield block


def digest_of(blocks: Iterable[bytes], algorithm: str) -> str:
    """The hex digest of all blocks; `algorithm` as hashlib names it."""
    running = hashlib.new(algorithm)
    for block in blocks:
        running.update(block)
    return running.hexdigest()


def checked(
    blocks: Iterable[bytes], expected: str | None, *, of: str, algorithm: str = "sha256"
) -> Iterator[bytes]:
    """The same blocks; IntegrityFault after the last one when their digest is not `expected`.

    `of` names the object in the message. With None there is nothing to compare with.
    """
    running = hashlib.new(algorithm)
    for block in blocks:
        running.update(block)
        yield block
    if expected is not None and running.hexdigest() != expected:
        raise IntegrityFault(
            f"Nội dung của «{of}» không khớp mã băm đã lưu. Dừng lại và báo quản trị viên."
        )


class Part(NamedTuple):
    """A file that is complete and on disk, but not yet at its place."""

    path: Path
    size_bytes: int
    sha256: str


def write_part(folder: Path, blocks: Iterable[bytes]) -> Part:
    """A new file in `folder`, mode 0600 and on disk; removed again when the blocks fail."""
    handle, name = tempfile.mkstemp(prefix=PART_PREFIX, dir=folder)
    path = Path(name)
    running = hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as stream:
            for block in blocks:
                running.update(block)
                stream.write(block)
            size = stream.tell()
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Part(path, size, running.hexdigest())


def write_file(target: Path, blocks: Iterable[bytes]) -> None:
    """Make `target` hold the blocks: it appears whole, or stays as it was.

    Raises Unavailable when this machine has no room or no such folder.
    """
    try:
        write_part(target.parent, blocks).path.replace(target)
    except OSError as error:
        raise Unavailable(
            f"Không ghi được {target}: {error.strerror}. Kiểm tra ổ đĩa và dung lượng."
        ) from error

"""Objects as plain files under one folder: the embedded default.

The files stand under their keys and nothing else is written beside them, so that any tool,
an OCFL validator for one, can read the folder. This is no WORM storage: whoever owns the
files can change them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from domain.errors import (
    AlreadyExists,
    ConfigurationFault,
    NotFound,
    SohoaError,
    Unavailable,
)
from storage.directory_facts import SideFacts
from storage.directory_files import ready, regular, remove_empty, settle, walk
from storage.objects import ObjectInfo, Protection, check_key, check_metadata
from storage.streams import (
    blocks_of,
    checked,
    digest_of,
    read_blocks,
    write_file,
    write_part,
)


class DirectoryStore(BaseModel):
    """The address of a folder that serves as object store; see `ObjectStore`.

    Files have mode 0600, folders 0700. A new object is written to a part file directly under
    the root (OCFL allows further files there), synced, and then linked to its key in one
    atomic step, so a kill leaves no half object, and of several writers one wins.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["directory"] = "directory"
    root: Path

    @field_validator("root")
    @classmethod
    def _absolute(cls, root: Path) -> Path:
        if not root.is_absolute() or ".." in root.parts:
            raise ValueError(f"«{root}» phải là đường dẫn tuyệt đối, không có «..»")
        return root

    def put(
        self,
        key: str,
        data: bytes | Path,
        *,
        metadata: Mapping[str, str] | None = None,
        lock_until: datetime | None = None,
        free: bool = False,
    ) -> ObjectInfo:
        """Keep the bytes under a new key; AlreadyExists when it holds other bytes."""
        del lock_until, free  # nothing is locked here, and to look costs nothing
        path = self._path(key)
        given = check_metadata(metadata)
        with _ours(key):
            part = write_part(ready(self.root), blocks_of(data))
            try:
                if not path.exists():
                    self._facts(key).keep(part.sha256, given)
                settle(part.path, path, os.link)
            except (FileExistsError, NotADirectoryError) as error:
                return self._held(key, path, part.sha256, error)
            finally:
                part.path.unlink(missing_ok=True)
        return ObjectInfo(key=key, size_bytes=part.size_bytes, sha256=part.sha256, metadata=given)

    def replace(self, key: str, data: bytes, *, lock_until: datetime | None = None) -> ObjectInfo:
        """Keep the bytes under the key whatever it held before; earlier metadata goes."""
        del lock_until
        path = self._path(key)
        with _ours(key):
            part = write_part(ready(self.root), (data,))
            facts = self._facts(key)
            try:
                if facts.any():  # or else the facts of the old bytes would condemn the new ones
                    facts.keep(part.sha256, {}, always=True)
                settle(part.path, path, os.replace)
            except (IsADirectoryError, FileExistsError, NotADirectoryError) as error:
                raise _other_bytes(key) from error
            finally:
                part.path.unlink(missing_ok=True)
            facts.drop_others(part.sha256)
        return ObjectInfo(key=key, size_bytes=len(data), sha256=part.sha256)

    def get(self, key: str, *, version: str | None = None) -> bytes:
        """The object's bytes; NotFound, or IntegrityFault where they miss the kept digest."""
        return b"".join(self.chunks(key, version=version))

    def chunks(self, key: str, *, version: str | None = None) -> Iterator[bytes]:
        """The object's bytes in blocks, checked at the end against the digest where kept."""
        if version is not None:
            raise _not_there(key)
        path = self._path(key)
        with _ours(key):
            regular(path)
            known = self._known(key, path)
            with path.open("rb") as stream:
                yield from checked(read_blocks(stream), known[0], of=key)

    def fetch(self, key: str, target: Path, *, version: str | None = None) -> ObjectInfo:
        """Bring the object into the file `target`, which appears whole or not at all."""
        write_file(target, self.chunks(key, version=version))
        sha256, metadata = self._known(key, self._path(key))
        return ObjectInfo(
            key=key, size_bytes=target.stat().st_size, sha256=sha256, metadata=metadata
        )

    def info(self, key: str) -> ObjectInfo | None:
        """What is known of the object, or None; a digest only where metadata was given."""
        path = self._path(key)
        try:
            with _ours(key):
                size = regular(path).st_size
        except NotFound:
            return None
        sha256, metadata = self._known(key, path)
        return ObjectInfo(key=key, size_bytes=size, sha256=sha256, metadata=metadata)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that start with `prefix`, in the order of their UTF-8 bytes."""
        folder, slash, _ = prefix.rpartition("/")
        start = self._path(folder) if slash else self.root
        with _ours(prefix):
            yield from walk(start, folder + slash, prefix)

    def delete(self, key: str) -> None:
        """Remove the object, what is noted of it, and folders that become empty."""
        path = self._path(key)
        with _ours(key):
            with suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()
            self._facts(key).drop_others(None)
            for folder in path.parents:
                if folder == self.root or not remove_empty(folder):
                    break

    def versions(self, key: str) -> Iterator[str]:
        """None: a folder keeps no versions."""
        del key
        yield from ()

    def extend_lock(self, key: str, until: datetime) -> None:
        """Nothing: whoever owns the files can change them."""

    def hold(self, key: str, *, on: bool) -> None:
        """Nothing, as `extend_lock`; the registry refuses the disposal of what is held."""

    def protection(self, folder: str) -> Protection:
        """Nothing protects files."""
        del folder
        return Protection()

    def purge(self, folder: str) -> None:
        """Remove all below `folder/`."""
        for key in list(self.keys(f"{folder}/")):
            self.delete(key)

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _facts(self, key: str) -> SideFacts:
        return SideFacts(self.root, key)

    def _known(self, key: str, path: Path) -> tuple[str | None, dict[str, str]]:
        return self._facts(key).of(path)

    def _held(self, key: str, path: Path, digest: str, error: OSError) -> ObjectInfo:
        if path.is_file() and digest_of(blocks_of(path), "sha256") == digest:
            _, metadata = self._known(key, path)
            size = path.stat().st_size
            return ObjectInfo(key=key, size_bytes=size, sha256=digest, metadata=metadata)
        self._facts(key).drop(digest)
        raise _other_bytes(key) from error


def _other_bytes(key: str) -> AlreadyExists:
    return AlreadyExists(f"«{key}» đã có nội dung khác. Dùng tên khác.")


def _not_there(key: str) -> NotFound:
    return NotFound(f"Không có «{key}» trong kho.")


@contextmanager
def _ours(key: str) -> Iterator[None]:
    """Turn what the operating system says into our errors."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise _not_there(key) from error
    except OSError as error:
        raise _as_ours(error) from error


def _as_ours(error: OSError) -> SohoaError:
    if isinstance(error, PermissionError) or error.errno in {errno.EROFS, errno.ELOOP}:
        return ConfigurationFault(
            f"Không có quyền với {error.filename}: {error.strerror}. Kiểm tra quyền của thư mục."
        )
    return Unavailable(
        f"Kho thư mục không dùng được lúc này: {error.strerror}. Kiểm tra ổ đĩa và dung lượng."
    )

"""What every object store promises, whichever backend is behind it.

An object is bytes under a key. Objects are put once: a key never changes its bytes, except
through `replace`, which only the archive's root inventory and a lot's manifest need.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

from domain.errors import DocumentFault, NotFound

_KEY_BYTES = 1024  # what S3 allows
_SEGMENT_BYTES = 255  # what file systems allow for one name
_METADATA_BYTES = 2048  # what S3 allows for all names and values together
_METADATA_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Control characters, lone surrogates and non-characters cannot stand in the XML of S3's lists.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_ASCII = re.compile(r"[ -~]*")  # nearly every key, and nothing in it is refused
_NON_CHARACTERS = frozenset("\ufffe\uffff")


class ObjectInfo(BaseModel):
    """What a store knows of one object."""

    model_config = ConfigDict(frozen=True)

    key: str
    size_bytes: int
    sha256: str | None = None
    """Hex SHA-256 of the bytes, where the store keeps one."""
    version: str | None = None
    """The backend's name for these very bytes; None where the backend has no versions."""
    metadata: dict[str, str] = {}
    locked_until: datetime | None = None
    """Until when the backend refuses to delete this version; None where it is not locked."""
    held: bool = False
    """Whether this version is under legal hold."""


class Protection(NamedTuple):
    """The latest end of any lock, and whether anything is under legal hold."""

    locked_until: datetime | None = None
    held: bool = False


class ObjectStore(Protocol):
    """A place for objects. Every call is safe to repeat after a kill.

    All methods raise Unavailable when the store does not answer, ConfigurationFault when
    address or permissions are wrong, and DocumentFault when a key breaks the rule of
    `check_key`.
    """

    def put(
        self,
        key: str,
        data: bytes | Path,
        *,
        metadata: Mapping[str, str] | None = None,
        lock_until: datetime | None = None,
        free: bool = False,
    ) -> ObjectInfo:
        """Keep the bytes under a new key, whole or not at all.

        The same bytes again are a quiet success that leaves the first metadata; other bytes
        raise AlreadyExists. A store that locks keeps what it stores against deletion until
        `lock_until`; when it was locked until, only `info` says. `free` spares a remote store a
        question: the caller has seen that nothing is under the key, or nothing else can be.
        """
        ...

    def replace(self, key: str, data: bytes, *, lock_until: datetime | None = None) -> ObjectInfo:
        """Keep the bytes under the key whatever it held before; readers see old or new."""
        ...

    def get(self, key: str, *, version: str | None = None) -> bytes:
        """The object's bytes; NotFound, or IntegrityFault where they miss the kept digest."""
        ...

    def chunks(self, key: str, *, version: str | None = None) -> Iterator[bytes]:
        """The object's bytes in blocks, for what may be large.

        A digest that the store keeps is checked after the last block: only a reader that
        came to the end without IntegrityFault may trust what it read.
        """
        ...

    def fetch(self, key: str, target: Path, *, version: str | None = None) -> ObjectInfo:
        """Bring the object into the file `target`, which appears whole or not at all."""
        ...

    def info(self, key: str) -> ObjectInfo | None:
        """What is known of the object, or None where there is none."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that start with `prefix`, in the order of their UTF-8 bytes."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; quiet where there is none. A store with versions only hides it."""
        ...

    def versions(self, key: str) -> Iterator[str]:
        """The versions kept of the key, the first one first; none where there are no versions."""
        ...

    def extend_lock(self, key: str, until: datetime) -> None:
        """Lock all versions of the key at least until then; quiet where nothing is ever locked."""
        ...

    def hold(self, key: str, *, on: bool) -> None:
        """Put all versions of the key under legal hold, or lift it; quiet as `extend_lock`."""
        ...

    def protection(self, folder: str) -> Protection:
        """What keeps anything below `folder/` from being removed, hidden versions included."""
        ...

    def purge(self, folder: str) -> None:
        """Remove all below `folder/` with all versions, for good; refused while one is locked."""
        ...


def get_if_there(objects: ObjectStore, key: str) -> bytes | None:
    """The object's bytes, or None where there is no such object."""
    try:
        return objects.get(key)
    except NotFound:
        return None


def check_key(key: str) -> str:
    """The key itself when every backend can hold it, else DocumentFault.

    A key is at most 1024 bytes of UTF-8: names of at most 255 bytes with `/` between them,
    none empty, `.` or `..`, no control characters, and the first not starting with a dot
    (the directory store keeps its own files there).
    """
    segments = key.split("/")
    if not _ASCII.fullmatch(key) and any(_refused(char) for char in key):
        raise _bad_key(key, "có ký tự điều khiển")
    if len(key.encode()) > _KEY_BYTES or any(len(s.encode()) > _SEGMENT_BYTES for s in segments):
        raise _bad_key(key, "dài quá")
    if any(segment in {"", ".", ".."} for segment in segments) or key.startswith("."):
        raise _bad_key(key, "có phần rỗng hoặc bắt đầu bằng dấu chấm")
    return key


def _refused(char: str) -> bool:
    return unicodedata.category(char) in _REFUSED_CATEGORIES or char in _NON_CHARACTERS


def _bad_key(key: str, why: str) -> DocumentFault:
    shown = key[:80].encode("unicode_escape").decode() if not key.isprintable() else key[:80]
    return DocumentFault(
        "bad_name", f"Tên «{shown}» {why} nên không lưu được. Đổi tên tệp rồi tải lên lại."
    )


def check_metadata(metadata: Mapping[str, str] | None) -> dict[str, str]:
    """The metadata as a dictionary when every backend can hold it, else DocumentFault.

    Names are lower-case ASCII letters, digits and `_`, and not `sha256`, which the stores
    keep for themselves; all together is at most 2048 bytes.
    """
    facts = dict(metadata or {})
    for name in facts:
        if not _METADATA_NAME.fullmatch(name) or name == "sha256":
            raise DocumentFault("bad_metadata", f"Tên thuộc tính «{name[:80]}» không hợp lệ.")
    if sum(len(name) + len(value.encode()) for name, value in facts.items()) > _METADATA_BYTES:
        raise DocumentFault(
            "bad_metadata", "Thuộc tính của tệp dài quá 2048 byte. Rút ngắn rồi tải lên lại."
        )
    return facts

"""Objects named by what is in them: the same bytes are kept once."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import AlreadyExists, IntegrityFault, NotFound
from storage import StoreConfig
from storage.streams import blocks_of, checked, digest_of, write_file

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SMALL_BYTES, _RECENT_BYTES = 4 << 20, 64 << 20


class Recent:
    """What this process has lately written or read, so that the next step need not fetch it.

    What bears its digest as its name never changes. At most 64 MiB, no object above 4 MiB; what
    was used longest ago goes first. For many threads.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def keep(self, key: str, data: bytes | Path) -> None:
        """Hold the bytes of a small object."""
        size = len(data) if isinstance(data, bytes) else data.stat().st_size
        if size > _SMALL_BYTES:
            return
        content = data if isinstance(data, bytes) else data.read_bytes()
        with self._lock:
            self._drop(key)
            self._held[key] = content
            self._bytes += len(content)
            while self._bytes > _RECENT_BYTES:
                self._drop(next(iter(self._held)))

    def find(self, key: str) -> bytes | None:
        """The bytes, where they are held."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def forget(self, start: str) -> None:
        """Let go of every key that begins so."""
        with self._lock:
            for key in [held for held in self._held if held.startswith(start)]:
                self._drop(key)

    def _drop(self, key: str) -> None:
        self._bytes -= len(self._held.pop(key, b""))


class ContentStore(BaseModel):
    """A part of an object store in which the key of an object is its SHA-256 (hex)."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    objects: StoreConfig
    prefix: str = "sha256"
    recent: Recent | None = Field(default=None, exclude=True, repr=False)
    """Held in memory between two steps of one process; None: every reading asks the store."""

    def add(self, data: bytes | Path) -> str:
        """Keep the bytes; their digest. Adding them again changes nothing.

        Raises IntegrityFault when what the store holds under this digest is damaged.
        """
        digest = digest_of(blocks_of(data), "sha256")
        try:
            self.objects.put(self._key(digest), data, free=True)
        except AlreadyExists as error:
            raise IntegrityFault(
                f"Nội dung {digest[:12]} trong kho đã hỏng. Dừng lại và báo quản trị viên."
            ) from error
        if self.recent:
            self.recent.keep(self._key(digest), data)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes with this digest; NotFound, or IntegrityFault where they are damaged."""
        content = b"".join(self._blocks(digest))
        if self.recent:
            self.recent.keep(self._key(digest), content)
        return content

    def fetch(self, digest: str, target: Path) -> None:
        """Bring the bytes into the file `target`, which appears whole or not at all."""
        write_file(target, self._blocks(digest))
        if self.recent:
            self.recent.keep(self._key(digest), target)

    def has(self, digest: str) -> bool:
        """Whether bytes are kept under this digest."""
        return self.objects.info(self._key(digest)) is not None

    def remove(self, digest: str) -> None:
        """Let the bytes go; quiet where there are none."""
        self._forget(self._key(digest))
        self.objects.delete(self._key(digest))

    def clear(self) -> None:
        """Let everything under this prefix go."""
        self._forget(f"{self.prefix}/")
        for key in list(self.objects.keys(f"{self.prefix}/")):
            self.objects.delete(key)

    def _blocks(self, digest: str) -> Iterator[bytes]:
        key = self._key(digest)
        held = self.recent.find(key) if self.recent else None
        if held is not None:
            return iter((held,))
        return checked(self.objects.chunks(key), digest, of=digest[:12])

    def _forget(self, start: str) -> None:
        if self.recent:
            self.recent.forget(start)

    def _key(self, digest: str) -> str:
        if not _DIGEST.fullmatch(digest):
            raise NotFound(f"«{digest[:80]}» không phải là mã SHA-256 dạng thập lục phân.")
        return f"{self.prefix}/{digest[:2]}/{digest}"

"""Objects named by what is in them: the same bytes are kept once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from domain.errors import AlreadyExists, IntegrityFault, NotFound
from storage import StoreConfig
from storage.streams import blocks_of, checked, digest_of, write_file

_DIGEST = re.compile(r"[0-9a-f]{64}")


class ContentStore(BaseModel):
    """A part of an object store in which the key of an object is its SHA-256 (hex)."""

    model_config = ConfigDict(frozen=True)

    objects: StoreConfig
    prefix: str = "sha256"

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
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes with this digest; NotFound, or IntegrityFault where they are damaged."""
        return b"".join(self._blocks(digest))

    def fetch(self, digest: str, target: Path) -> None:
        """Bring the bytes into the file `target`, which appears whole or not at all."""
        write_file(target, self._blocks(digest))

    def has(self, digest: str) -> bool:
        """Whether bytes are kept under this digest."""
        return self.objects.info(self._key(digest)) is not None

    def remove(self, digest: str) -> None:
        """Let the bytes go; quiet where there are none."""
        self.objects.delete(self._key(digest))

    def clear(self) -> None:
        """Let everything under this prefix go."""
        for key in list(self.objects.keys(f"{self.prefix}/")):
            self.objects.delete(key)

    def _blocks(self, digest: str) -> Iterator[bytes]:
        return checked(self.objects.chunks(self._key(digest)), digest, of=digest[:12])

    def _key(self, digest: str) -> str:
        if not _DIGEST.fullmatch(digest):
            raise NotFound(f"«{digest[:80]}» không phải là mã SHA-256 dạng thập lục phân.")
        return f"{self.prefix}/{digest[:2]}/{digest}"

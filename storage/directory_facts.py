"""What a directory store knows of an object besides its bytes: digest and metadata.

Kept under `.meta`, outside the keys, and only for objects that were given metadata. A file
there is named by the digest of the bytes that it speaks of and is written before they are:
whatever is killed or raced, the facts that are read belong to the bytes that are there.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from storage.streams import blocks_of, digest_of, write_file

_FOLDER = ".meta"


class SideFacts:
    """The facts of the object under `key` in the store at `root`."""

    def __init__(self, root: Path, key: str) -> None:
        self._key = key
        # Not the key itself: `a` and `a/b` would get into each other's way, and 255-byte
        # names leave no room for an ending.
        name = hashlib.sha256(key.encode()).hexdigest()
        self._folder = root / _FOLDER / name[:2]
        self._name = name

    def any(self) -> bool:
        """Whether anything is kept."""
        return bool(self._files())

    def keep(self, sha256: str, metadata: dict[str, str], *, always: bool = False) -> None:
        """Note the metadata of these bytes; nothing is written for empty ones, save `always`."""
        if not metadata and not always:
            return
        for folder in (self._folder.parent, self._folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        note = {"key": self._key, "sha256": sha256, "metadata": metadata}
        write_file(self._file(sha256), (json.dumps(note, ensure_ascii=False).encode(),))

    def of(self, path: Path) -> tuple[str | None, dict[str, str]]:
        """Digest and metadata of the object that lies at `path`; (None, {}) where none are kept.

        Several are there only after a race or a kill; then the bytes say which one holds.
        """
        digests = [_digest(file) for file in self._files()]
        if not digests:
            return None, {}
        digest = digests[0] if len(digests) == 1 else digest_of(blocks_of(path), "sha256")
        try:
            return digest, json.loads(self._file(digest).read_bytes())["metadata"]
        except FileNotFoundError:
            return None, {}

    def drop(self, sha256: str) -> None:
        """Forget what was noted of these bytes."""
        self._file(sha256).unlink(missing_ok=True)

    def drop_others(self, sha256: str | None) -> None:
        """Forget what was noted of all bytes but these."""
        for file in self._files():
            if _digest(file) != sha256:
                file.unlink(missing_ok=True)

    def _file(self, sha256: str) -> Path:
        return self._folder / f"{self._name}.{sha256}.json"

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._name}.*.json"))


def _digest(file: Path) -> str:
    return file.name.split(".")[1]

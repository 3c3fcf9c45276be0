"""The inventory of an archive object (OCFL 1.1 §3.5): which version holds which file.

Written so that the same facts always give the same bytes: a commit that was killed and runs
again writes what it wrote before.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from domain.errors import DocumentFault, IntegrityFault, NotFound
from storage.objects import check_key

DIGEST = "sha512"
_TYPE = "https://ocfl.io/1.1/spec/#inventory"
_SIDECAR = re.compile(r"([0-9a-f]{128})[ \t]+inventory\.json\n?")
_VERSION = re.compile(r"^v[1-9][0-9]*$")

State = dict[str, list[str]]
"""Hex SHA-512 → the paths that hold these bytes."""


class User(BaseModel):
    """Who made a version."""

    model_config = ConfigDict(frozen=True)

    name: str
    address: str | None = None
    """A URI, as OCFL advises."""


class Version(BaseModel):
    """One version: when, why, by whom, and what its files are."""

    model_config = ConfigDict(frozen=True)

    created: str
    """RFC 3339 with offset."""
    message: str
    user: User
    state: State

    def digest(self, path: str) -> str:
        """The SHA-512 of the file under this logical path; NotFound where there is none."""
        for digest, paths in self.state.items():
            if path in paths:
                return digest
        raise NotFound(f"Không có tệp «{path}» trong phiên bản này của đối tượng lưu trữ.")

    @property
    def paths(self) -> frozenset[str]:
        """The logical paths of its files."""
        return frozenset(path for paths in self.state.values() for path in paths)


class Inventory(BaseModel):
    """The table of contents of one archive object with all its versions."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    id: str
    type: str = _TYPE
    digest_algorithm: str = DIGEST
    head: str = Field(pattern=_VERSION.pattern)
    manifest: State
    versions: dict[str, Version]

    @property
    def version(self) -> int:
        """The number of the newest version, from 1."""
        return int(self.head[1:])

    def at(self, version: int | None = None) -> Version:
        """This version, or the newest; NotFound where there is no such version."""
        found = self.versions.get(self.head if version is None else f"v{version}")
        if found is None:
            raise NotFound(f"Đối tượng {self.id} không có phiên bản {version}.")
        return found

    def content(self, path: str, version: int | None = None) -> tuple[str, str]:
        """Where the file's bytes are (relative to the object) and their SHA-512; NotFound."""
        digest = self.at(version).digest(path)
        return self.manifest[digest][0], digest

    def new_content(self) -> dict[str, str]:
        """Content path → SHA-512 of what the newest version brought."""
        mark = f"{self.head}/"
        return {
            path: digest
            for digest, paths in self.manifest.items()
            for path in paths
            if path.startswith(mark)
        }

    def to_bytes(self) -> bytes:
        """The inventory as it is stored."""
        content = self.model_dump(by_alias=True, exclude_none=True)
        return f"{json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False)}\n".encode()


def parse_inventory(content: bytes, object_id: str) -> Inventory:
    """The inventory of this object; IntegrityFault for anything else."""
    try:
        found = Inventory.model_validate_json(content)
    except ValidationError as error:
        raise IntegrityFault(_damaged(object_id)) from error
    numbered = set(found.versions) == {f"v{n}" for n in range(1, found.version + 1)}
    known = all(d in found.manifest for v in found.versions.values() for d in v.state)
    if found.id != object_id or found.digest_algorithm != DIGEST or not numbered or not known:
        raise IntegrityFault(_damaged(object_id))
    return found


def _damaged(object_id: str) -> str:
    return f"Bản kê của đối tượng lưu trữ {object_id} đã hỏng. Dừng lại và báo quản trị viên."


def sidecar(inventory: bytes) -> bytes:
    """The content of `inventory.json.sha512` for these inventory bytes."""
    return f"{hashlib.sha512(inventory).hexdigest()}  inventory.json\n".encode()


def sidecar_matches(inventory: bytes, beside: bytes | None) -> bool:
    """Whether the sidecar names the digest of these inventory bytes."""
    found = _SIDECAR.fullmatch((beside or b"").decode("ascii", "replace"))
    return found is not None and found[1] == hashlib.sha512(inventory).hexdigest()


def state_of(digests: Mapping[str, str]) -> State:
    """Logical path → SHA-512, turned round; DocumentFault for paths that OCFL forbids."""
    for path in digests:
        check_key(path)
        folders = path.split("/")[:-1]
        if any("/".join(folders[: n + 1]) in digests for n in range(len(folders))):
            raise DocumentFault("bad_name", f"Tên tệp «{path}» trùng với một thư mục. Đổi tên.")
    state: State = {}
    for path in sorted(digests):
        state.setdefault(digests[path], []).append(path)
    return state


def next_inventory(
    before: Inventory | None,
    object_id: str,
    state: State,
    *,
    created: datetime,
    message: str,
    user: User,
    taken: Collection[str] = (),
) -> Inventory:
    """The inventory with one more version.

    Content that an earlier version brought is referred to, not stored again; of files with
    equal bytes in this version the first path holds them. Content paths in `taken` hold
    other bytes, so a folder named by the digest is put before them.
    """
    if created.tzinfo is None:
        raise ValueError("created needs an offset")
    head = f"v{before.version + 1 if before else 1}"
    manifest = dict(before.manifest) if before else {}
    for digest, paths in state.items():
        place = f"{head}/content/{paths[0]}"
        if place in taken:
            place = f"{head}/content/anew-{digest[:16]}/{paths[0]}"
        manifest.setdefault(digest, [place])
    version = Version(
        created=created.isoformat(timespec="seconds"), message=message, user=user, state=state
    )
    versions = {**(before.versions if before else {}), head: version}
    return Inventory(id=object_id, head=head, manifest=manifest, versions=versions)

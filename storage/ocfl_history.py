"""What is really stored of an archive object, and how a commit that was cut off is finished.

The order of a commit's writes is: content, the version's inventory and sidecar, root
inventory, root sidecar. So where a version's inventory is there, its content is too, and
what may be missing behind it can be written from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.errors import IntegrityFault
from storage.objects import ObjectStore, get_if_there
from storage.ocfl_inventory import DIGEST, Inventory, parse_inventory, sidecar, sidecar_matches
from storage.ocfl_layout import INVENTORY, OBJECT_DECLARATION, SIDECAR, object_root
from storage.streams import digest_of

Fence = Callable[[], None]
"""Raises LeaseLost where another has taken over what this process is writing."""

_VERSION_INVENTORY = re.compile(rf"v([1-9][0-9]*)/{re.escape(INVENTORY)}")


def open_gate() -> None:
    """The fence of a writer that nobody can overtake."""


@dataclass(frozen=True)
class History:
    """The keys of one object and its newest complete version."""

    object_id: str
    root: str
    keys: frozenset[str]
    newest: Inventory | None
    newest_bytes: bytes = b""
    repaired: bool = False
    """Whether `rolled_forward` had to write."""

    def holding_other_bytes(
        self, objects: ObjectStore, planned: Mapping[str, str]
    ) -> frozenset[str]:
        """Those planned content paths (with their SHA-512) where a killed commit left others."""
        return frozenset(
            path
            for path, digest in planned.items()
            if self._has(path)
            and digest_of(objects.chunks(f"{self.root}/{path}"), DIGEST) != digest
        )

    def rolled_forward(
        self,
        objects: ObjectStore,
        *,
        lock_until: datetime | None = None,
        fence: Fence = open_gate,
    ) -> History:
        """The same after writing what the newest complete version lacks behind it.

        Passes the fence before it touches the root. Raises IntegrityFault where a sound root
        contradicts that version: no kill does that.
        """
        if self.newest is None:
            return self
        beside = sidecar(self.newest_bytes)
        once = {
            OBJECT_DECLARATION[0]: OBJECT_DECLARATION[1],
            f"{self.newest.head}/{SIDECAR}": beside,
        }
        missing = {name: content for name, content in once.items() if not self._has(name)}
        for name, content in missing.items():
            objects.put(f"{self.root}/{name}", content, lock_until=lock_until, free=True)
        at_root = [get_if_there(objects, f"{self.root}/{name}") for name in (INVENTORY, SIDECAR)]
        if at_root == [self.newest_bytes, beside]:
            return replace(self, repaired=bool(missing))
        if self._overtaken(*at_root):
            return replace(self, repaired=bool(missing))
        self._clear_leftovers(objects, self.newest)
        fence()
        objects.replace(f"{self.root}/{INVENTORY}", self.newest_bytes, lock_until=lock_until)
        objects.replace(f"{self.root}/{SIDECAR}", beside, lock_until=lock_until)
        return replace(self, repaired=True)

    def _clear_leftovers(self, objects: ObjectStore, newest: Inventory) -> None:
        # Only now: the put-once inventory has settled whose version this is, and what it does
        # not name is of a commit that can no longer come to be.
        folder = f"{self.root}/{newest.head}/"
        known = {f"{self.root}/{path}" for path in newest.new_content()}
        known |= {f"{folder}{name}" for name in (INVENTORY, SIDECAR)}
        for key in sorted(self.keys - known):
            if key.startswith(folder):
                objects.delete(key)

    def _has(self, name: str) -> bool:
        return f"{self.root}/{name}" in self.keys

    def _overtaken(self, inventory: bytes | None, beside: bytes | None) -> bool:
        """Whether the root has gone on to a later version since this history was read."""
        if inventory is None or inventory == self.newest_bytes or self.newest is None:
            return False
        version = _version(inventory, self.object_id) if sidecar_matches(inventory, beside) else 0
        if version == self.newest.version:
            raise IntegrityFault(
                f"{self.object_id}: bản kê gốc khác bản kê {self.newest.head}. "
                "Dừng lại và báo quản trị viên."
            )
        return version > self.newest.version


def read_history(objects: ObjectStore, object_id: str) -> History:
    """What is stored; IntegrityFault where inventories of versions are missing or damaged."""
    root = object_root(object_id)
    keys = frozenset(objects.keys(f"{root}/"))
    found = (_VERSION_INVENTORY.fullmatch(key.removeprefix(f"{root}/")) for key in keys)
    numbers = {int(match[1]) for match in found if match}
    newest = max(numbers, default=0)
    at_root = get_if_there(objects, f"{root}/{INVENTORY}")
    ahead = at_root is not None and _version(at_root, object_id) > newest
    if ahead or numbers != set(range(1, newest + 1)):
        raise IntegrityFault(
            f"{object_id}: thiếu bản kê của một phiên bản. Dừng lại và báo quản trị viên."
        )
    if not newest:
        return History(object_id, root, keys, None)
    content = objects.get(f"{root}/v{newest}/{INVENTORY}")
    beside = get_if_there(objects, f"{root}/v{newest}/{SIDECAR}")
    inventory = parse_inventory(content, object_id)
    if inventory.version != newest or not (beside is None or sidecar_matches(content, beside)):
        raise IntegrityFault(
            f"{object_id}: bản kê v{newest} đã hỏng. Dừng lại và báo quản trị viên."
        )
    return History(object_id, root, keys, inventory, content)


def _version(content: bytes, object_id: str) -> int:
    try:
        return parse_inventory(content, object_id).version
    except IntegrityFault:
        return 0  # damaged: the newest version's own copy takes its place

"""The archive (kho lưu trữ điện tử): OCFL 1.1 (https://ocfl.io/1.1/spec/) on an object store.

One OCFL object per paper or scan, one OCFL version per correction. Everything below a version
folder is put once; an object's root inventory and its sidecar are the only keys that change.
They are written last, and the write of the root inventory is the commit.

Who may write an object is decided by the registry's claim: a commit passes its `fence` before
each of the two writes that decide. Should two writers meet all the same, the put-once
`vN/inventory.json` lets one of them win, and the registry records the digest of the winner's
inventory; readers that name it are never handed what a late writer put over the root.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from domain.errors import AlreadyExists, NotFound
from storage import StoreConfig
from storage.ocfl_check import problems_of
from storage.ocfl_history import Fence, History, open_gate, read_history
from storage.ocfl_inventory import (
    DIGEST,
    Inventory,
    State,
    User,
    next_inventory,
    state_of,
)
from storage.ocfl_layout import (
    INVENTORY,
    OBJECT_DECLARATION,
    object_id_of,
    object_root,
    root_files,
)
from storage.ocfl_reading import newest_inventory, recorded_inventory, take_file
from storage.streams import blocks_of, digest_of, write_file


class Committed(BaseModel):
    """What a commit came to."""

    model_config = ConfigDict(frozen=True)

    object_id: str
    version: int
    inventory_sha512: str
    """Hex digest of the root inventory; it binds every byte of every version."""


class ArchiveRoot(BaseModel):
    """An OCFL storage root at the top of an object store."""

    model_config = ConfigDict(frozen=True)

    objects: StoreConfig

    def prepare(self) -> None:
        """Make the place a storage root; quiet where it is one.

        Raises AlreadyExists where it is a storage root of another layout or version.
        """
        for key, content in root_files().items():
            self.objects.put(key, content)

    def commit(
        self,
        object_id: str,
        files: Mapping[str, bytes | Path],
        *,
        created: datetime,
        message: str,
        user_name: str,
        user_address: str = "",
        expect_head: int | None = None,
        lock_until: datetime | None = None,
        fence: Fence = open_gate,
    ) -> Committed:
        """Make `files` (logical path → bytes or file) the newest version of the object.

        What it writes is locked until `lock_until` where the store locks. Where the files are
        the newest version already, nothing is written. `fence` raises LeaseLost for a writer
        that was overtaken, which then commits nothing. Raises AlreadyExists when the object's
        newest version is not number `expect_head` (0: no object yet), or when another writer
        makes the same version at the same time. May be killed anywhere and run again: the
        object is then as before or as after, and never half.
        """
        digests = {path: digest_of(blocks_of(given), DIGEST) for path, given in files.items()}
        state = state_of(digests)
        fence()
        history = self._repaired(object_id)
        head = history.newest
        if head is not None and head.at().state == state:
            return _committed(object_id, head.version, history.newest_bytes)
        self._expect(object_id, head, expect_head)
        draft = self._draft(
            history,
            state,
            created=created,
            message=message,
            user=User(name=user_name, address=user_address or None),
        )
        content = draft.to_bytes()
        data = {digests[path]: given for path, given in files.items()}
        written = self._write(history.keys, draft, content, data, lock_until, fence)
        replace(
            history, keys=history.keys | written, newest=draft, newest_bytes=content
        ).rolled_forward(self.objects, lock_until=lock_until, fence=fence)
        after = f"{history.root}/v{draft.version + 1}/{INVENTORY}"
        if self.objects.info(after) is not None:  # another went on: do not leave an older root
            self._repaired(object_id)
        return _committed(object_id, draft.version, content)

    def inventory(self, object_id: str, *, recorded: str | None = None) -> Inventory | None:
        """The newest committed version's inventory, checked against its sidecar, or None.

        With `recorded`, the hex SHA-512 that the registry keeps of a commit, it is that
        version's inventory, whatever stands at the root. Raises IntegrityFault where neither
        the sidecar nor the version's own copy vouches for it (the copy does after a kill
        between root inventory and sidecar), or where the recorded one is gone.
        """
        if recorded is not None:
            return recorded_inventory(self.objects, object_id, recorded)
        return newest_inventory(self.objects, object_id)

    def read(
        self,
        object_id: str,
        path: str,
        *,
        version: int | None = None,
        recorded: str | None = None,
    ) -> bytes:
        """The file's bytes; NotFound, or IntegrityFault where they are damaged or missing.

        `recorded` as for `inventory`.
        """
        inventory = self._known(object_id, recorded)
        return take_file(self.objects, inventory, path, version, b"".join)

    def fetch(
        self,
        object_id: str,
        path: str,
        target: Path,
        *,
        version: int | None = None,
        recorded: str | None = None,
    ) -> None:
        """Bring the file into `target`, which appears whole and checked, or not at all."""
        inventory = self._known(object_id, recorded)
        take_file(self.objects, inventory, path, version, partial(write_file, target))

    def object_ids(self) -> Iterator[str]:
        """The id of every committed object, in the order of the layout."""
        for key in self.objects.keys():  # noqa: SIM118 - a store is no dictionary
            object_id = object_id_of(key)
            if object_id == "":
                object_id = str(json.loads(self.objects.get(key))["id"])
            if object_id is not None:
                yield object_id

    def repair(self, object_id: str) -> bool:
        """Make root inventory and sidecar those of the newest complete version.

        Returns whether anything was written. Raises IntegrityFault where a kill cannot have
        been the cause.
        """
        return self._repaired(object_id).repaired

    def check(self, object_id: str) -> tuple[str, ...]:
        """What is wrong with the object, in Vietnamese; every stored byte is digested."""
        return tuple(problems_of(self.objects, object_id))

    def _repaired(self, object_id: str) -> History:
        return read_history(self.objects, object_id).rolled_forward(self.objects)

    def _expect(self, object_id: str, head: Inventory | None, expected: int | None) -> None:
        current = head.version if head else 0
        if expected is not None and expected != current:
            raise AlreadyExists(
                f"{object_id} đang ở phiên bản {current}, không phải {expected}. Đọc lại rồi làm."
            )

    def _draft(
        self, history: History, state: State, *, created: datetime, message: str, user: User
    ) -> Inventory:
        draw = partial(
            next_inventory,
            history.newest,
            history.object_id,
            state,
            created=created,
            message=message,
            user=user,
        )
        draft = draw()
        taken = history.holding_other_bytes(self.objects, draft.new_content())
        return draw(taken=taken) if taken else draft

    def _write(
        self,
        known: frozenset[str],
        draft: Inventory,
        content: bytes,
        data: Mapping[str, bytes | Path],
        lock_until: datetime | None,
        fence: Fence,
    ) -> frozenset[str]:
        root = object_root(draft.id)
        put = partial(self.objects.put, lock_until=lock_until)
        planned: dict[str, bytes | Path] = {
            f"{root}/{OBJECT_DECLARATION[0]}": OBJECT_DECLARATION[1]
        }
        planned |= {f"{root}/{path}": data[of] for path, of in draft.new_content().items()}
        for key, given in planned.items():
            put(key, given, free=key not in known)
        fence()
        decisive = f"{root}/{draft.head}/{INVENTORY}"
        put(decisive, content)  # the store looks for itself
        return frozenset({*planned, decisive})

    def _known(self, object_id: str, recorded: str | None) -> Inventory:
        inventory = self.inventory(object_id, recorded=recorded)
        if inventory is None:
            raise NotFound(f"Kho lưu trữ không có đối tượng {object_id}.")
        return inventory


def _committed(object_id: str, version: int, inventory: bytes) -> Committed:
    digest = digest_of((inventory,), DIGEST)
    return Committed(object_id=object_id, version=version, inventory_sha512=digest)

"""The archive (kho lưu trữ điện tử): OCFL 1.1 (https://ocfl.io/1.1/spec/) on an object store.

One OCFL object per paper or scan, one OCFL version per correction. Everything below a version
folder is put once; an object's root inventory and its sidecar are the only keys that change.
They are written last, and the write of the root inventory is the commit.

Who may write an object is decided by the registry's claim. Should two writers meet all the
same, the put-once `vN/inventory.json` lets one of them win.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from domain.errors import AlreadyExists, IntegrityFault, NotFound
from storage import StoreConfig
from storage.objects import get_if_there
from storage.ocfl_check import problems_of
from storage.ocfl_history import History, read_history
from storage.ocfl_inventory import (
    DIGEST,
    Inventory,
    State,
    User,
    next_inventory,
    parse_inventory,
    sidecar_matches,
    state_of,
)
from storage.ocfl_layout import (
    INVENTORY,
    OBJECT_DECLARATION,
    SIDECAR,
    object_id_of,
    object_root,
    root_files,
)
from storage.streams import blocks_of, checked, digest_of, write_file


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
    ) -> Committed:
        """Make `files` (logical path → bytes or file) the newest version of the object.

        Where they are that already, nothing is written. Raises AlreadyExists when the
        object's newest version is not number `expect_head` (0: no object yet), or when
        another writer makes the same version at the same time. May be killed anywhere and
        run again: the object is then as before or as after, and never half.
        """
        digests = {path: digest_of(blocks_of(data), DIGEST) for path, data in files.items()}
        state = state_of(digests)
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
        self._write(draft, content, {digests[path]: data for path, data in files.items()})
        replace(history, newest=draft, newest_bytes=content).rolled_forward(self.objects)
        after = f"{history.root}/v{draft.version + 1}/{INVENTORY}"
        if self.objects.info(after) is not None:  # another went on: do not leave an older root
            self._repaired(object_id)
        return _committed(object_id, draft.version, content)

    def inventory(self, object_id: str) -> Inventory | None:
        """The newest committed version's inventory, checked against its sidecar, or None.

        Raises IntegrityFault where neither the sidecar nor the version's own copy vouches
        for it. (The copy does after a kill between root inventory and sidecar.)
        """
        root = object_root(object_id)
        content = get_if_there(self.objects, f"{root}/{INVENTORY}")
        if content is None:
            return None
        found = parse_inventory(content, object_id)
        if not sidecar_matches(
            content, get_if_there(self.objects, f"{root}/{SIDECAR}")
        ) and content != get_if_there(self.objects, f"{root}/{found.head}/{INVENTORY}"):
            raise IntegrityFault(
                f"Bản kê của {object_id} không khớp mã băm. Dừng lại và báo quản trị viên."
            )
        return found

    def read(self, object_id: str, path: str, *, version: int | None = None) -> bytes:
        """The file's bytes; NotFound, or IntegrityFault where they are damaged or missing."""
        return b"".join(self._blocks(object_id, path, version))

    def fetch(self, object_id: str, path: str, target: Path, *, version: int | None = None) -> None:
        """Bring the file into `target`, which appears whole and checked, or not at all."""
        write_file(target, self._blocks(object_id, path, version))

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

    def _write(self, draft: Inventory, content: bytes, data: Mapping[str, bytes | Path]) -> None:
        root = object_root(draft.id)
        self.objects.put(f"{root}/{OBJECT_DECLARATION[0]}", OBJECT_DECLARATION[1])
        for path, digest in draft.new_content().items():
            self.objects.put(f"{root}/{path}", data[digest])
        self.objects.put(f"{root}/{draft.head}/{INVENTORY}", content)

    def _blocks(self, object_id: str, path: str, version: int | None) -> Iterator[bytes]:
        inventory = self.inventory(object_id)
        if inventory is None:
            raise NotFound(f"Kho lưu trữ không có đối tượng {object_id}.")
        place, digest = inventory.content(path, version)
        name = f"{object_id} {path}"
        try:
            chunks = self.objects.chunks(f"{object_root(object_id)}/{place}")
            yield from checked(chunks, digest, of=name, algorithm=DIGEST)
        except NotFound as error:
            raise IntegrityFault(
                f"Kho lưu trữ mất nội dung của {name}. Dừng lại và báo quản trị viên."
            ) from error


def _committed(object_id: str, version: int, inventory: bytes) -> Committed:
    digest = digest_of((inventory,), DIGEST)
    return Committed(object_id=object_id, version=version, inventory_sha512=digest)

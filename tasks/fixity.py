"""Fixity (kiểm tra toàn vẹn): read archived objects byte for byte, the longest unread first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import cast

from pydantic import BaseModel, ConfigDict

from domain.errors import IntegrityFault, NotFound
from storage.objects import ObjectStore, get_if_there
from storage.ocfl import ArchiveRoot
from storage.ocfl_check import problems_of
from storage.ocfl_inventory import DIGEST
from storage.ocfl_layout import INVENTORY, object_root
from storage.registry import audit, keeping
from storage.streams import digest_of
from tasks.house import House, house
from tasks.objects import newest
from tasks.step import step


class FixityBatch(BaseModel):
    """What reading some objects has shown."""

    model_config = ConfigDict(frozen=True)

    objects: int = 0
    bytes_read: int = 0
    damaged: dict[str, tuple[str, ...]] = {}
    """Object id → what is wrong with it, in Vietnamese; no personal data stands in either."""
    finished: bool = False
    """Every object has been read since the round began."""


class _Metered:
    """The reading half of a store that counts the bytes that go through it."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self.bytes_read = 0

    def keys(self, prefix: str = "") -> Iterator[str]:
        return self._objects.keys(prefix)

    def get(self, key: str, *, version: str | None = None) -> bytes:
        return b"".join(self.chunks(key, version=version))

    def chunks(self, key: str, *, version: str | None = None) -> Iterator[bytes]:
        for block in self._objects.chunks(key, version=version):
            self.bytes_read += len(block)
            yield block


@step("expect_objects")
def expect_objects() -> tuple[int, int, int]:
    """Enter what must be in the archive; how many objects there are, were read, have a copy."""
    here = house()
    here.prepare()
    with here.registry.begin() as db:
        keeping.enter_expected(db)
        return keeping.counts(db)


@step("check_objects")
def check_objects(before: datetime, objects: int, bytes_left: int, seconds: float) -> FixityBatch:
    """Read up to `objects` objects not read since `before`, the longest unread first.

    Ends after `bytes_left` bytes or `seconds`, between two objects. Each result is written down
    at once, so a run that is killed goes on where it was. Reads in blocks, copies nothing.
    """
    here = house()
    deadline = time.monotonic() + seconds
    with here.registry.read() as db:
        due = keeping.oldest_checked(db, before=before, limit=objects)
    done = bytes_read = 0
    damaged: dict[str, tuple[str, ...]] = {}
    for row in due:
        if done and (bytes_read >= bytes_left or time.monotonic() > deadline):
            break
        problems, size = check_object(here, row["object_id"], row["digest"])
        done, bytes_read = done + 1, bytes_read + size
        if problems:
            damaged[row["object_id"]] = problems
    return FixityBatch(
        objects=done,
        bytes_read=bytes_read,
        damaged=damaged,
        finished=done == len(due) and len(due) < objects,
    )


def check_object(here: House, object_id: str, known: str | None) -> tuple[tuple[str, ...], int]:
    """What is wrong with an object, and how many bytes were read; written into the registry.

    `known` is the SHA-512 of the root inventory that the registry has: an object that is sound
    in itself and yet another one has been exchanged or put back to an older version.
    """
    metered = _Metered(here.archive.objects)
    problems = list(problems_of(cast("ObjectStore", metered), object_id))  # it only reads
    digest = _digest(here.archive, object_id)
    if digest != known and known is not None:
        problems = list(problems_of(here.archive.objects, object_id))  # a commit may have come
        digest = _digest(here.archive, object_id)
        if not problems and not _went_on(here, object_id, known):
            problems.append(f"{object_id}: bản kê không phải bản đã ghi trong sổ đăng ký")
    at = here.now()
    with here.registry.begin() as db:
        before = keeping.of(db, object_id)
        seen = digest if not problems else None
        keeping.checked(db, object_id, problems=problems, digest=seen, at=at)
        if problems and not (before and before["problems"]):
            audit.append(
                db,
                "damaged",
                object_id,
                actor=here.worker,
                at=at,
                problems=len(problems),
                first=problems[0][:200],
            )
    return tuple(problems), metered.bytes_read


def _digest(archive: ArchiveRoot, object_id: str) -> str | None:
    """SHA-512 of the root inventory as it lies there; this only reads and mends nothing."""
    content = get_if_there(archive.objects, f"{object_root(object_id)}/{INVENTORY}")
    return None if content is None else digest_of((content,), DIGEST)


def _went_on(here: House, object_id: str, known: str) -> bool:
    """Whether the version that the registry knows is still one of the object's own."""
    try:
        inventory, _, root = newest(here.archive, object_id)
    except (NotFound, IntegrityFault):
        return False
    for head in inventory.versions:
        beside = here.archive.objects.get(f"{root}/{head}/inventory.json.sha512")
        if beside.decode("ascii", "replace").split()[:1] == [known]:
            return True
    return False

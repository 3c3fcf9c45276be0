"""Archived bytes that a digest proves, whatever somebody put over them since.

A store with versions keeps the right bytes although others lie on top; what is handed out is the
version that the inventory, or the registry, names by its digest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

from domain.errors import IntegrityFault, NotFound
from storage.objects import ObjectStore, get_if_there
from storage.ocfl_inventory import DIGEST, Inventory, parse_inventory, sidecar_matches
from storage.ocfl_layout import INVENTORY, SIDECAR, object_root
from storage.streams import checked, digest_of

T = TypeVar("T")


def newest_inventory(objects: ObjectStore, object_id: str) -> Inventory | None:
    """What the root says, where its sidecar or the version's own copy vouches for it; or None."""
    root = object_root(object_id)
    content = get_if_there(objects, f"{root}/{INVENTORY}")
    if content is None:
        return None
    found = parse_inventory(content, object_id)
    if not sidecar_matches(
        content, get_if_there(objects, f"{root}/{SIDECAR}")
    ) and content != get_if_there(objects, f"{root}/{found.head}/{INVENTORY}"):
        raise IntegrityFault(
            f"Bản kê của {object_id} không khớp mã băm. Dừng lại và báo quản trị viên."
        )
    return found


def recorded_inventory(objects: ObjectStore, object_id: str, recorded: str) -> Inventory:
    """The inventory with this hex SHA-512: the root's, or a version's own; else IntegrityFault."""
    root = object_root(object_id)
    content = get_if_there(objects, f"{root}/{INVENTORY}")
    if content is not None and digest_of((content,), DIGEST) == recorded:
        return parse_inventory(content, object_id)
    own = re.compile(rf"{re.escape(root)}/v[1-9][0-9]*/{re.escape(INVENTORY)}")
    for key in objects.keys(f"{root}/v"):
        if own.fullmatch(key):
            with suppress(IntegrityFault):
                return parse_inventory(_proven(objects, key, recorded, b"".join), object_id)
    raise IntegrityFault(
        f"Kho lưu trữ không còn bản kê mà sổ đăng ký đã ghi của {object_id}. Dừng lại và báo "
        "quản trị viên."
    )


def take_file(
    objects: ObjectStore,
    inventory: Inventory,
    path: str,
    version: int | None,
    take: Callable[[Iterator[bytes]], T],
) -> T:
    """What `take` makes of a file's blocks; it is called again where the first try was damaged.

    NotFound where the version has no such file, IntegrityFault where its bytes are gone.
    """
    place, digest = inventory.content(path, version)
    try:
        return _proven(objects, f"{object_root(inventory.id)}/{place}", digest, take)
    except NotFound as error:
        raise IntegrityFault(
            f"Kho lưu trữ mất nội dung của {inventory.id} {path}. Dừng lại và báo quản trị viên."
        ) from error


def _proven(objects: ObjectStore, key: str, digest: str, take: Callable[[Iterator[bytes]], T]) -> T:
    try:
        return take(checked(objects.chunks(key), digest, of=key, algorithm=DIGEST))
    except (IntegrityFault, NotFound):
        for version in objects.versions(key):
            chunks = objects.chunks(key, version=version)
            with suppress(IntegrityFault, NotFound):
                return take(checked(chunks, digest, of=key, algorithm=DIGEST))
        raise

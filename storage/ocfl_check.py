"""Fixity: an archive object compared, byte for byte, with what its inventories say."""

from __future__ import annotations

from collections.abc import Iterator

from domain.errors import IntegrityFault, NotFound
from storage.objects import ObjectStore, get_if_there
from storage.ocfl_inventory import DIGEST, Inventory, Version, parse_inventory, sidecar_matches
from storage.ocfl_layout import INVENTORY, OBJECT_DECLARATION, SIDECAR, object_root
from storage.streams import digest_of


def problems_of(objects: ObjectStore, object_id: str) -> Iterator[str]:
    """One Vietnamese sentence for everything that is wrong; nothing for a sound object.

    Looks at the declaration, every inventory with its sidecar, what the inventories say of
    earlier versions, the digest of every content file, and files that no inventory knows.
    """
    root = object_root(object_id)
    keys = {key.removeprefix(f"{root}/") for key in objects.keys(f"{root}/")}
    content = get_if_there(objects, f"{root}/{INVENTORY}")
    if content is None:
        yield f"{object_id}: không có bản kê {INVENTORY}"
        return
    try:
        inventory = parse_inventory(content, object_id)
    except IntegrityFault as fault:
        yield f"{object_id}: {fault}"
        return
    if get_if_there(objects, f"{root}/{OBJECT_DECLARATION[0]}") != OBJECT_DECLARATION[1]:
        yield f"{object_id}: thiếu hoặc sai tệp {OBJECT_DECLARATION[0]}"
    if not sidecar_matches(content, get_if_there(objects, f"{root}/{SIDECAR}")):
        yield f"{object_id}: bản kê không khớp {SIDECAR}"
    yield from _versions(objects, inventory, content)
    yield from _contents(objects, inventory)
    for key in sorted(keys - _expected(inventory)):
        yield f"{object_id}: tệp lạ {key}"


def _versions(objects: ObjectStore, inventory: Inventory, content: bytes) -> Iterator[str]:
    root = object_root(inventory.id)
    for head in sorted(inventory.versions, key=lambda name: int(name[1:])):
        own = get_if_there(objects, f"{root}/{head}/{INVENTORY}")
        if own is None:
            yield f"{inventory.id}: thiếu bản kê của {head}"
            continue
        if not sidecar_matches(own, get_if_there(objects, f"{root}/{head}/{SIDECAR}")):
            yield f"{inventory.id}: bản kê của {head} không khớp {SIDECAR}"
        if head == inventory.head:
            if own != content:
                yield f"{inventory.id}: bản kê gốc khác bản kê của {head}"
        elif not _same_history(own, inventory, head):
            yield f"{inventory.id}: bản kê của {head} khác với lịch sử trong bản kê gốc"


def _same_history(own: bytes, inventory: Inventory, head: str) -> bool:
    try:
        earlier = parse_inventory(own, inventory.id)
    except IntegrityFault:
        return False
    return earlier.head == head and all(
        _facts(version) == _facts(inventory.versions[name])
        for name, version in earlier.versions.items()
    )


def _facts(version: Version) -> tuple[object, ...]:
    state = {digest: sorted(paths) for digest, paths in version.state.items()}
    return version.created, version.message, version.user, state


def _contents(objects: ObjectStore, inventory: Inventory) -> Iterator[str]:
    root = object_root(inventory.id)
    for digest, paths in sorted(inventory.manifest.items(), key=lambda item: item[1]):
        for path in paths:
            try:
                found = digest_of(objects.chunks(f"{root}/{path}"), DIGEST)
            except NotFound:
                yield f"{inventory.id}: mất tệp {path}"
            except IntegrityFault as fault:
                yield f"{inventory.id}: {path}: {fault}"
            else:
                if found != digest:
                    yield f"{inventory.id}: nội dung {path} không khớp mã băm"


def _expected(inventory: Inventory) -> set[str]:
    places = ["", *(f"{head}/" for head in inventory.versions)]
    names = {f"{place}{name}" for place in places for name in (INVENTORY, SIDECAR)}
    contents = {path for paths in inventory.manifest.values() for path in paths}
    return {OBJECT_DECLARATION[0], *names, *contents}

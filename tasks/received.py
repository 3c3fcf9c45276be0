"""The received bytes of a scan in the intake store: under which key, and how they are let go.

A key is free again once its object is gone, and scanners count their files from 1 each day. So
what lies under the key of a scan may be another scan by now: nothing is taken or removed in a
scan's name that is not its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import RowMapping

from domain.errors import AlreadyExists, NotFound
from storage.objects import ObjectStore
from storage.streams import blocks_of, digest_of
from tasks.house import House


def keep(here: House, lot: str, name: str, file: Path, metadata: Mapping[str, str]) -> str:
    """Put a file into the intake store; its key, which no other scan of that name has."""
    try:
        return here.intake.put(f"{lot}/{name}", file, metadata=metadata).key
    except AlreadyExists:  # another scan of that name is in the lot: keep both
        key = f"{lot}/{digest_of(blocks_of(file), 'sha256')[:16]}/{name}"
        return here.intake.put(key, file, metadata=metadata).key


def received(here: House, scan: RowMapping) -> Iterator[bytes] | None:
    """What came in of a scan, from the shelf or the intake store; None where neither has it.

    Raises IntegrityFault, behind the last block, when the bytes are not as they were put there.
    """
    for store, key in ((here.quarantine, shelf_key(scan["id"])), (here.intake, scan["key"])):
        if _holds(store, key, scan):
            return store.chunks(key)
    return None


def release(here: House, scan: RowMapping) -> None:
    """Let the received object of a scan go, unless another scan has its key by now."""
    if _holds(here.intake, scan["key"], scan):
        here.intake.delete(scan["key"])


def _holds(store: ObjectStore, key: str, scan: RowMapping) -> bool:
    held = store.info(key)
    if held is None or held.size_bytes != scan["size_bytes"]:
        return False
    if held.sha256 is None:  # a foreign program put it there; pages may well be of one size
        try:
            return digest_of(store.chunks(key), "sha256") == str(scan["id"])
        except NotFound:  # another run, seeing that the scan is done, was first
            return False
    return held.sha256 == str(scan["id"])


def shelf_key(scan_id: str) -> str:
    """Where the quarantine keeps the bytes of a scan that was set aside."""
    return f"{scan_id}/original"

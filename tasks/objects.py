"""Archive objects as the registry knows them: the version that it recorded, and the newest."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import RowMapping

from domain.errors import NotFound
from domain.identity import paper_object_id
from storage.objects import get_if_there
from storage.ocfl import ArchiveRoot
from storage.ocfl_inventory import DIGEST, Inventory, parse_inventory, sidecar_matches
from storage.ocfl_layout import INVENTORY, SIDECAR, object_root
from storage.streams import digest_of
from tasks.house import House


class Newest(NamedTuple):
    """The inventory, the hex SHA-512 of its stored bytes, and the key prefix of its object."""

    inventory: Inventory
    digest: str
    root: str


def newest(archive: ArchiveRoot, object_id: str) -> Newest:
    """The newest committed version; a commit that was cut off behind its root is finished first.

    NotFound where there is no such object, IntegrityFault where its inventories are damaged.
    """
    root = object_root(object_id)
    content = get_if_there(archive.objects, f"{root}/{INVENTORY}")
    beside = get_if_there(archive.objects, f"{root}/{SIDECAR}")
    if content is None or not sidecar_matches(content, beside):
        archive.repair(object_id)
        content = get_if_there(archive.objects, f"{root}/{INVENTORY}")
        if content is None:
            raise NotFound(f"Kho lưu trữ không có đối tượng {object_id}.")
    return Newest(parse_inventory(content, object_id), digest_of((content,), DIGEST), root)


def read_paper(here: House, row: RowMapping, name: str) -> bytes:
    """A file of an archived paper (its registry row), as of the commit that the registry recorded.

    NotFound where it has none, IntegrityFault where it is damaged.
    """
    recorded = row["archive_digest"]
    return here.archive.read(paper_object_id(row["id"]), name, recorded=recorded)


def fetch_paper(here: House, row: RowMapping, name: str, target: Path) -> None:
    """The same into a file, which appears whole or not at all."""
    recorded = row["archive_digest"]
    here.archive.fetch(paper_object_id(row["id"]), name, target, recorded=recorded)

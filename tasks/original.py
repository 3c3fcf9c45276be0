"""The bytes of a scan as they were received, for whoever may look at them, wherever they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import RowMapping

from domain.errors import NotFound, Undecided
from domain.identity import scan_object_id
from domain.secrecy import SECRET
from storage.registry import audit, scans
from storage.streams import checked
from tasks.house import House, house
from tasks.objects import newest
from tasks.received import received

_ANYTHING = "application/octet-stream"


class Original(NamedTuple):
    """A scan's own bytes; a reader that comes to the end without an error has the whole."""

    name: str
    media_type: str
    content: Iterator[bytes]


def original(scan_id: str, viewer: str) -> Original:
    """What was uploaded; `viewer` is kept in the audit chain.

    Undecided for a scan with a mark of secrecy: nobody sees that here. NotFound where there is
    no such scan or its bytes are nowhere.
    """
    here = house()
    with here.registry.read() as db:
        row = scans.scan(db, scan_id)
    if row["reason"] == SECRET:
        raise Undecided(
            "Bản quét này có dấu mật nên không xem được ở đây: làm theo quy định về tài liệu mật."
        )
    content = _bytes(here, row)
    with here.registry.begin() as db:
        audit.append(db, "scan:viewed", scan_id, actor=viewer, at=here.now())
    return Original(row["name"], row["media_type"] or _ANYTHING, content)


def _bytes(here: House, row: RowMapping) -> Iterator[bytes]:
    """From the shelf, from where an upload waits, or from where it was archived."""
    found = received(here, row)
    if found is not None:
        return found
    inventory, _, root = newest(here.archive, scan_object_id(row["id"]))
    for digest, paths in inventory.at().state.items():
        if any(path.startswith("original") for path in paths):
            place = f"{root}/{inventory.manifest[digest][0]}"
            return checked(here.archive.objects.chunks(place), digest, of=place, algorithm="sha512")
    raise NotFound("Kho lưu trữ không có tệp gốc của bản quét này. Kiểm tra: sohoa verify.")

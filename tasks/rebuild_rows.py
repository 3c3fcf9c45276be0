"""What an archive object's record says, as rows of the registry (`tasks.rebuild`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from domain.identity import scan_object_id
from domain.states import PaperState
from signing.levels import reaches
from signing.outlook import Outlook
from storage.ocfl_inventory import Inventory
from tasks.describe import searchable
from tasks.house import House
from tasks.levels import wanted_for
from tasks.versions import described

SCAN = scan_object_id("")
"""What the ids of scans' objects begin with."""


class Found(NamedTuple):
    """One archive object: its inventory and what its record says."""

    object_id: str
    inventory: Inventory
    digest: str
    """Of the root inventory."""
    record: dict[str, Any]
    sha256: str | None
    """Of the newest paper, where the record does not say."""
    proven: Outlook | None
    """How long the file proves itself, where the record does not say."""


def scan_row(record: dict[str, Any]) -> dict[str, Any]:
    """Of a scan, from its `scan.json`."""
    return {
        "id": record["sha256"],
        "lot_id": record["lot"],
        "name": record["name"],
        "key": record.get("key") or f"{record['lot']}/{record['name']}",
        "size_bytes": record["size_bytes"],
        "facts": record.get("facts") or {"name": record["name"]},
        "kind": record["kind"],
        "media_type": record["media_type"],
        "pages": record["pages"],
        "received_at": datetime.fromisoformat(record["received_at"]),
    }


def paper_row(here: House, one: Found) -> dict[str, Any]:
    """Of a paper, from its newest `record.json`."""
    record, index = one.record, one.record["index"]
    description = described(record)
    return {
        "id": record["id"],
        "scan_id": record["scan"].removeprefix(SCAN),
        "split": index["split"],
        "position": index["position"],
        "pages": record["pages"],
        "state": PaperState(record.get("state") or PaperState.ARCHIVED),
        "unit": record["unit"],
        "dossier": record["dossier"],
        "composed": index["composed"],
        "officer_signed": index["officer_signed"],
        "officer_signed_at": _time(index["officer_signed_at"]),
        "signed": index["signed"],
        "signed_at": _time(index["signed_at"]),
        "detached": index["detached"],
        "description": description.model_dump(mode="json"),
        **searchable(here, description),
        "code": record["code"],
        "result_code": record["result_code"],
        "replaced_by": record.get("replaced_by"),
        "archive_version": one.inventory.version,
        "archive_digest": one.digest,
        "archived_at": _time(record["archived_at"]),
        "created_at": _time(index["created_at"]),
        "updated_at": _time(one.inventory.at().created),
    }


def protection(here: House, one: Found) -> dict[str, Any] | None:
    """How long the newest file proves itself; None where nothing in it can be renewed."""
    found = dict(one.record.get("protection") or {})
    if one.proven is not None:  # a record from before it said these
        found = {
            "level": "B-B",
            "wanted": wanted_for(here, one.record.get("type")),
            "shortfall": None,
            **found,
            "until": one.proven.until.isoformat(),
            "algorithms": one.proven.algorithms,
        }
    if "until" not in found:  # nothing in the file can be renewed
        return None
    return {
        "level": found["level"],
        "wanted": found["wanted"],
        "shortfall": found["shortfall"],
        "until": _time(found["until"]),
        "algorithms": found["algorithms"],
        "sha256": one.sha256 or one.record["index"]["signed"],
        # After a renewal what is still lacking cannot be had any more: tasks/renewal.py.
        "behind": one.inventory.version == 1 and not reaches(found["level"], found["wanted"]),
        "updated_at": _time(one.inventory.at().created),
    }


def copy_row(one: Found) -> dict[str, Any]:
    """Of a certified copy, from its record."""
    record = one.record
    made = _time(one.inventory.versions["v1"].created)
    return {
        "id": record["id"],
        "source_id": record["source"].rpartition(":")[2],
        "number": record["register_number"],
        "certifier": record["certifier"],
        "words": record["words"],
        "requested_at": made,
        "signed": one.sha256,
        "archive_version": one.inventory.version,
        "archive_digest": one.digest,
        "archived_at": made,
    }


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

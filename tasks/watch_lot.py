"""How far a lot is, for a progress bar; and whose it is."""

from __future__ import annotations

from domain.states import PaperState, ScanState
from storage.registry import papers, uploads
from tasks.house import house


def lot_counts(lot: str) -> tuple[int, int, int]:
    """Uploads finished or waiting for a person, all uploads, and papers archived so far."""
    with house().registry.read() as db:
        rows = uploads.uploads_of(db, None, lot)
        listed = papers.listed(db, scan_ids={row["scan_id"] for row in rows})
    finished = sum(row["duplicate"] or row["state"] != ScanState.RECEIVED for row in rows)
    return finished, len(rows), sum(row["state"] == PaperState.ARCHIVED for row in listed)


def unit_of(lot: str) -> str | None:
    """The unit that the lot's manifest names, or the installation's; None where neither does."""
    here = house()
    with here.registry.read() as db:
        return uploads.lot_manifest(db, lot).unit or here.settings.unit

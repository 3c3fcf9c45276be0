"""Locks and legal holds of an archive object, set in the stores as the registry says they must be.

A store locks and holds version by version: whatever wrote a version and was killed behind it, or
put a file back, leaves something that only this makes good.
"""

from __future__ import annotations

from domain.identity import paper_object_id, scan_object_id
from storage.registry import lifecycle
from tasks.holding import hold_object
from tasks.house import House
from tasks.retention import extend_locks, lock_end

_SCAN, _PAPER = scan_object_id(""), paper_object_id("")


def protect(here: House, object_id: str) -> None:
    """Lock and hold all that is stored of an archive object; repeating it changes nothing.

    Locks last as long as the papers that the object holds or is the scan of, by the retention
    class of their types; a certified copy is locked as a paper of its source's type. Nothing is
    ever unlocked or let go here.
    """
    with here.registry.read() as db:
        if object_id.startswith(_SCAN):
            scan_id = object_id.removeprefix(_SCAN)
            bound = lifecycle.archived_of_scan(db, scan_id)
            held = lifecycle.scan_is_held(db, scan_id)
        else:
            paper_id = object_id.removeprefix(_PAPER)
            bound = lifecycle.archived_as(db, paper_id)
            held = lifecycle.hold_of(db, paper_id) is not None
    ends = [lock_end(here, [one.type_id], one.since) for one in bound]
    extend_locks(here, object_id, max((end for end in ends if end), default=None))
    if held:
        hold_object(here, object_id, on=True)

"""Legal hold (lưu giữ theo yêu cầu pháp lý): what is held is not disposed of, whatever its term.

The registry holds first and lets go last, so that a kill in between leaves more held, never less.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from domain.errors import Undecided
from domain.identity import paper_object_id, scan_object_id
from domain.states import PAPER_STATE_NAMES, PaperState
from storage.ocfl_layout import object_root
from storage.registry import audit, lifecycle
from tasks.house import House, house
from tasks.shelf import paper_row

_LONGEST = 200


class Hold(BaseModel):
    """What `sohoa hold` came to."""

    model_config = ConfigDict(frozen=True)

    paper: str
    held: bool
    changed: bool
    """Whether it was otherwise before."""


def person(name: str) -> str:
    """The name as it goes into the audit; Undecided for none."""
    told = " ".join(name.split())[:_LONGEST]
    if not told or not told.isprintable():
        raise Undecided("Phải ghi họ tên người làm (--by).")
    return told


def said(reason: str) -> str:
    """The reason in one line; Undecided for none."""
    told = " ".join(reason.split())
    if not told:
        raise Undecided("Phải nêu lý do (--reason).")
    return told


def hold(handle: str, *, by: str, reason: str) -> Hold:
    """Put an archived paper and its scan under legal hold, here and in every store that can.

    Undecided where the paper is not archived; quiet, and set again everywhere, where it is held.
    """
    here = house()
    row = paper_row(handle)
    actor, why = person(by), said(reason)
    at = here.now()
    with here.registry.begin() as db:
        state = PaperState(lifecycle.lock(db, row["id"])["state"])
        if state not in lifecycle.ARCHIVED:
            told = PAPER_STATE_NAMES[state]
            raise Undecided(f"Chỉ lưu giữ được giấy tờ đã lưu trữ; giấy tờ này {told}.")
        new = lifecycle.place_hold(db, row["id"], reason=why, by=actor, at=at)
        if new:
            audit.append(db, "held", row["id"], actor=actor, at=at, reason=why)
    for object_id in (paper_object_id(row["id"]), scan_object_id(row["scan_id"])):
        hold_object(here, object_id, on=True)
    return Hold(paper=row["id"], held=True, changed=new)


def let_go(handle: str, *, by: str, reason: str) -> Hold:
    """Lift the hold of a paper; its scan stays held while another paper of it is."""
    here = house()
    row = paper_row(handle)
    actor, why = person(by), said(reason)
    with here.registry.read() as db:
        if lifecycle.hold_of(db, row["id"]) is None:
            return Hold(paper=row["id"], held=False, changed=False)
    hold_object(here, paper_object_id(row["id"]), on=False)
    at = here.now()
    with here.registry.begin() as db:
        changed = lifecycle.lift_hold(db, row["id"])
        if changed:
            audit.append(db, "let_go", row["id"], actor=actor, at=at, reason=why)
        scan_held = lifecycle.scan_is_held(db, row["scan_id"])
    if not scan_held:
        hold_object(here, scan_object_id(row["scan_id"]), on=False)
    return Hold(paper=row["id"], held=False, changed=changed)


def hold_object(here: House, object_id: str, *, on: bool) -> None:
    """Hold, or let go, every version of all that is stored of an archive object, copies too."""
    root = object_root(object_id)
    for store in {here.settings.store("archive"), here.settings.copy_to} - {None}:
        if store is not None:
            for key in list(store.keys(f"{root}/")):
                store.hold(key, on=on)

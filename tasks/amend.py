"""Correct an archived paper (đính chính) or take it out of use (thu hồi, thay thế).

Each is a next version of its archive object with another record; nothing is deleted, and every
earlier version can still be read. The signed file stays byte for byte as it is: a paper whose
file must change is scanned, signed and archived anew, and replaces the old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.errors import Undecided
from domain.identity import paper_object_id
from domain.record import Description
from domain.states import PAPER_STATE_NAMES, PaperState
from storage.ocfl import Committed
from storage.registry import audit, papers
from tasks.assign_codes import new_code
from tasks.claims import claimed
from tasks.describe import searchable
from tasks.holding import person, said
from tasks.house import House, house
from tasks.retention import extend_locks, lock_end
from tasks.review import changed_fields, decision_on
from tasks.shelf import paper_row
from tasks.versions import (
    Newest,
    Record,
    catch_up,
    commit_next,
    described,
    enter_version,
    newest_files,
    tell,
)


class Amended(BaseModel):
    """An archived paper after a new version; values of fields are not told."""

    model_config = ConfigDict(frozen=True)

    paper: str
    version: int
    state: PaperState
    code: str
    """Masked."""
    changed: tuple[str, ...] = ()
    """Names of the fields whose values are others now."""


def correct(
    handle: str,
    corrections: Mapping[str, str | None],
    *,
    by: str,
    reason: str,
    recode: bool = False,
) -> Amended:
    """Make a version with corrected metadata; the code stays, or (`recode`) a new one is linked.

    Both codes then find the paper. Undecided where the paper is not archived, a value cannot be
    right, nothing would change, or the corrected paper would repeat another one. LeaseLost and
    AlreadyExists where another process is at it.
    """
    here = house()
    actor, why = person(by), said(reason)
    row = _archived(handle)
    with claimed(row["scan_id"], row["id"]) as claim, here.scratch() as folder:
        row, found, late = _current(here, row["id"], folder)
        _refuse_unless_archived(row)
        record, at = found.record, here.now()
        before = described(record)
        after = decision_on(here, before, corrections)
        changed = changed_fields(before, after)
        if after.type.id != before.type.id:
            changed = ("type", *changed)
        if late and not changed and _is_last_word(found, recode=recode):  # of this call, killed
            return _amended(here, row, record, late, tuple(record["corrections"][-1]["fields"]))
        if not changed and not recode:
            raise Undecided("Không có gì thay đổi: nêu trường cần sửa (--set) hoặc --new-code.")
        _refuse_repeat(here, row, after)
        record |= {
            "type": after.type.model_dump(mode="json"),
            "fields": after.model_dump(mode="json")["fields"],
            "details": after.model_dump(mode="json")["details"],
        }
        if recode:
            record["former_codes"] = [*record.get("former_codes", ()), record["code"]]
            with here.registry.begin() as db:
                record["code"] = new_code(here, db, after)
        told = {"at": at.isoformat(timespec="seconds"), "by": actor, "reason": why}
        version = found.version + 1
        record["corrections"] = [
            *record.get("corrections", ()),
            {"version": version, **told, "fields": list(changed), "recoded": recode},
        ]
        tell(found, record, "corrected", by=actor, at=at, fields=list(changed), reason=why)
        message = f"Đính chính: {why}"[:300]
        committed = commit_next(
            here, claim, row, found, type_id=after.type.id, message=message, by=actor
        )
        if after.type.id != before.type.id:  # the other type's papers may be locked longer
            until = lock_end(here, [after.type.id], row["archived_at"])
            extend_locks(here, paper_object_id(row["id"]), until)
        enter = enter_version(here, row, record, committed, at=at)
        with here.registry.begin() as db:
            enter(db)
            papers.add_review(
                db,
                row["id"],
                decision="correct",
                reviewer=actor[:120],
                reason=why,
                before=before.model_dump(mode="json"),
                after=after.model_dump(mode="json"),
                at=at,
            )
            audit.append(
                db,
                "corrected",
                row["id"],
                actor=actor,
                at=at,
                version=committed.version,
                sha512=committed.inventory_sha512,
                fields=list(changed),
                recoded=recode,
            )
    return _amended(here, row, record, committed, changed)


def withdraw(handle: str, *, by: str, reason: str, replaced_by: str | None = None) -> Amended:
    """Take an archived paper out of use; it stays in the archive and counts no more.

    With `replaced_by`, an archived paper's id or code, it is superseded by that one. Undecided
    where a paper is not archived, or would replace itself.
    """
    here = house()
    actor, why = person(by), said(reason)
    row = _archived(handle)
    successor = _archived(replaced_by)["id"] if replaced_by else None
    if successor == row["id"]:
        raise Undecided("Giấy tờ không thể thay thế chính nó: nêu giấy tờ khác.")
    state = PaperState.SUPERSEDED if successor else PaperState.WITHDRAWN
    with claimed(row["scan_id"], row["id"]) as claim, here.scratch() as folder:
        row, found, late = _current(here, row["id"], folder)
        record, at = found.record, here.now()
        if late and record.get("state") == state and record["replaced_by"] == successor:
            return _amended(here, row, record, late, ())  # by this call, killed
        _refuse_unless_archived(row)
        told = {"at": at.isoformat(timespec="seconds"), "by": actor, "reason": why}
        record |= {"state": str(state), "replaced_by": successor, "withdrawal": told}
        tell(found, record, str(state), by=actor, at=at, reason=why, replaced_by=successor)
        message = f"{PAPER_STATE_NAMES[state].capitalize()}: {why}"[:300]
        committed = commit_next(
            here, claim, row, found, type_id=row["type_id"], message=message, by=actor
        )
        _take_out(here, row, record, committed, actor=actor, at=at)
    return _amended(here, row, record, committed, ())


def _take_out(
    here: House, row: RowMapping, record: Record, committed: Committed, *, actor: str, at: datetime
) -> None:
    enter = enter_version(here, row, record, committed, at=at)
    with here.registry.begin() as db:
        enter(db)
        audit.append(
            db,
            str(record["state"]),
            row["id"],
            actor=actor,
            at=at,
            version=committed.version,
            sha512=committed.inventory_sha512,
            by=record["replaced_by"],
        )


def _archived(handle: str) -> RowMapping:
    row = paper_row(handle)
    _refuse_unless_archived(row)
    return row


def _refuse_unless_archived(row: RowMapping) -> None:
    if row["state"] != PaperState.ARCHIVED:
        state = PAPER_STATE_NAMES[PaperState(row["state"])]
        raise Undecided(f"Chỉ làm được với giấy tờ đã lưu trữ; giấy tờ này {state}.")


def _current(
    here: House, paper_id: str, folder: Path
) -> tuple[RowMapping, Newest, Committed | None]:
    """Row and newest files; what a killed run committed is entered first, and comes back."""
    with here.registry.read() as db:
        row = papers.paper(db, paper_id)
    found = newest_files(here, paper_id, folder)
    late = catch_up(here, row, found, at=here.now())
    with here.registry.read() as db:
        return papers.paper(db, paper_id), found, late


def _is_last_word(found: Newest, *, recode: bool) -> bool:
    """Whether the newest version is a correction of this kind."""
    if not found.events or found.events[-1]["eventType"] != "corrected":
        return False
    return bool(found.record["corrections"][-1]["recoded"]) == recode


def _refuse_repeat(here: House, row: RowMapping, after: Description) -> None:
    likeness = searchable(here, after)["likeness"]
    with here.registry.read() as db:
        other = papers.alike(db, likeness)
    if other not in {None, row["id"]}:
        raise Undecided(
            f"Sửa như vậy thì giấy tờ này trùng với giấy tờ {other} đã có trong sổ: kiểm tra lại, "
            "hoặc thu hồi một trong hai (sohoa withdraw)."
        )


def _amended(
    here: House, row: RowMapping, record: Record, committed: Committed, changed: tuple[str, ...]
) -> Amended:
    return Amended(
        paper=row["id"],
        version=committed.version,
        state=PaperState(record.get("state") or PaperState.ARCHIVED),
        code=here.codes.masked(record["code"]),
        changed=changed,
    )

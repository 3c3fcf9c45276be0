"""A next version of an archived paper: its files as they are, changed, committed, entered.

What the archive holds decides. A run that was killed between its commit and the registry is made
good by the next one, from the record alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping

from domain.claims import Claim
from domain.errors import IntegrityFault
from domain.identity import paper_object_id
from domain.record import FIELD_NAMES, Description
from domain.states import PaperState
from storage.ocfl import Committed
from storage.registry import audit, lifecycle, papers
from tasks.archive import fence_of
from tasks.describe import searchable
from tasks.holding import hold_object
from tasks.house import House
from tasks.objects import newest
from tasks.protecting import protect
from tasks.records import EVENTS_SCHEMA
from tasks.retention import extend_locks, lock_end

Record = dict[str, Any]


class Newest(NamedTuple):
    """The newest version of a paper's archive object, brought into a folder."""

    version: int
    files: dict[str, Path]

    @property
    def record(self) -> Record:
        """What `record.json` says."""
        record: Record = json.loads(self.files["record.json"].read_bytes())
        return record

    @property
    def events(self) -> list[Record]:
        """What `events.json` tells, the oldest first; nothing where there is none."""
        told = self.files.get("events.json")
        events: list[Record] = json.loads(told.read_bytes())["events"] if told else []
        return events


def newest_files(here: House, paper_id: str, folder: Path) -> Newest:
    """The number of the newest version and its files, each compared with its digest."""
    object_id = paper_object_id(paper_id)
    inventory = here.archive.inventory(object_id)
    if inventory is None:
        raise IntegrityFault(f"Kho lưu trữ không có giấy tờ {paper_id}; báo quản trị viên.")
    files = {name: folder / name for name in inventory.at().paths}
    for name, local in files.items():
        here.archive.fetch(object_id, name, local)
    return Newest(inventory.version, files)


def tell(
    found: Newest, record: Record, event: str, *, by: str, at: datetime, **detail: Any
) -> None:
    """Write the record and one more event (PREMIS 3 terms) into the files of the next version."""
    before = found.events
    found.files.setdefault("events.json", found.files["record.json"].with_name("events"))
    outcome = detail.pop("outcome", "success")
    now = {
        "eventIdentifier": f"v{found.version + 1}",
        "eventType": event,
        "eventDateTime": at.isoformat(),
        "linkingAgent": by,
        "linkingObject": record["id"],
        "eventOutcome": outcome,
        "eventDetail": detail,
    }
    events = {"schema": EVENTS_SCHEMA, "events": [*before, now]}
    for name, value in (("record.json", record), ("events.json", events)):
        text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
        found.files[name].write_text(text, encoding="utf-8")


def commit_next(
    here: House,
    claim: Claim,
    row: RowMapping,
    found: Newest,
    *,
    type_id: str | None,
    message: str,
    by: str,
) -> Committed:
    """Commit the files as the version after the one that was found, behind the claim's fence.

    It is locked as long as papers of `type_id`; what is held is held in the new version too.
    """
    committed = here.archive.commit(
        paper_object_id(row["id"]),
        found.files,
        created=here.now(),
        message=message,
        user_name=by,
        user_address="urn:sohoa",
        expect_head=found.version,
        lock_until=lock_end(here, [type_id], row["archived_at"]),
        fence=fence_of(here, claim),
    )
    with here.registry.read() as db:
        held = lifecycle.hold_of(db, row["id"]) is not None
    if held:  # a hold is set version by version
        hold_object(here, paper_object_id(row["id"]), on=True)
    return committed


def enter_version(
    here: House, row: RowMapping, record: Record, committed: Committed, *, at: datetime
) -> Callable[[Connection], None]:
    """What brings the registry's row up to the archived record, for a transaction.

    A paper in use lays claim to its likeness, so that a new scan of it is a repetition.
    """
    description = described(record)
    values: dict[str, Any] = {
        "state": PaperState(record.get("state") or PaperState.ARCHIVED),
        "code": record["code"],
        "replaced_by": record.get("replaced_by"),
        "description": description.model_dump(mode="json"),
        **searchable(here, description),
        "archive_version": committed.version,
        "archive_digest": committed.inventory_sha512,
    }

    def enter(db: Connection) -> None:
        lifecycle.amend(db, row["id"], values, at=at)
        papers.release_likeness(db, row["id"])
        if values["state"] is PaperState.ARCHIVED:
            papers.first_alike(db, values["likeness"], row["id"])
        for code in record.get("former_codes", ()):
            lifecycle.keep_code(db, row["id"], code)

    return enter


def catch_up(here: House, row: RowMapping, found: Newest, *, at: datetime) -> Committed | None:
    """Enter a version that a run committed and was killed; None where the registry has it.

    What that run would have protected is protected, and what it would have written into reviews
    and audit is written from the version's last event.
    """
    if found.version == row["archive_version"]:
        return None
    if not found.events:
        raise IntegrityFault(f"Phiên bản mới nhất của giấy tờ {row['id']} không kể việc đã làm.")
    protect(here, paper_object_id(row["id"]))
    until = lock_end(here, [found.record["type"]["id"]], row["archived_at"])
    extend_locks(here, paper_object_id(row["id"]), until)  # it may be of another type now
    stored = newest(here.archive, paper_object_id(row["id"]))
    committed = Committed(
        object_id=stored.inventory.id,
        version=stored.inventory.version,
        inventory_sha512=stored.digest,
    )
    enter = enter_version(here, row, found.record, committed, at=at)
    last = found.events[-1]
    with here.registry.begin() as db:
        enter(db)
        if last["eventType"] == "corrected":
            told = found.record["corrections"][-1]
            papers.add_review(
                db,
                row["id"],
                decision="correct",
                reviewer=told["by"][:120],
                reason=told["reason"],
                before=row["description"],
                after=described(found.record).model_dump(mode="json"),
                at=at,
            )
        audit.append(
            db,
            last["eventType"],
            row["id"],
            actor=last["linkingAgent"],
            at=at,
            version=committed.version,
            sha512=committed.inventory_sha512,
            entered_late=True,
        )
    return committed


def described(record: Record) -> Description:
    """Type and fields as an archived record gives them, in the order of forms."""
    fields = {name: record["fields"][name] for name in FIELD_NAMES}
    return Description.model_validate(
        {"type": record["type"], "fields": fields, "details": record["details"]}
    )

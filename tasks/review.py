"""A person's decision on a paper in review: accept with corrections, or reject."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, update

from domain.claims import Claim
from domain.decide import redescribe
from domain.describe import OWN_KEY
from domain.errors import Undecided
from domain.record import FIELD_LABELS, FIELD_NAMES, Description
from domain.review import Duplicate, Purpose
from domain.states import FINAL_PAPER_STATES, PaperState, ScanState
from storage.registry import audit, claims, papers, review, scans
from storage.registry.schema import papers as papers_table
from tasks.describe import searchable
from tasks.house import House, house
from tasks.open_pages import fetch_original
from tasks.received import shelf_key
from tasks.step import step

_DOSSIER = re.compile(r"[\w.][\w./-]{0,79}")


@step("accept")
def accept(
    claim: Claim,
    paper_id: str,
    corrections: Mapping[str, str | None],
    *,
    reviewer: str,
    reason: str | None = None,
    duplicate: Duplicate | None = None,
    unit: str | None = None,
    dossier: str | None = None,
) -> tuple[str, ...]:
    """Take a paper out of review with a person's values; its id, ready for `finish`.

    Corrected values are checked like read ones; Undecided says what is wrong. `duplicate` says
    what to do with a paper that looks like an earlier one; `unit` and `dossier` correct what came
    with the scan. The reviewer, the values before and after and the reason are kept for ever.
    """
    here = house()
    with here.registry.read() as db:
        row = _waiting(papers.paper(db, paper_id))
    after = decided(here, row, corrections)
    place = _place(here, unit, dossier)
    with here.registry.begin() as db:
        claims.hold(db, claim)
        row = _waiting(papers.paper(db, paper_id))  # decided meanwhile on the other way in
        facts = searchable(here, after)
        at = here.now()
        _settle_duplicate(db, paper_id, facts["likeness"], duplicate, actor=reviewer, at=at)
        db.execute(
            update(papers_table)
            .where(papers_table.c.id == paper_id)
            .values(description=after.model_dump(mode="json"), **facts, **place)
        )
        papers.move(db, paper_id, PaperState.OFFICER_SIGNED, at=at)
        # A run that is killed from here on is taken up by the next one.
        scans.record(db, claim, state=ScanState.RECEIVED)
        _keep_decision(here, db, row, "accept", reviewer, reason, after, place)
    return (paper_id,)


def decided(here: House, row: RowMapping, corrections: Mapping[str, str | None]) -> Description:
    """The description of a paper in review as the person says it is; see `decision_on`."""
    before = Description.model_validate(row["description"])
    return decision_on(here, before, corrections)


def decision_on(
    here: House, before: Description, corrections: Mapping[str, str | None]
) -> Description:
    """The description as the person says it is; Undecided where it cannot be right.

    A field that the type requires is either given, or said not to be on the paper (None).
    """
    after = redescribe(before, corrections, here.catalogue, today=here.today())
    entry = here.catalogue.type(after.type.id)
    missing = [
        FIELD_LABELS[name]
        for name in (entry.required if entry else ())
        if after.value(name) is None and name not in corrections
    ]
    if after.type.id == before.type.id:  # the own fields of another type were not asked for
        missing += [
            field.label
            for field in (entry.fields if entry else ())
            if field.required
            and _own(after, field.id) is None
            and OWN_KEY + field.id not in corrections
        ]
    if missing:
        raise Undecided(
            f"{', '.join(missing)}: loại giấy tờ này phải có mà còn trống; nhập giá trị, "
            "hoặc ghi rõ là giấy tờ không có."
        )
    return after


def changed_fields(before: Description, after: Description) -> tuple[str, ...]:
    """The names of the fields whose values differ, an own field's with its prefix."""
    own = {**before.details, **after.details}
    return (
        *(name for name in FIELD_NAMES if after.value(name) != before.value(name)),
        *(OWN_KEY + name for name in own if _own(after, name) != _own(before, name)),
    )


def _own(description: Description, name: str) -> str | None:
    field = description.details.get(name)
    return field.value if field else None


def _place(here: House, unit: str | None, dossier: str | None) -> dict[str, str]:
    if unit is not None and here.catalogue.unit(unit) is None:
        raise Undecided(f"đơn vị: «{unit}» không có trong danh mục; chọn đơn vị khác.")
    if dossier is not None and not _DOSSIER.fullmatch(dossier):
        raise Undecided("mã hồ sơ: chỉ gồm chữ, số và các dấu . / - (đến 80 ký tự).")
    return {
        name: value for name, value in (("unit", unit), ("dossier", dossier)) if value is not None
    }


def _settle_duplicate(
    db: Connection,
    paper_id: str,
    likeness: str,
    duplicate: Duplicate | None,
    *,
    actor: str,
    at: datetime,
) -> None:
    first = papers.first_alike(db, likeness, paper_id)
    if first == paper_id or duplicate is Duplicate.SEPARATE:
        return
    if duplicate is None:
        raise Undecided(
            f"Giấy tờ này trùng với giấy tờ {first} đã có trong sổ. Loại bỏ (--reject), "
            "hoặc xác nhận là giấy khác (--separate)."
        )
    older = papers.paper(db, first)
    if older["package"] or older["state"] in FINAL_PAPER_STATES:
        raise Undecided(
            f"Giấy tờ {first} đã lưu trữ nên không thay được ở đây: mã đã cấp có hiệu lực. "
            "Loại bản này, hoặc xác nhận là giấy khác."
        )
    papers.move(db, first, PaperState.SUPERSEDED, at=at)
    papers.release_likeness(db, first)
    papers.first_alike(db, likeness, paper_id)
    audit.append(db, "superseded", first, actor=actor, at=at, by=paper_id)


@step("reject")
def reject(
    claim: Claim, paper_id: str, *, reviewer: str, reason: str, rescan: bool = False
) -> None:
    """Close a paper in review without archiving it; the scan's bytes stay in quarantine.

    `rescan` says that a better scan will come; it supersedes this one.
    """
    here = house()
    if not reason.strip():
        raise Undecided("Loại một giấy tờ hoặc cho quét lại thì phải nêu lý do.")
    with here.registry.read() as db:
        row = _waiting(papers.paper(db, paper_id))
        scan = scans.scan(db, claim.scan_id)
    with here.scratch() as folder:
        original = fetch_original(here, claim.scan_id, scan["key"], folder)
        here.quarantine.put(shelf_key(claim.scan_id), original)
    with here.registry.begin() as db:
        claims.hold(db, claim)
        row = _waiting(papers.paper(db, paper_id))
        papers.move(db, paper_id, PaperState.REJECTED, at=here.now())
        papers.release_likeness(db, paper_id)
        # A run that is killed from here on is taken up by the next one.
        scans.record(db, claim, state=ScanState.RECEIVED)
        decision = "rescan" if rescan else "reject"
        _keep_decision(here, db, row, decision, reviewer, reason, None, {})


def _waiting(row: RowMapping) -> RowMapping:
    if row["state"] != PaperState.IN_REVIEW:
        raise Undecided(
            "Giấy tờ này không còn chờ duyệt (có thể người khác vừa quyết định). "
            "Xem lại: sohoa review list."
        )
    return row


def _keep_decision(
    here: House,
    db: Connection,
    row: RowMapping,
    decision: str,
    reviewer: str,
    reason: str | None,
    after: Description | None,
    place: Mapping[str, str],
) -> None:
    at = here.now()
    papers.add_review(
        db,
        row["id"],
        decision=decision,
        reviewer=reviewer,
        reason=reason,
        before=row["description"],
        after=after.model_dump(mode="json") if after else None,
        at=at,
    )
    review.close_task(db, row["id"], Purpose.DOUBT, decision=decision, at=at)
    before = Description.model_validate(row["description"])
    changed = [*changed_fields(before, after)] if after else []
    changed += [name for name, value in place.items() if row[name] != value]
    audit.append(db, f"review:{decision}", row["id"], actor=reviewer, at=at, changed=changed)

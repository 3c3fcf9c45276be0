"""A person's decision on a paper in review: accept with corrections, or reject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, update

from domain.claims import Claim
from domain.describe import redescribe
from domain.errors import Undecided
from domain.record import Description
from domain.states import PaperState, ScanState
from storage.registry import audit, papers, scans
from storage.registry.schema import papers as papers_table
from tasks.describe import searchable
from tasks.house import House, house
from tasks.step import step


@step("accept")
def accept(
    claim: Claim,
    paper_id: str,
    corrections: Mapping[str, str | None],
    *,
    reviewer: str,
    reason: str | None = None,
    separate: bool = False,
) -> tuple[str, ...]:
    """Take a paper out of review with a person's values; its id, ready for `finish`.

    Corrected values are checked like read ones; Undecided says what is wrong. `separate` confirms
    that a paper which looks like an earlier one is another paper. The reviewer, the values before
    and after and the reason are kept for ever.
    """
    here = house()
    with here.registry.read() as db:
        row = _waiting(papers.paper(db, paper_id))
    before = Description.model_validate(row["description"])
    after = redescribe(before, corrections, here.catalogue, today=here.today())
    with here.registry.begin() as db:
        scans.hold(db, claim)
        facts = searchable(here, after)
        first = papers.first_alike(db, facts["likeness"], paper_id)
        if first != paper_id and not separate:
            raise Undecided(
                f"Giấy tờ này trùng với giấy tờ {first} đã có trong sổ. Loại bỏ (--reject), "
                "hoặc xác nhận là giấy khác (--separate)."
            )
        at = here.now()
        db.execute(
            update(papers_table)
            .where(papers_table.c.id == paper_id)
            .values(description=after.model_dump(mode="json"), **facts)
        )
        papers.move(db, paper_id, PaperState.OFFICER_SIGNED, at=at)
        # A run that is killed from here on is taken up by the next one.
        scans.record(db, claim, state=ScanState.RECEIVED)
        _keep_decision(here, db, row, "accept", reviewer, reason, after)
    return (paper_id,)


@step("reject")
def reject(claim: Claim, paper_id: str, *, reviewer: str, reason: str) -> None:
    """Close a paper in review without archiving it; the scan's bytes stay in quarantine."""
    here = house()
    with here.registry.read() as db:
        row = _waiting(papers.paper(db, paper_id))
        scan = scans.scan(db, claim.scan_id)
    with here.scratch() as folder:
        here.intake.fetch(scan["key"], folder / "original")
        here.quarantine.put(f"{claim.scan_id}/original", folder / "original")
    with here.registry.begin() as db:
        scans.hold(db, claim)
        papers.move(db, paper_id, PaperState.REJECTED, at=here.now())
        papers.release_likeness(db, paper_id)
        # A run that is killed from here on is taken up by the next one.
        scans.record(db, claim, state=ScanState.RECEIVED)
        _keep_decision(here, db, row, "reject", reviewer, reason, None)


def _waiting(row: RowMapping) -> RowMapping:
    if row["state"] != PaperState.IN_REVIEW:
        raise Undecided(
            "Giấy tờ này không còn chờ duyệt (có thể người khác vừa quyết định). "
            "Xem lại: sohoa review list."
        )
    return row


def _keep_decision(
    here: House,
    db: Any,
    row: RowMapping,
    decision: str,
    reviewer: str,
    reason: str | None,
    after: Description | None,
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
    changed = [
        name
        for name, field in (after.fields if after else {}).items()
        if field.value != row["description"]["fields"][name]["value"]
    ]
    audit.append(db, f"review:{decision}", row["id"], actor=reviewer, at=at, changed=changed)

"""What becomes of the answer to a sheet (phiếu duyệt): checked as a whole, then put in force."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.errors import LeaseLost, Undecided
from domain.record import Description
from domain.review import Decision, Purpose, Verdict, without_values
from storage.registry import audit, papers, review
from tasks.archive import register
from tasks.claims import claimed
from tasks.house import House, house
from tasks.review import accept, changed_fields, decided, reject

_OTHERS_SECONDS = 20
"""How long a scan that another run works on is waited for."""


class Settled(BaseModel):
    """What became of an answer."""

    model_config = ConfigDict(frozen=True)

    accepted: tuple[str, ...]
    """Ids of the papers that go on along the line."""
    faults: tuple[str, ...]
    """Why the form is shown again, in Vietnamese: field and rule, no value typed or read."""


def settle(verdicts: Sequence[Verdict], purpose: Purpose, reviewer: str) -> Settled:
    """Put the decisions in force, each in one transaction.

    The values of all papers are checked before the first decision is written; where one is wrong,
    none is. A paper that was decided meanwhile in another way keeps that decision.
    """
    here = house()
    rows = {verdict.paper_id: _row(here, verdict.paper_id) for verdict in verdicts}
    values = [*_typed(verdicts), *_read(rows.values())]
    faults = [without_values(fault, values) for fault in _faults(here, verdicts, rows)]
    accepted = []
    for verdict in () if faults else verdicts:
        row = rows[verdict.paper_id]
        try:
            if purpose is Purpose.SAMPLE:
                _keep_finding(here, verdict, row, reviewer)
            elif _decide(verdict, row["scan_id"], reviewer):
                accepted.append(verdict.paper_id)
        except (Undecided, LeaseLost) as fault:
            faults.append(without_values(str(fault), values))
    return Settled(accepted=tuple(accepted), faults=tuple(faults))


def _typed(verdicts: Iterable[Verdict]) -> Iterable[str | None]:
    for said in verdicts:
        yield from (said.unit, said.dossier, *said.corrections.values())
        yield from (" ".join(value.split()) for value in said.corrections.values() if value)


def _read(rows: Iterable[RowMapping]) -> Iterable[str | None]:
    for row in rows:
        read = Description.model_validate(row["description"])
        yield from (field.value for field in (*read.fields.values(), *read.details.values()))


def scans_of(paper_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Scan id → those of these papers that it holds."""
    here = house()
    found: dict[str, tuple[str, ...]] = {}
    for paper_id in paper_ids:
        scan_id = _row(here, paper_id)["scan_id"]
        found[scan_id] = (*found.get(scan_id, ()), paper_id)
    return found


def _row(here: House, paper_id: str) -> RowMapping:
    with here.registry.read() as db:
        return papers.paper(db, paper_id)


def _faults(
    here: House, verdicts: Sequence[Verdict], rows: Mapping[str, RowMapping]
) -> Iterable[str]:
    for place, verdict in enumerate(verdicts, start=1):
        which = f"giấy {place}: " if len(verdicts) > 1 else ""
        changes = bool(verdict.corrections or verdict.unit or verdict.dossier)
        if verdict.decision in {Decision.RESCAN, Decision.REJECT} and not verdict.reason:
            yield f"{which}«{verdict.decision}» thì phải nêu lý do"
        elif verdict.decision is Decision.CORRECT and not changes:
            yield f"{which}«sửa» thì phải nhập ít nhất một giá trị mới"
        elif verdict.decision is Decision.AGREE and changes:
            yield f"{which}đã nhập giá trị mới thì chọn «sửa», không chọn «đồng ý»"
        elif verdict.decision in {Decision.AGREE, Decision.CORRECT}:
            try:
                decided(here, rows[verdict.paper_id], verdict.corrections)
                if verdict.unit is not None and here.catalogue.unit(verdict.unit) is None:
                    yield f"{which}đơn vị «{verdict.unit}» không có trong danh mục"
            except Undecided as fault:
                yield f"{which}{fault}"


def _decide(verdict: Verdict, scan_id: str, reviewer: str) -> bool:
    """Whether the paper goes on. Waits a little for a scan that another run works on."""
    deadline = time.monotonic() + _OTHERS_SECONDS
    while True:
        try:
            with claimed(scan_id, verdict.paper_id) as claim:
                if verdict.decision in {Decision.RESCAN, Decision.REJECT}:
                    reject(
                        claim,
                        verdict.paper_id,
                        reviewer=reviewer,
                        reason=verdict.reason or "",
                        rescan=verdict.decision is Decision.RESCAN,
                    )
                    register(claim, ())
                    return False
                accept(
                    claim,
                    verdict.paper_id,
                    verdict.corrections,
                    reviewer=reviewer,
                    reason=verdict.reason,
                    duplicate=verdict.duplicate,
                    unit=verdict.unit,
                    dossier=verdict.dossier,
                )
                return True
        except LeaseLost:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _keep_finding(here: House, verdict: Verdict, row: RowMapping, reviewer: str) -> None:
    """What a person found on a paper of the sample; the archived paper stays as it is."""
    at = here.now()
    before = Description.model_validate(row["description"])
    after = None
    wrong: list[str] = []
    if verdict.decision in {Decision.RESCAN, Decision.REJECT}:
        wrong = [verdict.decision.value]
    elif verdict.decision is Decision.CORRECT:
        after = decided(here, row, verdict.corrections)
        wrong = list(changed_fields(before, after))
        wrong += ["type"] if after.type.id != before.type.id else []
        wrong += [
            name
            for name, value in (("unit", verdict.unit), ("dossier", verdict.dossier))
            if value is not None and value != row[name]
        ]
    with here.registry.begin() as db:
        if not review.close_task(
            db,
            verdict.paper_id,
            Purpose.SAMPLE,
            decision=verdict.decision.value,
            at=at,
            wrong=wrong,
        ):
            return
        papers.add_review(
            db,
            verdict.paper_id,
            decision="sample",
            reviewer=reviewer,
            reason=verdict.reason,
            before=row["description"],
            after=after.model_dump(mode="json") if after else None,
            at=at,
        )
        audit.append(db, "review:sample", verdict.paper_id, actor=reviewer, at=at, changed=wrong)

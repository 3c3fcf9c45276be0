"""Count: what became of the lot, and how far the plan is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from domain.masking import mask
from domain.period import period
from domain.plan import Plan
from domain.progress import Progress
from domain.record import Description
from domain.states import PAPER_STATE_NAMES, PaperState, ScanState
from domain.summary import LotSummary, PaperCounts, PaperLine, ScanCounts, SetAside
from storage.registry import papers, uploads
from tasks.house import House, house
from tasks.kept_counts import report_transaction
from tasks.plan_report import digitization
from tasks.step import step


@step("count")
def count(lot: str | None, handled: tuple[str, ...], started: datetime | None = None) -> LotSummary:
    """The summary of a lot, `handled` being the scans that this run worked on.

    Without a lot it covers the scans of this run. Every upload is counted once.
    """
    here = house()
    with report_transaction(here) as db:
        rows = uploads.uploads_of(db, None if lot else handled, lot)
        expected = uploads.lot_manifest(db, lot).files if lot else ()
        lines = _paper_lines(here, db, rows)
        progress_now = progress_of(here, db, here.plan, here.today().year)
    outcomes = {row["number"]: _outcome(row, handled) for row in rows}
    counts = Counter(outcomes.values())
    finished = [row for row in rows if outcomes[row["number"]] != ScanState.RECEIVED]
    unfinished = [row for row in rows if outcomes[row["number"]] == ScanState.RECEIVED]
    fresh = {
        row["scan_id"]
        for row in rows
        if outcomes[row["number"]] in {ScanState.DONE, ScanState.REVIEW}
    }
    names = {row["name"] for row in rows}
    shown = [line for scan_id, line in lines if scan_id in fresh]
    waiting = PAPER_STATE_NAMES[PaperState.IN_REVIEW]
    unsigned = PAPER_STATE_NAMES[PaperState.AWAITING_OFFICER]
    superseded = PAPER_STATE_NAMES[PaperState.SUPERSEDED]
    archived = PAPER_STATE_NAMES[PaperState.ARCHIVED]
    return LotSummary(
        lot=lot,
        scans=ScanCounts(
            total=len(finished),
            done=counts[ScanState.DONE],
            review=counts[ScanState.REVIEW],
            set_aside=counts[ScanState.SET_ASIDE],
            duplicate=counts["duplicate"],
            already=counts["already"],
        ),
        papers=PaperCounts(
            total=sum(line.state != superseded for line in shown),
            archived=sum(line.state == archived for line in shown),
            review=sum(line.state == waiting for line in shown),
            awaiting_officer=sum(line.state == unsigned for line in shown),
        ),
        set_aside=tuple(
            SetAside(
                id=row["scan_id"], scan=row["name"], reason=row["reason"], message=row["message"]
            )
            for row in rows
            if outcomes[row["number"]] == ScanState.SET_ASIDE
        ),
        missing=tuple(file.name for file in expected if file.name not in names),
        unfinished=tuple(row["name"] for row in unfinished),
        unfinished_scans=tuple(row["scan_id"] for row in unfinished),
        pages=sum(
            row["pages"] or 0 for row in rows if row["scan_id"] in handled and not row["duplicate"]
        ),
        seconds=round((here.now() - started).total_seconds(), 2) if started else 0.0,
        progress=progress_now,
        rows=tuple(line for _, line in lines),
    )


def _outcome(row: RowMapping, handled: Collection[str]) -> str:
    if row["duplicate"]:
        return "duplicate"
    if row["state"] == ScanState.DONE and row["scan_id"] not in handled:
        return "already"
    return str(row["state"])


def _paper_lines(
    here: House, db: Connection, uploads: list[RowMapping]
) -> list[tuple[str, PaperLine]]:
    names = {row["scan_id"]: row["name"] for row in reversed(uploads) if not row["duplicate"]}
    return [
        (row["scan_id"], paper_line(here, row, names.get(row["scan_id"], "")))
        for row in papers.listed(db, scan_ids=names)
    ]


def paper_line(here: House, row: RowMapping, scan_name: str) -> PaperLine:
    """A paper as a table shows it: owner and code masked."""
    description = Description.model_validate(row["description"]) if row["description"] else None
    state = PaperState(row["state"])
    return PaperLine(
        id=row["id"],
        scan_id=row["scan_id"],
        scan=scan_name,
        type=description.type.name if description else "",
        code=here.codes.masked(row["code"]) if row["code"] else "",
        owner=mask(description.value("owner_id")) if description else "",
        pages=len(row["pages"]),
        state=PAPER_STATE_NAMES[state],
        review=description.review if description and state is PaperState.IN_REVIEW else (),
    )


def progress_of(here: House, db: Connection, plan: Plan, year: int) -> Progress:
    """The progress against a plan in one calendar year (Việt Nam time)."""
    whole_year = period("year", year, 1, here.settings.counting)
    return Progress.model_validate(digitization(here, db, plan, whole_year))

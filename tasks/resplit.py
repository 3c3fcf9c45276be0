"""Split a scan anew, as a person says: new papers, the old ones superseded (đã thay thế)."""

from __future__ import annotations

from sqlalchemy import RowMapping

from domain.claims import Claim
from domain.errors import Undecided
from domain.identity import is_scan_id
from domain.lot import UploadFacts
from domain.page_ranges import PageRanges
from domain.states import FINAL_PAPER_STATES, PaperState, ScanState
from storage.registry import audit, papers, scans
from tasks.house import House, house
from tasks.shelf import paper_row
from tasks.step import step
from tasks.work import load_words, save


def scan_of(handle: str) -> str:
    """The scan id behind a scan id or its start, or behind the id or code of one of its papers."""
    if is_scan_id(handle):
        return handle
    with house().registry.read() as db:
        found = scans.starting_with(db, handle)
    return found or str(paper_row(handle)["scan_id"])


@step("resplit")
def resplit(claim: Claim, ranges: PageRanges, actor: str) -> int:
    """Put the division by `ranges` in force; the number of the new division.

    The scan waits for the line again, which finds its words as they were read. Raises Undecided
    when it is too late (a paper is archived or about to be) or the ranges do not fit.
    """
    here = house()
    with here.registry.read() as db:
        row = scans.scan(db, claim.scan_id)
        old = papers.of_scan(db, claim.scan_id, row["split"])
    _refuse(row, old, ranges)
    work = here.work(claim.scan_id)
    undecided = save(work, load_words(work, row["words"]).model_copy(update={"papers": ()}))
    facts = UploadFacts.model_validate(row["facts"]).model_copy(update={"pages": ranges})
    return _replace(here, claim, row, old, words=undecided, facts=facts, actor=actor)


def _refuse(row: RowMapping, old: list[RowMapping], ranges: PageRanges) -> None:
    if any(paper["package"] or paper["state"] == PaperState.ARCHIVED for paper in old):
        raise Undecided(
            "Bản quét này đã có giấy tờ được lưu trữ nên không chia lại được: mã đã cấp có hiệu "
            "lực. Quét lại rồi tải lên như bản quét mới."
        )
    if row["finished_at"] is not None or not row["words"]:
        raise Undecided(
            "Chỉ chia lại được bản quét đã đọc xong và còn giấy tờ chờ duyệt. "
            "Xem: sohoa review list."
        )
    faults = ranges.faults(row["pages"])
    if not faults and row["kind"] != "scan":
        faults = ("tệp điện tử được giữ nguyên nên không tách trang",)
    if faults:
        raise Undecided(f"Khoảng trang không khớp: {'; '.join(faults)}.")


def _replace(
    here: House,
    claim: Claim,
    row: RowMapping,
    old: list[RowMapping],
    *,
    words: str,
    facts: UploadFacts,
    actor: str,
) -> int:
    """In one transaction, so that a kill leaves the old division or the new one."""
    at = here.now()
    split = int(row["split"]) + 1
    with here.registry.begin() as db:
        scans.record(
            db,
            claim,
            split=split,
            words=words,
            facts=facts.model_dump(mode="json"),
            state=ScanState.RECEIVED,
        )
        for paper in old:
            if paper["state"] not in FINAL_PAPER_STATES:
                papers.move(db, paper["id"], PaperState.SUPERSEDED, at=at)
                papers.release_likeness(db, paper["id"])
                audit.append(db, "superseded", paper["id"], actor=actor, at=at, split=split)
        audit.append(db, "resplit", claim.scan_id, actor=actor, at=at, split=split)
    return split

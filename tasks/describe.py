"""Say what the paper is: its type, its nine fields, and whether a person must look."""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping

from domain.claims import Claim
from domain.describe import describe as describe_pages
from domain.record import Description
from domain.states import PaperState
from storage.registry import audit, claims, papers
from tasks.house import House, house
from tasks.learn import second_opinion
from tasks.logs import each_paper
from tasks.recognise import words_of
from tasks.step import step
from tasks.work import Opened

LOG = logging.getLogger("sohoa.describe")
_ACTIVE_CONTENT = {
    "javascript": "mã JavaScript",
    "embedded_file": "tệp đính kèm",
    "launch": "lệnh mở chương trình",
    "submit_form": "lệnh gửi dữ liệu",
    "import_data": "lệnh nhập dữ liệu",
    "remote_go_to": "liên kết sang tệp khác",
    "embedded_go_to": "liên kết vào tệp đính kèm",
    "media": "âm thanh hoặc phim",
}


@step("describe")
def describe(claim: Claim, opened: Opened, paper_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Classify each paper, extract its fields, decide; the ids of papers accepted automatically.

    The others are in review, with reasons that name the field. They are not signed by the
    agency and not counted until a person has decided.
    """
    here = house()
    accepted = []
    for paper_id in each_paper(paper_ids):
        with here.registry.read() as db:
            row = papers.paper(db, paper_id)
        if row["description"] is None:
            description = _describe(here, claim, opened, row)
            row = write_description(here, claim, row, description)
        if row["state"] not in {PaperState.IN_REVIEW, PaperState.REJECTED}:
            accepted.append(paper_id)
    return tuple(accepted)


def _describe(here: House, claim: Claim, opened: Opened, row: RowMapping) -> Description:
    words = words_of(here, claim.scan_id)
    pages = [page for page in words.pages if page.page in row["pages"]]
    plan = words.papers[row["position"]]
    description = describe_pages(
        pages,
        here.catalogue,
        thresholds=here.settings.thresholds,
        today=here.today(),
        hint=plan.type_id,
    )
    description = second_opinion(here, pages, description)
    doubts = tuple(doubt for page, doubt in words.doubts.items() if page in row["pages"])
    found = tuple(
        f"nội dung: tệp giữ nguyên có chứa {_ACTIVE_CONTENT.get(content, content)}; "
        "cần người xem trước khi lưu trữ"
        for content in (opened.scan.active_content if opened.scan.kind != "scan" else ())
    )
    reasons = (*doubts, *plan.remarks, *description.review, *found)
    return description.model_copy(update={"review": reasons})


def write_description(
    here: House, claim: Claim, row: RowMapping, description: Description, *, actor: str = ""
) -> RowMapping:
    """Keep the description; a paper that repeats another one goes to review with that reason."""
    at = here.now()
    facts = searchable(here, description)
    with here.registry.begin() as db:
        claims.hold(db, claim)
        reasons = description.review
        if not reasons:
            first = papers.first_alike(db, facts["likeness"], row["id"])
            if first != row["id"]:
                reasons = (f"trùng: giấy tờ này đã có trong sổ ({first})",)
                description = description.model_copy(update={"review": reasons})
        papers.keep_first(
            db, row["id"], "description", description.model_dump(mode="json"), at=at, **facts
        )
        if reasons:
            papers.move(db, row["id"], PaperState.IN_REVIEW, at=at)
        audit.append(
            db,
            "in_review" if reasons else "accepted",
            row["id"],
            actor=actor or here.worker,
            at=at,
            type=description.type.id,
            reasons=len(reasons),
        )
        return papers.paper(db, row["id"])


def searchable(here: House, description: Description) -> dict[str, Any]:
    """The columns by which a paper is found; the owner only as a keyed hash."""
    owner = description.value("owner_id")
    number, issuer = description.value("number"), description.value("issuer")
    issued = description.value("issue_date")
    return {
        "type_id": description.type.id,
        "title": _cut(description.value("title"), 300),
        "number": _cut(number, 200),
        "issuer": _cut(issuer, 300),
        "issue_date": _day(issued),
        "valid_until": _day(description.value("valid_until")),
        "owner_hash": here.owner_hash(owner) if owner else None,
        "likeness": here.likeness(description.type.id, number, issuer, issued, owner),
    }


def _cut(text: str | None, length: int) -> str | None:
    return None if text is None else text[:length]


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        LOG.warning("ngày không theo ISO 8601 bị bỏ qua trong chỉ mục")
        return None

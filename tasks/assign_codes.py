"""Give each accepted paper its code (mã kết quả số hóa). A code, once given, stays."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping

from domain.claims import Claim
from domain.codes import result_code
from domain.record import Description
from domain.states import PaperState
from storage.registry import audit, claims, papers
from tasks.house import House, house
from tasks.logs import each_paper
from tasks.step import step


@step("assign_codes")
def assign_codes(claim: Claim, paper_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Code every paper that has none yet, in one transaction each; the same ids.

    Template and counter: `domain.codes`; one counter row per prefix. A result of a dossier also
    gets `‹mã hồ sơ›-KQ(n)` (NĐ 45/2020/NĐ-CP Đ14.3).
    """
    here = house()
    for paper_id in each_paper(paper_ids):
        at = here.now()
        with here.registry.begin() as db:
            claims.hold(db, claim)
            row = papers.paper(db, paper_id)
            if row["code"]:
                continue
            code, result = _code(here, db, row)
            papers.move(db, paper_id, PaperState.CODED, at=at, code=code, result_code=result)
            audit.append(
                db, "coded", paper_id, actor=here.worker, at=at, code=here.codes.masked(code)
            )
    return paper_ids


def _code(here: House, db: Connection, row: RowMapping) -> tuple[str, str | None]:
    description = Description.model_validate(row["description"])
    document_type = here.catalogue.type(description.type.id or "")
    code = new_code(here, db, description)
    result = None
    if row["dossier"] and document_type is not None and document_type.group == "result":
        result = result_code(row["dossier"], papers.next_result(db, row["dossier"]))
    return code, result


def new_code(here: House, db: Connection, description: Description) -> str:
    """The next code of a paper with this owner, type and number."""
    prefix = here.codes.prefix(
        description.value("owner_id"),
        here.type_segment(description.type.id),
        description.value("number"),
    )
    return here.codes.code(prefix, papers.next_serial(db, prefix))

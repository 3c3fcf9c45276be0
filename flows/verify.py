"""Verify an archived paper from the UI: every stored byte, every signature; changes nothing."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.context import FlowRunContext

from domain.errors import IntegrityFault
from flows.naming import dated, keep_instead
from flows.parameters import PaperOrCode
from flows.remarks import ended, link, literal, remark
from signing.verdicts import SignatureVerdict
from tasks.logs import about_paper
from tasks.verify import WORDS, ArchiveVerification, id_of, verify_paper


@flow(name="verify", flow_run_name=dated("Kiểm tra một giấy tờ"), validate_parameters=True)
def verify(paper: PaperOrCode) -> dict[str, Any]:
    """Kiểm tra một giấy tờ đã lưu trữ: từng byte, từng chữ ký, PDF/A. Không thay đổi gì."""
    paper_id = id_of(paper)
    keep_instead(paper=paper_id)  # a code has personal data
    with about_paper(paper_id):
        found = verify_paper(paper_id, pdfa=True)
        remark(f"giấy tờ {paper_id}: {WORDS[found.verdict]}")
    if FlowRunContext.get() is not None:
        create_markdown_artifact(key="ket-qua-kiem-tra", markdown=_markdown(paper_id, found))
    if found.verdict == "unsound":
        raise IntegrityFault(
            f"Giấy tờ {paper_id} KHÔNG còn nguyên vẹn, xem artifact: giữ nguyên hiện trường, khôi "
            "phục bằng sohoa restore, báo quản trị viên."
        )
    doubts = ("chưa kết luận được: xem artifact",) if found.verdict == "undecided" else ()
    return ended(found.report(), doubts)


def _markdown(paper_id: str, found: ArchiveVerification) -> str:
    lines = [
        f"# {WORDS[found.verdict]}",
        "",
        f"Giấy tờ {link(paper_id, f'papers/{paper_id}')}, mã {literal(found.code or '–')}",
        "",
        f"- Kho lưu trữ: **{WORDS[found.archive]}**",
        f"- PDF/A: {WORDS[found.pdfa]}",
        *(f"- {literal(problem)}" for problem in found.problems),
        *(f"- {literal(reason)}" for reason in found.signatures.reasons),
    ]
    if found.signatures.signatures:
        lines += ["", "| Chữ ký | Lúc | Mức | Kết luận | Lý do |", "|---|---|---|---|---|"]
        lines += map(_row, found.signatures.signatures)
    return "\n".join(lines)


def _row(signature: SignatureVerdict) -> str:
    """Without the signer: on a paper that came signed it may be the citizen."""
    at = f"{signature.time:%d/%m/%Y %H:%M}" if signature.time else "–"
    said = literal("; ".join(signature.reasons)) or "–"
    return (
        f"| {literal(signature.field)} | {at} | {signature.level} | {WORDS[signature.verdict]} "
        f"| {said} |"
    )

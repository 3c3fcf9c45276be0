"""A certified copy of an archived paper: entered, signed by the certifier, archived."""

from __future__ import annotations

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.context import FlowRunContext

from domain.errors import Undecided
from flows.naming import dated, of_paper
from flows.parameters import Certifier, OriginalPresented, Paper, RegisterNumber
from flows.remarks import link, literal
from tasks.certify import CertifiedCopy, archive_copy, request_copy, sign_copy


@flow(
    name="certify",
    flow_run_name=dated("Chứng thực bản sao {paper_id:.8}"),
    validate_parameters=True,
)
def certify(
    paper_id: Paper,
    register_number: RegisterNumber,
    *,
    certifier: Certifier,
    original_presented: OriginalPresented = False,
) -> CertifiedCopy:
    """Chứng thực bản sao điện tử của một giấy tờ đã lưu trữ, khi đã đối chiếu với bản chính."""
    if not original_presented:
        raise Undecided(
            "Chỉ chứng thực khi bản chính đã được xuất trình và đối chiếu (original_presented)."
        )
    with of_paper(paper_id):
        copy = request_copy(paper_id, register_number, certifier)  # its number, once
        sign_copy(copy)  # over the source's signatures, verified before anything is archived
        archived: CertifiedCopy = archive_copy(copy)  # an archive object of its own
        _told(archived)
    return archived


def _told(copy: CertifiedCopy) -> None:
    """Leave a page about the copy beside the flow run; nothing outside one."""
    if FlowRunContext.get() is None:
        return
    create_markdown_artifact(
        key="ban-sao-chung-thuc",
        markdown=(
            f"# Bản sao đã chứng thực và lưu trữ\n\nSố chứng thực: **{literal(copy.number)}**\n\n"
            f"Định danh của bản sao: `{copy.id}`\n\n"
            f"Sao từ giấy tờ {link(copy.source, f'papers/{copy.source}')}\n\n"
            "Kiểm tra: deployment «verify» với định danh của bản sao."
        ),
    )

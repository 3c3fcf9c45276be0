"""A certified copy of an archived paper: entered, signed by the certifier, archived."""

from __future__ import annotations

from prefect import flow

from domain.errors import Undecided
from tasks.certify import CertifiedCopy, archive_copy, request_copy, sign_copy


@flow(name="certify", flow_run_name="certify-{paper_id}")
def certify(
    paper_id: str, register_number: str, *, certifier: str, original_presented: bool = False
) -> CertifiedCopy:
    """Chứng thực bản sao điện tử của một giấy tờ đã lưu trữ, khi đã đối chiếu với bản chính."""
    if not original_presented:
        raise Undecided(
            "Chỉ chứng thực khi bản chính đã được xuất trình và đối chiếu (original_presented)."
        )
    copy = request_copy(paper_id, register_number, certifier)  # the number in the register, once
    sign_copy(copy)  # over the source's signatures, verified before anything is archived
    archived: CertifiedCopy = archive_copy(copy)  # an archive object of its own
    return archived

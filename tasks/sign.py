"""The two signatures: the officer's on the copy before extraction, the agency's after the code.

Order: TT 01/2023/TT-VPCP Đ8.1 (officer, top left: who copied, when); Luật Giao dịch điện tử
2023 Đ12 (agency). Both are PAdES, the second an incremental update of the first.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import RowMapping

from domain.claims import Claim
from domain.errors import DocumentFault, IntegrityFault
from domain.lot import UploadFacts
from domain.states import PaperState
from signing.pdf import AGENCY_FIELD, OFFICER_FIELD, inspect_pdf, sign_detached, sign_pdf
from signing.verify import Verification, detached_holds, verify_pdf
from storage.registry import audit, papers, scans
from tasks.compose import AGENCY_PROFILE, OFFICER_PROFILE
from tasks.house import House, house
from tasks.step import step
from tasks.work import Opened, save

LOG = logging.getLogger("sohoa.sign")
_VERIFY_SECONDS = 60.0
_FRESH_UNSOUND = (
    "Chữ ký vừa tạo không xác minh được, giấy tờ chưa được lưu trữ: "
    "báo quản trị viên kiểm tra khóa ký và chứng thư tin cậy."
)


@step("sign_as_officer")
def sign_as_officer(claim: Claim, opened: Opened, paper_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The officer's signature on each paper; the ids of papers that carry it.

    Input that came signed is an electronic document already, not an officer's copy: it gets no
    officer signature (docs/decisions/0003-signed-input.md).
    """
    here = house()
    for paper_id in paper_ids:
        with here.registry.read() as db:
            row = papers.paper(db, paper_id)
            facts = UploadFacts.model_validate(scans.scan(db, claim.scan_id)["facts"])
        if row["officer_signed"]:
            continue
        at = here.now()
        if opened.scan.kind == "signed":
            digest = row["composed"]
        else:
            digest = _officer_signature(here, claim, row, facts, at)
        with here.registry.begin() as db:
            scans.hold(db, claim)
            kept = papers.keep_first(
                db, paper_id, "officer_signed", digest, at=at, officer_signed_at=at
            )
            papers.move(db, paper_id, PaperState.OFFICER_SIGNED, at=at)
            audit.append(
                db,
                "officer_signed",
                paper_id,
                actor=here.worker,
                at=at,
                sha256=kept,
                added=opened.scan.kind != "signed",
            )
    return paper_ids


def _officer_signature(
    here: House, claim: Claim, row: RowMapping, facts: UploadFacts, at: datetime
) -> str:
    work = here.work(claim.scan_id)
    with here.scratch() as folder:
        work.fetch(row["composed"], folder / "in.pdf")
        sign_pdf(
            folder / "in.pdf",
            folder / "out.pdf",
            signer=here.keys.officer,
            field=OFFICER_FIELD,
            profile=OFFICER_PROFILE,
            values={
                "person": facts.officer or here.settings.officer_name,
                "time": (facts.scanned_at or at)
                .astimezone(at.tzinfo)
                .isoformat(timespec="seconds"),
            },
            signed_at=at,
            reason="Sao chụp giấy tờ (TT 01/2023/TT-VPCP Điều 8)",
        )
        return work.add(folder / "out.pdf")


@step("sign_as_agency")
def sign_as_agency(claim: Claim, paper_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The agency's signature on each coded paper, verified at once; the same ids.

    Where the file permits no further signature (certified against changes, encrypted, broken),
    it stays as it came and the signature stands beside it (CAdES, detached). A signature that
    does not verify raises IntegrityFault: such a paper is never archived.
    """
    here = house()
    for paper_id in paper_ids:
        with here.registry.read() as db:
            row = papers.paper(db, paper_id)
        if row["signed"]:
            continue
        _sign_paper(here, claim, row)
    return paper_ids


def _sign_paper(here: House, claim: Claim, row: RowMapping) -> None:
    at = here.now()
    work = here.work(claim.scan_id)
    detached = None
    with here.scratch() as folder:
        source, target, beside = folder / "in.pdf", folder / "out.pdf", folder / "out.p7s"
        work.fetch(row["officer_signed"], source)
        if _signed_inside(here, row, source, target, at):
            verification = verify(here, target)
            refuse_unsound(verification)
            signed = work.add(target)
        else:
            sign_detached(source, beside, signer=here.keys.agency)
            if not detached_holds(source, beside):
                raise IntegrityFault(_FRESH_UNSOUND)
            verification = _verify_foreign(here, source)
            signed, detached = row["officer_signed"], work.add(beside)
    report = save(work, verification)
    with here.registry.begin() as db:
        scans.hold(db, claim)
        kept = papers.keep_first(
            db,
            row["id"],
            "signed",
            signed,
            at=at,
            signed_at=at,
            detached=detached,
            verification=report,
        )
        papers.move(db, row["id"], PaperState.SIGNED, at=at)
        audit.append(
            db,
            "agency_signed",
            row["id"],
            actor=here.worker,
            at=at,
            sha256=kept,
            detached=bool(detached),
        )


def _signed_inside(here: House, row: RowMapping, source: Path, target: Path, at: datetime) -> bool:
    """Whether the file took the agency's signature; False where it permits none."""
    state = here.pool.run(inspect_pdf, source, timeout_seconds=_VERIFY_SECONDS)
    if not state.may_add:
        return False
    try:
        _agency_signature(here, row, source, target, at)
    except DocumentFault as fault:  # the older signatures would no longer hold
        if not state.signed:
            raise
        LOG.warning("không ký vào trong tệp được, ký rời: %s", fault)
        return False
    return True


def _verify_foreign(here: House, file: Path) -> Verification:
    """What others' signatures are worth; what cannot be verified is reported, not refused."""
    try:
        return verify(here, file)
    except DocumentFault as fault:
        return Verification(reasons=(str(fault),))


def _agency_signature(
    here: House, row: RowMapping, source: Path, target: Path, at: datetime
) -> None:
    sign_pdf(
        source,
        target,
        signer=here.keys.agency,
        field=AGENCY_FIELD,
        profile=AGENCY_PROFILE,
        values={
            "form": "Bản số hóa –",
            "agency": here.settings.agency_name,
            "time": at.isoformat(timespec="seconds"),
            "code": row["code"],
        },
        signed_at=at,
        qr=row["code"],
        reason="Chuyển đổi giấy tờ sang thông điệp dữ liệu (Luật GDĐT 20/2023/QH15 Điều 12)",
    )


def verify(here: House, file: Path) -> Verification:
    """Verify all signatures of a file in a child process."""
    return here.pool.run(
        partial(verify_pdf, trust_roots=here.keys.trust_roots),
        file,
        timeout_seconds=_VERIFY_SECONDS,
    )


def refuse_unsound(verification: Verification) -> None:
    """IntegrityFault unless the agency's signature, just made, holds over the whole file."""
    ours = [item for item in verification.signatures if item.field == AGENCY_FIELD]
    if len(ours) == 1 and ours[0].integrity == "intact" and ours[0].covers_whole_file:
        return
    reasons = "; ".join(reason for item in ours for reason in item.reasons)
    raise IntegrityFault(f"{_FRESH_UNSOUND} ({reasons or 'không tìm thấy chữ ký'})")

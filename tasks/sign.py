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
from domain.errors import ConfigurationFault, DocumentFault, IntegrityFault
from domain.lot import UploadFacts
from domain.states import PaperState
from signing.attestations import SIGNATURE
from signing.keys import SignerConfig
from signing.levels import Level
from signing.outlook import Outlook, outlook
from signing.pdf import (
    AGENCY_FIELD,
    OFFICER_FIELD,
    TIME_STAMP_FIELD,
    SignatureInfo,
    inspect_pdf,
    sign_detached,
    sign_pdf,
)
from signing.verify import Verification, detached_holds, verify_pdf
from storage.registry import audit, claims, papers, scans
from tasks.house import House, house
from tasks.levels import Reached, capped, enter_protection, wanted_for
from tasks.logs import each_paper
from tasks.officer import COPY_REASON, ask_officer, stamp_values
from tasks.step import step
from tasks.work import Opened, save

LOG = logging.getLogger("sohoa.sign")
_VERIFY_SECONDS = 60.0
_OUR_FIELDS = (OFFICER_FIELD, AGENCY_FIELD, TIME_STAMP_FIELD)
_DETACHED = "chữ ký rời chưa có dấu thời gian; sohoa preserve --catch-up thêm bằng chứng cạnh nó"
_FRESH_UNSOUND = (
    "Chữ ký vừa tạo không xác minh được, giấy tờ chưa được lưu trữ: "
    "báo quản trị viên kiểm tra khóa ký và chứng thư tin cậy."
)


@step("sign_as_officer")
def sign_as_officer(claim: Claim, opened: Opened, paper_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The officer's signature on each paper; the ids of papers that carry it.

    Where officers sign with their own tokens, the others wait for them (`tasks.officer`).
    Input that came signed is an electronic document already, not an officer's copy: it gets no
    officer signature (docs/decisions/0003-signed-input.md).
    """
    here = house()
    signed: list[str] = []
    for paper_id in each_paper(paper_ids):
        with here.registry.read() as db:
            row = papers.paper(db, paper_id)
            facts = UploadFacts.model_validate(scans.scan(db, claim.scan_id)["facts"])
        if row["officer_signed"]:
            signed.append(paper_id)
            continue
        at = here.now()
        if opened.scan.kind == "signed":
            digest = row["composed"]
        elif here.settings.officer_signing == "own_token":
            ask_officer(here, claim, row, facts, at)
            continue
        else:
            digest = _officer_signature(here, claim, row, facts, at)
        with here.registry.begin() as db:
            claims.hold(db, claim)
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
        signed.append(paper_id)
    return tuple(signed)


def _officer_signature(
    here: House, claim: Claim, row: RowMapping, facts: UploadFacts, at: datetime
) -> str:
    work = here.work(claim.scan_id)
    with here.scratch() as folder:
        work.fetch(row["composed"], folder / "in.pdf")
        sign_pdf(
            folder / "in.pdf",
            folder / "out.pdf",
            signer=_server_key(here),
            field=OFFICER_FIELD,
            profile=here.profile("officer"),
            values=stamp_values(facts.officer or here.settings.officer_name, facts, at),
            signed_at=at,
            reason=COPY_REASON,
            # A document time stamp belongs over the last signature, not between the two.
            level=capped(wanted_for(here, None), "B-LT"),
            services=here.trust_services,
        )
        return work.add(folder / "out.pdf")


def _server_key(here: House) -> SignerConfig:
    if here.keys.officer is None:
        raise ConfigurationFault(
            "Máy chủ không giữ khóa của cán bộ: cấu hình SOHOA_KEYS__OFFICER, hoặc đặt "
            "SOHOA_OFFICER_SIGNING=own_token."
        )
    return here.keys.officer


@step("sign_as_agency")
def sign_as_agency(claim: Claim, paper_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The agency's signature on each coded paper, verified at once; the same ids.

    Where the file permits no further signature (certified against changes, encrypted, broken),
    it stays as it came and the signature stands beside it (CAdES, detached). A signature that
    does not verify raises IntegrityFault: such a paper is never archived.
    """
    here = house()
    for paper_id in each_paper(paper_ids):
        with here.registry.read() as db:
            row = papers.paper(db, paper_id)
        if row["signed"]:
            continue
        _sign_paper(here, claim, row)
    return paper_ids


def _sign_paper(here: House, claim: Claim, row: RowMapping) -> None:
    at = here.now()
    work = here.work(claim.scan_id)
    detached = proven = None
    with here.scratch() as folder:
        source, target, beside = folder / "in.pdf", folder / "out.pdf", folder / "out.p7s"
        work.fetch(row["officer_signed"], source)
        info = _signed_inside(here, row, source, target, at)
        if info is not None:
            verification = verify(here, target)
            refuse_unsound(verification)
            proven = here.pool.run(outlook, target, timeout_seconds=_VERIFY_SECONDS)
            signed = work.add(target)
        else:
            sign_detached(source, beside, signer=here.keys.agency)
            if not detached_holds(source, beside):
                raise IntegrityFault(_FRESH_UNSOUND)
            proven = _outlook_beside(here, beside)
            verification = _verify_foreign(here, source)
            signed, detached = row["officer_signed"], work.add(beside)
    report = save(work, verification)
    with here.registry.begin() as db:
        claims.hold(db, claim)
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
        if proven is not None and kept == signed:
            wanted = wanted_for(here, row["type_id"])
            enter_protection(db, row["id"], _reached(info, wanted), proven, signed, at)
        papers.move(db, row["id"], PaperState.SIGNED, at=at)
        audit.append(
            db,
            "agency_signed",
            row["id"],
            actor=here.worker,
            at=at,
            sha256=kept,
            detached=bool(detached),
            level=info.level if info else "",
        )


def _reached(info: SignatureInfo | None, wanted: Level) -> Reached:
    """What the signature came to; a detached one waits for the evidence that vouches for it."""
    if info is not None:
        return Reached(info.level, wanted, info.shortfall)
    return Reached("B-B", wanted, _DETACHED if wanted != "B-B" else "")


def _outlook_beside(here: House, beside: Path) -> Outlook:
    from signing.evidence_formats import outlook_beside  # imports pyHanko

    return here.pool.run(outlook_beside, {SIGNATURE: beside}, timeout_seconds=_VERIFY_SECONDS)


def _signed_inside(
    here: House, row: RowMapping, source: Path, target: Path, at: datetime
) -> SignatureInfo | None:
    """What the agency's signature in the file came to; None where the file permits none."""
    state = here.pool.run(inspect_pdf, source, timeout_seconds=_VERIFY_SECONDS)
    if not state.may_add:
        return None
    try:
        return _agency_signature(here, row, source, target, at)
    except DocumentFault as fault:  # the older signatures would no longer hold
        if not state.signed:
            raise
        LOG.warning("không ký vào trong tệp được, ký rời: %s", fault)
        return None


def _verify_foreign(here: House, file: Path) -> Verification:
    """What others' signatures are worth; what cannot be verified is reported, not refused."""
    try:
        return verify(here, file)
    except DocumentFault as fault:
        return Verification(reasons=(str(fault),))


def _agency_signature(
    here: House, row: RowMapping, source: Path, target: Path, at: datetime
) -> SignatureInfo:
    return sign_pdf(
        source,
        target,
        signer=here.keys.agency,
        field=AGENCY_FIELD,
        profile=here.profile("agency"),
        values={
            "form": "Bản số hóa –",
            "agency": here.settings.agency_name,
            "time": at.isoformat(timespec="seconds"),
            "code": row["code"],
        },
        signed_at=at,
        qr=row["code"],
        reason="Chuyển đổi giấy tờ sang thông điệp dữ liệu (Luật GDĐT 20/2023/QH15 Điều 12)",
        level=wanted_for(here, row["type_id"]),
        services=here.trust_services,
    )


def verify(here: House, file: Path) -> Verification:
    """Verify all signatures of a file in a child process."""
    return here.pool.run(
        partial(verify_pdf, trust_roots=here.keys.trust_roots),
        file,
        timeout_seconds=_VERIFY_SECONDS,
    )


def judged(here: House, file: Path) -> Verification:
    """The verification of a paper's file; IntegrityFault unless our signatures hold."""
    verification = verify(here, file)
    refuse_unsound(verification)
    return verification


def refuse_unsound(verification: Verification) -> None:
    """IntegrityFault unless our signatures hold, and only time stamps follow the agency's."""
    ours = [item for item in verification.signatures if item.field.startswith(_OUR_FIELDS)]
    agency = [item for item in ours if item.field == AGENCY_FIELD]
    if (
        len(agency) == 1
        and agency[0].changes_since in ("nothing", "maintenance")
        and all(item.integrity == "intact" for item in ours)
    ):
        return
    reasons = "; ".join(reason for item in ours for reason in item.reasons)
    raise IntegrityFault(f"{_FRESH_UNSOUND} ({reasons or 'không tìm thấy chữ ký'})")

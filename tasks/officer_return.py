"""Signatures that come back from an officer's PC: whose, over what, by a good certificate.

Only a key that is registered for the very officer counts (`sohoa officer add`): names in
certificates are shown, never compared. Taking the same signatures again changes nothing.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from sqlalchemy import RowMapping

from domain.claims import Claim
from domain.errors import IntegrityFault, LeaseLost, NotFound, Undecided
from domain.officer import PaperSignature, Refusal, Returned, SignatureBatch
from domain.states import PaperState, ScanState
from signing.fields import OFFICER_FIELD
from signing.interrupted import Prepared, certificates_of, complete_pdf, key_of, with_time_stamp
from signing.verify import verify_pdf
from storage.registry import audit, claims, officer_keys, officers, papers, scans
from tasks.claims import claimed
from tasks.house import House, house
from tasks.logs import about_paper
from tasks.officer import signer_of, the_officer

LOG = logging.getLogger("sohoa.officer")
_VERIFY_SECONDS = 60.0


def take_signatures(batch: SignatureBatch) -> Returned:
    """Complete the papers whose signatures are good; the others keep waiting, with the reason.

    Taking the same batch again changes nothing.
    """
    here = house()
    accepted: list[str] = []
    refused: list[Refusal] = []
    lots: set[str] = set()
    for item in batch.papers:
        try:
            lots |= _take(here, batch.officer, item)
            accepted.append(item.id)
        except (IntegrityFault, Undecided, LeaseLost, NotFound) as fault:
            with about_paper(item.id):
                LOG.warning("chữ ký của cán bộ bị từ chối: %s", fault)
            refused.append(Refusal(id=item.id, reason=str(fault)))
    return Returned(accepted=tuple(accepted), refused=tuple(refused), lots=tuple(sorted(lots)))


def _take(here: House, officer: str, item: PaperSignature) -> set[str]:
    """The lot that goes on; none where the paper was signed before."""
    with here.registry.read() as db:
        if papers.find(db, item.id)["officer_signed"]:
            return set()
        row = officers.of_paper(db, item.id)
    if row is None:
        raise Undecided("Giấy tờ này không chờ cán bộ ký; xem: sohoa papers.")
    try:
        with claimed(row["scan_id"], item.id) as claim:
            _check_owner(here, row, officer, item)
            checked = _check_certificate(here, item.signature)
            _keep(here, claim, row, _complete(here, row, item.signature), revocation=checked)
    except IntegrityFault as fault:
        at = here.now()
        with here.registry.begin() as db:
            audit.append(db, "officer_refused", item.id, actor=officer, at=at, reason=str(fault))
        raise
    return {str(row["lot_id"])}


def _check_owner(here: House, row: RowMapping, officer: str, item: PaperSignature) -> None:
    """The batch, the paper and the key that signed must all be of one registered officer."""
    with here.registry.read() as db:
        register = officer_keys.registered(db)
        holder = officer_keys.holder(db, key_of(item.signature))
    who, expected = the_officer(officer, register), signer_of(row, register)
    if expected is None:
        raise Undecided(
            f"Chưa rõ cán bộ «{row['officer']}» nào phải ký giấy tờ này; nhờ quản trị viên chạy: "
            f"sohoa officer assign {row['paper_id']} ‹mã cán bộ›."
        )
    if who != expected:
        raise Undecided(
            f"Giấy tờ này chờ {expected.name} ({expected.id}) ký, không phải {who.name} ({who.id})."
        )
    if item.digest != row["digest"]:
        raise Undecided("Tệp đã được chuẩn bị lại từ lúc lấy; hãy lấy lại: sohoa sign fetch.")
    if holder is None:
        raise IntegrityFault(
            "Khóa đã ký chưa được đăng ký cho cán bộ nào; nhờ quản trị viên đăng ký chứng thư của "
            f"khóa này: sohoa officer add {expected.id} --certificate ‹tệp›."
        )
    if holder["officer_id"] != expected.id:
        raise IntegrityFault(
            f"Khóa đã ký là của {holder['name']} ({holder['officer_id']}), không phải của "
            f"{expected.name} ({expected.id}); hãy ký bằng khóa của chính người sao chụp."
        )


def _check_certificate(here: House, signature: bytes) -> str:
    """Refuse a certificate of an unknown authority or a revoked one; whether the latter is known.

    Where nobody answers, the signature is taken: its status is asked for again with the agency's.
    """
    from signing.validation_data import (  # imports pyHanko
        NoValidationDataError,
        RevokedCertificateError,
        UntrustedChainError,
        validation_data,
    )

    signer, others = certificates_of(signature)
    try:
        validation_data(signer, others, here.trust_services)
    except RevokedCertificateError as error:
        raise IntegrityFault(f"{error}; hãy ký bằng chứng thư còn hiệu lực.") from error
    except UntrustedChainError as error:
        raise IntegrityFault(
            f"Chữ ký không tin cậy được ({error}); hãy ký bằng chứng thư được công nhận, hoặc bổ "
            "sung cơ quan cấp vào SOHOA_KEYS__TRUST_ROOTS."
        ) from error
    except NoValidationDataError as error:
        LOG.warning("chưa biết chứng thư của cán bộ có bị thu hồi không: %s", error)
        return str(error)
    return "good"


def _complete(here: House, row: RowMapping, signature: bytes) -> str:
    """The work-store digest of the signed file; IntegrityFault where the signature does not hold.

    Verified before the time stamp is asked for, so that a bad signature gets none.
    """
    place = Prepared(digest=row["digest"], start=row["reserved_from"], end=row["reserved_to"])
    work = here.work(row["scan_id"])
    with here.scratch() as folder:
        prepared, signed = folder / "prepared.pdf", folder / "signed.pdf"
        work.fetch(row["prepared"], prepared)
        _fill(here, prepared, signed, place, signature)
        _refuse_unsound(here, signed)
        stamped = _stamped(here, signature)
        if stamped != signature:
            _fill(here, prepared, signed, place, stamped)
            _refuse_unsound(here, signed)
        return work.add(signed)


def _fill(here: House, prepared: Path, signed: Path, place: Prepared, signature: bytes) -> None:
    here.pool.run(complete_pdf, prepared, signed, place, signature, timeout_seconds=_VERIFY_SECONDS)


def _stamped(here: House, signature: bytes) -> bytes:
    """The signature with a time stamp where an authority is configured and answers."""
    if not here.settings.signatures.tsa:
        return signature
    from signing.timestamps import FailoverTimeStamper, NoTimeStampError  # imports pyHanko

    stamper = FailoverTimeStamper(here.trust_services)
    try:
        stamper.expected()  # its certificate is proved before, outside the event loop
        return with_time_stamp(signature, stamper)
    except NoTimeStampError as error:
        LOG.warning("chữ ký của cán bộ chưa có dấu thời gian: %s", error)
        return signature


def _refuse_unsound(here: House, file: Path) -> None:
    found = here.pool.run(
        partial(verify_pdf, trust_roots=here.keys.trust_roots),
        file,
        timeout_seconds=_VERIFY_SECONDS,
    )
    ours = [item for item in found.signatures if item.field.startswith(OFFICER_FIELD)]
    if len(ours) == 1 and ours[0].integrity == "intact" and ours[0].covers_whole_file:
        return
    reasons = "; ".join(reason for item in ours for reason in item.reasons)
    raise IntegrityFault(
        f"Chữ ký không xác minh được ({reasons or 'không tìm thấy chữ ký'}); hãy ký lại."
    )


def _keep(here: House, claim: Claim, row: RowMapping, completed: str, *, revocation: str) -> None:
    at = here.now()
    with here.registry.begin() as db:
        claims.hold(db, claim)
        kept = papers.keep_first(
            db, row["paper_id"], "officer_signed", completed, at=at, officer_signed_at=at
        )
        papers.move(db, row["paper_id"], PaperState.OFFICER_SIGNED, at=at)
        officers.close(db, row["paper_id"])
        scans.record(db, claim, state=ScanState.RECEIVED)  # the next run of the line goes on
        audit.append(
            db,
            "officer_signed",
            row["paper_id"],
            actor=row["officer"],
            at=at,
            sha256=kept,
            added=True,
            revocation=revocation,
        )

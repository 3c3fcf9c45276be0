"""Papers that an officer signs on a PC of their own: ask, hand out digests, take signatures back.

A personal key stays on the token of its owner, who signs the copy (TT 01/2023/TT-VPCP Đ8.1). The
line stops such a paper at *awaiting officer*; when its signature has come, the next run of the
line takes it up. Only digests and a description without personal data go to the officer.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import RowMapping

from domain.claims import Claim
from domain.errors import IntegrityFault, LeaseLost, NotFound, Undecided
from domain.lot import UploadFacts
from domain.officer import PaperDigest, PaperSignature, Refusal, Returned, SignatureBatch, ToSign
from domain.states import PaperState, ScanState
from signing.fields import OFFICER_FIELD
from signing.interrupted import (
    Prepared,
    certificates_of,
    common_name,
    complete_pdf,
    owner_of,
    prepare_pdf,
    same_person,
    with_time_stamp,
)
from signing.verify import verify_pdf
from storage.registry import audit, officers, papers, scans
from tasks.claims import claimed
from tasks.house import House, house

LOG = logging.getLogger("sohoa.officer")
COPY_REASON = "Sao chụp giấy tờ (TT 01/2023/TT-VPCP Điều 8)"
_VERIFY_SECONDS = 60.0
_FRESH = timedelta(hours=24)
"""How long a prepared file is handed out: its claimed time of signing must not be older."""


def ask_officer(here: House, claim: Claim, row: RowMapping, officer: str, at: datetime) -> None:
    """Let the paper wait for this officer's signature; once."""
    with here.registry.begin() as db:
        scans.hold(db, claim)
        if row["state"] == PaperState.AWAITING_OFFICER:
            return
        officers.request(db, row["id"], officer, at=at)
        papers.move(db, row["id"], PaperState.AWAITING_OFFICER, at=at)
        audit.append(db, "awaiting_officer", row["id"], actor=here.worker, at=at, officer=officer)


def stamp_values(here: House, facts: UploadFacts, at: datetime) -> dict[str, str]:
    """What the officer's stamp says: who copied the paper, and when."""
    copied = (facts.scanned_at or at).astimezone(at.tzinfo)
    return {
        "person": facts.officer or here.settings.officer_name,
        "time": copied.isoformat(timespec="seconds"),
    }


def waiting_for() -> dict[str, int]:
    """How many papers wait for each officer."""
    here = house()
    counts: dict[str, int] = defaultdict(int)
    with here.registry.read() as db:
        for row in officers.waiting(db):
            counts[row["officer"]] += 1
    return dict(counts)


def digests_for(officer: str) -> ToSign:
    """What this officer has to sign, prepared now where it is not; the same within a day.

    Names are compared without case and spacing. An empty list where nothing waits.
    """
    here = house()
    with here.registry.read() as db:
        rows = [row for row in officers.waiting(db) if same_person(row["officer"], officer)]
    return ToSign(officer=officer, papers=tuple(_to_sign(here, row) for row in rows))


def _to_sign(here: House, row: RowMapping) -> PaperDigest:
    fresh = row["prepared"] and here.now() - row["prepared_at"] < _FRESH
    digest = row["digest"] if fresh else _prepare(here, row)
    received = row["received_at"].astimezone(here.now().tzinfo)
    return PaperDigest(
        id=row["paper_id"],
        digest=digest,
        description=f"lô {row['lot_id']}, giấy tờ số {row['position'] + 1}, "
        f"{len(row['pages'])} trang, nhận lúc {received:%H:%M %d/%m/%Y}",
    )


def _prepare(here: House, row: RowMapping) -> str:
    """The digest of a file with an empty signature; of two that race, the first is kept."""
    at = here.now()
    work = here.work(row["scan_id"])
    with here.scratch() as folder:
        work.fetch(row["composed"], folder / "in.pdf")
        place: Prepared = here.pool.run(
            partial(
                prepare_pdf,
                field=OFFICER_FIELD,
                profile=here.profile("officer"),
                values=stamp_values(here, UploadFacts.model_validate(row["facts"]), at),
                name=row["officer"],
                signed_at=at,
                reason=COPY_REASON,
            ),
            folder / "in.pdf",
            folder / "out.pdf",
            timeout_seconds=_VERIFY_SECONDS,
        )
        prepared = work.add(folder / "out.pdf")
    with here.registry.begin() as db:
        officers.prepared(
            db,
            row["paper_id"],
            instead_of=row["prepared"],
            at=at,
            prepared=prepared,
            digest=place.digest,
            reserved_from=place.start,
            reserved_to=place.end,
        )
        kept = officers.of_paper(db, row["paper_id"])
    return str(kept["digest"]) if kept else place.digest


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
        with claimed(row["scan_id"]) as claim:
            _check_owner(row, officer, item)
            checked = _check_certificate(here, item.signature)
            _keep(here, claim, row, _complete(here, row, item.signature), revocation=checked)
    except IntegrityFault as fault:
        at = here.now()
        with here.registry.begin() as db:
            audit.append(db, "officer_refused", item.id, actor=officer, at=at, reason=str(fault))
        raise
    return {str(row["lot_id"])}


def _check_owner(row: RowMapping, officer: str, item: PaperSignature) -> None:
    if not same_person(row["officer"], officer):
        raise Undecided(f"Giấy tờ này chờ {row['officer']} ký, không phải {officer}.")
    if item.digest != row["digest"]:
        raise Undecided("Tệp đã được chuẩn bị lại từ lúc lấy; hãy lấy lại: sohoa sign fetch.")
    named = common_name(owner_of(item.signature))
    if not same_person(named, row["officer"]):
        raise IntegrityFault(
            f"Chứng thư mang tên «{named}», không phải «{row['officer']}»; hãy ký bằng khóa của "
            "chính người sao chụp."
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
        scans.hold(db, claim)
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

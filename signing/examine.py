"""Examining one signature with pyHanko and putting its findings into our words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import (
    DocumentTimestampStatus,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    TimestampSignatureStatus,
)
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

from domain.errors import DocumentFault
from signing.byte_range import leaves_out_only
from signing.evidence import Trusting
from signing.hostile import reading_foreign
from signing.permitted import POLICY
from signing.revisions import visibly_changed
from signing.trust import UNKNOWN, Finding, bad_stamp
from signing.verdicts import Changes, Integrity, SignatureVerdict

if TYPE_CHECKING:
    from pyhanko.pdf_utils.generic import DictionaryObject
    from pyhanko_certvalidator import ValidationContext

_Status = PdfSignatureStatus | DocumentTimestampStatus
_WEAK_DIGESTS = frozenset({"md2", "md5", "sha1"})
_OTHER_PAGES = "trang hiện ra khác với trang đã ký: nội dung đã bị thay sau khi ký"
_CHANGES: dict[ModificationLevel, Changes] = {
    ModificationLevel.NONE: "nothing",
    ModificationLevel.LTA_UPDATES: "maintenance",
    ModificationLevel.FORM_FILLING: "form_filling",
    ModificationLevel.ANNOTATIONS: "other",
    ModificationLevel.OTHER: "other",
}


class Examiner:
    """Examines the signatures of one file, the newest document time stamp first.

    A time stamp that holds proves that everything it covers existed at its time; what is older
    is judged as of then (ETSI EN 319 102-1, 5.6).
    """

    def __init__(self, trusting: Trusting) -> None:
        self._trusting = trusting
        self._stamps: list[int] = []
        self._proofs: list[tuple[int, datetime]] = []  # revision of a sound stamp, its time
        # Weak digests are judged by us: a SHA-1 signature may be intact although undecided.
        self._algorithms = CMSAlgorithmUsagePolicy.lift_policy(AcceptAllAlgorithms())
        self._usage = KeyUsageConstraints(
            key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
        )

    async def examine(
        self, reader: PdfFileReader, fields: Sequence[tuple[str, DictionaryObject]]
    ) -> list[SignatureVerdict]:
        """The verdict on each filled field, in order; malformed ones are undecided, with reason."""
        found: dict[str, SignatureVerdict] = {}
        readable: list[EmbeddedPdfSignature] = []
        for name, field in fields:
            try:
                with reading_foreign("signature", "chữ ký sai cấu trúc nên không kiểm tra được"):
                    readable.append(EmbeddedPdfSignature(reader, field, name))
            except DocumentFault as fault:
                found[name] = _unreadable(reader, field, name, str(fault))
        self._stamps = [one.signed_revision for one in readable if _is_stamp(one)]
        readable.sort(key=lambda one: (_is_stamp(one), one.signed_revision), reverse=True)
        for embedded in readable:
            found[embedded.field_name] = await self._examine(embedded)
        return [found[name] for name, _ in fields]

    async def _examine(self, embedded: EmbeddedPdfSignature) -> SignatureVerdict:
        signer = _signer_name(embedded)
        try:
            with reading_foreign("signature", _unsupported(embedded)):
                return await self._verdict(signer, embedded)
        except DocumentFault as fault:
            reader, field, name = embedded.reader, embedded.sig_field, embedded.field_name
            return _unreadable(reader, field, name, str(fault), signer)

    async def _verdict(self, signer: str, embedded: EmbeddedPdfSignature) -> SignatureVerdict:
        now = self._trusting.at(self._proven(embedded), strict=False)
        status = await self._status(embedded, now, now)
        finding = await self._trust(embedded, status)
        exact = leaves_out_only(embedded.reader.stream, embedded.byte_range, embedded.pkcs7_content)
        integrity, objections = _integrity(status, exact=exact)
        sound = integrity == "intact" and finding.trust == "trusted"
        if sound and isinstance(status, DocumentTimestampStatus):
            self._proofs.append((embedded.signed_revision, status.timestamp))
        return SignatureVerdict(
            field=embedded.field_name,
            signer=signer,
            time=_time(status),
            level=self._level(embedded, status),
            digest=status.md_algorithm,
            covers_whole_file=exact and status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
            modified_since=not (status.intact and exact and _permitted(status)),
            changes_since=_changes(status),
            integrity=integrity,
            trust=finding.trust,
            revoked=finding.revoked,
            reasons=objections + finding.reasons,
        )

    async def _status(
        self,
        embedded: EmbeddedPdfSignature,
        signer: ValidationContext,
        stamps: ValidationContext,
        *,
        again: bool = False,
    ) -> _Status:
        """What pyHanko finds; `again`: only the certificates, the content was compared before."""
        if _is_stamp(embedded):
            return await async_validate_pdf_timestamp(
                embedded, validation_context=stamps, diff_policy=POLICY, skip_diff=again
            )
        return await async_validate_pdf_signature(
            embedded,
            signer_validation_context=signer,
            ts_validation_context=stamps,
            diff_policy=POLICY,
            key_usage_settings=self._usage,
            algorithm_policy=self._algorithms,
            skip_diff=again,
        )

    def _proven(self, embedded: EmbeddedPdfSignature) -> datetime | None:
        """The earliest time at which a later, trusted document time stamp proves existence."""
        revision = embedded.signed_revision
        return min((time for stamp, time in self._proofs if stamp > revision), default=None)

    async def _trust(self, embedded: EmbeddedPdfSignature, status: _Status) -> Finding:
        """Whether the certificates hold at the time that is proven, with revocation data."""
        if not self._trusting.roots:
            return UNKNOWN
        stamp = _stamp(status)
        if stamp is not None and not (stamp.intact and stamp.valid and stamp.trusted):
            return bad_stamp(stamp)
        at = stamp.timestamp if stamp is not None else self._proven(embedded)
        claimed = at or getattr(status, "signer_reported_dt", None)
        return await self._trusting.finding(
            lambda context: self._status(embedded, context, context, again=True), at, claimed
        )

    def _level(self, embedded: EmbeddedPdfSignature, status: _Status) -> str:
        """The PAdES baseline level of what is there; each builds on the one before."""
        if isinstance(status, DocumentTimestampStatus):
            return "document-timestamp"
        if embedded.sig_object.get("/SubFilter") != SigSeedSubFilter.PADES.value:
            return "PKCS#7"
        if status.timestamp_validity is None:
            return "B-B"
        if not self._trusting.evidence.proves(embedded.signed_revision):
            return "B-T"
        renewed = any(revision > embedded.signed_revision for revision in self._stamps)
        return "B-LTA" if renewed else "B-LT"


def _unreadable(
    reader: PdfFileReader, field: DictionaryObject, name: str, reason: str, signer: str = ""
) -> SignatureVerdict:
    """On a signature that cannot be examined: undecided, unless pages differ from the signed."""
    try:
        with reading_foreign("signature", ""):
            signed = [int(number) for number in field["/V"]["/ByteRange"]]
            reader.stream.seek(0)
            changed = visibly_changed(reader.stream.read(), signed)
    except DocumentFault:
        changed = False
    return SignatureVerdict(
        field=name,
        signer=signer,
        modified_since=changed,
        changes_since="other" if changed else "unknown",
        integrity="broken" if changed else "unknown",
        reasons=(_OTHER_PAGES, reason) if changed else (reason,),
    )


def _stamp(status: _Status) -> TimestampSignatureStatus | None:
    """The document time stamp itself, or the time stamp inside a signature."""
    return status if isinstance(status, DocumentTimestampStatus) else status.timestamp_validity


def _is_stamp(embedded: EmbeddedPdfSignature) -> bool:
    return bool(embedded.sig_object_type == "/DocTimeStamp")


def _integrity(status: _Status, *, exact: bool) -> tuple[Integrity, tuple[str, ...]]:
    whole = status.coverage is not None
    whole = whole and status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
    for holds, objection in (
        (status.intact, "nội dung đã bị thay đổi sau khi ký"),
        (status.valid, "chữ ký không khớp với chứng thư của người ký"),
        (exact, "khoảng byte được ký bỏ sót nội dung ngoài chữ ký"),
        (whole, "chữ ký không bao phủ trọn phiên bản của tệp được ký"),
        (_permitted(status), "tệp có thay đổi sau khi ký mà chữ ký không cho phép"),
    ):
        if not holds:
            return "broken", (objection,)
    if not getattr(status, "seed_value_ok", True):
        return "unknown", ("chữ ký không theo ràng buộc đặt sẵn của ô chữ ký",)
    return "intact", _weaknesses(status)


def _weaknesses(status: _Status) -> tuple[str, ...]:
    """Objections to algorithms that can no longer be relied on."""
    mechanism = str(getattr(status, "pkcs7_signature_mechanism", "") or "").lower()
    named = {status.md_algorithm.lower(), mechanism.partition("_")[0]} & _WEAK_DIGESTS
    return tuple(f"chữ ký dùng {name.upper()}, thuật toán đã lỗi thời" for name in sorted(named))


def _permitted(status: _Status) -> bool:
    """Whether what was appended is permitted (ISO 32000-2, 12.8.2.2 DocMDP, 12.8.2.4 FieldMDP).

    pyHanko permits only maintenance after a document time stamp and leaves `docmdp_ok` of one
    unset; ISO 32000-2, 12.8.5 does not say so: further signatures may follow one.
    """
    if isinstance(status, DocumentTimestampStatus):
        level = status.modification_level
        return level is not None and level <= ModificationLevel.FORM_FILLING
    return bool(status.docmdp_ok)


def _changes(status: _Status) -> Changes:
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return "nothing"
    level = status.modification_level
    return "unknown" if level is None else _CHANGES[level]


def _unsupported(embedded: EmbeddedPdfSignature) -> str:
    kind = str(embedded.sig_object.get("/SubFilter", "")).lstrip("/")
    weak = "; SHA-1 đã lỗi thời" if kind.endswith("sha1") else ""
    return f"không kiểm tra được chữ ký này (kiểu {kind or 'không rõ'}, hoặc sai cấu trúc){weak}"


def _time(status: _Status) -> datetime | None:
    """The time of a time stamp where there is one that fits, else the time that is claimed."""
    stamp = _stamp(status)
    if stamp is not None and stamp.intact and stamp.valid:
        return stamp.timestamp
    return getattr(status, "signer_reported_dt", None)


def _signer_name(embedded: EmbeddedPdfSignature) -> str:
    try:
        with reading_foreign("signature", "không đọc được chứng thư"):
            subject = embedded.signer_cert.subject
            name = subject.native.get("common_name")
            return name if isinstance(name, str) else str(subject.human_friendly)
    except DocumentFault:
        return ""

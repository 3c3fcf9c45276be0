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
)
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

from domain.errors import DocumentFault
from signing.hostile import reading_foreign
from signing.verdicts import Integrity, Modified, SignatureVerdict, Trust

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.generic import DictionaryObject

_Status = PdfSignatureStatus | DocumentTimestampStatus
_WEAK_DIGESTS = frozenset({"md2", "md5", "sha1"})
_MODIFIED: dict[ModificationLevel, Modified] = {
    ModificationLevel.NONE: "nothing",
    ModificationLevel.LTA_UPDATES: "maintenance",
    ModificationLevel.FORM_FILLING: "form_filling",
    ModificationLevel.ANNOTATIONS: "other",
    ModificationLevel.OTHER: "other",
}
_TRUST_PROBLEMS = {
    "NO_CERTIFICATE_CHAIN_FOUND": "chứng thư không dẫn tới cơ quan cấp được tin cậy",
    "OUT_OF_BOUNDS_NO_POE": "chứng thư đã hết hạn và không có dấu thời gian chứng minh ngày ký",
    "EXPIRED": "chứng thư đã hết hạn",
    "NOT_YET_VALID": "chứng thư chưa có hiệu lực",
    "REVOKED": "chứng thư đã bị thu hồi",
    "REVOKED_NO_POE": "chứng thư đã bị thu hồi",
    "REVOKED_CA_NO_POE": "chứng thư của cơ quan cấp đã bị thu hồi",
    "CRYPTO_CONSTRAINTS_FAILURE": "chứng thư dùng thuật toán không còn an toàn",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "chứng thư dùng thuật toán không còn an toàn",
}
_UNTRUSTED = "không xác minh được chứng thư của người ký"


class Examiner:
    """Examines the signatures of one file against the same trusted certificates."""

    def __init__(self, roots: Sequence[Certificate]) -> None:
        self._roots = roots
        # Weak digests are judged by us: a SHA-1 signature may be intact although undecided.
        self._algorithms = CMSAlgorithmUsagePolicy.lift_policy(AcceptAllAlgorithms())
        self._usage = KeyUsageConstraints(
            key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
        )

    async def examine(
        self, reader: PdfFileReader, name: str, field: DictionaryObject
    ) -> SignatureVerdict:
        """The verdict on one filled field; what is malformed ends as undecided, with the reason."""
        try:
            with reading_foreign("signature", "chữ ký sai cấu trúc nên không kiểm tra được"):
                embedded = EmbeddedPdfSignature(reader, field, name)
        except DocumentFault as fault:
            return SignatureVerdict(field=name, reasons=(str(fault),))
        signer = _signer_name(embedded)
        try:
            with reading_foreign("signature", _unsupported(embedded)):
                status = await self._status(embedded)
                return self._verdict(name, signer, embedded, status)
        except DocumentFault as fault:
            return SignatureVerdict(field=name, signer=signer, reasons=(str(fault),))

    async def _status(self, embedded: EmbeddedPdfSignature) -> _Status:
        context = ValidationContext(trust_roots=self._roots, allow_fetching=False)
        if embedded.sig_object_type == "/DocTimeStamp":
            return await async_validate_pdf_timestamp(embedded, validation_context=context)
        return await async_validate_pdf_signature(
            embedded,
            signer_validation_context=context,
            key_usage_settings=self._usage,
            algorithm_policy=self._algorithms,
        )

    def _verdict(
        self, name: str, signer: str, embedded: EmbeddedPdfSignature, status: _Status
    ) -> SignatureVerdict:
        integrity, objections = _integrity(status)
        trust, doubts = self._trust(status)
        if status.md_algorithm.lower() in _WEAK_DIGESTS:
            objections += (f"chữ ký dùng {status.md_algorithm.upper()}, thuật toán đã lỗi thời",)
        return SignatureVerdict(
            field=name,
            signer=signer,
            time=_time(status),
            level=_level(embedded, status),
            digest=status.md_algorithm,
            covers_whole_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
            modified_since=_modified(status),
            integrity=integrity,
            trust=trust,
            reasons=objections + doubts,
        )

    def _trust(self, status: _Status) -> tuple[Trust, tuple[str, ...]]:
        if status.trusted:
            return "trusted", ()
        if not self._roots:
            return "unknown", ("chưa cấu hình chứng thư tin cậy (trust_roots)",)
        problem = getattr(status.trust_problem_indic, "name", "")
        return "untrusted", (_TRUST_PROBLEMS.get(problem, _UNTRUSTED),)


def _integrity(status: _Status) -> tuple[Integrity, tuple[str, ...]]:
    if not (status.intact and status.valid):
        return "broken", ("nội dung đã bị thay đổi sau khi ký, hoặc chữ ký bị hỏng",)
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return "broken", ("chữ ký không bao phủ trọn phiên bản của tệp được ký",)
    if not (status.docmdp_ok or _stamped_then_signed(status)):
        return "broken", ("tệp có thay đổi sau khi ký mà chữ ký không cho phép",)
    if not getattr(status, "seed_value_ok", True):
        return "unknown", ("chữ ký không theo ràng buộc đặt sẵn của ô chữ ký",)
    return "intact", ()


def _stamped_then_signed(status: _Status) -> bool:
    """Whether a document time stamp was merely followed by further signatures.

    pyHanko permits only maintenance after a time stamp; ISO 32000-2, 12.8.5 does not say so.
    """
    return (
        isinstance(status, DocumentTimestampStatus)
        and status.modification_level == ModificationLevel.FORM_FILLING
    )


def _modified(status: _Status) -> Modified:
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return "nothing"
    level = status.modification_level
    return "unknown" if level is None else _MODIFIED[level]


def _level(embedded: EmbeddedPdfSignature, status: _Status) -> str:
    """The PAdES baseline level that the structure claims; each builds on the one before."""
    if isinstance(status, DocumentTimestampStatus):
        return "document-timestamp"
    if embedded.sig_object.get("/SubFilter") != SigSeedSubFilter.PADES.value:
        return "PKCS#7"
    if status.timestamp_validity is None:
        return "B-B"
    return "B-LT" if "/DSS" in embedded.reader.root else "B-T"


def _unsupported(embedded: EmbeddedPdfSignature) -> str:
    kind = str(embedded.sig_object.get("/SubFilter", "")).lstrip("/")
    return f"không kiểm tra được chữ ký này (kiểu {kind or 'không rõ'}, hoặc sai cấu trúc)"


def _time(status: _Status) -> datetime | None:
    """The time of a time stamp where there is one, else the time that the signer claims."""
    if isinstance(status, DocumentTimestampStatus):
        return status.timestamp
    stamp = status.timestamp_validity
    return stamp.timestamp if stamp is not None else status.signer_reported_dt


def _signer_name(embedded: EmbeddedPdfSignature) -> str:
    try:
        with reading_foreign("signature", "không đọc được chứng thư"):
            subject = embedded.signer_cert.subject
            name = subject.native.get("common_name")
            return name if isinstance(name, str) else str(subject.human_friendly)
    except DocumentFault:
        return ""

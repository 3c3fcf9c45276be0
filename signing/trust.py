"""From pyHanko's findings on certificates to our words: trusted, untrusted, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from signing.verdicts import Trust

_PROBLEMS = {
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
_OTHER = "không xác minh được chứng thư của người ký"
_STAMP_BROKEN = "dấu thời gian trong chữ ký không khớp với nội dung"
_STAMP_UNTRUSTED = "dấu thời gian không do tổ chức được tin cậy cấp, hoặc chứng thư của nó hết hạn"
_NO_REVOCATION_DATA = (
    "chưa biết chứng thư có bị thu hồi không: tệp không kèm dữ liệu thu hồi (OCSP, CRL) và không "
    "hỏi được cơ quan cấp"
)


class Finding(NamedTuple):
    """What the certificates of one signature are worth; no reasons when trusted."""

    trust: Trust
    reasons: tuple[str, ...] = ()
    revoked: bool = False


TRUSTED = Finding("trusted")
UNKNOWN = Finding("unknown", ("chưa cấu hình chứng thư tin cậy (trust_roots)",))
UNCHECKED = Finding("unknown", (_NO_REVOCATION_DATA,))


def trusted(status: Any) -> bool:
    """Whether the signer's certificate holds, and that of the signature's time stamp."""
    stamp = getattr(status, "timestamp_validity", None)
    return bool(status.trusted and (stamp is None or stamp.trusted))


def untrusted(status: Any, at: datetime | None) -> Finding:
    """The problem in words; revoked for good when that was before the time of signing."""
    details = getattr(status, "revocation_details", None)
    problem = getattr(status.trust_problem_indic, "name", "")
    gone = details is not None and at is not None and details.revocation_date <= at
    if details is None and status.trusted:  # then it is the time stamp's certificate
        return Finding("unknown", (_NO_REVOCATION_DATA,))
    if problem in ("", "CERTIFICATE_CHAIN_GENERAL_FAILURE", "TRY_LATER"):
        return Finding("untrusted", (_PROBLEMS.get(problem, _OTHER),))
    return Finding("untrusted", (_PROBLEMS.get(problem, _OTHER),), revoked=gone)


def revoked_after(status: Any, at: datetime | None) -> bool:
    """Whether a certificate was revoked only after the time at which its signature existed."""
    details = getattr(status, "revocation_details", None)
    return bool(
        at is not None
        and details is not None
        and not details.ca_revoked
        and details.revocation_date > at
    )


def bad_stamp(stamp: Any) -> Finding:
    """Why a time stamp proves nothing; without proof of time nothing else is judged."""
    if not (stamp.intact and stamp.valid):
        return Finding("untrusted", (_STAMP_BROKEN,))
    return Finding("untrusted", (_STAMP_UNTRUSTED,))

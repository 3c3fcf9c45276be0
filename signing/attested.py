"""Judging the evidence beside a detached signature: manifest, time stamp, certificates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

from domain.errors import DocumentFault
from signing.attestations import Attestation, covered, holds
from signing.evidence import Evidence, Trusting
from signing.evidence_formats import StoredData, read_data, read_token
from signing.hostile import reading_foreign
from signing.verdicts import SignatureVerdict

if TYPE_CHECKING:
    from pyhanko_certvalidator import ValidationContext

_OTHER_FILES = "tệp không đúng với danh sách giá trị băm mà dấu thời gian chứng nhận"
_OTHER_MANIFEST = "dấu thời gian không đúng với danh sách giá trị băm"
_POLICY = CMSAlgorithmUsagePolicy.lift_policy(AcceptAllAlgorithms())


def evidence_beside(known: Sequence[Attestation], files: Mapping[str, Path]) -> Evidence:
    """All certificates and revocation data in these files that their manifests vouch for."""
    read = [_read(files[one.data]) for one in known if _holds(one, known, files)]
    return Evidence(
        tuple(certificate for data in read for certificate in data.certificates),
        tuple(answer for data in read for answer in data.ocsps),
        tuple(revoked for data in read for revoked in data.crls),
    )


def _holds(one: Attestation, known: Sequence[Attestation], files: Mapping[str, Path]) -> bool:
    return holds(files[one.manifest].read_bytes(), covered(one, known), files, one.digest)


def _read(file: Path) -> StoredData:
    try:
        with reading_foreign("damaged", ""):
            return read_data(file.read_bytes())
    except DocumentFault:
        return StoredData((), (), ())


async def judge(
    one: Attestation,
    known: Sequence[Attestation],
    files: Mapping[str, Path],
    trusting: Trusting,
    at: datetime | None,
) -> SignatureVerdict:
    """The verdict on one time stamp at a proven time (None: now).

    Intact only where the manifest lists all that it must and every file is as it says. Raises
    what pyHanko and asn1crypto raise on malformed files.
    """
    manifest = files[one.manifest].read_bytes()
    token = read_token(files[one.token].read_bytes())

    async def look(context: ValidationContext) -> Any:
        found = await validate_tst_signed_data(
            token, context, lambda digest: hashlib.new(digest, manifest).digest(), _POLICY
        )
        return TimestampSignatureStatus(**found)

    status = await look(trusting.at(at, strict=False))
    reasons: tuple[str, ...] = ()
    if not (status.intact and status.valid):
        reasons = (_OTHER_MANIFEST,)
    elif not _holds(one, known, files):
        reasons = (_OTHER_FILES,)
    finding = await trusting.finding(look, at, status.timestamp)
    subject = status.signing_cert.subject
    return SignatureVerdict(
        field=one.token,
        signer=str(subject.native.get("common_name") or subject.human_friendly),
        time=status.timestamp,
        level="evidence-timestamp",
        digest=one.digest,
        covers_whole_file=not reasons,
        modified_since=bool(reasons),
        changes_since="unknown" if reasons else "nothing",
        integrity="broken" if reasons else "intact",
        trust=finding.trust,
        revoked=finding.revoked,
        reasons=reasons + finding.reasons,
    )

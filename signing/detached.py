"""Verifying a detached CAdES signature (`.p7s`, RFC 5652, ETSI EN 319 122-1) over any file.

Evidence beside it (`signing.attestations`) is judged first, the newest before the older: what
holds proves that all it covers existed at its time, and what is older is judged as of then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.errors import DocumentFault
from signing.attestations import PAPER, SIGNATURE, attestations
from signing.hostile import reading_foreign
from signing.trusted import load_trust_roots
from signing.verdicts import SignatureVerdict

if TYPE_CHECKING:
    from pyhanko_certvalidator import ValidationContext

    from signing.evidence import Trusting

_UNREADABLE = "tệp chữ ký rời hỏng hoặc không phải chữ ký CMS"
_ALTERED = "tệp không đúng với tệp mà chữ ký rời đã ký, hoặc chữ ký hỏng"
_NO_EVIDENCE = "bằng chứng hỏng, thiếu tệp hoặc không đúng mẫu"
_WEAK_DIGESTS = frozenset({"md2", "md5", "sha1"})
_CADES = frozenset({"signing_certificate_v2"})


def detached_holds(source: Path, signature: Path) -> bool:
    """Whether a detached signature is intact over exactly these bytes; trust is not judged.

    DocumentFault (`damaged`) when it is no such signature.
    """
    with reading_foreign("damaged", _UNREADABLE):
        status, _ = asyncio.run(_status(source, signature.read_bytes(), None))
    return bool(status.intact and status.valid)


def verify_detached(
    source: Path,
    signature: Path,
    *,
    evidence: Mapping[str, Path] | None = None,
    trust_roots: Sequence[Path] = (),
    online: bool = False,
) -> tuple[SignatureVerdict, ...]:
    """The verdict on a detached signature, then on each time stamp of the evidence beside it.

    Their fields are the names of the files. Level `B-B` is a CAdES baseline signature (it names
    its certificate in a signed attribute), `PKCS#7` any other, `evidence-timestamp` a time stamp
    over a manifest. What is malformed is undecided, with the reason.
    """
    files = {**(evidence or {}), PAPER: source, SIGNATURE: signature}
    return asyncio.run(_all(files, signature.read_bytes(), tuple(trust_roots), online=online))


async def _all(
    files: Mapping[str, Path], cms: bytes, roots: tuple[Path, ...], *, online: bool
) -> tuple[SignatureVerdict, ...]:
    from signing.attested import evidence_beside, judge  # import pyHanko
    from signing.evidence import Trusting

    known = attestations(files)
    trusting = Trusting(
        load_trust_roots(roots) if roots else (), evidence_beside(known, files), online=online
    )
    at: datetime | None = None
    stamps: list[SignatureVerdict] = []
    for one in reversed(known):
        try:
            with reading_foreign("damaged", _NO_EVIDENCE):
                found = await judge(one, known, files, trusting, at)
        except DocumentFault as fault:
            found = SignatureVerdict(field=one.token, reasons=(str(fault),))
        stamps.insert(0, found)
        at = found.time if found.verdict == "sound" else at
    try:
        with reading_foreign("damaged", _UNREADABLE):
            ours = await _verdict(files, cms, trusting, at)
    except DocumentFault as fault:
        ours = SignatureVerdict(field=files[SIGNATURE].name, reasons=(str(fault),))
    return (ours, *stamps)


async def _verdict(
    files: Mapping[str, Path], cms: bytes, trusting: Trusting, at: datetime | None
) -> SignatureVerdict:
    source, signature = files[PAPER], files[SIGNATURE]
    status, named = await _status(source, cms, trusting.at(at, strict=False))
    intact = bool(status.intact and status.valid)

    async def look(context: ValidationContext) -> Any:
        return (await _status(source, cms, context))[0]

    finding = await trusting.finding(look, at, at or status.signer_reported_dt)
    reasons: tuple[str, ...] = () if intact else (_ALTERED,)
    if status.md_algorithm.lower() in _WEAK_DIGESTS:
        reasons += (f"chữ ký dùng {status.md_algorithm.upper()}, thuật toán đã lỗi thời",)
    subject = status.signing_cert.subject
    return SignatureVerdict(
        field=signature.name,
        signer=str(subject.native.get("common_name") or subject.human_friendly),
        time=status.signer_reported_dt,
        level="B-B" if named else "PKCS#7",
        digest=status.md_algorithm,
        covers_whole_file=intact,
        modified_since=not status.intact,
        changes_since="nothing" if intact else "unknown",
        integrity="intact" if intact else "broken",
        trust=finding.trust,
        revoked=finding.revoked,
        reasons=reasons + finding.reasons,
    )


async def _status(source: Path, cms: bytes, context: ValidationContext | None) -> tuple[Any, bool]:
    """What pyHanko finds, and whether the signature names its certificate (CAdES)."""
    from asn1crypto.cms import ContentInfo
    from pyhanko.sign.validation import async_validate_detached_cms  # before any table is filled
    from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
    from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

    from signing.evidence import Evidence, Trusting

    signed = ContentInfo.load(cms)["content"]
    with source.open("rb") as content:
        status = await async_validate_detached_cms(
            content,
            signed,
            signer_validation_context=context or Trusting((), Evidence(), online=False).at(None),
            algorithm_policy=CMSAlgorithmUsagePolicy.lift_policy(AcceptAllAlgorithms()),
        )
    attributes = signed["signer_infos"][0]["signed_attrs"]
    return status, any(attribute["type"].native in _CADES for attribute in attributes)

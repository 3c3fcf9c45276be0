"""Verifying a detached CAdES signature (`.p7s`, RFC 5652, ETSI EN 319 122-1) over any file."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from domain.errors import DocumentFault
from signing.hostile import reading_foreign
from signing.trust import TRUSTED, UNCHECKED, UNKNOWN, Finding, untrusted
from signing.trusted import load_trust_roots
from signing.verdicts import SignatureVerdict

_UNREADABLE = "tệp chữ ký rời hỏng hoặc không phải chữ ký CMS"
_ALTERED = "tệp không đúng với tệp mà chữ ký rời đã ký, hoặc chữ ký hỏng"
_WEAK_DIGESTS = frozenset({"md2", "md5", "sha1"})
_CADES = frozenset({"signing_certificate_v2"})


def detached_holds(source: Path, signature: Path) -> bool:
    """Whether a detached signature is intact over exactly these bytes; trust is not judged.

    DocumentFault (`damaged`) when it is no such signature.
    """
    with reading_foreign("damaged", _UNREADABLE):
        status, _ = asyncio.run(_status(source, signature.read_bytes(), (), online=False))
    return bool(status.intact and status.valid)


def verify_detached(
    source: Path, signature: Path, *, trust_roots: Sequence[Path] = (), online: bool = False
) -> SignatureVerdict:
    """The verdict on a detached signature; its field is the name of the signature file.

    Level `B-B` is a CAdES baseline signature (it names its certificate in a signed attribute),
    `PKCS#7` any other. What is malformed is undecided, with the reason.
    """
    roots, cms = tuple(trust_roots), signature.read_bytes()
    try:
        with reading_foreign("damaged", _UNREADABLE):
            status, named = asyncio.run(_status(source, cms, roots, online=online))
    except DocumentFault as fault:
        return SignatureVerdict(field=signature.name, reasons=(str(fault),))
    intact = bool(status.intact and status.valid)
    finding = asyncio.run(_trust(source, cms, roots, online=online))
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


async def _trust(source: Path, cms: bytes, roots: tuple[Path, ...], *, online: bool) -> Finding:
    if not roots:
        return UNKNOWN
    plain, _ = await _status(source, cms, roots, online=False, strict=False)
    if not plain.trusted:
        return untrusted(plain, plain.signer_reported_dt)
    strict, _ = await _status(source, cms, roots, online=online)
    if strict.trusted:
        return TRUSTED
    return untrusted(strict, strict.signer_reported_dt) if online else UNCHECKED


async def _status(
    source: Path,
    cms: bytes,
    roots: tuple[Path, ...],
    *,
    online: bool,
    strict: bool = True,
) -> tuple[Any, bool]:
    """What pyHanko finds, and whether the signature names its certificate (CAdES)."""
    from asn1crypto.cms import ContentInfo
    from pyhanko.sign.validation import async_validate_detached_cms
    from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
    from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

    from signing.evidence import Evidence, Trusting

    trusting = Trusting(load_trust_roots(roots) if roots else (), Evidence(), online=online)
    signed = ContentInfo.load(cms)["content"]
    with source.open("rb") as content:
        status = await async_validate_detached_cms(
            content,
            signed,
            signer_validation_context=(
                trusting.fetching() if online else trusting.at(None, strict=strict)
            ),
            algorithm_policy=CMSAlgorithmUsagePolicy.lift_policy(AcceptAllAlgorithms()),
        )
    attributes = signed["signer_infos"][0]["signed_attrs"]
    return status, any(attribute["type"].native in _CADES for attribute in attributes)

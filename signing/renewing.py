"""Renewing what protects a signed file: fresh validation data and a document time stamp.

The time stamp covers the file with all older proofs, so it makes up for whatever of them grows
weak afterwards (PAdES B-LTA, ETSI EN 319 142-1, 5.5). A paper that was signed while no
authority answered reaches its level in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from signing.hostile import reading_foreign
from signing.long_term import append_time_stamp
from signing.outlook import Proof, proofs_in
from signing.replacing import replacing
from signing.timestamps import FailoverTimeStamper, TokenTooLargeError
from signing.trusted import load_trust_roots
from signing.validation_data import (
    NoRevocationSourceError,
    RevokedCertificateError,
    UntrustedChainError,
    ValidationData,
    validation_data,
)

if TYPE_CHECKING:
    from signing.levels import TrustServices

_DAMAGED = ("damaged", "Không đọc được các chữ ký trong tệp; hãy kiểm tra bằng sohoa verify.")


def renew_pdf(source: Path, target: Path, services: TrustServices) -> tuple[str, ...]:
    """Write `source` with a new document time stamp and the data that it covers to `target`.

    Returns what could not be proved although it should have been, in Vietnamese: signatures of
    others, whose certificates lead to no root of ours, are left as they are and not mentioned.
    Raises NoTimeStampError where no authority answers, NoValidationDataError where a responder
    does not (try again later); nothing is written then. DocumentFault: damaged.
    """
    try:
        return _renew(source, target, services)
    except TokenTooLargeError:  # another authority stepped in; its size is known now
        return _renew(source, target, services)


def _renew(source: Path, target: Path, services: TrustServices) -> tuple[str, ...]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    stamper = FailoverTimeStamper(services)
    output = BytesIO(source.read_bytes())
    with replacing(target) as fresh, reading_foreign(*_DAMAGED):
        proofs = [
            proof for group in proofs_in(PdfFileReader(output, strict=False)) for proof in group
        ]
        data, lacking = gather(proofs, services)
        data.append(stamper.expected().data)
        append_time_stamp(output, stamper, digest=services.settings.digest, data=data)
        fresh.write_bytes(output.getbuffer())
    return lacking


def gather(
    proofs: Iterable[Proof], services: TrustServices
) -> tuple[list[ValidationData], tuple[str, ...]]:
    """Fresh data for those proofs whose chain leads to a root of ours, and what lacks it.

    Raises NoValidationDataError where a responder does not answer.
    """
    found: list[ValidationData] = []
    lacking: list[str] = []
    for proof in proofs:
        if not _leads_home(proof, services):
            continue
        try:
            found.append(
                validation_data(
                    proof.certificate, proof.others, services, time_stamping=proof.time_stamping
                )
            )
        except (RevokedCertificateError, UntrustedChainError, NoRevocationSourceError) as error:
            lacking.append(str(error))  # too late for this one; older data may prove it
    return found, tuple(dict.fromkeys(lacking))


def _leads_home(proof: Proof, services: TrustServices) -> bool:
    """Whether the chain in the file ends at a root of ours.

    Addresses in other people's certificates are not asked: anybody may have written them.
    """
    roots = {root.subject.hashable for root in load_trust_roots(services.trust_roots)}
    issuers = {other.subject.hashable: other for other in proof.others}
    step, seen = proof.certificate, set[bytes]()
    while step.issuer.hashable not in roots:
        if step.sha256 in seen or step.issuer.hashable not in issuers:
            return False
        seen.add(step.sha256)
        step = issuers[step.issuer.hashable]
    return True

"""How long a signed file proves itself, and what with: read from the file, without network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from signing.hostile import reading_foreign

if TYPE_CHECKING:
    from asn1crypto.cms import SignedData, SignerInfo
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.reader import PdfFileReader

_DAMAGED = ("damaged", "Không đọc được các chữ ký trong tệp; hãy kiểm tra bằng sohoa verify.")


class Outlook(BaseModel):
    """The weakest of the proofs that protect the file now.

    That is the newest document time stamp; where there is none, of each signature its time
    stamp, or the signer's certificate where it has none.
    """

    model_config = ConfigDict(frozen=True)

    until: datetime
    """When the first of those certificates expires."""
    algorithms: tuple[str, ...]
    """What they rest on: `sha256`, `rsa2048`, `ecdsa-p256`, …; sorted."""
    document_time_stamps: int


class Proof(NamedTuple):
    """A certificate in the file that proves something, and how."""

    certificate: Certificate
    others: tuple[Certificate, ...]
    digest: str
    time_stamping: bool

    @property
    def algorithms(self) -> tuple[str, str]:
        """What it rests on: its digest and its key."""
        key = self.certificate.public_key
        kind = "ecdsa-p" if key.algorithm == "ec" else "rsa"
        return self.digest, f"{kind}{key.bit_size}"


def outlook(source: Path) -> Outlook | None:
    """What protects the file; None where it has no signature that can be read.

    Raises DocumentFault (`damaged`).
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    with source.open("rb") as opened, reading_foreign(*_DAMAGED):
        reader = PdfFileReader(opened, strict=False)
        stamps = list(reader.embedded_timestamp_signatures)
        proofs = [group[-1] for group in proofs_in(reader)]
    if not proofs:
        return None
    if stamps:
        proofs = proofs[-1:]
    algorithms = {name for proof in proofs for name in proof.algorithms}
    return Outlook(
        until=min(proof.certificate.not_valid_after for proof in proofs),
        algorithms=tuple(sorted(algorithms)),
        document_time_stamps=len(stamps),
    )


def proofs_in(reader: PdfFileReader) -> Iterator[tuple[Proof, ...]]:
    """Of each signature, oldest first: the signer's certificate and that of its time stamp.

    A document time stamp has one, the authority's. Raises what pyHanko raises.
    """
    from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

    for embedded in reader.embedded_signatures:
        document_stamp = embedded.sig_object_type == "/DocTimeStamp"
        stamps = () if document_stamp else extract_tst_data_iter(embedded.signer_info, signed=False)
        yield (
            proof_of(embedded.signed_data, time_stamping=document_stamp),
            *(proof_of(stamp, time_stamping=True) for stamp in stamps),
        )


def proof_of(signed: SignedData, *, time_stamping: bool) -> Proof:
    """What a signature (CMS) or time-stamp token proves, and with which certificates."""
    from pyhanko.sign.general import extract_certificate_info

    found = extract_certificate_info(signed)
    signer: SignerInfo = signed["signer_infos"][0]
    return Proof(
        found.signer_cert,
        tuple(found.other_certs),
        str(signer["digest_algorithm"]["algorithm"].native),
        time_stamping,
    )

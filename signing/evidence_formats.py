"""How evidence beside a detached signature is written: tokens and validation data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from asn1crypto import cms, crl, ocsp, tsp, x509

from signing.asn1 import fill_tables
from signing.attestations import SIGNATURE, attestations
from signing.outlook import Outlook, Proof, proof_of
from signing.validation_data import ValidationData

_WITH_OCSP_ANSWERS = "v5"
"""CMS version of a SignedData that holds other revocation data than CRLs (RFC 5652, 5.1)."""


def write_token(token: cms.ContentInfo) -> bytes:
    """A token as `openssl ts -verify -in` reads it."""
    status = tsp.PKIStatusInfo({"status": "granted"})
    answer = tsp.TimeStampResp({"status": status, "time_stamp_token": token})
    return bytes(answer.dump())


def read_token(content: bytes) -> cms.SignedData:
    """The signed part of a token. Raises what asn1crypto raises."""
    return tsp.TimeStampResp.load(content, strict=True)["time_stamp_token"]["content"]


def write_data(data: Iterable[ValidationData]) -> bytes:
    """Validation data as a CMS that signs nothing ("certs-only"), each item once."""
    known = list(data)
    certificates = {one.dump(): one for item in known for one in item.certificates}
    crls = {one.dump(): one for item in known for one in item.crls}
    answers = {one.dump(): one for item in known for one in item.ocsps}
    proofs = [cms.RevocationInfoChoice("crl", one) for one in crls.values()]
    proofs += [
        cms.RevocationInfoChoice(
            "other",
            cms.OtherRevocationInfoFormat(
                {"other_rev_info_format": "ocsp_response", "other_rev_info": one}
            ),
        )
        for one in answers.values()
    ]
    content = cms.SignedData(
        {
            "version": _WITH_OCSP_ANSWERS,
            "digest_algorithms": [],
            "encap_content_info": {"content_type": "data"},
            "certificates": [
                cms.CertificateChoices("certificate", one) for one in certificates.values()
            ],
            "crls": proofs,
            "signer_infos": [],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": content}).dump())


class StoredData(NamedTuple):
    """What `write_data` wrote."""

    certificates: tuple[x509.Certificate, ...]
    ocsps: tuple[ocsp.OCSPResponse, ...]
    crls: tuple[crl.CertificateList, ...]


def read_data(content: bytes) -> StoredData:
    """The validation data in a file. Raises what asn1crypto raises."""
    signed = cms.ContentInfo.load(content, strict=True)["content"]
    proofs = [choice.chosen for choice in signed["crls"] or ()]
    return StoredData(
        tuple(choice.chosen for choice in signed["certificates"] or ()),
        tuple(
            ocsp.OCSPResponse.load(proof["other_rev_info"].dump())
            for proof in proofs
            if isinstance(proof, cms.OtherRevocationInfoFormat)
        ),
        tuple(proof for proof in proofs if isinstance(proof, crl.CertificateList)),
    )


def newest_proof(files: Mapping[str, Path]) -> Proof:
    """What all else rests on: the newest time stamp, or the bare signature.

    Raises what asn1crypto and pyHanko raise.
    """
    known = attestations(files)
    if known:
        return proof_of(read_token(files[known[-1].token].read_bytes()), time_stamping=True)
    signed = cms.ContentInfo.load(files[SIGNATURE].read_bytes())["content"]
    return proof_of(signed, time_stamping=False)


def outlook_beside(files: Mapping[str, Path]) -> Outlook:
    """How long a detached signature proves itself with the evidence beside it.

    `files` are names in the archive → where they are; `document_time_stamps` counts renewals.
    """
    proof, known = newest_proof(files), attestations(files)
    return Outlook(
        until=proof.certificate.not_valid_after,
        algorithms=tuple(sorted({*proof.algorithms, *(one.digest for one in known[-1:])})),
        document_time_stamps=len(known),
    )


fill_tables()

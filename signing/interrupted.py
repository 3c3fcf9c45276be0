"""Interrupted signing: the file is prepared here, its digest is signed elsewhere, we complete it.

The personal key stays on the officer's own token. What leaves is the SHA-256 digest of the bytes
that the signature covers; what comes back is a detached CMS signature (RFC 5652) with the PAdES
attributes (ETSI EN 319 142-1), in which the officer's PC has put its own certificate.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from domain.errors import DocumentFault, IntegrityFault
from signing.appearance import AppearanceProfile
from signing.certificates import key_sha256
from signing.first_page import first_page_view
from signing.hostile import reading_foreign
from signing.keys import Signer
from signing.pdf import DIGEST, empty_field, inspect_pdf
from signing.replacing import replacing

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.sign.timestamps import TimeStamper

RESERVED_HEX = 48 * 1024
"""Room for the signature in the prepared file, in hexadecimal digits: a long chain and RSA-4096."""
_DAMAGED = ("damaged", "Tệp PDF hỏng nên không ký được; hãy xin lại tệp hoặc quét lại giấy tờ.")
_NO_SIGNATURE = "Đây không phải chữ ký CMS đúng chuẩn; hãy ký lại bằng «sohoa sign»."


class Prepared(BaseModel):
    """A file that waits for a signature: what is to be signed, and where the signature goes."""

    model_config = ConfigDict(frozen=True)

    digest: str
    """SHA-256 (hex) of the byte range."""
    start: int
    """Where the reserved place begins and ends, in bytes from the start of the file."""
    end: int


def prepare_pdf(
    source: Path,
    target: Path,
    *,
    field: str,
    profile: AppearanceProfile,
    values: Mapping[str, str],
    name: str,
    signed_at: datetime,
    reason: str,
) -> Prepared:
    """Write `source` with an empty signature in its field `field` to `target`.

    The prepared field is taken where there is one, otherwise one is added to page 1. `name` is
    the person who will sign (/Name); `signed_at` the claimed time (/M), with an offset.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import ExternalSigner, PdfSignatureMetadata

    from signing.session import PdfSignerAt  # imports pyHanko
    from signing.stamp import TextStamp  # same

    if signed_at.tzinfo is None:
        raise ValueError("signed_at has no offset")
    state = inspect_pdf(source)
    if not state.may_add:
        raise DocumentFault("no_more_signatures", state.reason)
    with (
        source.open("rb") as opened,
        replacing(target) as fresh,
        fresh.open("wb+") as output,
        reading_foreign(*_DAMAGED),
    ):
        writer = IncrementalPdfFileWriter(opened, strict=False)
        name_of_field = empty_field(writer, field, profile)
        drawn = TextStamp(
            texts=profile.texts(values),
            font_size=profile.font_size_pt,
            qr=None,
            rotation=first_page_view(writer).rotation,
        )
        signer = PdfSignerAt(
            PdfSignatureMetadata(
                field_name=name_of_field,
                md_algorithm=DIGEST,
                reason=reason,
                name=name,
                subfilter=SigSeedSubFilter.PADES,
            ),
            ExternalSigner(signing_cert=None, cert_registry=None, signature_value=bytes(512)),
            stamp_style=drawn,
            signed_at=signed_at,
        )
        ready, _, _ = asyncio.run(
            signer.async_digest_doc_for_signing(
                writer, existing_fields_only=True, bytes_reserved=RESERVED_HEX, output=output
            )
        )
    return Prepared(
        digest=ready.document_digest.hex(),
        start=ready.reserved_region_start,
        end=ready.reserved_region_end,
    )


def sign_digests(digests: Mapping[str, str], signer: Signer) -> dict[str, bytes]:
    """For each name a CMS signature (DER) over its SHA-256 digest (hex), by one key, one login."""
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    key = signer.pyhanko()

    async def all_of_them() -> dict[str, bytes]:
        return {
            name: (
                await key.async_sign(
                    bytes.fromhex(digest),
                    DIGEST,
                    use_pades=True,
                    signed_attr_settings=PdfCMSSignedAttributes(),
                )
            ).dump()
            for name, digest in digests.items()
        }

    return asyncio.run(all_of_them())


def complete_pdf(source: Path, target: Path, prepared: Prepared, signature: bytes) -> None:
    """Put the signature (CMS, DER) into its place; IntegrityFault when it does not fit there."""
    from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest

    if 2 * len(signature) > prepared.end - prepared.start - 2:
        raise IntegrityFault(_NO_SIGNATURE)
    place = PreparedByteRangeDigest(bytes.fromhex(prepared.digest), prepared.start, prepared.end)
    with replacing(target) as fresh:
        shutil.copyfile(source, fresh)
        with fresh.open("rb+") as output:
            place.fill_with_cms(output, signature)


def with_time_stamp(signature: bytes, stamper: TimeStamper) -> bytes:
    """The signature with a time stamp over its value (PAdES B-T), made when it came back."""
    from asn1crypto import cms

    envelope = cms.ContentInfo.load(signature)
    (signer,) = envelope["content"]["signer_infos"]
    digest = hashlib.new(DIGEST, signer["signature"].native).digest()
    token = asyncio.run(stamper.async_timestamp(digest, DIGEST))
    attribute = {"type": "signature_time_stamp_token", "values": [token]}
    signer["unsigned_attrs"] = cms.CMSAttributes([cms.CMSAttribute(attribute)])
    stamped: bytes = envelope.dump(force=True)
    return stamped


def certificates_of(signature: bytes) -> tuple[Certificate, tuple[Certificate, ...]]:
    """The signer's certificate and the others carried; IntegrityFault when this is no signature."""
    from asn1crypto import cms
    from pyhanko.sign.general import extract_signer_info
    from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

    try:
        signed = cms.ContentInfo.load(signature, strict=True)["content"]
        extract_signer_info(signed)
        carried = extract_certs_for_validation(signed)
        return carried.signer_cert, tuple(carried.other_certs)
    except Exception as error:  # foreign bytes fail in many ways
        raise IntegrityFault(_NO_SIGNATURE) from error


def key_of(signature: bytes) -> str:
    """SHA-256 (hex) of the signer's public key; IntegrityFault when this is no CMS signature."""
    certificate, _ = certificates_of(signature)
    return key_sha256(certificate)

"""Files as an officer's scanner writes them, and as things go wrong with them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner


def as_jpeg(page: Image.Image, quality: int) -> bytes:
    """A JPEG that carries the page's resolution."""
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=quality, dpi=page.info["dpi"])
    return buffer.getvalue()


def as_png(page: Image.Image) -> bytes:
    """A PNG that carries the page's resolution."""
    buffer = io.BytesIO()
    page.save(buffer, "PNG", dpi=page.info["dpi"])
    return buffer.getvalue()


def as_tiff(pages: Sequence[Image.Image], quality: int) -> bytes:
    """A TIFF of several pages, compressed as JPEG inside."""
    buffer = io.BytesIO()
    pages[0].save(
        buffer,
        "TIFF",
        save_all=True,
        append_images=list(pages[1:]),
        compression="jpeg",
        quality=quality,
        dpi=pages[0].info["dpi"],
    )
    return buffer.getvalue()


def as_pdf(pages: Sequence[Image.Image], quality: int) -> bytes:
    """A PDF that holds each page as one JPEG and no text; the same pages give the same bytes."""
    import img2pdf

    result: bytes = img2pdf.convert(
        [as_jpeg(page, quality) for page in pages],
        engine=img2pdf.Engine.internal,
        nodate=True,
        producer="Scanner",
    )
    return result


def cut_in_half(content: bytes) -> bytes:
    """The first half, as an upload that broke off leaves it."""
    return content[: len(content) // 2]


def encrypted(pdf: bytes, password: str) -> bytes:
    """The PDF behind a password (AES-256, revision 6); each call gives other bytes."""
    import pikepdf

    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(buffer, encryption=pikepdf.Encryption(owner=password, user=password, R=6))
    return buffer.getvalue()


def signed(pdf: bytes, agency: str, *, final: bool = False) -> bytes:
    """The PDF with an invisible PAdES signature of an invented agency.

    `final`: certified against every change (DocMDP 1, ISO 32000-2, 12.8.2.2).

    Key and certificate are made for this one call and kept nowhere, so each call gives other
    bytes, and nobody trusts the signer.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    buffer = io.BytesIO()
    signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)),
        signers.PdfSignatureMetadata(
            field_name="ChuKySo",
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            name=agency,
            certify=final,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        ),
        signer=_throw_away_signer(agency),
        output=buffer,
        bytes_reserved=16384,
    )
    return buffer.getvalue()


def _throw_away_signer(agency: str) -> SimpleSigner:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
    from cryptography.x509.oid import NameOID
    from pyhanko.sign.signers import SimpleSigner

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, agency)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2024, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2044, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    bundle = pkcs12.serialize_key_and_certificates(b"thu", key, certificate, None, NoEncryption())
    signer: SimpleSigner = SimpleSigner.load_pkcs12_data(bundle, other_certs=[])
    return signer

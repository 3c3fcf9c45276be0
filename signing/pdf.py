"""Signing: PAdES B-B as an incremental update (ETSI EN 319 142-1), or a detached CAdES file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pydantic import BaseModel, ConfigDict

from domain.errors import DocumentFault
from signing.appearance import INVISIBLE, AppearanceProfile
from signing.fields import AGENCY_FIELD, OFFICER_FIELD, prepare_fields, visible_box
from signing.first_page import first_page_view, stamps_on_first_page
from signing.geometry import PageView
from signing.hostile import reading_foreign
from signing.inspection import SignatureState, inspect_pdf
from signing.keys import CertificateSummary, SignerConfig, certificate_bytes
from signing.older import undisturbed
from signing.replacing import replacing

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.signers import PdfSigner
    from pyhanko.sign.signers import Signer as PyhankoSigner

__all__ = [
    "AGENCY_FIELD",
    "OFFICER_FIELD",
    "SignatureInfo",
    "SignatureState",
    "inspect_pdf",
    "prepare_fields",
    "sign_detached",
    "sign_pdf",
]

DIGEST = "sha256"
_CMS_BESIDES_CERTIFICATES = 4096
_SMALLEST_RESERVE = 16 * 1024
_DAMAGED = ("damaged", "Tệp PDF hỏng nên không ký được; hãy xin lại tệp hoặc quét lại giấy tờ.")
_UNSURE = (
    "no_more_signatures",
    "Chữ ký có sẵn sai cấu trúc nên không chắc giữ được khi ký thêm; hãy ký rời (tệp .p7s).",
)
_FORBIDDEN = (
    "no_more_signatures",
    "Chữ ký có sẵn không cho phép thêm chữ ký vào tệp; hãy ký rời (tệp .p7s).",
)


class SignatureInfo(BaseModel):
    """What was signed, by whom, when; `level` is the PAdES baseline level."""

    model_config = ConfigDict(frozen=True)

    field: str
    signer: str
    issuer: str
    serial: str
    signed_at: datetime
    level: str = "B-B"
    digest: str = DIGEST


def sign_pdf(
    source: Path,
    target: Path,
    *,
    signer: SignerConfig,
    field: str,
    profile: AppearanceProfile,
    values: Mapping[str, str],
    signed_at: datetime,
    reason: str,
    qr: str | None = None,
) -> SignatureInfo:
    """Add one PAdES B-B signature (SHA-256) to `source` and write the result to `target`.

    The bytes of `source` stay as they are; the signature follows them. The prepared empty
    field is filled where there is one, otherwise a field is added to page 1, in another corner
    where an older stamp lies in the way, without a stamp where no corner is free. A file that came
    certified gets no visible stamp, because certification forbids new ones. Where the older
    signatures would no longer hold, nothing is written and DocumentFault with reason
    `no_more_signatures` is raised: use `sign_detached`. ConfigurationFault: key, font, profile.
    `signed_at` needs an offset; it is the claimed time of signing (/M).
    """
    if signed_at.tzinfo is None:
        raise ValueError("signed_at has no offset")
    state = inspect_pdf(source)
    if not state.may_add:
        raise DocumentFault("no_more_signatures", state.reason)
    key = signer.pyhanko()
    shown = INVISIBLE if state.certified else profile
    stamp = _Stamp(shown, shown.texts(values), qr if shown.qr else None)
    with (
        source.open("rb") as opened,
        replacing(target) as fresh,
        fresh.open("wb+") as output,
        reading_foreign(*(_UNSURE if state.signed else _DAMAGED)),
    ):
        writer = _writer(opened)
        earlier = undisturbed(writer.prev) if state.signed else frozenset()
        name = _prepare(writer, field, stamp)
        pdf_signer = _pdf_signer(key, name, reason, signed_at, stamp, first_page_view(writer))
        pdf_signer.sign_pdf(
            writer, existing_fields_only=True, bytes_reserved=_reserve(key), output=output
        )
        if earlier and not earlier <= undisturbed(_reader(output)):
            raise DocumentFault(*_FORBIDDEN)
    return _info(signer.certificate(), name, signed_at)


def sign_detached(source: Path, target: Path, *, signer: SignerConfig) -> None:
    """Write a detached CAdES signature (`.p7s`, DER, RFC 5652, SHA-256) over `source`.

    `openssl cms -verify -binary -inform DER -content SOURCE` accepts it. For input that
    permits no more signatures.
    """
    key = signer.pyhanko()
    with source.open("rb") as content, replacing(target) as fresh:
        signed = asyncio.run(
            key.async_sign_general_data(content, DIGEST, detached=True, use_cades=True)
        )
        fresh.write_bytes(signed.dump())


@dataclass(frozen=True)
class _Stamp:
    profile: AppearanceProfile
    texts: tuple[str, ...]
    qr: str | None


def _writer(opened: BinaryIO) -> IncrementalPdfFileWriter:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    return IncrementalPdfFileWriter(opened, strict=False)


def _reader(opened: BinaryIO) -> PdfFileReader:
    from pyhanko.pdf_utils.reader import PdfFileReader

    return PdfFileReader(opened, strict=False)


def _prepare(writer: IncrementalPdfFileWriter, wanted: str, stamp: _Stamp) -> str:
    """The name of the empty field to fill; added to page 1 where none was prepared."""
    from pyhanko.sign.fields import (
        SigFieldSpec,
        append_signature_field,
        enumerate_sig_fields,
    )

    filled = {name: bool(value) for name, value, _ in enumerate_sig_fields(writer)}
    name = wanted
    for number in count(2):
        if not filled.get(name, False):
            break
        name = f"{wanted}{number}"
    if name not in filled:
        taken = tuple(stamps_on_first_page(writer))
        box = visible_box(first_page_view(writer), stamp.profile, taken)
        append_signature_field(
            writer, SigFieldSpec(name, on_page=0, box=cast("tuple[int, int, int, int] | None", box))
        )
    return name


def _pdf_signer(
    key: PyhankoSigner,
    field: str,
    reason: str,
    signed_at: datetime,
    stamp: _Stamp,
    view: PageView,
) -> PdfSigner:
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata

    from signing.session import PdfSignerAt  # imports pyHanko
    from signing.stamp import TextStamp  # same

    meta = PdfSignatureMetadata(
        field_name=field, md_algorithm=DIGEST, reason=reason, subfilter=SigSeedSubFilter.PADES
    )
    drawn = TextStamp(
        texts=stamp.texts,
        font_size=stamp.profile.font_size_pt,
        qr=stamp.qr,
        rotation=view.rotation,
    )
    return PdfSignerAt(meta, key, stamp_style=drawn, signed_at=signed_at)


def _reserve(key: PyhankoSigner) -> int:
    """Room for the signature in the file, in hexadecimal digits.

    pyHanko's own estimate is sometimes too small for long certificate chains.
    """
    return max(_SMALLEST_RESERVE, 2 * (certificate_bytes(key) + _CMS_BESIDES_CERTIFICATES))


def _info(certificate: CertificateSummary, field: str, signed_at: datetime) -> SignatureInfo:
    return SignatureInfo(
        field=field,
        signer=certificate.subject,
        issuer=certificate.issuer,
        serial=certificate.serial,
        signed_at=signed_at,
    )

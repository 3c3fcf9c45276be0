"""Signing: PAdES as an incremental update (ETSI EN 319 142-1), or a detached CAdES file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pydantic import BaseModel, ConfigDict

from domain.errors import DocumentFault
from signing.appearance import INVISIBLE, AppearanceProfile
from signing.fields import (
    AGENCY_FIELD,
    OFFICER_FIELD,
    TIME_STAMP_FIELD,
    prepare_fields,
    visible_box,
)
from signing.first_page import first_page_view, stamps_on_first_page
from signing.geometry import POINTS_PER_MM, PageView
from signing.hostile import reading_foreign
from signing.inspection import SignatureState, inspect_pdf
from signing.keys import CertificateSummary, SignerConfig, certificate_bytes
from signing.levels import Level, TrustServices
from signing.older import undisturbed
from signing.replacing import replacing

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.signers import PdfSigner
    from pyhanko.sign.signers import Signer as PyhankoSigner

    from signing.protection import Protection

__all__ = [
    "AGENCY_FIELD",
    "OFFICER_FIELD",
    "TIME_STAMP_FIELD",
    "SignatureInfo",
    "SignatureState",
    "empty_field",
    "inspect_pdf",
    "prepare_fields",
    "sign_detached",
    "sign_pdf",
]

DIGEST = "sha256"
_CMS_BESIDES_CERTIFICATES = 2560
"""Bytes (DER): attributes, an RSA-4096 signature, and as much again to spare."""
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
    """What was signed, by whom, when; `level` is the PAdES baseline level that was reached."""

    model_config = ConfigDict(frozen=True)

    field: str
    signer: str
    issuer: str
    serial: str
    signed_at: datetime
    level: Level = "B-B"
    shortfall: str = ""
    """Why the level is less than what was wanted, in Vietnamese; empty where it is not."""
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
    level: Level = "B-B",
    services: TrustServices | None = None,
) -> SignatureInfo:
    """Add one PAdES signature (SHA-256) to `source` and write the result to `target`.

    The bytes of `source` stay as they are; the signature follows them. The prepared empty
    field is filled where there is one, otherwise a field is added to page 1, in another corner
    where an older stamp lies in the way, without a stamp where no corner is free. A file that came
    certified gets no visible stamp, because certification forbids new ones. Where the older
    signatures would no longer hold, nothing is written and DocumentFault with reason
    `no_more_signatures` is raised: use `sign_detached`. ConfigurationFault: key, font, profile,
    a revoked or untrusted certificate.
    `signed_at` needs an offset; it is the claimed time of signing (/M). `level` is what is
    wanted of `services`; where they do not answer, the result is lower and says so.
    """
    if signed_at.tzinfo is None:
        raise ValueError("signed_at has no offset")
    state = inspect_pdf(source)
    if not state.may_add:
        raise DocumentFault("no_more_signatures", state.reason)
    key = signer.pyhanko()
    shown = INVISIBLE if state.certified else profile
    stamp = _Stamp(shown, shown.texts(values), qr if shown.qr else None)
    job = _Job(key, field, stamp, reason, signed_at, state)
    name, reached = _sign_at_best_level(source, target, job, level, services)
    return _info(signer.certificate(), name, signed_at, reached)


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


@dataclass(frozen=True)
class _Job:
    key: PyhankoSigner
    field: str
    stamp: _Stamp
    reason: str
    signed_at: datetime
    state: SignatureState


def _sign_at_best_level(
    source: Path, target: Path, job: _Job, level: Level, services: TrustServices | None
) -> tuple[str, Protection]:
    from signing.protection import protection, without_time  # imports pyHanko
    from signing.timestamps import NoTimeStampError, TokenTooLargeError  # same

    plan = protection(job.key, level, services or TrustServices())
    try:
        try:
            return _sign(source, target, job, plan)
        except TokenTooLargeError:  # an authority stepped in; its size is known now
            return _sign(source, target, job, plan)
    except NoTimeStampError as error:  # every authority has died since the plan was made
        return _sign(source, target, job, without_time(error))


def _sign(source: Path, target: Path, job: _Job, plan: Protection) -> tuple[str, Protection]:
    with replacing(target) as fresh, reading_foreign(*(_UNSURE if job.state.signed else _DAMAGED)):
        # Read once and signed in memory: pyHanko copies and digests files 4 KiB at a time.
        output = BytesIO(source.read_bytes())
        writer = _writer(output)
        # By a reader of its own: through the writer's, pyHanko would take the XMP metadata for a
        # plain stream and write it anew without the mark of PDF/A.
        foreign = _foreign(writer, job.state)
        earlier = undisturbed(_reader(output)) if foreign else frozenset()
        name = empty_field(writer, job.field, job.stamp.profile)
        pdf_signer = _pdf_signer(job, name, first_page_view(writer), plan)
        pdf_signer.sign_pdf(
            writer, existing_fields_only=True, bytes_reserved=_reserve(job.key, plan), in_place=True
        )
        plan = _completed(output, plan)
        if earlier and not earlier <= undisturbed(_reader(output)):
            raise DocumentFault(*_FORBIDDEN)
        fresh.write_bytes(output.getbuffer())
    return name, plan


def _completed(output: BinaryIO, plan: Protection) -> Protection:
    """What follows the signature: the validation data, the document time stamp.

    Data in the signed revision itself would save an update, but validators count as B-LT only
    what was added after the signature (EU DSS 6.2 calls the other B-T).
    """
    if plan.stamper is None or not plan.data:
        return plan
    from signing.long_term import append_data, append_time_stamp  # imports pyHanko
    from signing.timestamps import NoTimeStampError  # same

    used = plan.stamper.used
    data = [*plan.data, *([used.data] if used and used.data not in plan.data else [])]
    end = output.seek(0, 2)
    if plan.level == "B-LTA":
        try:
            append_time_stamp(output, plan.stamper, digest=DIGEST, data=data)
        except NoTimeStampError as error:
            output.truncate(end)
            reason = f"không lấy được dấu thời gian tài liệu – {error}"
            plan = replace(plan, level="B-LT", shortfall=reason)
        else:
            return plan
    append_data(output, data)
    return plan


def _foreign(writer: IncrementalPdfFileWriter, state: SignatureState) -> bool:
    """Whether others have signed before: their signatures may forbid what our own permit."""
    from pyhanko.sign.fields import enumerate_sig_fields

    if not state.signed:
        return False
    signed = {name for name, _, _ in enumerate_sig_fields(writer, filled_status=True)}
    return state.certified or signed != {OFFICER_FIELD} or state.count != 1


def _writer(opened: BinaryIO) -> IncrementalPdfFileWriter:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    return IncrementalPdfFileWriter(opened, strict=False)


def _reader(opened: BinaryIO) -> PdfFileReader:
    from pyhanko.pdf_utils.reader import PdfFileReader

    return PdfFileReader(opened, strict=False)


def empty_field(writer: IncrementalPdfFileWriter, wanted: str, profile: AppearanceProfile) -> str:
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
        box = visible_box(first_page_view(writer), profile, taken)
        append_signature_field(
            writer, SigFieldSpec(name, on_page=0, box=cast("tuple[int, int, int, int] | None", box))
        )
    return name


def _pdf_signer(job: _Job, field: str, view: PageView, plan: Protection) -> PdfSigner:
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata

    from signing.session import PdfSignerAt  # imports pyHanko
    from signing.stamp import TextStamp  # same

    meta = PdfSignatureMetadata(
        field_name=field, md_algorithm=DIGEST, reason=job.reason, subfilter=SigSeedSubFilter.PADES
    )
    drawn = TextStamp(
        texts=job.stamp.texts,
        font_size=job.stamp.profile.font_size_pt,
        qr=job.stamp.qr,
        seal=job.stamp.profile.seal,
        seal_width=job.stamp.profile.seal_width_mm * POINTS_PER_MM / view.unit,
        rotation=view.rotation,
    )
    return PdfSignerAt(
        meta, job.key, stamp_style=drawn, signed_at=job.signed_at, timestamper=plan.stamper
    )


def _reserve(key: PyhankoSigner, plan: Protection) -> int:
    """Room for the signature in the file, in hexadecimal digits.

    pyHanko's own estimate is sometimes too small for long certificate chains, and costs a
    second signature.
    """
    from signing.long_term import token_reserve  # imports pyHanko

    token = token_reserve(plan.stamper) if plan.stamper else 0
    return 2 * (certificate_bytes(key) + _CMS_BESIDES_CERTIFICATES + token)


def _info(
    certificate: CertificateSummary, field: str, signed_at: datetime, reached: Protection
) -> SignatureInfo:
    return SignatureInfo(
        field=field,
        signer=certificate.subject,
        issuer=certificate.issuer,
        serial=certificate.serial,
        signed_at=signed_at,
        level=reached.level,
        shortfall=reached.shortfall,
    )

"""Verifying the signatures of any PDF, own or foreign (ETSI EN 319 102-1), without network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from domain.errors import ConfigurationFault, DocumentFault
from signing.hostile import reading_foreign
from signing.inspection import inspect_pdf
from signing.verdicts import NO_SIGNATURE, SignatureVerdict, Verification, open_ended

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.generic import DictionaryObject
    from pyhanko.pdf_utils.reader import PdfFileReader

__all__ = ["SignatureVerdict", "Verification", "verify_pdf"]

_MOST_SIGNATURES = 50
_UNREADABLE = "cấu trúc tệp hỏng nên không kiểm tra được chữ ký"
_OPEN_END = "sau chữ ký cuối cùng còn nội dung được điền thêm mà không ai ký"
_TOO_MANY = f"tệp có hơn {_MOST_SIGNATURES} chữ ký; chỉ kiểm tra các chữ ký đầu"
_HIDDEN = "có chữ ký nằm ngoài biểu mẫu của tệp nên không kiểm tra được"


def verify_pdf(source: Path, *, trust_roots: Sequence[Path] = ()) -> Verification:
    """The verdict on every signature of a PDF; an unsigned file is undecided.

    `trust_roots` are certificates (PEM or DER) of trusted authorities; without any, no
    signature can be sound. What is malformed is reported, not raised, except that a file with
    a password raises DocumentFault (`encrypted`). Must not be called inside a running event
    loop. ConfigurationFault: a trust root cannot be read.
    """
    roots = _load_roots(trust_roots)
    expected = _expected(source)
    with source.open("rb") as opened:
        try:
            with reading_foreign("damaged", _UNREADABLE):
                found = list(islice(_signatures(_reader(opened)), _MOST_SIGNATURES + 1))
        except DocumentFault:
            return Verification(reasons=(_UNREADABLE,))
        if not found:
            return Verification(reasons=(_HIDDEN if expected else NO_SIGNATURE,))
        verdicts = asyncio.run(_all(found[:_MOST_SIGNATURES], roots))
    reasons = []
    if len(found) > _MOST_SIGNATURES:
        reasons.append(_TOO_MANY)
    elif expected > len(found):
        reasons.append(_HIDDEN)
    if open_ended(verdicts):
        reasons.append(_OPEN_END)
    return Verification(signatures=tuple(verdicts), reasons=tuple(reasons))


def detached_holds(source: Path, signature: Path) -> bool:
    """Whether a detached signature (`.p7s`, RFC 5652) is intact over exactly these bytes.

    Trust in the signer is not judged. DocumentFault (`damaged`) when it is no such signature.
    """
    from asn1crypto.cms import ContentInfo
    from pyhanko.sign.validation import async_validate_detached_cms

    with reading_foreign("damaged", _UNREADABLE), source.open("rb") as content:
        signed = ContentInfo.load(signature.read_bytes())["content"]
        status = asyncio.run(async_validate_detached_cms(content, signed))
    return bool(status.intact and status.valid)


def _expected(source: Path) -> int:
    """How many signatures another PDF library finds; none where it cannot open the file."""
    try:
        return inspect_pdf(source).count
    except DocumentFault as fault:
        if fault.reason == "encrypted":
            raise
        return 0


class _Found(NamedTuple):
    reader: PdfFileReader
    name: str
    field: DictionaryObject


async def _all(found: Sequence[_Found], roots: Sequence[Certificate]) -> list[SignatureVerdict]:
    from signing.examine import Examiner  # imports all of pyHanko

    examiner = Examiner(roots)
    return [await examiner.examine(item.reader, item.name, item.field) for item in found]


def _reader(opened: BinaryIO) -> PdfFileReader:
    from pyhanko.pdf_utils.reader import PdfFileReader

    return PdfFileReader(opened, strict=False)


def _signatures(reader: PdfFileReader) -> Iterator[_Found]:
    """Every filled signature field; pyHanko's own list leaves out the kinds it cannot check."""
    from pyhanko.sign.fields import enumerate_sig_fields

    for name, _, field in enumerate_sig_fields(reader, filled_status=True):
        yield _Found(reader, str(name), field)


def _load_roots(paths: Sequence[Path]) -> list[Certificate]:
    from pyhanko.keys import load_certs_from_pemder

    try:
        names = [str(path) for path in paths]
        return list(load_certs_from_pemder(names))  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationFault(
            f"Không đọc được chứng thư tin cậy {', '.join(map(str, paths))}: {error}; "
            "hãy kiểm tra trust_roots."
        ) from error

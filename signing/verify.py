"""Verifying the signatures of any PDF, own or foreign (ETSI EN 319 102-1)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from domain.errors import DocumentFault
from signing.detached import detached_holds
from signing.hostile import reading_foreign
from signing.inspection import inspect_pdf
from signing.trusted import load_trust_roots
from signing.verdicts import NO_SIGNATURE, SignatureVerdict, Verification, open_ended

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.generic import DictionaryObject
    from pyhanko.pdf_utils.reader import PdfFileReader

__all__ = ["SignatureVerdict", "Verification", "detached_holds", "verify_pdf"]

_MOST_SIGNATURES = 50
_NO_PDF = "không phải tệp PDF"
_HEADER_WITHIN = 1024
"""Bytes in which readers look for `%PDF-` (ISO 32000-1, annex H.3, note 13)."""
_UNREADABLE = "cấu trúc tệp hỏng nên không kiểm tra được chữ ký"
UNSIGNED = frozenset({NO_SIGNATURE, _NO_PDF})
"""The reasons of a file that holds no signature itself."""
_OPEN_END = "sau chữ ký cuối cùng còn nội dung được điền thêm mà không ai ký"
_TOO_MANY = f"tệp có hơn {_MOST_SIGNATURES} chữ ký; chỉ kiểm tra các chữ ký đầu"
_HIDDEN = "có chữ ký nằm ngoài biểu mẫu của tệp nên không kiểm tra được"


def verify_pdf(
    source: Path, *, trust_roots: Sequence[Path] = (), online: bool = False
) -> Verification:
    """The verdict on every signature of a PDF; an unsigned file is undecided.

    `trust_roots` are certificates (PEM or DER) of trusted authorities; without any, no
    signature can be sound. `online`: revocation data that the file lacks is fetched (OCSP, CRL;
    3 s a request) for chains that end in a trusted root. What is malformed is reported, not
    raised, except that a file with a password raises DocumentFault (`encrypted`). Must not be
    called inside a running event loop. ConfigurationFault: a trust root cannot be read.
    """
    roots = load_trust_roots(tuple(trust_roots))
    with source.open("rb") as opened:
        if b"%PDF-" not in opened.read(_HEADER_WITHIN):
            return Verification(reasons=(_NO_PDF,))
    expected = _expected(source)
    with source.open("rb") as opened:
        try:
            with reading_foreign("damaged", _UNREADABLE):
                found = list(islice(_signatures(_reader(opened)), _MOST_SIGNATURES + 1))
        except DocumentFault:
            return Verification(reasons=(_UNREADABLE,))
        if not found:
            return Verification(reasons=(_HIDDEN if expected else NO_SIGNATURE,))
        verdicts = asyncio.run(_all(found[:_MOST_SIGNATURES], roots, online=online))
    reasons = []
    if len(found) > _MOST_SIGNATURES:
        reasons.append(_TOO_MANY)
    elif expected > len(found):
        reasons.append(_HIDDEN)
    if open_ended(verdicts):
        reasons.append(_OPEN_END)
    return Verification(signatures=tuple(verdicts), reasons=tuple(reasons))


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


async def _all(
    found: Sequence[_Found], roots: Sequence[Certificate], *, online: bool
) -> list[SignatureVerdict]:
    from signing.evidence import Trusting, evidence_of  # import all of pyHanko
    from signing.examine import Examiner

    reader = found[0].reader
    examiner = Examiner(Trusting(roots, evidence_of(reader), online=online))
    return await examiner.examine(reader, [(item.name, item.field) for item in found])


def _reader(opened: BinaryIO) -> PdfFileReader:
    from pyhanko.pdf_utils.reader import PdfFileReader

    return PdfFileReader(opened, strict=False)


def _signatures(reader: PdfFileReader) -> Iterator[_Found]:
    """Every filled signature field; pyHanko's own list leaves out the kinds it cannot check."""
    from pyhanko.sign.fields import enumerate_sig_fields

    for name, _, field in enumerate_sig_fields(reader, filled_status=True):
        yield _Found(reader, str(name), field)

"""What is added to a PDF so that its signatures can be proved later (PAdES B-LT, B-LTA).

Validation data goes into the document security store (DSS, ISO 32000-2, 12.8.4.3), a document
time stamp (DocTimeStamp, 12.8.5) covers all that is there. Both are incremental updates; what
is signed stays as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from signing.fields import TIME_STAMP_FIELD
from signing.timestamps import FailoverTimeStamper
from signing.validation_data import ValidationData

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate

_SPARE = 512
"""Bytes by which a token may be longer than the last one of the same authority."""


def token_reserve(timestamper: FailoverTimeStamper) -> int:
    """Room for a time-stamp token, in bytes of DER; a larger one raises TokenTooLargeError."""
    timestamper.expected()
    timestamper.room = timestamper.largest_known + _SPARE
    return timestamper.room


def supply(writer: IncrementalPdfFileWriter, data: Iterable[ValidationData]) -> None:
    """Put validation data into the update that is being written; what is there stays."""
    known = list(data)
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=_distinct(item.certificates for item in known),
        ocsps=[answer for item in known for answer in item.ocsps],
        crls=[revoked for item in known for revoked in item.crls],
    )


def append_data(output: BinaryIO, data: Sequence[ValidationData]) -> None:
    """Add validation data in an update of its own."""
    writer = IncrementalPdfFileWriter(output, strict=False)
    supply(writer, data)
    writer.write_in_place()  # type: ignore[no-untyped-call]


def append_time_stamp(
    output: BinaryIO,
    timestamper: FailoverTimeStamper,
    *,
    digest: str,
    data: Sequence[ValidationData] = (),
) -> None:
    """Add a document time stamp, and in the same update the data that it then covers.

    Raises NoTimeStampError, TokenTooLargeError; `output` must be thrown away then.
    """
    reserved = 2 * token_reserve(timestamper)
    writer = IncrementalPdfFileWriter(output, strict=False)
    if data:
        supply(writer, data)
    stamper = PdfTimeStamper(timestamper, field_name=f"{TIME_STAMP_FIELD}-{uuid4().hex[:12]}")
    asyncio.run(stamper.async_timestamp_pdf(writer, digest, bytes_reserved=reserved, in_place=True))


def _distinct(chains: Iterable[Iterable[Certificate]]) -> list[Certificate]:
    found = {certificate.sha256: certificate for chain in chains for certificate in chain}
    return list(found.values())

"""pyHanko's signer with a given time instead of the machine's clock."""

from __future__ import annotations

from datetime import datetime

from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import BaseStampStyle


class PdfSignerAt(PdfSigner):
    """Signs with `signed_at` as the claimed time, so that stamp and signature agree."""

    def __init__(
        self,
        signature_meta: PdfSignatureMetadata,
        signer: Signer,
        *,
        stamp_style: BaseStampStyle,
        signed_at: datetime,
        timestamper: TimeStamper | None = None,
    ) -> None:
        super().__init__(signature_meta, signer, stamp_style=stamp_style, timestamper=timestamper)
        self._signed_at = signed_at

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        """A session whose time is the given one."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._signed_at
        return session

"""What a file brings along to judge its certificates, and validation at a given time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from asn1crypto.crl import CertificateList
from asn1crypto.ocsp import OCSPResponse
from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

from domain.errors import DocumentFault
from signing.hostile import reading_foreign
from signing.trust import TRUSTED, UNCHECKED, UNKNOWN, Finding, revoked_after, trusted, untrusted

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.reader import PdfFileReader

_FETCH_SECONDS = 3


class Evidence(NamedTuple):
    """Certificates and revocation data in the document security store (ISO 32000-2, 12.8.4.3)."""

    certificates: tuple[Any, ...] = ()
    ocsps: tuple[Any, ...] = ()
    crls: tuple[Any, ...] = ()
    revision: int = -1
    """The revision of the file in which the store was last changed."""

    def proves(self, revision: int) -> bool:
        """Whether it was added after this revision and says anything about revocation."""
        return self.revision > revision and bool(self.ocsps or self.crls)


def evidence_of(reader: PdfFileReader) -> Evidence:
    """What the file holds; nothing where it has no store, or a malformed one."""
    try:
        with reading_foreign("signature", "kho dữ liệu xác minh (DSS) trong tệp hỏng"):
            store = DocumentSecurityStore.read_dss(reader)
            return Evidence(
                tuple(store.load_certs()),
                tuple(OCSPResponse.load(item.get_object().data) for item in store.ocsps),
                tuple(CertificateList.load(item.get_object().data) for item in store.crls),
                _last_change(reader),
            )
    except (NoDSSFoundError, DocumentFault):
        return Evidence()


def _last_change(reader: PdfFileReader) -> int:
    """Of the store's dictionary, or of the catalogue where it stands in there."""
    value = reader.root.raw_get("/DSS")
    held = value.reference if isinstance(value, IndirectObject) else reader.root_ref
    return int(reader.xrefs.get_last_change(held))


class Trusting:
    """Validation contexts over the same roots and evidence."""

    def __init__(self, roots: Sequence[Certificate], evidence: Evidence, *, online: bool) -> None:
        self.roots = list(roots)
        self.evidence = evidence
        self.online = online

    def at(self, moment: datetime | None, *, strict: bool = True) -> ValidationContext:
        """Validation at a proven time (None: now), from what the file holds.

        `strict`: a certificate that names a source of revocation data needs such data.
        """
        return ValidationContext(
            trust_roots=self.roots,
            other_certs=list(self.evidence.certificates),
            ocsps=list(self.evidence.ocsps),
            crls=list(self.evidence.crls),
            moment=moment,
            retroactive_revinfo=moment is not None,
            revocation_mode="hard-fail" if strict else "soft-fail",
            allow_fetching=False,
        )

    def fetching(self) -> ValidationContext:
        """Validation now, with revocation data from the addresses that the certificates name.

        Only for chains that were found to end in a configured root: those addresses were written
        by a trusted authority, not by whoever made the file.
        """
        return ValidationContext(
            trust_roots=self.roots,
            other_certs=list(self.evidence.certificates),
            ocsps=list(self.evidence.ocsps),
            crls=list(self.evidence.crls),
            revocation_mode="hard-fail",
            allow_fetching=True,
            fetcher_backend=RequestsFetcherBackend(per_request_timeout=_FETCH_SECONDS),
        )

    async def finding(
        self,
        look: Callable[[ValidationContext], Awaitable[Any]],
        at: datetime | None,
        claimed: datetime | None,
    ) -> Finding:
        """Whether the certificates that `look` finds hold at a proven time, with revocation data.

        `claimed`: when the signature says it was made.
        """
        if not self.roots:
            return UNKNOWN
        plain = await look(self.at(at, strict=False))
        if not trusted(plain):
            return untrusted(plain, claimed)
        if trusted(await look(self.at(at))):
            return TRUSTED
        if not self.online:
            return UNCHECKED
        found = await look(self.fetching())
        return TRUSTED if trusted(found) or revoked_after(found, at) else untrusted(found, claimed)

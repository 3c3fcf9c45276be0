"""Validation data: certificate chains with proof that no certificate in them was revoked.

Fetched once per process and certificate and used again until it expires. OCSP is asked before
a CRL is fetched: a national authority's list can be fifty megabytes.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    InsufficientRevinfoError,
    PathBuildingError,
    PathError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

from signing.asn1 import fill_tables
from signing.trusted import load_trust_roots

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signing.levels import TrustServices

_RETRY_SECONDS = 60.0
"""How long a failure to get data stands, so that not every paper waits for a dead responder."""


class NoValidationDataError(Exception):
    """The chain could not be proved good now; the message says why, in Vietnamese."""


class RevokedCertificateError(NoValidationDataError):
    """The certificate, or one above it, was revoked."""


class UntrustedChainError(NoValidationDataError):
    """The certificate leads to no trusted authority, or may not be used for this."""


class NoRevocationSourceError(NoValidationDataError):
    """The certificate names no place where its status could be asked; waiting will not help."""


@dataclass(frozen=True)
class ValidationData:
    """What proves one certificate, at the time it was fetched."""

    certificates: tuple[x509.Certificate, ...]
    """From the certificate up to the authority below the root, and the responders'."""
    ocsps: tuple[ocsp.OCSPResponse, ...]
    crls: tuple[crl.CertificateList, ...]
    not_after: datetime
    """When the certificate itself expires."""
    fresh_until: datetime


def validation_data(
    certificate: x509.Certificate,
    others: Iterable[x509.Certificate],
    services: TrustServices,
    *,
    time_stamping: bool = False,
) -> ValidationData:
    """The data for a certificate, from memory while it is fresh.

    Guarantees that the chain leads to a trusted root, that the certificate may sign (or stamp
    times) and is valid now, and that no certificate in it is revoked. Raises
    RevokedCertificateError, UntrustedChainError, or NoValidationDataError where a responder
    does not answer.
    """
    key = (certificate.sha256, services, time_stamping)
    with _LOCK:
        known = _KNOWN.get(key)
    if isinstance(known, ValidationData) and known.fresh_until > datetime.now(UTC):
        return known
    if isinstance(known, _Failure) and time.monotonic() < known.until:
        raise known.error
    try:
        with ThreadPoolExecutor(1) as apart:  # we may be inside the event loop of a signature
            job = _fetch(certificate, tuple(others), services, time_stamping)
            found = apart.submit(asyncio.run, job).result()
    except NoValidationDataError as error:
        with _LOCK:
            _KNOWN[key] = _Failure(error, time.monotonic() + _RETRY_SECONDS)
        raise
    with _LOCK:
        _KNOWN[key] = found
    return found


def forget() -> None:
    """Forget all answers: the next question is asked anew."""
    with _LOCK:
        _KNOWN.clear()


@dataclass(frozen=True)
class _Failure:
    error: NoValidationDataError
    until: float


_KNOWN: dict[tuple[bytes, TrustServices, bool], ValidationData | _Failure] = {}
_LOCK = threading.Lock()


async def _fetch(
    certificate: x509.Certificate,
    others: tuple[x509.Certificate, ...],
    services: TrustServices,
    time_stamping: bool,
) -> ValidationData:
    settings = services.settings
    context = ValidationContext(
        trust_roots=list(load_trust_roots(services.trust_roots)),
        other_certs=others,
        allow_fetching=True,
        revocation_mode="hard-fail",
        time_tolerance=timedelta(seconds=settings.clock_tolerance_seconds),
        fetcher_backend=RequestsFetcherBackend(settings.revocation_timeout_seconds),
    )
    validator = CertificateValidator(
        certificate, intermediate_certs=list(others), validation_context=context
    )
    usage = validator.async_validate_usage(  # type: ignore[no-untyped-call]
        set(),
        extended_key_usage={"time_stamping"} if time_stamping else None,
    )
    name = str(certificate.subject.native.get("common_name", ""))
    try:
        path = await usage
    except RevokedError as error:
        raise RevokedCertificateError(f"chứng thư «{name}» đã bị thu hồi") from error
    except InsufficientRevinfoError as error:
        raise NoValidationDataError(
            f"không hỏi được trạng thái thu hồi của chứng thư «{name}»"
        ) from error
    except AssertionError as error:
        # The library asserts that an answer's signer has a key of its issuer's kind. Another
        # authority's has not; whoever answers decides that, and it is no fault of ours.
        raise NoValidationDataError(
            f"nơi hỏi trạng thái thu hồi của chứng thư «{name}» trả lời thay cơ quan cấp khác"
        ) from error
    except (PathBuildingError, PathError, ValidationError) as error:
        raise UntrustedChainError(
            f"chứng thư «{name}» không dẫn tới cơ quan cấp được tin cậy, đã hết hạn, "
            "hoặc không được dùng để ký"
        ) from error
    ocsps = tuple(answer for answer in context.ocsps if _says_good(answer))
    crls = tuple(context.crls)
    if not (ocsps or crls):
        raise NoRevocationSourceError(f"chứng thư «{name}» không nêu nơi hỏi trạng thái thu hồi")
    chain = list(path)[1:]  # validators know the root themselves
    return ValidationData(
        certificates=(*reversed(chain), *_responders(ocsps)),
        ocsps=ocsps,
        crls=crls,
        not_after=certificate.not_valid_after,
        fresh_until=_fresh_until(ocsps, crls, settings.revocation_max_age_seconds),
    )


def _says_good(answer: ocsp.OCSPResponse) -> bool:
    """Whether an answer proves something; "unknown" and stale ones made us fetch the list."""
    now = datetime.now(UTC)
    singles = answer.response_data["responses"]
    return all(
        single["cert_status"].name == "good"
        and (single["next_update"].native is None or single["next_update"].native > now)
        for single in singles
    )


def _responders(ocsps: Iterable[ocsp.OCSPResponse]) -> Iterable[x509.Certificate]:
    for answer in ocsps:
        yield from answer.basic_ocsp_response["certs"] or ()


def _fresh_until(
    ocsps: Iterable[ocsp.OCSPResponse], crls: Iterable[crl.CertificateList], max_age: int
) -> datetime:
    ends = [datetime.now(UTC) + timedelta(seconds=max_age)]
    ends += [
        single["next_update"].native
        for answer in ocsps
        for single in answer.response_data["responses"]
    ]
    ends += [listed["tbs_cert_list"]["next_update"].native for listed in crls]
    return min(end for end in ends if end is not None)


fill_tables()

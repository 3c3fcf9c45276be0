"""From a certificate to those above it."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509


def issuers_of(
    certificate: x509.Certificate, around: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """The certificates above this one, nearest first, as far as `around` holds them.

    Found by name and by their signature (RFC 5280 6.1), so a foreign one is never carried along.
    """
    known = tuple(around)
    chain: list[x509.Certificate] = []
    at = certificate
    while at.issuer != at.subject:
        above = next((other for other in known if _issued(other, at)), None)
        if above is None or above in chain:
            break
        chain.append(above)
        at = above
    return tuple(chain)


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # noqa: BLE001 - an unknown algorithm, too, means: not shown to be the issuer
        return False
    return True

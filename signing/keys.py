"""Keys: frozen addresses of key material; the secret is read at the moment of use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import Discriminator, Tag

from signing.certificates import CertificateSummary, certificate_bytes
from signing.csc import CscSigner
from signing.pkcs11 import Pkcs11Signer
from signing.pkcs12 import Pkcs12Signer

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer as PyhankoSigner

__all__ = [
    "CertificateSummary",
    "CscSigner",
    "Pkcs11Signer",
    "Pkcs12Signer",
    "Signer",
    "SignerConfig",
    "certificate_bytes",
]


class Signer(Protocol):
    """An address of a signing key; every backend passes `tests/contracts/test_signers.py`."""

    def certificate(self) -> CertificateSummary:
        """The certificate that signatures of this key carry; ConfigurationFault if unusable."""
        ...

    def pyhanko(self) -> PyhankoSigner:
        """The signer object that pyHanko drives; ConfigurationFault if the key is unusable now."""
        ...

    def check_pin(self) -> None:
        """Raise PinRefused where the PIN was refused before; asks nobody."""
        ...

    def unlock(self) -> bool:
        """Let a refused PIN be tried once more; whether one had been refused."""
        ...

    @property
    def where(self) -> str:
        """How messages name this key; no secret."""
        ...


def _kind(value: object) -> str:
    """Which kind of key a setting names; a file when it does not say."""
    if isinstance(value, dict):
        return str(value.get("kind", "pkcs12"))
    return str(getattr(value, "kind", "pkcs12"))


SignerConfig = Annotated[
    Annotated[Pkcs12Signer, Tag("pkcs12")]
    | Annotated[Pkcs11Signer, Tag("pkcs11")]
    | Annotated[CscSigner, Tag("csc")],
    Discriminator(_kind),
]
"""Every kind of key a setting may name; the table of backends."""

"""A key held by a remote signing service (ký số từ xa), by the CSC API v1 or v2."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from signing.certificates import CertificateSummary, refuse_outdated
from signing.pin import forgive, read_pin

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer as PyhankoSigner

    from signing.remote import RemoteSigner

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FRESH_SECONDS = 3600


class CscSigner(BaseModel):
    """A credential of a remote signing service (Cloud Signature Consortium API).

    Only digests leave the machine. The access token and the PIN stand in files; a refused PIN is
    not tried again (`signing.pin`). One-time passwords need a person and are not supported.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["csc"] = "csc"
    url: str
    """The service's address without `/csc/…`; https, except on this machine."""
    api: Literal["v1", "v2"] = "v1"
    credential: str
    """The credential's id (credentialID)."""
    token_file: Path | None = None
    """The OAuth 2 access token (Bearer)."""
    pin_file: Path | None = None
    seconds: float = Field(default=30.0, gt=0)
    """How long the service may take for one answer."""

    @field_validator("url")
    @classmethod
    def _secret_on_the_way(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("địa chỉ dịch vụ ký từ xa phải là https")
        return url.rstrip("/")

    def certificate(self) -> CertificateSummary:
        """Subject, issuer and validity, asked once an hour.

        Raises ConfigurationFault when the service does not know the credential or refuses us,
        Unavailable when it does not answer.
        """
        return self._remote().summary

    def pyhanko(self) -> PyhankoSigner:
        """PyHanko's signer for this key; ConfigurationFault when its certificate is outdated."""
        signer = self._remote()
        refuse_outdated(self.where, signer.summary)
        return signer

    def check_pin(self) -> None:
        """Raise PinRefused where the PIN was refused before; asks nobody."""
        if self.pin_file:
            read_pin(self.pin_file, self.where)

    def unlock(self) -> bool:
        """Let the PIN be tried once more at the next signature; whether it had been refused."""
        return forgive(self.pin_file) if self.pin_file else False

    @property
    def where(self) -> str:
        """How messages name this key."""
        return f"{self.url}/{self.credential}"

    def _remote(self) -> RemoteSigner:
        from signing.remote import remote_signer  # imports pyHanko

        return remote_signer(self, int(time.monotonic() // _FRESH_SECONDS))

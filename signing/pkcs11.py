"""A key on a token or HSM (PKCS #11): one owner per process, one login, one signature at a time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from signing.certificates import CertificateSummary, refuse_outdated
from signing.pin import forgive, read_pin

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer as PyhankoSigner

    from signing.token import Token

_tokens: dict[tuple[Path, str], Token] = {}
_making = threading.Lock()


class Pkcs11Signer(BaseModel):
    """A key on a token (thiết bị lưu khóa, HSM), found by its labels.

    All signatures of a process go through one logged-in session, one after the other. The PIN
    stands in a file; it is tried once (`signing.pin`). This value holds no secret.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["pkcs11"] = "pkcs11"
    module: Path
    """The maker's library, for example `/usr/lib/softhsm/libsofthsm2.so`."""
    token_label: str
    key_label: str
    """The label of the private key and of its certificate."""
    pin_file: Path
    chain: Path | None = None
    """Certificates of the authorities above (PEM), where the token does not hold them."""
    signatures_per_minute: int | None = Field(default=None, ge=1)
    """No more than this many; for a shared HSM. Unlimited by default."""
    seconds: float = Field(default=60.0, gt=0)
    """How long the token may take to answer."""

    def certificate(self) -> CertificateSummary:
        """Subject, issuer and validity of the certificate on the token.

        Raises ConfigurationFault when token, key or PIN is not as configured, Unavailable when
        the token is not there.
        """
        return self._token().signer(self).summary

    def pyhanko(self) -> PyhankoSigner:
        """PyHanko's signer for this key; ConfigurationFault when its certificate is outdated."""
        signer = self._token().signer(self)
        refuse_outdated(self.where, signer.summary)
        return signer

    def check_pin(self) -> None:
        """Raise PinRefused where the PIN was refused before; asks nobody."""
        read_pin(self.pin_file, self.token_label)

    def unlock(self) -> bool:
        """Try the PIN in the file once more, now; whether it had been refused. Raises if wrong."""
        known = forgive(self.pin_file)
        self._token().log_in_again(self)
        return known

    @property
    def where(self) -> str:
        """How messages name this key."""
        return f"{self.token_label}/{self.key_label}"

    def _token(self) -> Token:
        from signing.token import Token  # imports pyHanko

        with _making:
            return _tokens.setdefault(
                (self.module, self.token_label), Token(self.module, self.token_label)
            )

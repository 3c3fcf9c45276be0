"""A key in a file (PKCS#12): for trials, tests and sealed servers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.errors import ConfigurationFault
from signing.certificates import CertificateSummary, refuse_outdated, refuse_weak, summarise

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates
    from pyhanko.sign.signers import Signer as PyhankoSigner


class Pkcs12Signer(BaseModel):
    """A key and its certificate chain in a PKCS#12 file (`.p12`, `.pfx`).

    The file is opened on demand and kept in memory until it or its passphrase file changes.
    This value holds paths only, so it can be shown, compared and pickled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["pkcs12"] = "pkcs12"
    path: Path
    passphrase_file: Path | None = None

    def certificate(self) -> CertificateSummary:
        """Subject, issuer and validity of the signing certificate.

        Raises ConfigurationFault when the file cannot be opened or its key is too weak.
        An expired certificate is still described here; only `pyhanko` refuses it.
        """
        return self._loaded().summary

    def pyhanko(self) -> PyhankoSigner:
        """PyHanko's signer for this key.

        Raises ConfigurationFault when the certificate is not valid today.
        """
        loaded = self._loaded()
        refuse_outdated(str(self.path), loaded.summary)
        return loaded.signer

    def check_pin(self) -> None:
        """A file has no PIN that could be refused."""

    def unlock(self) -> bool:
        """Nothing locks in a file: a wrong passphrase may be tried again."""
        return False

    @property
    def where(self) -> str:
        """How messages name this key."""
        return str(self.path)

    def _loaded(self) -> _Loaded:
        return _load(
            self.path,
            _modified(self.path),
            self.passphrase_file,
            _modified(self.passphrase_file) if self.passphrase_file else 0,
        )


class _Loaded(NamedTuple):
    summary: CertificateSummary
    signer: PyhankoSigner


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise ConfigurationFault(
            f"Không đọc được tệp khóa «{path}»; hãy kiểm tra đường dẫn và quyền đọc."
        ) from error


@lru_cache(maxsize=64)
def _load(path: Path, _changed: int, passphrase_file: Path | None, _changed_too: int) -> _Loaded:
    content, passphrase = _read(path, passphrase_file)
    parsed = _parse(path, content, passphrase)
    certificate = parsed.cert.certificate if parsed.cert else None
    if certificate is None or parsed.key is None:
        raise ConfigurationFault(
            f"Tệp «{path}» không có đủ khóa bí mật và chứng thư; hãy xuất lại tệp PKCS#12."
        )
    refuse_weak(str(path), certificate)
    from signing.software_key import software_key_signer  # slow to import

    signer = software_key_signer(content, passphrase, parsed.key)
    if signer is None:
        raise ConfigurationFault(f"Không dùng được khóa trong «{path}»; hãy xuất lại tệp PKCS#12.")
    return _Loaded(summarise(certificate), signer)


def _read(path: Path, passphrase_file: Path | None) -> tuple[bytes, bytes | None]:
    try:
        passphrase = passphrase_file.read_bytes().strip(b"\r\n") if passphrase_file else None
        return path.read_bytes(), passphrase
    except OSError as error:
        raise ConfigurationFault(
            f"Không đọc được tệp khóa «{path}» hoặc tệp mật khẩu của nó; hãy kiểm tra quyền đọc."
        ) from error


def _parse(path: Path, content: bytes, passphrase: bytes | None) -> PKCS12KeyAndCertificates:
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        return pkcs12.load_pkcs12(content, passphrase)
    except (ValueError, TypeError) as error:
        raise ConfigurationFault(
            f"Không mở được tệp khóa «{path}»: sai mật khẩu hoặc không phải PKCS#12; "
            "hãy kiểm tra tệp mật khẩu (passphrase_file)."
        ) from error

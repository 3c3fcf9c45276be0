"""Keys: frozen addresses of key material; the secret is read at the moment of use."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

from domain.errors import ConfigurationFault

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates
    from cryptography.x509 import Certificate
    from pyhanko.sign.signers import Signer as PyhankoSigner

MINIMUM_RSA_BITS = 2048
_WEAK_DIGESTS = frozenset({"md5", "sha1"})


class CertificateSummary(BaseModel):
    """What is shown of a certificate (chứng thư số); times are UTC, the serial is hexadecimal."""

    model_config = ConfigDict(frozen=True)

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    serial: str


class Signer(Protocol):
    """An address of a signing key; every backend passes `tests/contracts/test_signers.py`."""

    def certificate(self) -> CertificateSummary:
        """The certificate that signatures of this key carry; ConfigurationFault if unusable."""
        ...

    def pyhanko(self) -> PyhankoSigner:
        """The signer object that pyHanko drives; ConfigurationFault if the key is unusable now."""
        ...


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
        now = datetime.now(UTC)
        if now > loaded.summary.not_after:
            raise ConfigurationFault(
                f"Chứng thư số trong «{self.path}» đã hết hạn ngày "
                f"{loaded.summary.not_after:%d/%m/%Y}; hãy gia hạn rồi thay tệp khóa."
            )
        if now < loaded.summary.not_before:
            raise ConfigurationFault(
                f"Chứng thư số trong «{self.path}» chỉ có hiệu lực từ ngày "
                f"{loaded.summary.not_before:%d/%m/%Y}; hãy kiểm tra đồng hồ máy chủ hoặc tệp khóa."
            )
        return loaded.signer

    def _loaded(self) -> _Loaded:
        return _load(
            self.path,
            _modified(self.path),
            self.passphrase_file,
            _modified(self.passphrase_file) if self.passphrase_file else 0,
        )


SignerConfig = Pkcs12Signer
"""Every kind of key a setting may name; a union once there is a second kind."""


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
    _refuse_weak(path, certificate)
    from signing.software_key import software_key_signer  # slow to import

    signer = software_key_signer(content, passphrase, parsed.key)
    if signer is None:
        raise ConfigurationFault(f"Không dùng được khóa trong «{path}»; hãy xuất lại tệp PKCS#12.")
    return _Loaded(_summary(certificate), signer)


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


def _refuse_weak(path: Path, certificate: Certificate) -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    digest = certificate.signature_hash_algorithm
    if digest is not None and digest.name in _WEAK_DIGESTS:
        raise ConfigurationFault(
            f"Chứng thư trong «{path}» được ký bằng {digest.name.upper()}, không còn an toàn; "
            "hãy xin cấp chứng thư dùng SHA-256 trở lên."
        )
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey) and key.key_size < MINIMUM_RSA_BITS:
        raise ConfigurationFault(
            f"Khóa RSA trong «{path}» chỉ dài {key.key_size} bit; "
            f"hãy xin cấp khóa từ {MINIMUM_RSA_BITS} bit trở lên."
        )


def _summary(certificate: Certificate) -> CertificateSummary:
    return CertificateSummary(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        serial=f"{certificate.serial_number:x}",
    )


def certificate_bytes(signer: PyhankoSigner) -> int:
    """The size in bytes (DER) of all certificates that a signature of this signer carries."""
    carried = [signer.signing_cert, *signer.cert_registry]
    return sum(len(certificate.dump()) for certificate in carried if certificate is not None)

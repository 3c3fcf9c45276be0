"""Certificates of our own keys: what is shown of them, and which are refused."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from domain.errors import ConfigurationFault

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate as Asn1Certificate
    from cryptography.x509 import Certificate
    from pyhanko.sign.signers import Signer as PyhankoSigner

MINIMUM_RSA_BITS = 2048
WEAK_DIGESTS = frozenset({"md5", "sha1"})


class CertificateSummary(BaseModel):
    """What is shown of a certificate (chứng thư số); times are UTC, the serial is hexadecimal."""

    model_config = ConfigDict(frozen=True)

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    serial: str


def summarise(certificate: Certificate) -> CertificateSummary:
    """Subject, issuer and validity."""
    return CertificateSummary(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        serial=f"{certificate.serial_number:x}",
    )


def key_sha256(certificate: Asn1Certificate) -> str:
    """SHA-256 (hex) of the public key (SubjectPublicKeyInfo, DER, RFC 5280 4.1.2.7).

    It stays when a certificate is renewed over the same key, and no two persons share it.
    """
    key = certificate["tbs_certificate"]["subject_public_key_info"]
    return hashlib.sha256(key.dump()).hexdigest()


def common_name(subject: str) -> str:
    """The person's or agency's name (CN) in a subject (RFC 4514); empty where there is none."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    names = x509.Name.from_rfc4514_string(subject).get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def refuse_weak(where: str, certificate: Certificate) -> None:
    """ConfigurationFault for a certificate signed with SHA-1 or MD5, or a short RSA key."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    digest = certificate.signature_hash_algorithm
    if digest is not None and digest.name in WEAK_DIGESTS:
        raise ConfigurationFault(
            f"Chứng thư trong «{where}» được ký bằng {digest.name.upper()}, không còn an toàn; "
            "hãy xin cấp chứng thư dùng SHA-256 trở lên."
        )
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey) and key.key_size < MINIMUM_RSA_BITS:
        raise ConfigurationFault(
            f"Khóa RSA trong «{where}» chỉ dài {key.key_size} bit; "
            f"hãy xin cấp khóa từ {MINIMUM_RSA_BITS} bit trở lên."
        )


def refuse_outdated(where: str, summary: CertificateSummary) -> None:
    """ConfigurationFault for a certificate that is not valid today."""
    now = datetime.now(UTC)
    if now > summary.not_after:
        raise ConfigurationFault(
            f"Chứng thư số trong «{where}» đã hết hạn ngày {summary.not_after:%d/%m/%Y}; "
            "hãy gia hạn rồi thay khóa."
        )
    if now < summary.not_before:
        raise ConfigurationFault(
            f"Chứng thư số trong «{where}» chỉ có hiệu lực từ ngày "
            f"{summary.not_before:%d/%m/%Y}; hãy kiểm tra đồng hồ máy chủ hoặc khóa."
        )


def refuse_weak_digest(digest_algorithm: str) -> None:
    """ConfigurationFault for a digest that no signature of ours may use."""
    if digest_algorithm.lower().replace("-", "") in WEAK_DIGESTS:
        raise ConfigurationFault(
            f"Không ký bằng {digest_algorithm.upper()}: không còn an toàn; hãy dùng SHA-256."
        )


def certificate_pem(signer: PyhankoSigner) -> bytes:
    """The signer's own certificate (PEM); there is no secret in it."""
    from asn1crypto import pem

    if signer.signing_cert is None:
        raise ConfigurationFault("Khóa này không có chứng thư; hãy nạp chứng thư vào thiết bị.")
    armoured: bytes = pem.armor("CERTIFICATE", signer.signing_cert.dump())
    return armoured


def certificate_bytes(signer: PyhankoSigner) -> int:
    """The size in bytes (DER) of all certificates that a signature of this signer carries."""
    carried = [signer.signing_cert, *signer.cert_registry]
    return sum(len(certificate.dump()) for certificate in carried if certificate is not None)

"""A throw-away certification authority, so that a trial installation can sign at once."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from signing.keys import Pkcs12Signer

NO_LEGAL_VALUE = "THỬ NGHIỆM – không có giá trị pháp lý"
_MARK = "[THỬ NGHIỆM] "
_COMMON_NAME_BYTES = 64  # X.520 ub-common-name
_RSA_BITS = 3072
_LIFETIME = timedelta(days=5 * 365)


@dataclass(frozen=True)
class DemoKeys:
    """Keys without legal value: the root that was made for them, the agency's, the officer's."""

    root_certificate: Path
    agency: Pkcs12Signer
    officer: Pkcs12Signer


@dataclass(frozen=True)
class _Identity:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


def make_demo_keys(folder: Path, *, agency_name: str, officer_name: str) -> DemoKeys:
    """Make throw-away keys below `folder`, or return those that are there already.

    Every subject and the issuer carry "THỬ NGHIỆM – không có giá trị pháp lý". Files are
    readable by their owner only; each key has a random passphrase in a file beside it. Two
    processes may call this at once: one makes the keys, both get the same ones.
    """
    place = folder / "demo"
    keys = DemoKeys(
        root_certificate=place / "root.pem",
        agency=_signer(place, "agency"),
        officer=_signer(place, "officer"),
    )
    if place.exists():
        return keys
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = Path(tempfile.mkdtemp(prefix=".demo-", dir=folder))
    try:
        _fill(fresh, agency_name, officer_name)
        fresh.rename(place)
    except OSError:
        if not place.exists():  # not merely the other process being first
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return keys


def _signer(place: Path, name: str) -> Pkcs12Signer:
    return Pkcs12Signer(
        kind="pkcs12", path=place / f"{name}.p12", passphrase_file=place / f"{name}.passphrase"
    )


def _fill(place: Path, agency_name: str, officer_name: str) -> None:
    root = _issue("CA thử nghiệm sohoa", None)
    _write(place / "root.pem", root.certificate.public_bytes(Encoding.PEM))
    for file, name in (("agency", agency_name), ("officer", officer_name)):
        identity = _issue(name, root)
        passphrase = secrets.token_urlsafe(24).encode("ascii")
        _write(place / f"{file}.passphrase", passphrase)
        packed = pkcs12.serialize_key_and_certificates(
            name=file.encode("ascii"),
            key=identity.key,
            cert=identity.certificate,
            cas=[root.certificate],
            encryption_algorithm=BestAvailableEncryption(passphrase),
        )
        _write(place / f"{file}.p12", packed)


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _issue(name: str, issuer: _Identity | None) -> _Identity:
    """A fresh key with a certificate, self-signed where there is no issuer."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    subject = _subject(name)
    issuer_key = issuer.key if issuer else key
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(
            x509.BasicConstraints(ca=issuer is None, path_length=0 if issuer is None else None),
            critical=True,
        )
        .add_extension(_usage(authority=issuer is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    return _Identity(key, builder.sign(issuer_key, hashes.SHA256()))


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, NO_LEGAL_VALUE),
            x509.NameAttribute(NameOID.COMMON_NAME, _common_name(name)),
        ]
    )


def _common_name(name: str) -> str:
    """The marked name, cut to the length that X.520 allows."""
    room = (_MARK + name).encode()[:_COMMON_NAME_BYTES]
    return room.decode(errors="ignore")


def _usage(*, authority: bool) -> x509.KeyUsage:
    """Signing documents, or signing certificates and revocation lists (RFC 5280 4.2.1.3)."""
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )

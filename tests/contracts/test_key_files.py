"""Keys in files (PKCS#12): what an administrator may get wrong; the demo keys."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from domain.errors import ConfigurationFault
from signing.demo_authority import NO_LEGAL_VALUE, make_demo_keys
from signing.keys import Pkcs12Signer

SECRET = "rất-bí-mật-9f3a"


def _pkcs12(
    folder,
    *,
    key=None,
    days=(-1, 365),
    secret=SECRET,
    written=SECRET,
):
    """A self-signed key in a PKCS#12 file; `written` is what stands in the passphrase file."""
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cơ quan thử")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .sign(key, hashes.SHA256())
    )
    encryption = BestAvailableEncryption(secret.encode()) if secret else NoEncryption()
    path, passphrase = folder / "key.p12", folder / "key.passphrase"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"key", key, certificate, None, encryption)
    )
    passphrase.write_text(written + "\n", encoding="utf-8")
    return Pkcs12Signer(kind="pkcs12", path=path, passphrase_file=passphrase if written else None)


def test_a_key_without_passphrase_works(tmp_path):
    """A file may be protected by its place alone."""
    signer = _pkcs12(tmp_path, secret="", written="")
    assert signer.certificate().subject == "CN=Cơ quan thử"
    assert signer.pyhanko().signing_cert is not None


def test_a_replaced_key_file_is_noticed(tmp_path):
    """An administrator renews the certificate without restarting the worker."""
    first = _pkcs12(tmp_path, days=(-1, 10)).certificate()
    second = _pkcs12(tmp_path, days=(-1, 700)).certificate()
    assert second.not_after > first.not_after


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"written": "sai"}, "mật khẩu"),
        ({"days": (-10, -1)}, "hết hạn"),
        ({"days": (5, 10)}, "hiệu lực từ"),
        ({"key": "rsa1024"}, "1024 bit"),
    ],
)
def test_an_unusable_key_is_refused_with_what_to_do(tmp_path, wrong, says):
    """The administrator reads the cause; the passphrase is not in the message."""
    if wrong.get("key"):
        weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - meant
        wrong = {"key": weak}
    signer = _pkcs12(tmp_path, **wrong)
    with pytest.raises(ConfigurationFault, match=says) as caught:
        signer.pyhanko()
    assert "hãy" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_certificate_signed_with_sha1_is_refused(tmp_path):
    """Openssl makes one, since the library that we use no longer does."""
    key, certificate, packed = (tmp_path / name for name in ("k.pem", "c.pem", "key.p12"))
    made = subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-sha1",
            "-subj",
            "/CN=cu",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    subprocess.run(
        [
            "openssl",
            "pkcs12",
            "-export",
            "-passout",
            "pass:",
            "-out",
            str(packed),
            "-inkey",
            str(key),
            "-in",
            str(certificate),
        ],
        capture_output=True,
        check=True,
    )
    passphrase = tmp_path / "empty"
    passphrase.write_bytes(b"")
    signer = Pkcs12Signer(kind="pkcs12", path=packed, passphrase_file=passphrase)
    with pytest.raises(ConfigurationFault, match="SHA1"):
        signer.certificate()


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    """An empty or foreign file under the configured path."""
    path = tmp_path / "key.p12"
    path.write_bytes(content)
    with pytest.raises(ConfigurationFault, match="PKCS#12"):
        Pkcs12Signer(kind="pkcs12", path=path).certificate()


def test_a_missing_file_is_refused(tmp_path):
    """The path stands in the message."""
    with pytest.raises(ConfigurationFault, match="absent"):
        Pkcs12Signer(kind="pkcs12", path=tmp_path / "absent.p12").certificate()


def test_demo_keys_say_that_they_have_no_legal_value_and_are_kept(tmp_path):
    """The second call changes no byte; only the owner can read the files."""
    names = {"agency_name": "Ủy ban nhân dân " + "rất dài " * 20, "officer_name": "Hường"}
    keys = make_demo_keys(tmp_path / "keys", **names)
    before = {file: file.read_bytes() for file in (tmp_path / "keys").rglob("*.*")}
    assert make_demo_keys(tmp_path / "keys", **names) == keys
    assert {file: file.read_bytes() for file in before} == before
    assert {file.stat().st_mode & 0o777 for file in before} == {0o600}
    assert keys.root_certificate.parent.stat().st_mode & 0o777 == 0o700
    for signer in (keys.agency, keys.officer):
        assert NO_LEGAL_VALUE in signer.certificate().subject
        assert NO_LEGAL_VALUE in signer.certificate().issuer
        assert signer.pyhanko().signing_cert is not None

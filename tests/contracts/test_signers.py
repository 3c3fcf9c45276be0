"""Every kind of signing key passes the same tests."""

import asyncio
import pickle
import subprocess
from datetime import UTC, datetime

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from domain.errors import ConfigurationFault
from signing.keys import Signer
from signing.pdf import sign_detached
from tests.servers import csc
from tests.servers import softhsm as hsm
from tests.servers.csc import start_csc
from tests.servers.pki import PASSPHRASE

KEYS = {
    "rsa2048": "officer",
    "rsa3072": "agency",
    "rsa4096": "agency-rsa4096",
    "p256": "agency-p256",
    "p384": "agency-p384",
}
BACKENDS = ("pkcs12", "pkcs11", "csc-v1", "csc-v2")
SECRETS = (PASSPHRASE, hsm.PIN, csc.PIN, csc.ACCESS)


@pytest.fixture(scope="module")
def full_token(softhsm, pki):
    """A token with a key of each kind."""
    return softhsm.token("co-quan", pki, *KEYS.values())


@pytest.fixture(scope="module")
def remote(pki, tmp_path_factory):
    """A remote signing service with all keys."""
    with start_csc(pki, tmp_path_factory.mktemp("csc")) as service:
        yield service


@pytest.fixture(params=[(backend, key) for backend in BACKENDS for key in KEYS], ids="-".join)
def signer(request, pki) -> Signer:
    """One working key of each kind, in each place."""
    backend, kind = request.param
    name = KEYS[kind]
    match backend:
        case "pkcs12":
            return pki.signer(name)
        case "pkcs11":
            return request.getfixturevalue("full_token").signer("co-quan", name)
        case _:
            return request.getfixturevalue("remote").signer(name, api=backend[-2:])


def _verified_by_openssl(signature, content):
    command = ["openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER"]
    command += ["-in", str(signature), "-content", str(content), "-out", "/dev/null"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_certificate_is_summarised(signer):
    """Subject, issuer, serial and validity are there for display."""
    summary = signer.certificate()
    assert "THỬ NGHIỆM" in summary.subject
    assert "CA cấp phát" in summary.issuer
    assert int(summary.serial, 16) > 0
    assert summary.not_before < datetime.now(UTC) < summary.not_after


def test_a_signature_is_accepted_and_other_data_is_refused(signer, tmp_path):
    """Openssl verifies what the key has signed, and nothing else."""
    source, signature = tmp_path / "paper", tmp_path / "paper.p7s"
    source.write_bytes(b"content")
    sign_detached(source, signature, signer=signer)
    assert _verified_by_openssl(signature, source)
    source.write_bytes(b"c0ntent")
    assert not _verified_by_openssl(signature, source)


def test_the_raw_signature_holds_over_the_data_and_over_no_other(signer):
    """Checked with the certificate's public key by another library than the one that signed."""
    driver = signer.pyhanko()
    raw = asyncio.run(driver.async_sign_raw(b"content", "sha256"))
    public = x509.load_der_x509_certificate(driver.signing_cert.dump()).public_key()
    elliptic = isinstance(public, ec.EllipticCurvePublicKey)
    how = (ec.ECDSA(SHA256()),) if elliptic else (padding.PKCS1v15(), SHA256())
    public.verify(raw, b"content", *how)
    with pytest.raises(InvalidSignature):
        public.verify(raw, b"c0ntent", *how)


def test_the_signature_carries_the_whole_chain(signer, pki, tmp_path):
    """So that it can be validated for decades: signer, issuing authority, root; nobody else."""
    source, signature = tmp_path / "paper", tmp_path / "paper.p7s"
    source.write_bytes(b"content")
    sign_detached(source, signature, signer=signer)
    signed = cms.ContentInfo.load(signature.read_bytes())["content"]
    carried = {item.chosen.dump() for item in signed["certificates"]}
    above = {item.public_bytes(Encoding.DER) for item in pki.chain("agency")}
    assert carried == {signer.pyhanko().signing_cert.dump(), *above}


def test_a_weak_digest_is_refused(signer):
    """SHA-256 or better."""
    for digest in ("sha1", "SHA-1", "md5"):
        with pytest.raises(ConfigurationFault, match="không còn an toàn"):
            asyncio.run(signer.pyhanko().async_sign_raw(b"content", digest))


def test_a_key_is_looked_up_once(signer):
    """The second use opens no file, no token, no connection: it is the same object."""
    assert signer.pyhanko() is signer.pyhanko()


def test_the_address_holds_no_secret_and_can_be_pickled(signer):
    """It may stand in logs and be sent to another process."""
    shown = repr(signer) + str(signer.model_dump()) + signer.where
    assert not [secret for secret in SECRETS if secret in shown]
    assert pickle.loads(pickle.dumps(signer)) == signer  # noqa: S301 - our own bytes


def test_a_setting_names_each_kind(signer):
    """The union of the settings reads back what it wrote."""
    from pydantic import TypeAdapter

    from signing.keys import SignerConfig

    assert TypeAdapter(SignerConfig).validate_python(signer.model_dump(mode="json")) == signer

"""Signing with a key in memory that is parsed once, not for every signature."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from pyhanko.sign.signers import SimpleSigner

from signing.certificates import refuse_weak_digest

_DIGESTS = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}


def software_key_signer(
    content: bytes, passphrase: bytes | None, key: object
) -> SoftwareKeySigner | None:
    """A signer for an opened PKCS#12 archive; None when pyHanko cannot use its contents."""
    loaded = SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=passphrase)
    if loaded is None or loaded.signing_cert is None:
        return None
    signer = SoftwareKeySigner(loaded.signing_cert, loaded.signing_key, loaded.cert_registry)
    signer.parsed_key = key
    return signer


class SoftwareKeySigner(SimpleSigner):
    """pyHanko's own signer, except that RSA (PKCS #1 v1.5) and ECDSA use the parsed key.

    Parsing an RSA key checks its primes: 0.1 s that `SimpleSigner` spends on every signature.
    """

    parsed_key: object = None

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """The raw signature over `data`, as RFC 5652 wants it for the mechanism."""
        refuse_weak_digest(digest_algorithm)
        mechanism = self.get_signature_mechanism_for_digest(digest_algorithm).signature_algo
        digest = _DIGESTS.get(digest_algorithm)
        if digest is None:
            return super().sign_raw(data, digest_algorithm)
        match mechanism, self.parsed_key:
            case "rsassa_pkcs1v15", RSAPrivateKey() as key:
                return key.sign(data, PKCS1v15(), digest)
            case "ecdsa", EllipticCurvePrivateKey() as key:
                return key.sign(data, ECDSA(digest))
            case _:
                return super().sign_raw(data, digest_algorithm)

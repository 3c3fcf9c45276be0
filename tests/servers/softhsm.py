"""Tokens in software: SoftHSM 2 from Debian's package, in a folder of the tests' own."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pkcs11
from cryptography.hazmat.primitives.serialization import Encoding

from signing.keys import Pkcs11Signer

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "271828"


class SoftHsm:
    """A place for tokens; `token` makes one that holds keys of the tests' PKI."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tokens = folder, folder / "tokens"

    def token(self, label, pki, *names, pin=PIN):
        """Make a token with a key, its certificate and those above it for each name."""
        self._tool("--init-token", "--free", "--label", label, "--so-pin", "314159", "--pin", pin)
        for name in names:
            self._tool(
                *("--import", str(pki.key(name)), "--token", label, "--label", name),
                *("--id", name.encode().hex(), "--pin", pin),
            )
        library = pkcs11.lib(str(MODULE))
        library.reinitialize()  # a library that is loaded already does not see a new token
        with library.get_token(token_label=label).open(rw=True, user_pin=pin) as session:
            above = {c: c.subject.rfc4514_string() for name in names for c in pki.chain(name)}
            own = {pki.certificate(name): name for name in names}
            for certificate, known_as in (above | own).items():
                session.create_object(_attributes(certificate, known_as))
        return self

    def signer(self, label, name, pin=PIN, **options):
        """The address of a key; its PIN file is its own."""
        pin_file = self.folder / f"{label}-{name}.pin"
        pin_file.write_text(pin + "\n", encoding="utf-8")
        return Pkcs11Signer(
            module=MODULE, token_label=label, key_label=name, pin_file=pin_file, **options
        )

    def _tool(self, *words):
        subprocess.run(
            ["softhsm2-util", *words], check=True, capture_output=True, timeout=60, env=os.environ
        )


def _attributes(certificate, label):
    return {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
        pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
        pkcs11.Attribute.TOKEN: True,
        pkcs11.Attribute.LABEL: label,
        pkcs11.Attribute.ID: label.encode(),
        pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
        pkcs11.Attribute.ISSUER: certificate.issuer.public_bytes(),
        pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER),
    }


@contextmanager
def start_softhsm(folder: Path):
    """A SoftHSM of the tests' own, or None where it is not installed.

    The library reads its configuration when it is loaded, so there is one for all tests.
    """
    if not MODULE.exists() or shutil.which("softhsm2-util") is None:
        yield None
        return
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    try:
        yield SoftHsm(folder)
    finally:
        if before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = before

"""A remote signing service of the tests' own, over the keys of their PKI: CSC API v1 and v2.

It does what a service does: it wants an access token, a PIN (three wrong ones lock the
credential) and a leave (SAD) that is bound to the digests and good for one use.
`start_csc(pki)` serves it; `CscService.signer(name)` is the address of a key.
"""

import base64
import binascii
import secrets
from contextlib import contextmanager

from aiohttp import web
from asn1crypto import algos
from certomancer.registry import CertLabel
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from signing.keys import CscSigner
from tests.servers.pki import serving
from tests.servers.postgres import free_port

ACCESS = "tờ-khai-truy-cập"
PIN = "161803"
_TRIES = 3
_DIGESTS = {
    algos.DigestAlgorithmId(name).dotted: made()
    for name, made in (("sha256", SHA256), ("sha384", SHA384), ("sha512", SHA512))
}
_ALGORITHMS = {
    "rsa": ("sha256_rsa", "sha384_rsa", "sha512_rsa", "rsassa_pkcs1v15"),
    "ec": ("sha256_ecdsa", "sha384_ecdsa", "sha512_ecdsa"),
}


class CscService:
    """A running service."""

    def __init__(self, pki, folder, port):
        self.pki, self.folder, self.url = pki, folder, f"http://127.0.0.1:{port}"
        self.wrong_pins = 0
        self.asked = []
        self.answer = None  # a status code that every request is answered with
        self._leaves = {}

    def signer(self, name, *, api="v1", pin=PIN, access=ACCESS, **options):
        """The address of a key."""
        pin_file, token_file = self.folder / f"{name}.pin", self.folder / f"{name}.token"
        pin_file.write_text(pin, encoding="utf-8")
        token_file.write_text(access.encode().hex(), encoding="utf-8")
        return CscSigner(
            url=self.url,
            api=api,
            credential=name,
            pin_file=pin_file,
            token_file=token_file,
            **options,
        )

    def application(self):
        """Both versions, under their own paths."""
        app = web.Application(middlewares=[self._authenticated])
        for version in ("v1", "v2"):
            for name, handler in (
                ("credentials/info", self._info),
                ("credentials/authorize", self._authorize),
                ("signatures/signHash", self._sign),
            ):
                app.router.add_post(f"/csc/{version}/{name}", handler)
        return app

    @web.middleware
    async def _authenticated(self, request, handler):
        self.asked.append(request.path)
        if self.answer:
            return web.Response(status=self.answer)
        if request.headers.get("Authorization") != f"Bearer {ACCESS.encode().hex()}":
            return _refusal(401, "invalid_token", "The access token is not valid")
        return await handler(request)

    async def _info(self, request):
        name = (await request.json())["credentialID"]
        certificates = [self.pki.certificate(name), *self.pki.chain(name)]
        public = self.pki.architecture.get_cert(CertLabel(name)).public_key
        return web.json_response(
            {
                "key": {
                    "status": "enabled",
                    "algo": [
                        algos.SignedDigestAlgorithmId(name).dotted
                        for name in _ALGORITHMS[public.algorithm]
                    ],
                    "len": public.bit_size,
                },
                "cert": {
                    "certificates": [
                        base64.b64encode(item.public_bytes(Encoding.DER)).decode()
                        for item in certificates
                    ]
                },
                "authMode": "explicit",
                "SCAL": "2",
                "multisign": 1,
            }
        )

    async def _authorize(self, request):
        asked = await request.json()
        hashes = asked["hashes" if "/v2/" in request.path else "hash"]
        if self.wrong_pins >= _TRIES:
            return _refusal(400, "invalid_request", "Locked")
        if asked.get("PIN") != PIN:
            self.wrong_pins += 1
            return _refusal(400, "invalid_pin", "The PIN is not valid")
        if len(hashes) != asked["numSignatures"] or len(hashes) != 1:
            return _refusal(400, "invalid_request", "Bad numSignatures")
        leave = secrets.token_urlsafe()
        self._leaves[leave] = (asked["credentialID"], hashes)
        return web.json_response({"SAD": leave, "expiresIn": 60})

    async def _sign(self, request):
        asked = await request.json()
        newer = "/v2/" in request.path
        hashes = asked["hashes" if newer else "hash"]
        if self._leaves.pop(asked["SAD"], None) != (asked["credentialID"], hashes):
            return _refusal(400, "invalid_request", "Invalid SAD")
        digest = _DIGESTS[asked["hashAlgorithmOID" if newer else "hashAlgo"]]
        key = load_pem_private_key(self.pki.key(asked["credentialID"]).read_bytes(), None)
        try:
            given = base64.b64decode(hashes[0], validate=True)
        except binascii.Error:
            return _refusal(400, "invalid_request", "Bad hash")
        if isinstance(key, ec.EllipticCurvePrivateKey):
            made = key.sign(given, ec.ECDSA(utils.Prehashed(digest)))
        else:
            made = key.sign(given, padding.PKCS1v15(), utils.Prehashed(digest))
        return web.json_response({"signatures": [base64.b64encode(made).decode()]})


def _refusal(status, error, description):
    return web.json_response({"error": error, "error_description": description}, status=status)


@contextmanager
def start_csc(pki, folder):
    """Serve the keys of the PKI by the CSC API during the block."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    service = CscService(pki, folder, port)
    with serving(service.application(), port):
        yield service

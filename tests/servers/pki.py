"""A public key infrastructure of the tests' own, over HTTP: CA, OCSP, CRL and time stamps.

Everything is described in `pki.yaml` beside this file and served by certomancer on a free
loopback port. Certificates do not change between two starts over the same folder, except for
the port in their addresses.

    with start_pki(folder) as pki:
        pki.roots                      # (Path of the root, PEM,): settings' trust_roots
        pki.signer("agency")           # Pkcs12Signer; also agency-p256, agency-p384,
                                       # agency-rsa4096, agency-revoked, agency-expired,
                                       # officer, officer2, certifier;
                                   # officer-namesake: another person called as officer is
        pki.tsa("tsa")                 # URL; tsa and tsa2 are good, tsa-expired is not
        pki.tsa_urls                   # both good ones
        with pki.fault("tsa", "down"): # until the end of the block
            ...
        pki.hits["tsa"]                # how often a service was asked: tsa, tsa2, ocsp, crl, certs

Faults. Of "tsa", "tsa2": down (the connection is cut), error (500), slow (an answer after
`pki.slow_seconds`), garbage (no time stamp at all), wrong_nonce, wrong_digest, rejected (status
"rejection"), expired (the token is of the certificate `tsa-expired`), fast_clock and slow_clock
(a day ahead or behind). Of "ocsp": down, error, slow, garbage, revoked, unknown, stale (an answer
of a year ago), other_issuer (signed by the responder of another authority). Of "crl": down, error,
slow, garbage. Of "certs" (AIA): down, error, slow.

`python -m tests.servers.pki FOLDER` serves until it is stopped and prints the settings to use.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from aiohttp import web
from asn1crypto import core, ocsp, tsp
from asn1crypto import x509 as asn1_x509
from certomancer.integrations.aiohttp_animator import build_animator_app
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, ServiceLabel
from certomancer.services import RevocationInfoInterface
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signing.keys import Pkcs12Signer
from tests.servers.postgres import free_port

DESCRIPTION = Path(__file__).with_name("pki.yaml")
PASSPHRASE = "chỉ-để-thử"
_ARCHITECTURE = ArchLabel("sohoa")
_DAY = timedelta(days=1)
_REJECTION = bytes.fromhex("30053003020102")  # TimeStampResp: status rejection, no token


class TestPki:
    """A running infrastructure; see the module's docstring."""

    __test__ = False

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{port}"
        self.slow_seconds = 30.0
        self.hits: Counter[str] = Counter()
        self._faults: dict[str, str] = {}
        description = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
        description["external-url-prefix"] = self.url
        _make_keys(description, folder)
        self.config = CertomancerConfig(description, key_search_dir=str(folder))
        self.architecture = self.config.get_pki_arch(_ARCHITECTURE)

    # -- what it hands out ------------------------------------------------------

    def certificate(self, name: str) -> x509.Certificate:
        """A certificate by its name in pki.yaml."""
        return x509.load_der_x509_certificate(self._issued(name).dump())

    @property
    def roots(self) -> tuple[Path, ...]:
        """The root certificate (PEM), in a file."""
        return (self.pem("root"),)

    def pem(self, name: str) -> Path:
        """A certificate (PEM) in a file."""
        path = self.folder / f"{name}.pem"
        path.write_bytes(self.certificate(name).public_bytes(Encoding.PEM))
        return path

    def chain(self, name: str) -> tuple[x509.Certificate, ...]:
        """The certificates above this one, nearest first."""
        labels = self.architecture.get_chain(CertLabel(name))
        return tuple(self.certificate(label.value) for label in labels)

    def key(self, name: str) -> Path:
        """The private key (PEM, PKCS#8, not encrypted) of a certificate."""
        label = self.architecture.get_cert_spec(CertLabel(name)).subject_key
        return Path(self.architecture.key_set[label].path)

    def signer(self, name: str) -> Pkcs12Signer:
        """The certificate's key and chain as a PKCS#12 file with its passphrase file."""
        path, secret = self.folder / f"{name}.p12", self.folder / "passphrase"
        secret.write_text(PASSPHRASE, encoding="utf-8")
        if not path.exists():
            path.write_bytes(
                self.architecture.package_pkcs12(CertLabel(name), password=PASSPHRASE.encode())
            )
        return Pkcs12Signer(kind="pkcs12", path=path, passphrase_file=secret)

    def tsa(self, name: str) -> str:
        """The URL of a time-stamping authority (RFC 3161)."""
        return f"{self.url}/{_ARCHITECTURE}/tsa/{name}"

    @property
    def tsa_urls(self) -> tuple[str, str]:
        """Two good authorities, independent of each other."""
        return self.tsa("tsa"), self.tsa("tsa2")

    # -- faults -----------------------------------------------------------------

    @contextmanager
    def fault(self, service: str, kind: str):
        """The service misbehaves until the end of the block."""
        before = dict(self._faults)
        self._faults[service] = kind
        try:
            yield
        finally:
            self._faults = before

    @web.middleware
    async def _answer(self, request: web.Request, handler) -> web.StreamResponse:
        _, _, kind, name, *_ = *request.path.split("/"), "", ""
        service = {"tsa": name, "crls": "crl"}.get(kind, kind)
        self.hits[service] += 1
        fault = self._faults.get(service)
        match fault:
            case "down":
                request.transport.abort()
                return web.Response(status=503)
            case "error":
                return web.Response(status=500)
            case "garbage":
                return web.Response(body=b"<html>Proxy</html>", content_type="text/html")
            case "slow":
                await asyncio.sleep(self.slow_seconds)
                fault = None
        if kind == "ocsp":
            return self._status(name, fault, await request.read())
        if fault is None:
            return await handler(request)
        if kind != "tsa":
            raise ValueError(f"{service} has no fault {fault}")
        return self._false_stamp(name, fault, await request.read())

    def _false_stamp(self, name: str, fault: str, asked: bytes) -> web.Response:
        request = tsp.TimeStampReq.load(asked)
        skew = {"fast_clock": _DAY, "slow_clock": -_DAY}.get(fault)
        label = "tsa-expired" if fault == "expired" else name
        stamper = self.architecture.service_registry.summon_timestamper(
            ServiceLabel(label), datetime.now(UTC) + skew if skew else None
        )
        match fault:
            case "rejected":
                return web.Response(body=_REJECTION, content_type="application/timestamp-reply")
            case "wrong_nonce":
                request["nonce"] = core.Integer(4711)
            case "wrong_digest":
                request["message_imprint"]["hashed_message"] = hashlib.sha256(b"other").digest()
            case "expired" | "fast_clock" | "slow_clock":
                pass
            case _:
                raise ValueError(f"a TSA has no fault {fault}")
        return _reply(stamper.request_tsa_response(request), "timestamp-reply")

    def _status(self, name: str, fault: str | None, asked: bytes) -> web.Response:
        # Whole seconds (RFC 5280 4.1.2.5.2), which certomancer's own handler does not keep to.
        now = datetime.now(UTC).replace(microsecond=0)
        responder = self.architecture.service_registry.summon_responder(
            ServiceLabel(name), now - 365 * _DAY if fault == "stale" else now
        )
        match fault:
            case None | "stale":
                pass
            case "other_issuer":
                other = self.architecture.service_registry.summon_responder(
                    ServiceLabel("tsa-ca"), now
                )
                for part in ("responder_cert", "responder_key", "signature_algo"):
                    setattr(responder, part, getattr(other, part))
            case "revoked" | "unknown":
                truth = responder.revinfo_interface
                responder.revinfo_interface = _Always(truth, fault, now - _DAY)
            case _:
                raise ValueError(f"an OCSP responder has no fault {fault}")
        answer = responder.build_ocsp_response(ocsp.OCSPRequest.load(asked))
        return _reply(answer, "ocsp-response")

    def _issued(self, name: str) -> asn1_x509.Certificate:
        return self.architecture.get_cert(CertLabel(name))

    def application(self) -> web.Application:
        """The services as an application; certomancer answers unless a fault is set."""
        app = build_animator_app({_ARCHITECTURE: self.architecture}, with_web_ui=False)
        app.middlewares.insert(0, self._answer)
        return app


class _Always(RevocationInfoInterface):
    """Says the same of every certificate."""

    def __init__(self, truth: RevocationInfoInterface, status: str, since: datetime) -> None:
        values = {
            "revoked": {"revocation_time": since, "revocation_reason": "key_compromise"},
            "unknown": None,
        }
        self._truth = truth
        self._status = ocsp.CertStatus(name=status, value=values[status])

    def get_issuer_cert(self):
        return self._truth.get_issuer_cert()

    def check_revocation_status(self, cid, at_time):
        del cid, at_time
        return self._status, []


def _reply(answer, kind: str) -> web.Response:
    return web.Response(body=answer.dump(), content_type=f"application/{kind}")


def _make_keys(description: dict, folder: Path) -> None:
    """Make the keys that the description names, unless they are there already."""
    for key in description["keysets"]["sohoa"]["keys"].values():
        path = folder / key["path"]
        if path.exists():
            continue
        match path.name.split(".")[-2]:
            case "p256":
                made = ec.generate_private_key(ec.SECP256R1())
            case "p384":
                made = ec.generate_private_key(ec.SECP384R1())
            case kind:
                size = int(kind.removeprefix("rsa"))
                made = rsa.generate_private_key(public_exponent=65537, key_size=size)
        path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@contextmanager
def serving(app: web.Application, port: int):
    """Serve an aiohttp application on loopback, in a thread of its own, during the block."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    runner = web.AppRunner(app, shutdown_timeout=0.1)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(runner.setup())
        loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", port).start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run, name=f"server-{port}", daemon=True)
    thread.start()
    try:
        if not ready.wait(10):
            raise TimeoutError(f"no server on port {port}")
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@contextmanager
def start_pki(folder: Path):
    """Serve the infrastructure during the block; `folder` keeps its keys."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    pki = TestPki(folder, port)
    with serving(pki.application(), port):
        yield pki


def _main() -> None:
    with start_pki(Path(sys.argv[1]).resolve()) as pki:
        lines = []
        for role in ("agency", "officer"):
            key, name = pki.signer(role), f"export SOHOA_KEYS__{role.upper()}"
            lines += [f"{name}__KIND=pkcs12 {name[7:]}__PATH={key.path}"]
            lines += [f"{name}__PASSPHRASE_FILE={key.passphrase_file}"]
        lines += [f"export SOHOA_KEYS__TRUST_ROOTS='[\"{pki.roots[0]}\"]'"]
        lines += [f"export SOHOA_SIGNATURES__TSA='{json.dumps(list(pki.tsa_urls))}'", ""]
        sys.stdout.write("\n".join(lines))
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    _main()

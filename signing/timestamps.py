"""Time stamps (dấu thời gian, RFC 3161): several authorities, each answer checked in full.

An authority that is down, slow, wrong or expired costs one paper its time limit, not every
paper: after three failures in a row it is left alone for a minute (`CircuitBreaker`), and the
next one in the list is asked.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

import requests
from asn1crypto import algos, cms, core, tsp
from cryptography.exceptions import InvalidSignature
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from signing.asn1 import fill_tables
from signing.breaker import CircuitBreaker
from signing.outlook import Proof, proof_of
from signing.validation_data import NoValidationDataError, ValidationData, validation_data

if TYPE_CHECKING:
    from signing.levels import TrustServices

LOG = logging.getLogger("sohoa.timestamps")
_LARGEST_ANSWER = 256 * 1024
_GRANTED = {"granted", "granted_with_mods"}
_WEAK = frozenset({"md5", "sha1"})


class NoTimeStampError(Exception):
    """No authority gave a good time stamp; the message says why of each, in Vietnamese."""


class TokenTooLargeError(Exception):
    """An authority stepped in whose tokens need more room than was kept; now it is known."""


@dataclass(frozen=True)
class Authority:
    """An authority as its last good token showed it."""

    url: str
    data: ValidationData
    token_bytes: int
    """Size (DER) of its tokens."""
    algorithms: tuple[str, ...]
    """What its tokens rest on, as `outlook` names it."""


class _Answer(core.Sequence):  # type: ignore[misc]
    """TimeStampResp (RFC 3161, 2.4.2); asn1crypto's own one demands a token of a refusal too."""

    _fields: ClassVar = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class _BadStampError(Exception):
    """What one authority answered is no good time stamp."""


class FailoverTimeStamper(TimeStamper):
    """Stamps for one signature; `used` is the authority that stamped last."""

    def __init__(self, services: TrustServices) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._services = services
        self.used: Authority | None = None
        self.room: int | None = None
        """How many bytes a token may have; None for any number."""

    @property
    def largest_known(self) -> int:
        """The size in bytes of the largest token of these authorities so far."""
        with _LOCK:
            seen = [_SEEN.get((url, self._services)) for url in self._services.settings.tsa]
        return max((authority.token_bytes for authority in seen if authority), default=0)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A time-stamp token over the digest, from the first authority that gives a good one."""
        return self.stamp(message_digest, md_algorithm)

    def stamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """The same outside an event loop. Raises NoTimeStampError."""
        said = []
        for url in self._services.settings.tsa:
            breaker = _breaker(url)
            if not breaker.may_call():
                said.append(f"{url}: đang tạm nghỉ sau nhiều lần lỗi")
                continue
            try:
                token, self.used = self._good_stamp(url, message_digest, md_algorithm)
            except _BadStampError as error:
                breaker.failed()
                said.append(f"{url}: {error}")
            else:
                breaker.succeeded()
                with _LOCK:
                    _SEEN[url, self._services] = self.used
                if self.room is not None and self.used.token_bytes > self.room:
                    raise TokenTooLargeError
                return token
        raise NoTimeStampError("; ".join(said) or "chưa khai báo máy chủ dấu thời gian")

    def expected(self) -> Authority:
        """The authority that will most likely stamp next, known by an earlier token.

        The first time in a process it costs one token over a random digest. Raises
        NoTimeStampError.
        """
        for url in self._services.settings.tsa:
            with _LOCK:
                seen = _SEEN.get((url, self._services))
            if seen and seen.data.fresh_until > datetime.now(UTC) and not _breaker(url).is_open:
                return seen
        self.stamp(secrets.token_bytes(32), "sha256")
        if self.used is None:
            raise NoTimeStampError("chưa khai báo máy chủ dấu thời gian")
        return self.used

    def _good_stamp(
        self, url: str, digest: bytes, algorithm: str
    ) -> tuple[cms.ContentInfo, Authority]:
        nonce = secrets.randbits(63)
        request = tsp.TimeStampReq(
            {
                "version": 1,
                "message_imprint": {
                    "hash_algorithm": algos.DigestAlgorithm({"algorithm": algorithm}),
                    "hashed_message": digest,
                },
                "nonce": core.Integer(nonce),
                "cert_req": True,
            }
        )
        content = _ask(url, request.dump(), self._services.settings.tsa_timeout_seconds)
        try:
            answer = _Answer.load(content, strict=True)
            status = answer["status"]["status"].native
            if status not in _GRANTED:
                raise _BadStampError(f"từ chối ({status})")
            token = answer["time_stamp_token"]
            stamped = token["content"]["encap_content_info"]["content"]
            self._check_promise(stamped.parsed, nonce, digest, algorithm)
            proof = _proved(token["content"], stamped.contents)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            LOG.warning("%s: trả lời không đọc được", url, exc_info=True)
            raise _BadStampError("trả lời không phải dấu thời gian hợp lệ") from error
        try:
            data = validation_data(
                proof.certificate, proof.others, self._services, time_stamping=True
            )
        except NoValidationDataError as error:
            raise _BadStampError(str(error)) from error
        return token, Authority(url, data, len(content), proof.algorithms)

    def _check_promise(self, info: tsp.TSTInfo, nonce: int, digest: bytes, algorithm: str) -> None:
        if info["nonce"].native != nonce:
            raise _BadStampError("trả lời cho câu hỏi khác (nonce sai)")
        imprint = info["message_imprint"]
        if (
            imprint["hashed_message"].native != digest
            or imprint["hash_algorithm"]["algorithm"].native != algorithm
        ):
            raise _BadStampError("đóng dấu lên nội dung khác")
        apart = abs(info["gen_time"].native - datetime.now(UTC))
        if apart > timedelta(seconds=self._services.settings.clock_tolerance_seconds):
            raise _BadStampError(
                f"giờ lệch {int(apart.total_seconds())} giây so với máy này; kiểm tra đồng hồ"
            )


def _ask(url: str, request: bytes, seconds: float) -> bytes:
    try:
        with _session().post(
            url,
            data=request,
            headers={
                "Content-Type": "application/timestamp-query",
                "Accept": "application/timestamp-reply",
            },
            timeout=seconds,
            stream=True,
        ) as answer:
            if answer.status_code != requests.codes.ok:
                raise _BadStampError(f"mã trả lời {answer.status_code}")
            content = answer.raw.read(_LARGEST_ANSWER, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise _BadStampError("không trả lời trong thời hạn") from error
    return bytes(content)


def _proved(signed: cms.SignedData, content: bytes) -> Proof:
    """The token's certificate with the others in it, after its signature was found good."""
    (signer,) = signed["signer_infos"]
    proof = proof_of(signed, time_stamping=True)
    if proof.digest in _WEAK:
        raise _BadStampError("dùng thuật toán băm đã lỗi thời")
    digest = hashlib.new(proof.digest, content).digest()
    try:
        intact, valid = validate_sig_integrity(signer, proof.certificate, "tst_info", digest)
    except InvalidSignature:
        intact = valid = False
    if not (intact and valid):
        raise _BadStampError("chữ ký của dấu thời gian không đúng")
    return proof


def forget() -> None:
    """Forget which authorities failed or were seen."""
    with _LOCK:
        _BREAKERS.clear()
        _SEEN.clear()


_BREAKERS: dict[str, CircuitBreaker] = {}
_SEEN: dict[tuple[str, TrustServices], Authority] = {}
_LOCK = threading.Lock()
_LOCAL = threading.local()


def _breaker(url: str) -> CircuitBreaker:
    with _LOCK:
        return _BREAKERS.setdefault(url, CircuitBreaker())


def _session() -> requests.Session:
    """This thread's connections, kept open between two papers."""
    session = getattr(_LOCAL, "session", None)
    if session is None:
        session = _LOCAL.session = requests.Session()
        session.trust_env = False  # looking for proxies and .netrc costs more than the request
    return session


fill_tables()

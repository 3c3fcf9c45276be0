"""The client of a remote signing service: pyHanko's, with our errors, limits and API version 2."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any

import aiohttp
from asn1crypto.algos import DigestAlgorithmId
from cryptography import x509
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import Signer
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCCredentialInfo,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)

from domain.errors import ConfigurationFault, Unavailable
from signing.certificates import refuse_weak, refuse_weak_digest, summarise
from signing.csc import CscSigner
from signing.pin import read_pin, read_secret, refuse

_RAW_SIGNATURE_BYTES = 512  # RSA-4096
_TOO_MANY_REQUESTS = 429
_SERVER_FAULT = 500
_FORBIDDEN = frozenset({401, 403})


@lru_cache(maxsize=16)
def remote_signer(address: CscSigner, _hour: int) -> RemoteSigner:
    """The signer for a credential; the service is asked for its certificates."""
    info = asyncio.run(_credential(address))
    certificate = x509.load_der_x509_certificate(info.signing_cert.dump())
    refuse_weak(address.where, certificate)
    return RemoteSigner(address, info, certificate)


async def _credential(address: CscSigner) -> CSCCredentialInfo:
    try:
        async with aiohttp.ClientSession() as session:
            return await fetch_certs_in_csc_credential(
                session, _service(address), timeout=int(address.seconds)
            )
    except (SigningError, aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise _as_ours(address, error.__cause__ or error) from error


def _service(address: CscSigner) -> CSCServiceSessionInfo:
    token = read_secret(address.token_file) if address.token_file else None
    return CSCServiceSessionInfo(
        service_url=address.url,
        credential_id=address.credential,
        oauth_token=token,
        api_ver=address.api,
    )


class RemoteSigner(Signer):
    """PyHanko's signer that sends each digest to the service and gets the signature back."""

    def __init__(
        self, address: CscSigner, info: CSCCredentialInfo, certificate: x509.Certificate
    ) -> None:
        super().__init__(signing_cert=info.signing_cert, cert_registry=info.as_cert_store())
        self._address, self._info = address, info
        self.summary = summarise(certificate)

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """The raw signature over `data`: authorised for this digest alone (SCAL 2), then made.

        Unavailable when the service does not answer in time; PinRefused when it refuses the PIN.
        """
        refuse_weak_digest(digest_algorithm)
        if dry_run:
            return bytes(_RAW_SIGNATURE_BYTES)
        try:
            async with aiohttp.ClientSession() as session:
                manager = _Authorisation(self._address, self._info, session, digest_algorithm)
                client = _Client(
                    session,
                    manager,
                    sign_timeout=int(self._address.seconds),
                    batch_autocommit=False,  # where it commits by itself, it swallows the cause
                )
                waiting = asyncio.ensure_future(client.async_sign_raw(data, digest_algorithm))
                await asyncio.sleep(0)  # the digest is in the batch now
                try:
                    await client.commit()  # type: ignore[no-untyped-call]
                finally:
                    made = (await asyncio.gather(waiting, return_exceptions=True))[0]
                return _raised_or(made)
        except (SigningError, aiohttp.ClientError, TimeoutError) as error:
            raise _as_ours(self._address, error.__cause__ or error) from error


def _raised_or(made: bytes | BaseException) -> bytes:
    if isinstance(made, BaseException):
        raise made
    return made


class _Client(CSCSigner):
    """pyHanko's client speaks version 1; version 2 names two parameters otherwise."""

    async def format_csc_signing_req(
        self, tbs_hashes: list[str], digest_algorithm: str
    ) -> dict[str, Any]:
        request: dict[str, Any] = await super().format_csc_signing_req(tbs_hashes, digest_algorithm)
        if self.auth_manager.csc_session_info.api_ver == "v2":
            request["hashes"] = request.pop("hash")
            request.pop("hashAlgo", None)
            request["hashAlgorithmOID"] = DigestAlgorithmId(digest_algorithm).dotted
        return request


class _Authorisation(CSCAuthorizationManager):
    """Asks the service's leave to sign these digests, with the PIN where there is one."""

    def __init__(
        self,
        address: CscSigner,
        info: CSCCredentialInfo,
        session: aiohttp.ClientSession,
        digest_algorithm: str,
    ) -> None:
        super().__init__(_service(address), info)
        self._address, self._session, self._digest = address, session, digest_algorithm

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        """The leave (SAD), bound to these digests."""
        pin_file, where = self._address.pin_file, self._address.where
        pin = read_pin(pin_file, where) if pin_file else None
        request = self.format_csc_auth_request(pin=pin, hash_b64s=hash_b64s)
        if self._address.api == "v2":
            request["hashes"] = request.pop("hash")
            request["hashAlgorithmOID"] = DigestAlgorithmId(self._digest).dotted
        async with self._session.post(
            f"{self._address.url}/csc/{self._address.api}/credentials/authorize",
            headers=self.auth_headers,
            json=request,
            timeout=aiohttp.ClientTimeout(total=self._address.seconds),
        ) as answer:
            if pin_file and await _is_about_the_pin(answer):
                raise refuse(pin_file, where)
            answer.raise_for_status()
            return self.parse_csc_auth_response(await answer.json())


async def _is_about_the_pin(answer: aiohttp.ClientResponse) -> bool:
    """Whether the service refused the PIN; any refusal that gives no other reason counts as one."""
    if answer.status in _FORBIDDEN | {_TOO_MANY_REQUESTS} or not (
        400 <= answer.status < _SERVER_FAULT  # noqa: PLR2004 - the HTTP class of client errors
    ):
        return False
    try:
        body = await answer.json(content_type=None)
    except ValueError:
        return True
    said = f"{body.get('error', '')} {body.get('error_description', '')}".lower()
    return "pin" in said or not said.strip()


def _as_ours(address: CscSigner, error: BaseException) -> ConfigurationFault | Unavailable:
    match error:
        case aiohttp.ClientResponseError(status=status) if (
            status < _SERVER_FAULT and status != _TOO_MANY_REQUESTS
        ):
            return ConfigurationFault(
                f"Dịch vụ ký từ xa «{address.where}» từ chối (HTTP {status}); hãy kiểm tra "
                "credential, token_file và quyền của tài khoản."
            )
        case aiohttp.ClientError() | TimeoutError():
            return Unavailable(
                f"Dịch vụ ký từ xa «{address.where}» không trả lời ({type(error).__name__}); "
                "hãy chạy lại sau."
            )
        case _:
            return ConfigurationFault(
                f"Dịch vụ ký từ xa «{address.where}» trả lời không đúng chuẩn CSC ({error}); "
                "hãy báo nhà cung cấp."
            )

"""The owner of a token in this process: one session, one login, one signature at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pkcs11
from asn1crypto.x509 import Certificate
from cryptography import x509
from pkcs11 import Attribute, ObjectClass, PKCS11Error, TokenFlag
from pkcs11.exceptions import (
    FunctionFailed,
    NoSuchKey,
    NoSuchToken,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    UserAlreadyLoggedIn,
)
from pyhanko.sign.pkcs11 import select_pkcs11_signing_params
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from domain.errors import ConfigurationFault, SohoaError, Unavailable
from signing.certificates import refuse_weak, refuse_weak_digest, summarise
from signing.chains import issuers_of
from signing.pin import read_pin, refuse

if TYPE_CHECKING:
    from signing.pkcs11 import Pkcs11Signer

_RAW_SIGNATURE_BYTES = 512  # RSA-4096
_WRONG_PIN = (PinIncorrect, PinInvalid, PinLenRange, PinLocked, PinExpired)
_ONCE_WRONG = (
    TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED
)

T = TypeVar("T")


class Token:
    """One thread owns the token: every call to it is made there, in the order they came."""

    def __init__(self, module: Path, label: str) -> None:
        self._module, self._label = module, label
        self._owner = ThreadPoolExecutor(1, thread_name_prefix="sohoa-token")
        self._session: pkcs11.Session | None = None
        self._signers: dict[str, TokenKeySigner] = {}
        self._free_at = 0.0

    def signer(self, key: Pkcs11Signer) -> TokenKeySigner:
        """The signer for a key; looked up on the token once."""
        known = self._signers.get(key.key_label)
        return known or self._ask(key, partial(self._find, key))

    def log_in_again(self, key: Pkcs11Signer) -> None:
        """Log in with the PIN in the file, although an earlier one was refused."""
        self._ask(key, partial(self._renew, key))

    def sign(self, key: Pkcs11Signer, data: bytes, digest: str, signer: TokenKeySigner) -> bytes:
        """The raw signature over `data`."""
        return self._ask(key, partial(self._sign, key, data, digest, signer))

    def _ask(self, key: Pkcs11Signer, question: Callable[[], T]) -> T:
        try:
            return self._owner.submit(question).result(key.seconds)
        except SohoaError:
            raise
        except TooLate as error:
            raise Unavailable(
                f"Thiết bị «{self._label}» không trả lời trong {key.seconds:.0f} giây; "
                "hãy kiểm tra thiết bị rồi chạy lại."
            ) from error
        except PKCS11Error as error:
            self._session = None  # a token that was pulled out: the next call opens it anew
            raise Unavailable(
                f"Thiết bị «{self._label}» không ký được ({type(error).__name__}); "
                "hãy cắm lại thiết bị rồi chạy lại."
            ) from error

    # -- in the owner's thread ---------------------------------------------------

    def _opened(self, key: Pkcs11Signer, *, once_more: bool = False) -> pkcs11.Session:
        if self._session is not None:
            return self._session
        token = self._plugged_in()
        pin = read_pin(key.pin_file, self._label)
        if token.flags & _ONCE_WRONG and not once_more:  # by us or by another: not a second time
            raise refuse(key.pin_file, self._label)
        try:
            self._session = token.open(user_pin=pin)
        except UserAlreadyLoggedIn:  # by another session of this process: it counts for all
            self._session = token.open()
        except _WRONG_PIN as error:
            raise refuse(key.pin_file, self._label) from error
        return self._session

    def _plugged_in(self) -> pkcs11.Token:
        try:
            library = pkcs11.lib(str(self._module))
        except (PKCS11Error, OSError, RuntimeError) as error:
            raise ConfigurationFault(
                f"Không nạp được thư viện PKCS#11 «{self._module}»; hãy cài phần mềm của thiết bị."
            ) from error
        try:
            return library.get_token(token_label=self._label)
        except NoSuchToken as error:
            raise Unavailable(
                f"Không thấy thiết bị «{self._label}»; hãy cắm thiết bị (hoặc sửa token_label)."
            ) from error

    def _renew(self, key: Pkcs11Signer) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
        self._opened(key, once_more=True)

    def _find(self, key: Pkcs11Signer) -> TokenKeySigner:
        session = self._opened(key)
        _private_key(session, key)
        stored = [
            (found[Attribute.LABEL], found[Attribute.VALUE])
            for found in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
        ]
        own = [value for label, value in stored if label == key.key_label]
        if len(own) != 1:
            raise ConfigurationFault(
                f"Thiết bị «{self._label}» có {len(own)} chứng thư nhãn «{key.key_label}», cần "
                "đúng một; hãy sửa key_label."
            )
        certificate = x509.load_der_x509_certificate(own[0])
        refuse_weak(key.where, certificate)
        around = [x509.load_der_x509_certificate(value) for _, value in stored]
        around += _certificates_in(key.chain)
        chain = issuers_of(certificate, around)
        self._signers[key.key_label] = TokenKeySigner(self, key, certificate, chain)
        return self._signers[key.key_label]

    def _sign(self, key: Pkcs11Signer, data: bytes, digest: str, signer: TokenKeySigner) -> bytes:
        self._wait_for_turn(key)
        handle = _private_key(self._opened(key), key)
        # Not every token hashes for ECDSA (SoftHSM does not): it gets the digest.
        how = select_pkcs11_signing_params(
            signer.get_signature_mechanism_for_digest(digest),
            digest,
            use_raw_mechanism=signer.elliptic,
            sign_kwargs={},
        )
        given = how.pre_sign_transform(data) if how.pre_sign_transform else data
        raw: bytes = handle.sign(given, **how.sign_kwargs)
        return how.post_sign_transform(raw) if how.post_sign_transform else raw

    def _wait_for_turn(self, key: Pkcs11Signer) -> None:
        if key.signatures_per_minute:
            time.sleep(max(0.0, self._free_at - time.monotonic()))
            self._free_at = time.monotonic() + 60 / key.signatures_per_minute


class TokenKeySigner(Signer):
    """PyHanko's signer that asks the token's owner; outlives a lost session."""

    def __init__(
        self,
        token: Token,
        key: Pkcs11Signer,
        certificate: x509.Certificate,
        chain: Iterable[x509.Certificate],
    ) -> None:
        signing = _for_pyhanko(certificate)
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([signing, *map(_for_pyhanko, chain)])
        super().__init__(signing_cert=signing, cert_registry=store)
        self._token, self._key = token, key
        self.summary = summarise(certificate)
        self.elliptic = signing.public_key.algorithm == "ec"

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """The raw signature over `data`; waits for its turn."""
        refuse_weak_digest(digest_algorithm)
        if dry_run:
            return bytes(_RAW_SIGNATURE_BYTES)
        return self._token.sign(self._key, data, digest_algorithm.lower(), self)


def _private_key(session: pkcs11.Session, key: Pkcs11Signer) -> Any:
    try:
        return session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=key.key_label)
    except (NoSuchKey, FunctionFailed) as error:
        raise ConfigurationFault(
            f"Thiết bị «{key.token_label}» không có khóa nhãn «{key.key_label}»; "
            "hãy sửa key_label hoặc nạp khóa."
        ) from error


def _certificates_in(path: Path | None) -> list[x509.Certificate]:
    if path is None:
        return []
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationFault(
            f"Không đọc được tệp chứng thư «{path}»; hãy kiểm tra đường dẫn và dạng PEM."
        ) from error


def _for_pyhanko(certificate: x509.Certificate) -> Certificate:
    from cryptography.hazmat.primitives.serialization import Encoding

    return Certificate.load(certificate.public_bytes(Encoding.DER))

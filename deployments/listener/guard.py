"""Who may tell us something: whoever knows the shared secret, in whichever form he can say it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from domain.errors import ConfigurationFault
from tasks.house import house
from tasks.owner_key import install

SECRET_HEADER = "x-sohoa-secret"  # noqa: S105 - a header's name
SIGNATURE_HEADER = "x-sohoa-signature"
TIME_HEADER = "x-sohoa-timestamp"
CLOCK_SECONDS = 300
"""How far a signed request's time may lie from ours. A repeated notice does no harm anyway."""
_LEAST_CHARACTERS = 16


@cache
def shared_secret(*, may_make: bool = True) -> str:
    """The secret in the configured file, or one of our own, made at first use (`may_make`).

    ConfigurationFault where there is none: another listener's secret is not ours to invent.
    """
    here = house()
    file = here.settings.listen.secret_file or here.settings.home / "keys" / "listen.secret"
    if may_make and here.settings.listen.secret_file is None and not file.exists():
        install(file, secrets.token_urlsafe(32).encode())
    return _read(file)


def _read(file: Path) -> str:
    try:
        secret = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationFault(
            f"Không đọc được tệp mật khẩu của bộ nhận tin {file}. Kiểm tra "
            "SOHOA_LISTEN__SECRET_FILE, hoặc chạy «sohoa listen» một lần để nó tự sinh."
        ) from error
    if len(secret) < _LEAST_CHARACTERS:
        raise ConfigurationFault(
            f"Mật khẩu trong {file} ngắn quá: cần ít nhất {_LEAST_CHARACTERS} ký tự."
        )
    return secret


def knows(headers: Mapping[str, str], secret: str) -> bool:
    """Whether the secret came along: in a header of its own, as bearer token or as password."""
    return any(is_secret(said, secret) for said in _said(headers))


def is_secret(said: str, secret: str) -> bool:
    """Whether this is the secret; the time that it takes tells nothing."""
    return hmac.compare_digest(said.encode(errors="replace"), secret.encode())


def _said(headers: Mapping[str, str]) -> list[str]:
    said = [headers.get(SECRET_HEADER, "")]
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        said.append(credentials.strip())
    if scheme.lower() == "basic":
        try:
            name_and_password = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, ValueError):
            name_and_password = ""
        said.append(name_and_password.partition(":")[2])
    return said


def is_seconds(text: str) -> bool:
    """Whether this is a number of seconds since 1970, and no longer than one can be."""
    return text.isascii() and text.isdigit() and len(text) <= len("9999999999")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the signature header of a body must hold: `sha256=` and an HMAC in hexadecimal."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Whether the body carries a good and fresh signature; `now` in seconds since 1970."""
    timestamp = headers.get(TIME_HEADER, "")
    if not is_seconds(timestamp):
        return False
    given = headers.get(SIGNATURE_HEADER, "").encode(errors="replace")
    good = hmac.compare_digest(given, signature(secret, timestamp, body).encode())
    return good and abs(now - int(timestamp)) <= CLOCK_SECONDS

"""The owners' HMAC key: made once, and held to the registry whose hashes were made with it.

With another key no owner's papers would ever be found again, so the registry keeps a
fingerprint of the key in use. A second host, or a restore without the key, is stopped by it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection

from domain.errors import ConfigurationFault
from domain.identifiers import one_form
from domain.record import Description
from storage.registry import installation
from storage.registry.database import Registry

KEY_BYTES = 32
_FACT = "owner_key"


def owner_key(file: Path, registry: Registry) -> bytes:
    """The key in `file`, made there if this registry has never used one.

    Raises ConfigurationFault, and writes nothing, where the key is missing or another one than
    the registry's hashes were made with.
    """
    registry.migrate()
    with registry.read() as db:
        noted = installation.fact(db, _FACT)
        used = installation.hashed_owner(db)
    if not file.exists():
        if noted or used:
            raise ConfigurationFault(_missing(file))
        _make(file)
    key = file.read_bytes()
    if len(key) != KEY_BYTES:
        raise ConfigurationFault(
            f"Tệp khóa băm chủ giấy tờ {file} dài {len(key)} byte, phải là {KEY_BYTES}: chép lại "
            "tệp đúng từ bản sao lưu (sohoa registry backup)."
        )
    if noted is None:
        if used and not _made(key, *used):
            raise ConfigurationFault(_other(file))
        with registry.begin() as db:
            noted = _note(db, key)
    if noted != fingerprint(key):
        raise ConfigurationFault(_other(file))
    return key


def fingerprint(key: bytes) -> str:
    """What may be known of the key: a keyed hash (HMAC-SHA-256, hex) of a fixed text."""
    return hmac.new(key, b"sohoa owner key fingerprint", hashlib.sha256).hexdigest()


def hashed(key: bytes, owner_id: str) -> str:
    """The keyed hash (HMAC-SHA-256, hex) under which an owner's papers are found."""
    return hmac.new(key, one_form(owner_id).encode(), hashlib.sha256).hexdigest()


def install(file: Path, key: bytes) -> None:
    """Put the key into its file, 0600, whole and only where none is yet; the first one stays."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f".owner.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(key)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            os.link(fresh, file)
    finally:
        fresh.unlink()


def _make(file: Path) -> None:
    install(file, secrets.token_bytes(KEY_BYTES))


def _note(db: Connection, key: bytes) -> str:
    return installation.note_first(db, _FACT, fingerprint(key))


def _made(key: bytes, description: object, owner_hash: str) -> bool:
    """Whether this key made the hash of a paper in the registry: older ones have no fingerprint."""
    owner = Description.model_validate(description).value("owner_id")
    return owner is not None and hashed(key, owner) == owner_hash


def _missing(file: Path) -> str:
    return (
        f"Thiếu khóa băm chủ giấy tờ {file}, mà sổ đăng ký đã dùng một khóa: chép tệp này từ máy "
        "đầu tiên hoặc từ bản sao lưu (owner.key trong thư mục của sohoa registry backup) rồi "
        "chạy lại. Không tạo khóa mới: khóa mới thì không tra được giấy tờ cũ."
    )


def _other(file: Path) -> str:
    return (
        f"Khóa băm chủ giấy tờ {file} không phải khóa mà sổ đăng ký đang dùng: chép đúng tệp từ "
        "máy đầu tiên hoặc từ bản sao lưu, hoặc kiểm tra SOHOA_REGISTRY__URL có trỏ nhầm sổ."
    )

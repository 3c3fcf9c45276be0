"""Clients of the API: each has a token of its own, of which the registry keeps only the hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from sqlalchemy import RowMapping

from domain.errors import NotFound, Undecided
from storage.registry import audit, reuse
from tasks.house import house

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def add_client(name: str, *, per_minute: int, actor: str) -> str:
    """Add a client or renew its token; the token, which is shown this once only."""
    if not _NAME.fullmatch(name):
        raise Undecided(
            "Tên máy khách gồm 2–40 ký tự: chữ thường không dấu, số, dấu chấm, gạch, gạch dưới."
        )
    here = house()
    here.registry.migrate()
    token, at = secrets.token_urlsafe(32), here.now()
    with here.registry.begin() as db:
        reuse.put_client(db, name, token_hash=_hashed(token), per_minute=per_minute, at=at)
        audit.append(db, "client:set", name, actor=actor, at=at, per_minute=per_minute)
    return token


def client_of(token: str) -> RowMapping | None:
    """The active client with this token, or None."""
    with house().registry.read() as db:
        return reuse.client(db, _hashed(token))


def listed() -> list[dict[str, Any]]:
    """All clients, without their tokens."""
    here = house()
    here.registry.migrate()
    with here.registry.read() as db:
        return [
            {name: row[name] for name in ("name", "per_minute", "active")}
            for row in reuse.clients(db)
        ]


def remove_client(name: str, *, actor: str) -> None:
    """Refuse a client from now on; NotFound for an unknown one."""
    here = house()
    here.registry.migrate()
    with here.registry.begin() as db:
        if not reuse.end_client(db, name):
            raise NotFound(f"Không có máy khách «{name}». Xem: sohoa client list.")
        audit.append(db, "client:removed", name, actor=actor, at=here.now())


def _hashed(token: str) -> str:
    """SHA-256: a token of 256 random bits cannot be guessed, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()

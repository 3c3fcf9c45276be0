"""Who may decide: reviewers with a code and a PIN. Prefect itself knows no persons."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from sqlalchemy import RowMapping

from domain.errors import NotFound, Undecided
from storage.registry import audit
from storage.registry import reviewers as rows
from tasks.house import house

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_PIN = re.compile(r"\d{6,12}")
_COST = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 2**20}
"""scrypt as OWASP's password storage guide allows: 16 MiB and some 50 ms a try."""
_TRIES = 5
_LOCK = timedelta(minutes=15)


def add(code: str, name: str, pin: str, *, actor: str) -> None:
    """Add a reviewer or renew a PIN (6–12 digits). Undecided says what is wrong with either."""
    here = house()
    if not _CODE.fullmatch(code):
        raise Undecided(
            "Mã người duyệt gồm 2–40 ký tự: chữ thường không dấu, số, dấu chấm, gạch, gạch dưới."
        )
    if not _PIN.fullmatch(pin) or len(set(pin)) == 1:
        raise Undecided("PIN gồm 6–12 chữ số, không lặp một chữ số duy nhất.")
    if not name.strip() or not name.isprintable():
        raise Undecided("Phải ghi họ tên người duyệt (--name).")
    at = here.now()
    with here.registry.begin() as db:
        rows.put(db, code, name=name.strip()[:120], pin_hash=_hashed(pin), at=at)
        audit.append(db, "reviewer:set", code, actor=actor, at=at)


def remove(code: str, *, actor: str) -> None:
    """Take the right to decide away; NotFound for an unknown code."""
    here = house()
    with here.registry.begin() as db:
        if not rows.deactivate(db, code):
            raise NotFound(f"Không có người duyệt «{code}». Xem: sohoa reviewer list.")
        audit.append(db, "reviewer:removed", code, actor=actor, at=here.now())


def listed() -> list[RowMapping]:
    """All reviewers, by code."""
    with house().registry.read() as db:
        return rows.listed(db)


def active(code: str) -> bool:
    """Whether this reviewer may look and decide now."""
    with house().registry.read() as db:
        return rows.reviewer(db, code) is not None


def verify_pin(code: str, pin: str) -> None:
    """Return quietly when the PIN is this active reviewer's; Undecided otherwise.

    After five wrong ones in a row none is looked at for a quarter of an hour. The transaction
    that reads the count writes it, so tries at the same time are counted too.
    """
    here = house()
    at = here.now()
    with here.registry.begin() as db:
        row = rows.reviewer(db, code)
        locked = row is not None and row["locked_until"] is not None and row["locked_until"] > at
        kept = row["pin_hash"] if row is not None else _hashed("0")
        right = hmac.compare_digest(_hashed(pin, kept.partition("$")[0]), kept)
        if row is not None and not locked:
            failures = 0 if right else row["failures"] + 1
            lock = at + _LOCK if failures >= _TRIES else None
            rows.note_try(db, code, failures=0 if lock else failures, locked_until=lock)
            if lock:
                audit.append(db, "reviewer:locked", code, actor=here.worker, at=at)
    if locked:
        raise Undecided("Người duyệt tạm khóa vì sai PIN nhiều lần; thử lại sau 15 phút.")
    if row is None or not right:
        raise Undecided("Mã người duyệt hoặc PIN không đúng.")


def _hashed(pin: str, salt: str | None = None) -> str:
    salt = salt or secrets.token_hex(16)
    return f"{salt}${hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), **_COST).hex()}"

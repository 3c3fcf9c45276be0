"""Looks at what outlives the process: registry, audit chain, stores, and what waits in them."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Literal

from sqlalchemy import make_url

from domain.health import Found
from storage.registry import waiting
from tasks.audit import verify_audit
from tasks.house import House

_AUDIT_ROWS = 100_000  # some seconds
_QUEUES = {"scans": "bản quét", "outbox": "hàng gửi Cổng DVCQG"}
"""What machines must keep short; people's queues have their own reminder (`escalate`)."""


def registry(here: House) -> Found:
    """The registry answers and has this software's tables."""
    here.registry.migrate()
    backend = make_url(here.registry.url).get_backend_name()
    return Found("ok", f"{backend}, phiên bản bảng {here.registry.version()}")


def audit(here: House) -> Found:
    """The key of the owners' hashes is the registry's, and its newest audit rows are all there."""
    _ = here.checked_owner_key
    found = verify_audit(here, last=_AUDIT_ROWS)
    if not found.sound:
        return Found("missing", f"bị sửa hoặc xóa từ dòng {found.broken_at}: báo động")
    return Found(
        "ok",
        f"{found.rows} dòng mới nhất còn nguyên, khóa băm đúng (đi hết: sohoa audit verify)",
    )


def intake(here: House) -> Found:
    """Where uploads arrive takes, gives and removes an object."""
    return _probed(here, "intake")


def work(here: House) -> Found:
    """What is between the steps can be kept."""
    return _probed(here, "work")


def quarantine(here: House) -> Found:
    """What is set aside can be kept."""
    return _probed(here, "quarantine")


def archive(here: House) -> Found:
    """The archive can be read; nothing is ever written there for a test: it may stay for years."""
    store = here.settings.store("archive")
    next(iter(store.keys("0=")), None)
    if store.kind == "directory":
        return Found("warning", "thư mục, không phải WORM")
    return Found("ok", "S3")


def _probed(here: House, name: Literal["intake", "work", "quarantine"]) -> Found:
    store = here.settings.store(name)
    probe = f"doctor-{secrets.token_hex(4)}"  # no folder, so no sweep takes it for a lot
    store.put(probe, b"sohoa doctor")
    store.get(probe)
    store.delete(probe)
    return Found("ok", "thư mục, không phải WORM" if store.kind == "directory" else "S3")


def queue(here: House) -> Found:
    """How long the oldest scan or message has waited for a machine."""
    here.registry.migrate()
    with here.registry.read() as db:
        since = waiting.oldest(db)
    ages = {name: here.now() - since[name] for name in _QUEUES if name in since}
    if not ages:
        return Found("ok", "không có gì đang chờ máy")
    said = "; ".join(
        f"{_QUEUES[name]} cũ nhất chờ {age.total_seconds() / 60:.0f} phút"
        for name, age in ages.items()
    )
    late = timedelta(minutes=here.settings.health.queue_minutes)
    return Found("missing" if max(ages.values()) > late else "ok", said)

"""Looks at this machine: programs, fonts, disk, clock, and the reference data in use."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sqlalchemy import func, select

from domain.health import Found
from storage import S3Store
from tasks.house import House

_SECONDS = 20
_HALF = timedelta(seconds=0.5)
"""A `Date` header is cut to whole seconds: half a second is the best guess."""


def catalogue(here: House) -> Found:
    """Catalogue and plan can be read."""
    entries = here.catalogue
    unverified = sum(not entry.verified for entry in entries.types)
    return Found(
        "ok",
        f"{len(entries.types)} loại giấy tờ ({unverified} mục chưa xác minh), "
        f"{len(entries.units)} đơn vị; kế hoạch: {here.plan.name}",
    )


def tesseract(here: House) -> Found:
    """Tesseract is there, runs, and knows Vietnamese."""
    del here
    program = shutil.which("tesseract")
    if program is None:
        return Found("missing", "không tìm thấy: cài gói tesseract-ocr và tesseract-ocr-vie")
    asked = [
        subprocess.run(
            [program, option], capture_output=True, text=True, timeout=_SECONDS, check=True
        ).stdout.splitlines()
        for option in ("--version", "--list-langs")
    ]
    if "vie" not in asked[1]:
        return Found("missing", "thiếu tiếng Việt: cài gói tesseract-ocr-vie")
    return Found("ok", f"{asked[0][0]}, có tiếng Việt (vie)")


def font(here: House) -> Found:
    """A font that can be embedded into appearances."""
    from signing.appearance import find_font  # loads the font library

    del here
    return Found("ok", str(find_font()))


def disk(here: House) -> Found:
    """Free space where this installation works."""
    home, least = here.settings.home, here.settings.health.disk_gib
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(home).free / 1024**3
    return Found("ok" if free >= least else "warning", f"còn {free:.1f} GiB ở {home}")


def clock(here: House) -> Found:
    """This clock against those of the database, the S3 servers, the TSAs and the Prefect server.

    A few seconds are a warning; beyond what time stamps tolerate, nothing that is signed holds.
    """
    limits = here.settings
    apart = dict(_differences(here))
    worst = max(map(abs, apart.values()), default=timedelta())
    said = "; ".join(f"{name} {gap.total_seconds():+.1f} giây" for name, gap in apart.items())
    if worst > timedelta(seconds=limits.signatures.clock_tolerance_seconds):
        return Found("missing", f"lệch quá nhiều: {said}")
    if worst > timedelta(seconds=limits.health.clock_seconds):
        return Found("warning", f"lệch: {said}")
    return Found("ok", said or "không có máy chủ nào để so")


def _differences(here: House) -> Iterator[tuple[str, timedelta]]:
    """Name → how far that clock is ahead of ours; servers that do not answer are told elsewhere."""
    if here.registry.url.startswith("postgresql"):
        with here.registry.read() as db:
            there = db.execute(select(func.clock_timestamp())).scalar_one()
        yield "cơ sở dữ liệu", there - datetime.now(UTC)
    stores = [here.settings.store(name) for name in ("intake", "work", "archive", "quarantine")]
    addresses = {s.endpoint_url for s in stores if isinstance(s, S3Store) and s.endpoint_url}
    for url in (*sorted(addresses), *here.settings.signatures.tsa, *_prefect()):
        if (difference := _ahead(url)) is not None:
            yield url, difference


def _prefect() -> tuple[str, ...]:
    from prefect.settings import PREFECT_API_URL

    url = PREFECT_API_URL.value()
    return (f"{url}/health",) if url else ()


def _ahead(url: str) -> timedelta | None:
    """By the `Date` that any answer carries, refusals too; None where nobody answers."""
    import httpx

    before = datetime.now(UTC)
    try:
        said = httpx.head(url, timeout=_SECONDS).headers.get("date")
        if said is None:
            return None
        there = parsedate_to_datetime(said)
    except (httpx.HTTPError, ValueError):
        return None
    asked = before + (datetime.now(UTC) - before) / 2
    return there + _HALF - asked

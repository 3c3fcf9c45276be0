"""What lies between the steps, and what was set aside, goes by age; never before its scan is done.

Who owns a key is read from its name: `scans/‹id›/…` in the work store, `‹id›/original` in the
quarantine. A key whose scan the registry does not know is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.errors import NotFound
from domain.identity import is_scan_id
from domain.states import ScanState
from storage.objects import ObjectStore
from storage.registry import audit, copies, lifecycle, scans
from tasks.house import House, house
from tasks.step import step

_WORK = "scans/"


class Expired(BaseModel):
    """What a sweep let go."""

    model_config = ConfigDict(frozen=True)

    work: int = 0
    """Scans whose intermediate files went."""
    quarantine: int = 0
    """Set-aside scans whose bytes went."""
    unknown: int = 0
    """Owners that the registry does not know: left, and told."""


@step("expire")
def expire_old(limit: int) -> Expired:
    """Let go what is older than the settings say, of up to `limit` owners; killed, run it again."""
    here = house()
    here.registry.migrate()
    settings = here.settings.expiry
    now = here.now()
    work_end = now - timedelta(days=settings.work_days)
    work, unknown = _sweep_work(here, work_end, limit)
    quarantined, strange = _sweep_quarantine(here, work_end, limit)
    return Expired(work=work, quarantine=quarantined, unknown=unknown + strange)


def _sweep_work(here: House, before: datetime, limit: int) -> tuple[int, int]:
    store: ObjectStore = here.settings.store("work")
    gone = unknown = 0
    for owner, keys in _by_owner(store, _WORK):
        finished, known = _finished(here, owner)
        unknown += not known
        if finished is not None and finished < before:
            _let_go(here, store, owner, keys, "work_expired")
            gone += 1
        if gone >= limit:
            break
    return gone, unknown


def _sweep_quarantine(here: House, done_before: datetime, limit: int) -> tuple[int, int]:
    """Copies of what the archive holds go as work does; the only ones by a term of their own."""
    store, days = here.quarantine, here.settings.expiry.quarantine_days
    gone = unknown = 0
    for owner, keys in _by_owner(store, ""):
        if not is_scan_id(owner):
            continue  # models, damaged files: not of one scan
        row = _scan(here, owner)
        unknown += row is None
        if row is None or row["finished_at"] is None:
            continue
        end = done_before if _is_archived(here, row) else None
        if end is None and days is not None:
            end = here.now() - timedelta(days=days)
        if end is not None and row["finished_at"] < end:
            _let_go(here, store, owner, keys, "quarantine_expired")
            gone += 1
        if gone >= limit:
            break
    return gone, unknown


def _by_owner(store: ObjectStore, prefix: str) -> Iterator[tuple[str, list[str]]]:
    """Owners in the order of their names, each with all its keys."""
    keys = store.keys(prefix)
    for owner, own in groupby(keys, lambda key: key.removeprefix(prefix).partition("/")[0]):
        yield owner, list(own)


def _finished(here: House, owner: str) -> tuple[datetime | None, bool]:
    """When the owner's work ended (None: not yet), and whether the registry knows the owner."""
    row = _scan(here, owner)
    if row is not None:
        over: datetime | None = row["finished_at"] if row["state"] == ScanState.DONE else None
        return over, True
    with here.registry.read() as db:
        copy = copies.find(db, owner)
    return (copy["archived_at"], True) if copy else (None, False)


def _is_archived(here: House, scan: RowMapping) -> bool:
    """Whether the archive took the scan in: not where it was set aside, or all of it rejected."""
    if scan["state"] != ScanState.DONE:
        return False
    with here.registry.read() as db:
        return bool(lifecycle.archived_of_scan(db, scan["id"]))


def _scan(here: House, scan_id: str) -> RowMapping | None:
    try:
        with here.registry.read() as db:
            return scans.scan(db, scan_id)
    except NotFound:
        return None


def _let_go(here: House, store: ObjectStore, owner: str, keys: list[str], action: str) -> None:
    for key in keys:
        store.delete(key)
    with here.registry.begin() as db:
        audit.append(db, action, owner, actor=here.worker, at=here.now(), files=len(keys))

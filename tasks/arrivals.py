"""Notices of uploads become rows, and rows that are due become runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from pydantic import ValidationError

from domain.arrivals import is_due, lane_of
from domain.errors import ConfigurationFault
from domain.lot import LotManifest
from domain.notices import Notice
from storage import S3Store
from storage.registry import arrivals
from tasks.announce import Batch, announce
from tasks.house import House, house


def intake_bucket(here: House) -> S3Store:
    """The intake store as a bucket; ConfigurationFault for a folder, which tells nothing."""
    store = here.settings.store("intake")
    if not isinstance(store, S3Store):
        raise ConfigurationFault(
            "Kho tiếp nhận là thư mục nên không gửi tin báo: dùng «sohoa watch» hoặc «sohoa "
            "upload», hay đặt SOHOA_INTAKE__KIND=s3."
        )
    return store


def note(notices: Iterable[Notice]) -> int:
    """Write the rows of what was told, each once; how many were new.

    What lies elsewhere than in the intake store, or under no lot, is passed over: the sweep
    tells of names that cannot be used. Returns when the rows are safe.
    """
    here = house()
    store = intake_bucket(here)
    at = here.now()
    with here.registry.begin() as db:
        new = 0
        for notice in notices:
            key = notice.key.removeprefix(store.prefix)
            lot, slash, name = key.partition("/")
            ours = notice.bucket == store.bucket and notice.key.startswith(store.prefix)
            if ours and slash and name and not name.endswith("/") and _is_lot(lot):
                new += arrivals.note(
                    db, lot, key=key, mark=notice.mark, size_bytes=notice.size_bytes, at=at
                )
        return new


def _is_lot(name: str) -> bool:
    try:
        LotManifest(lot=name)
    except ValidationError:
        return False
    return True


def announce_intake() -> bool:
    """Let a sweep look for what came while nobody listened; whether the server took the event."""
    return announce([Batch(None, "bulk", f"start/{house().now().isoformat()}")])


def announce_due() -> int | None:
    """Tell the server of the batches that are due; how many wait for later, None: it is down.

    Safe from any number of processes at once: the server knows a batch by its name.
    """
    here = house()
    listen, at = here.settings.listen, here.now()
    with here.registry.read() as db:
        waiting = arrivals.unannounced(db, at=at)
    quiet = timedelta(seconds=listen.quiet_seconds)
    longest = timedelta(seconds=listen.longest_seconds)
    due = [one for one in waiting if is_due(one, at, quiet=quiet, longest=longest)]
    if not due:
        return len(waiting)
    lanes = [lane_of(one.files, interactive_files=listen.interactive_files) for one in due]
    if not announce(
        [Batch(one.lot, lane, str(one.number)) for one, lane in zip(due, lanes, strict=True)]
    ):
        return None
    with here.registry.begin() as db:
        arrivals.mark_announced(db, [one.number for one in due], at=here.now())
    return len(waiting) - len(due)

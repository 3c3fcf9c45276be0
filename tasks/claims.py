"""Which scans this run works on: claimed from the registry, one after the other, kept alive."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from typing import Protocol

from sqlalchemy import RowMapping

from domain.claims import Claim
from domain.errors import Unavailable
from domain.states import ScanState
from storage.registry import claims, scans, step_times
from tasks.house import House, house
from tasks.logs import about_scan
from tasks.step_times import drained
from tasks.worker_names import is_dead

LOG = logging.getLogger("sohoa.claims")


class Line(Protocol):
    """What is done with one claimed scan."""

    def __call__(self, claim: Claim) -> None:
        """Bring the scan as far as it goes; raises only what must stop the run."""


def work_through(lot: str | None, limit: int, line: Line) -> tuple[str, ...]:
    """Send up to `limit` waiting scans along the line, side by side; the ids of those handled.

    Scans are claimed one at a time, so several runs share a lot evenly. Scans of workers that
    died on this machine are taken over at once, of others when their lease has lapsed. A fault
    that must stop the run lets the scans under way finish and claims no more.
    """
    here = house()
    _release_the_dead(here)
    handled: list[str] = []
    # One scan more than processes: while one is being signed, the others keep the cores busy.
    with _alive(here), ThreadPoolExecutor(here.settings.workers + 1) as threads:
        running: dict[Future[None], Claim] = {}
        while True:
            while len(running) <= here.settings.workers and len(handled) < limit:
                claim = _claim(here, lot)
                if claim is None:
                    break
                handled.append(claim.scan_id)
                running[threads.submit(copy_context().run, _run, here, line, claim)] = claim
            if not running:
                return tuple(handled)
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                del running[future]
                future.result()


def _run(here: House, line: Line, claim: Claim) -> None:
    try:
        with about_scan(claim.scan_id):
            line(claim)
    finally:
        _give_back(here, claim)


def _give_back(here: House, claim: Claim) -> None:
    with here.registry.begin() as db:
        claims.release(db, claim)
        step_times.add(db, drained())


def _claim(here: House, lot: str | None) -> Claim | None:
    with here.registry.begin() as db:
        return claims.claim_next(db, worker=here.worker, lot=lot, at=here.now(), lease=_lease(here))


@contextmanager
def claimed(scan_id: str, paper_id: str | None = None) -> Iterator[Claim]:
    """Hold one scan for a decision on one of its papers, or on this one."""
    here = house()
    _release_the_dead(here)
    with here.registry.begin() as db:
        claim = claims.claim_scan(
            db, scan_id, worker=here.worker, at=here.now(), lease=_lease(here)
        )
    try:
        with _alive(here), about_scan(scan_id, paper_id):
            yield claim
    finally:
        _give_back(here, claim)


def leave(claim: Claim) -> None:
    """Go from a scan that another worker has taken over; take along what was written too late."""
    here = house()
    with here.registry.read() as db:
        row = scans.scan(db, claim.scan_id)
    clear_if_finished(here, row)


def clear_if_finished(here: House, scan: RowMapping) -> None:
    """Clear what lies between the steps of a scan that needs it no more."""
    aside = scan["state"] == ScanState.SET_ASIDE and scan["opened"] is None
    if aside or scan["state"] == ScanState.DONE:
        here.work(scan["id"]).clear()


def _lease(here: House) -> timedelta:
    return timedelta(seconds=here.settings.lease_seconds)


def _release_the_dead(here: House) -> None:
    with here.registry.read() as db:
        dead = [worker for worker in claims.workers(db) if is_dead(worker)]
    if dead:
        with here.registry.begin() as db:
            claims.release_workers(db, dead)


@contextmanager
def _alive(here: House) -> Iterator[None]:
    """Renew our leases until the end of the block."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(here.settings.lease_seconds / 4):
            try:
                with here.registry.begin() as db:
                    claims.renew(db, here.worker, until=here.now() + _lease(here))
            except Unavailable as error:
                LOG.warning("chưa gia hạn được: %s", error)  # the next beat may get through

    heart = threading.Thread(target=beat, name="sohoa-lease", daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()

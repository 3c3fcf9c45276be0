"""Looks at the Prefect server and its workers, with the access that clients have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import httpx
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState
from prefect.client.schemas.filters import FlowRunFilterStateName as StateName
from prefect.client.schemas.objects import WorkerStatus
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL

from domain.errors import Unavailable
from domain.health import Found
from tasks.house import House

POOL = "sohoa"
"""The work pool that every deployment runs in."""
_SECONDS = 20
_NO_SERVER = "chưa cấu hình PREFECT_API_URL (chạy trực tiếp được)"


def server(here: House) -> Found:
    """The server answers, and lets us in."""
    del here
    installed = f"prefect {version('prefect')}"
    if not PREFECT_API_URL.value():
        return Found("warning", f"{installed}; {_NO_SERVER}")
    with _asking() as client:
        client.read_work_pools(limit=1)  # unlike /health, this needs the password
    return Found("ok", f"{installed}, {PREFECT_API_URL.value()}")


def workers(here: House) -> Found:
    """Workers of the pool are alive, the pool takes runs, and no run is late for want of one."""
    if not PREFECT_API_URL.value():
        return Found("ok", _NO_SERVER)
    with _asking() as client:
        pool = client.read_work_pool(POOL)
        known = client.read_workers_for_work_pool(POOL)
        late = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(name=StateName(any_=["Late"])))
        )
    alive = [worker.name for worker in known if worker.status is WorkerStatus.ONLINE]
    said = f"{len(alive)}/{len(known)} worker đang chạy"
    if dead := sorted(worker.name for worker in known if worker.name not in alive):
        said += f" (không thấy: {', '.join(dead)})"
    if late:
        oldest = min(run.expected_start_time or here.now() for run in late)
        minutes = (here.now() - oldest).total_seconds() / 60
        said += f"; {len(late)} lượt chạy trễ, lâu nhất {minutes:.0f} phút"
    if pool.is_paused:
        return Found("missing", f"work pool «{POOL}» đang tạm dừng; {said}")
    return Found("ok" if alive and not late else "warning" if alive else "missing", said)


@contextmanager
def _asking() -> Iterator[SyncPrefectClient]:
    """A client of the server; what it meets is told as one of our errors."""
    try:
        with get_client(sync_client=True, httpx_settings={"timeout": _SECONDS}) as client:
            yield client
    except (PrefectHTTPStatusError, ObjectNotFound, httpx.HTTPError) as error:
        raise Unavailable(f"{PREFECT_API_URL.value()}: {error}") from error

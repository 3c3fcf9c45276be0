"""The work pool and its queues: what a person waits for goes first.

`python -m deployments.work_pool` makes them on the server that PREFECT_API_URL names; run again
it changes nothing but what is not as it should be.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists
from prefect.workers.process import ProcessWorker

from tasks.settings import load_settings

POOL = "sohoa"
INTERACTIVE, DEFAULT, BULK = "interactive", "default", "bulk"
QUEUES = {
    INTERACTIVE: "Có người đang đợi: bản quét lẻ vừa tải lên. Một worker dành riêng cho hàng này.",
    DEFAULT: "Việc theo lịch và việc người vận hành bấm chạy.",
    BULK: "Lô lớn và lượt quét kho tiếp nhận: nhường cho hai hàng trên.",
}
"""What each queue is for; the one that goes first stands first."""


def warm_socket() -> Path:
    """Where the nursery of this host is asked for a run (`sohoa warm`)."""
    return load_settings().home / "run" / "warm.sock"


def _template() -> dict[str, Any]:
    """How runs start: in the nursery, and cold where there is none.

    The same on all hosts of the pool: they have one environment file and one place of
    installation. Named at all, a command also spares the two processes with which the worker
    would first look for a project's own environment.
    """
    template = ProcessWorker.get_default_base_job_template()
    start = Path(__file__).with_name("warm") / "start.py"
    command = shlex.join([sys.executable, "-I", "-S", str(start), str(warm_socket())])
    template["variables"]["properties"]["command"]["default"] = command
    return template


def make_work_pool(client: SyncPrefectClient) -> None:
    """Make pool and queues, and put the queues into their order."""
    wanted = WorkPoolCreate(name=POOL, type="process", base_job_template=_template())
    client.create_work_pool(wanted, overwrite=True)
    for name, meaning in QUEUES.items():
        try:
            client.create_work_queue(name, description=meaning, work_pool_name=POOL)
        except ObjectAlreadyExists:
            continue
    for priority, name in enumerate(QUEUES, start=1):
        queue = client.read_work_queue_by_name(name, work_pool_name=POOL)
        if queue.priority != priority:
            client.update_work_queue(queue.id, priority=priority)


if __name__ == "__main__":
    with get_client(sync_client=True) as client:
        make_work_pool(client)

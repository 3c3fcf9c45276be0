"""The work pool and its queues: what a person waits for goes first.

`python -m deployments.work_pool` makes them on the server that PREFECT_API_URL names; run again
it changes nothing but what is not as it should be.
"""

from __future__ import annotations

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists

POOL = "sohoa"
INTERACTIVE, DEFAULT, BULK = "interactive", "default", "bulk"
QUEUES = {
    INTERACTIVE: "Có người đang đợi: bản quét lẻ vừa tải lên. Một worker dành riêng cho hàng này.",
    DEFAULT: "Việc theo lịch và việc người vận hành bấm chạy.",
    BULK: "Lô lớn và lượt quét kho tiếp nhận: nhường cho hai hàng trên.",
}
"""What each queue is for; the one that goes first stands first."""


def make_work_pool(client: SyncPrefectClient) -> None:
    """Make pool and queues, and put the queues into their order."""
    client.create_work_pool(WorkPoolCreate(name=POOL, type="process"), overwrite=True)
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

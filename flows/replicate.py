"""Every archived object gets its second copy, in another store; only what is new is copied."""

from __future__ import annotations

import time

from prefect import flow
from pydantic import BaseModel, ConfigDict

from domain.alarms import NOT_COPIED
from domain.errors import IntegrityFault
from flows.alarms import objects_at_fault
from flows.naming import dated
from flows.parameters import Minutes, Objects
from flows.remarks import remark
from tasks.fixity import expect_objects
from tasks.house import house
from tasks.replicate import copy_objects, second_copy

_BATCH = 100


class Replication(BaseModel):
    """What a run came to."""

    model_config = ConfigDict(frozen=True)

    copied: int = 0
    failed: dict[str, str] = {}
    finished: bool = False
    """Nothing was left to copy; else the budget ended the run."""


@flow(name="replicate", flow_run_name=dated("Chép sang kho thứ hai"), validate_parameters=True)
def replicate(objects: Objects = 50_000, minutes: Minutes = 240) -> Replication:
    """Chép đối tượng lưu trữ mới sang kho thứ hai và đọc lại; dừng thì lượt sau chép tiếp."""
    done = copy_new(objects, minutes)
    remark(
        f"{done.copied} đối tượng đã chép, {len(done.failed)} lỗi"
        f"{'' if done.finished else '; lượt sau chép tiếp'}."
    )
    if done.failed:
        faults = {name: (why,) for name, why in done.failed.items()}
        objects_at_fault(NOT_COPIED, "ban-sao-loi", faults)
        raise IntegrityFault(f"{len(done.failed)} đối tượng chưa có bản sao tốt, xem artifact.")
    return done


def copy_new(objects: int, minutes: float) -> Replication:
    """Copy what the second store lacks, within the budget."""
    second_copy(house())  # a clear word before any work where none is configured
    deadline = time.monotonic() + minutes * 60
    expect_objects()
    copied = tried = 0
    failed: dict[str, str] = {}
    last, finished = "", False
    while not finished and tried < objects and (left := deadline - time.monotonic()) > 0:
        limit = min(_BATCH, objects - tried)
        batch = copy_objects(last, limit, left)
        copied, failed = copied + batch.copied, failed | batch.failed
        tried += batch.copied + len(batch.failed)
        last, finished = batch.last, batch.finished
    return Replication(copied=copied, failed=failed, finished=finished)

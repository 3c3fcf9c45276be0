"""The archive is read again and again, so that damage is found while a second copy is whole.

A run takes the objects that nobody has read for the longest, as many as its budget allows; the
next run goes on behind them. A task run stands for a hundred objects.
"""

from __future__ import annotations

import time
from datetime import timedelta

from prefect import flow
from pydantic import BaseModel, ConfigDict

from domain.alarms import ARCHIVE_DAMAGED
from domain.errors import IntegrityFault
from flows.alarms import objects_at_fault
from flows.naming import dated
from flows.parameters import Gib, Minutes, Objects, Since
from flows.remarks import remark
from tasks.fixity import check_objects, expect_objects
from tasks.house import house

_BATCH = 100
_GIB = 1024**3


class Fixity(BaseModel):
    """What a run came to."""

    model_config = ConfigDict(frozen=True)

    expected: int = 0
    never_read: int = 0
    """Objects that no run had read before this one."""
    objects: int = 0
    bytes_read: int = 0
    damaged: dict[str, tuple[str, ...]] = {}
    finished: bool = False
    """No object was left to read in this round; else the budget ended the run."""


@flow(name="fixity", flow_run_name=dated("Kiểm tra toàn vẹn kho lưu trữ"), validate_parameters=True)
def fixity(
    objects: Objects = 20_000, gib: Gib = 200, minutes: Minutes = 240, days: Since = 30
) -> Fixity:
    """Đọc lại kho lưu trữ, so từng byte với bản kê; báo động nếu có tệp hỏng hoặc mất."""
    done = read_again(objects, gib, minutes, days)
    remark(
        f"{done.objects} đối tượng, {done.bytes_read / _GIB:.2f} GiB, {len(done.damaged)} hỏng"
        f"{'; đã hết lượt' if done.finished else '; lượt sau đọc tiếp'}."
    )
    if done.damaged:
        objects_at_fault(ARCHIVE_DAMAGED, "kho-luu-tru-hong", done.damaged)
        raise IntegrityFault(
            f"{len(done.damaged)} đối tượng lưu trữ hỏng hoặc mất, xem artifact: khôi phục bằng "
            "sohoa restore."
        )
    return done


def read_again(objects: int, gib: float, minutes: float, days: float) -> Fixity:
    """Read what is due within the budget; damage is in the result, and in the registry."""
    deadline = time.monotonic() + minutes * 60
    before = house().now() - timedelta(days=days)
    expected, seen, _ = expect_objects()
    read = size = 0
    damaged: dict[str, tuple[str, ...]] = {}
    finished = False
    while not finished and read < objects and size < gib * _GIB:
        if (left := deadline - time.monotonic()) <= 0:
            break
        limit = min(_BATCH, objects - read)
        batch = check_objects(before, limit, int(gib * _GIB) - size, left)
        read, size = read + batch.objects, size + batch.bytes_read
        damaged |= batch.damaged
        finished = batch.finished
    return Fixity(
        expected=expected,
        never_read=expected - seen,
        objects=read,
        bytes_read=size,
        damaged=damaged,
        finished=finished,
    )

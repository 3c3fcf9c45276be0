"""Intermediate files and the quarantine go by age, never before their scan is finished."""

from __future__ import annotations

from typing import Annotated

from prefect import flow

from flows.naming import dated
from flows.parameters import asked
from flows.remarks import remark
from tasks.expire import Expired, expire_old

Scans = Annotated[int, asked("Số bản quét", "Số bản quét nhiều nhất mỗi lượt.", ge=1, le=100_000)]


@flow(name="expire", flow_run_name=dated("Dọn kho theo tuổi"), validate_parameters=True)
def expire(scans: Scans = 20_000) -> Expired:
    """Dọn kho trung gian và kho để riêng theo tuổi đã cấu hình; không đụng bản quét chưa xong."""
    done: Expired = expire_old(scans)
    strange = f"; {done.unknown} mục không rõ của ai, để nguyên" if done.unknown else ""
    remark(
        f"đã dọn {done.work} bản quét ở kho trung gian, {done.quarantine} ở kho để riêng{strange}."
    )
    return done

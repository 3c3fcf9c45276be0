"""Learning from corrections, on a schedule."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.context import FlowRunContext

from flows.naming import dated
from flows.remarks import remark
from tasks.learn import Learnt, learn_types


@flow(name="learn", flow_run_name=dated("Học từ các lần sửa"))
def learn() -> Learnt:
    """Huấn luyện bộ phân loại từ các lần sửa, so với bộ đang dùng, chỉ thay khi tốt hơn."""
    learnt = learn_types()
    remark(verdict(learnt))
    if FlowRunContext.get() is not None:
        figures: list[dict[str, Any]] = [
            {"Bộ phân loại": "mới", "Đúng": learnt.right, "Trên": learnt.held_out},
            {"Bộ phân loại": "đang dùng", "Đúng": learnt.right_before, "Trên": learnt.held_out},
        ]
        create_table_artifact(key="hoc-tu-sua-doi", table=figures, description=verdict(learnt))
    return learnt


def verdict(learnt: Learnt) -> str:
    """What a round came to, in one sentence."""
    if learnt.digest is None:
        return f"Mới có {learnt.examples} lần sửa để học: chưa đủ hai loại giấy tờ."
    before = "chưa có" if learnt.right_before is None else f"{learnt.right_before} đúng"
    return (
        f"Học từ {learnt.examples} lần sửa; trên {learnt.held_out} lần để riêng: bộ mới "
        f"{learnt.right} đúng, bộ đang dùng {before}: "
        f"{'thay bộ đang dùng' if learnt.promoted else 'giữ nguyên'}."
    )

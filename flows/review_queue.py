"""The queue's own flows: show forms, escalate, draw the sample. None of them decides anything."""

from __future__ import annotations

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.context import FlowRunContext

from domain.alarms import REVIEW_OVERDUE
from flows.alarms import sound
from flows.naming import dated
from flows.parameters import Days
from flows.remarks import remark
from tasks.house import house
from tasks.review_queue import (
    ErrorRate,
    Overdue,
    draw_sample,
    enter_waiting,
    error_rate,
    find_overdue,
    make_sheets,
)
from tasks.review_runs import end_stale_runs, start_runs
from tasks.reviewers import listed


@flow(name="review-queue", flow_run_name=dated("Mở phiếu duyệt"))
def review_queue() -> int:
    """Xếp giấy tờ còn ngờ vào hàng đợi, mở phiếu cho người duyệt; số phiếu vừa mở."""
    house().prepare()
    waiting: int = enter_waiting()
    end_stale_runs()
    if not any(row["active"] for row in listed()):
        remark("Chưa mở phiếu: chưa có người duyệt nào (sohoa reviewer add).")
        return 0
    started: int = start_runs(make_sheets())
    remark(f"{waiting} giấy tờ vừa vào hàng đợi, {started} phiếu vừa mở.")
    return started


@flow(name="escalate", flow_run_name=dated("Nhắc giấy tờ chờ duyệt quá hạn"))
def escalate() -> Overdue:
    """Báo lên cấp trên những giấy tờ chờ duyệt quá hạn; không bao giờ tự duyệt."""
    house().prepare()
    enter_waiting()
    found: Overdue = find_overdue()
    if found.papers and FlowRunContext.get() is not None:
        text = f"{found.papers} giấy tờ chờ duyệt quá hạn."
        sound(REVIEW_OVERDUE, "review", text, **found.model_dump(mode="json"))
        create_markdown_artifact(key="duyet-qua-han", markdown=_overdue(found))
    return found


@flow(name="post-check", flow_run_name=dated("Hậu kiểm {days} ngày"), validate_parameters=True)
def post_check(days: Days = 30) -> ErrorRate:
    """Rút mẫu ngẫu nhiên giấy tờ máy đã tự chấp nhận để người kiểm tra; báo tỷ lệ sai đo được."""
    house().prepare()
    drawn: int = draw_sample(days)
    found = error_rate(days)
    remark(f"{drawn} giấy tờ vừa vào mẫu hậu kiểm.")
    if FlowRunContext.get() is not None:
        create_markdown_artifact(key="hau-kiem", markdown=rate_as_text(found))
    return found


def _overdue(found: Overdue) -> str:
    rows = [f"| {unit} | {count} |" for unit, count in sorted(found.by_unit.items())]
    oldest = f"{found.oldest:%Y-%m-%d %H:%M} UTC" if found.oldest else "–"
    return "\n".join(
        [
            f"# {found.papers} giấy tờ chờ duyệt quá hạn",
            "",
            f"Chờ lâu nhất từ {oldest}. Mở phiếu ở trang Runs, deployment `review`.",
            "",
            "| Đơn vị | Giấy tờ |",
            "|---|---|",
            *rows,
        ]
    )


def rate_as_text(found: ErrorRate) -> str:
    """The measured error rate as Markdown; papers by id only."""
    shown = "chưa đo được" if found.rate is None else f"{found.rate:.2%}"
    fields = [f"| {name} | {count} |" for name, count in sorted(found.by_field.items())]
    return "\n".join(
        [
            f"# Hậu kiểm: tỷ lệ sai {shown}",
            "",
            (
                f"{found.wrong} giấy tờ sai trên {found.checked} giấy tờ đã kiểm tra từ "
                f"{found.since:%Y-%m-%d} (khoảng tin cậy 95 %: {found.low:.2%} – "
                f"{found.high:.2%}); {found.waiting} giấy tờ trong mẫu còn chờ."
            ),
            *(["", "| Trường | Số giấy tờ sai |", "|---|---|", *fields] if fields else []),
            *(["", "Cần đính chính: " + ", ".join(found.to_correct)] if found.to_correct else []),
        ]
    )

"""What an operator reads beside a run: a table of the papers, and what was set aside and why."""

from __future__ import annotations

import logging
import re

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.runtime import flow_run

from domain.errors import DocumentFault
from domain.secrecy import SECRET
from domain.summary import LotSummary

LOG = logging.getLogger("sohoa.alarm")
SECRET_FOUND = "sohoa.secret.found"  # noqa: S105 - an event, not a password
_MARKDOWN = re.compile(r"[\\`*_~|<>\[\]#]")


def name_of_run() -> str:
    """What an operator reads in the list of runs."""
    lot = flow_run.parameters.get("lot")
    return f"Số hóa lô {lot}" if lot else "Số hóa mọi lô đang chờ"


def remark(text: str) -> None:
    """Write a line into the flow run's log; nothing outside one. No personal data."""
    if FlowRunContext.get() is not None:
        get_run_logger().info(text)


def alarm(scan_id: str, fault: DocumentFault) -> None:
    """Tell whoever watches that a secret paper came in: an event, an artifact and a log line.

    The event `sohoa.secret.found` is what a notification is tied to. None of them carries
    anything that was read. Outside a flow run the log line alone; other faults raise no alarm.
    """
    if fault.reason != SECRET:
        return
    text = f"CẢNH BÁO, bản quét {scan_id[:12]}: {fault}"
    if FlowRunContext.get() is None:
        LOG.error(text)
        return
    get_run_logger().error(text)
    create_markdown_artifact(key="canh-bao-mat", markdown=f"# Giấy tờ mật\n\n{literal(text)}")
    resource = {"prefect.resource.id": f"sohoa.scan.{scan_id}"}
    emit_event(SECRET_FOUND, resource=resource, payload={"scan": scan_id})


def say(summary: LotSummary) -> None:
    """Leave artifacts beside the flow run; nothing outside one. Personal data is masked.

    A sweep that found nothing to do says so in its log only.
    """
    if FlowRunContext.get() is None:
        return
    remark(_counts(summary))
    if summary.lot is None and not summary.scans.total and not summary.unfinished:
        return
    create_table_artifact(
        key="giay-to",
        table=[
            {
                "Tệp": literal(row.scan),
                "Loại": row.type,
                "Trạng thái": row.state,
                "Lý do chờ duyệt": literal("; ".join(row.review)),
                "Trang": row.pages,
                "Mã": literal(row.code),
            }
            for row in summary.rows
        ],
        description=f"Giấy tờ của lô {summary.lot or '(mọi lô)'}",
    )
    create_markdown_artifact(key="ket-qua-lo", markdown=_markdown(summary))


def literal(text: str) -> str:
    """The text as it stands: cells are Markdown too, and `~2E…~2E` in a code was struck out."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def _counts(summary: LotSummary) -> str:
    counts = summary.scans
    return (
        f"{counts.total} bản quét: {counts.done} xong, {counts.review} chờ duyệt, "
        f"{counts.set_aside} để riêng, {counts.duplicate} trùng, "
        f"{counts.already} đã xử lý trước."
    )


def _markdown(summary: LotSummary) -> str:
    lines = [f"# Lô {summary.lot or '(mọi lô)'}", "", _counts(summary)]
    if summary.set_aside:
        lines += ["", "| Để riêng | Vì sao và làm gì |", "|---|---|"]
        lines += [
            f"| {literal(item.scan)} | {literal(item.message)} |" for item in summary.set_aside
        ]
    if summary.unfinished:
        lines += ["", "Chưa xử lý xong: " + ", ".join(map(literal, summary.unfinished))]
    if summary.missing:
        lines += ["", "Còn thiếu so với lot.json: " + ", ".join(map(literal, summary.missing))]
    return "\n".join(lines)

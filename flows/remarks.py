"""What an operator reads beside a run: a table of the papers, what was set aside and why.

A run whose papers still need somebody ends as *Xong, có lưu ý*: completed, and not done with.
"""

from __future__ import annotations

import re
from typing import TypeVar, cast

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.context import FlowRunContext
from prefect.states import Completed

from domain.masking import mask_file
from domain.summary import LotSummary, PaperLine, SetAside
from tasks.house import house

WITH_REMARKS = "Xong, có lưu ý"
"""The state of a run that was completed and left something for a person."""
_MOST_NAMED = 20
_MARKDOWN = re.compile(r"[\\`*_~|<>\[\]#]")
R = TypeVar("R")


def remark(text: str) -> None:
    """Write a line into the flow run's log; nothing outside one. No personal data."""
    if FlowRunContext.get() is not None:
        get_run_logger().info(text)


def ended(result: R, remarks: tuple[str, ...]) -> R:
    """The result of a run, which tells in its state that something is left for a person.

    Prefect gives the caller of a flow what its last state holds; outside a flow run it is the
    result itself.
    """
    if FlowRunContext.get() is None or not remarks:
        return result
    said = "; ".join(remarks)
    return cast("R", Completed(name=WITH_REMARKS, message=said, data=result))


def say(summary: LotSummary) -> None:
    """Leave artifacts beside the flow run; nothing outside one.

    Personal data is masked, names of files too: they are often those of persons.

    A sweep that found nothing to do says so in its log only.
    """
    if FlowRunContext.get() is None:
        return
    remark(_counts(summary))
    if summary.lot is None and not summary.scans.total and not summary.unfinished:
        return
    create_table_artifact(
        key="giay-to",
        table=[_row(row) for row in summary.rows],
        description=f"Giấy tờ: {_title(summary)}",
    )
    create_markdown_artifact(key="ket-qua-lo", markdown=_markdown(summary))


def page(key: str, title: str, *lines: str) -> None:
    """Leave a page of one list beside the flow run; nothing outside one. No personal data."""
    if FlowRunContext.get() is not None:
        listed = "\n".join(f"- {line}" for line in lines)
        create_markdown_artifact(key=key, markdown=f"# {title}\n\n{listed}")


def literal(text: str) -> str:
    """The text as it stands: cells are Markdown too, and `~2E…~2E` in a code was struck out."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def link(text: str, path: str) -> str:
    """A link to the preview, which asks who is looking on every click."""
    return f"[{literal(text)}]({house().settings.review.url}/{path})"


def _row(row: PaperLine) -> dict[str, str | int]:
    return {
        "Tệp": mask_file(row.scan_id, row.scan),
        "Định danh": link(row.id, f"papers/{row.id}"),
        "Loại": row.type,
        "Trạng thái": row.state,
        "Lý do chờ duyệt": literal("; ".join(row.review)),
        "Trang": row.pages,
        "Mã": literal(row.code),
    }


def _title(summary: LotSummary) -> str:
    return f"Lô {summary.lot}" if summary.lot else "Các bản quét của lượt chạy này"


def _counts(summary: LotSummary) -> str:
    counts = summary.scans
    return (
        f"{counts.total} bản quét: {counts.done} xong, {counts.review} chờ duyệt, "
        f"{counts.set_aside} để riêng, {counts.duplicate} trùng, "
        f"{counts.already} đã xử lý trước."
    )


def _markdown(summary: LotSummary) -> str:
    lines = [f"# {_title(summary)}", "", _counts(summary)]
    if summary.set_aside:
        lines += ["", "## Để riêng: vì sao và làm gì", "", *map(_aside, summary.set_aside)]
        lines += [
            "",
            "Sửa xong thì xử lý lại: Deployments → requeue/requeue → Run, điền «Bản quét».",
        ]
    if summary.unfinished:
        lines += ["", f"Chưa xử lý xong: {len(summary.unfinished)} bản quét."]
        if not summary.lot:  # no lot to ask for: say which scans
            lines += [_scans(summary.unfinished_scans)]
    if summary.missing:
        lines += ["", f"Còn thiếu so với lot.json: {len(summary.missing)} tệp."]
    if summary.lot and (summary.unfinished or summary.missing or summary.set_aside):
        lines += ["", f"Tên các tệp: `sohoa status {summary.lot}`"]
    return "\n".join(lines)


def _scans(ids: tuple[str, ...]) -> str:
    named = ", ".join(link(one[:8], f"scans/{one}/original") for one in ids[:_MOST_NAMED])
    return named + ("…" if len(ids) > _MOST_NAMED else "")


def _aside(item: SetAside) -> str:
    original = link(item.id[:12], f"scans/{item.id}/original")
    return f"- **{mask_file(item.id, item.scan)}** (bản quét {original}): {literal(item.message)}"

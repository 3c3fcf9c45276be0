"""Progress against the plan: made from the registry, left beside the run as artifacts and files."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
)
from prefect.context import FlowRunContext

from domain.plan import LEVEL_NAMES
from domain.plan_report import PlanReport
from flows.naming import dated
from flows.parameters import CloseAs, ClosedBy, Number, Period, Plan, Year
from flows.remarks import literal, remark
from tasks.closings import both_or_neither, close_period
from tasks.house import house
from tasks.plan_report import report
from tasks.report_files import FORMATS, write
from tasks.report_words import COLUMNS, cells, deadline, due_reports, lacks, title
from tasks.report_words import number as written

_MANY = 100
_BAR = 20
"""Characters of a full bar: five percent each."""


@flow(name="progress", flow_run_name=dated("Tiến độ so với kế hoạch"), validate_parameters=True)
def progress(
    plan: Plan = None,
    kind: Period = "year",
    year: Year = None,
    number: Number = 1,
    close_as: CloseAs = None,
    closed_by: ClosedBy = None,
) -> Path:
    """Tiến độ so với kế hoạch trong một kỳ; `close_as` và `closed_by` để chốt số liệu."""
    both_or_neither(close_as, closed_by)
    now: PlanReport = report(plan, kind, year or house().today().year, number)
    if close_as and closed_by:
        close_period(now, close_as, closed_by)
        now = report(plan, kind, year or house().today().year, number)
    folder = _files(now)
    say(now, folder)
    return folder


def say(now: PlanReport, folder: Path) -> None:
    """Leave a table, a progress bar per level and a markdown page; nothing outside a flow run."""
    if FlowRunContext.get() is None:
        return
    remark(f"{title(now)}: {len(now.lines)} chỉ tiêu, tệp ở {folder}")
    create_table_artifact(
        key="tien-do",
        table=[
            {"Kỳ": line.view_name, **dict(zip(COLUMNS, map(literal, cells(line)), strict=True))}
            for line in now.lines
        ],
        description=f"{title(now)}. {now.plan_name}",
    )
    for level in now.levels:
        if level.rate is not None:
            create_progress_artifact(
                progress=level.rate,
                key=f"tien-do-{level.level}",
                description=f"{LEVEL_NAMES[level.level]}: tỷ lệ số hóa, chỉ tiêu "
                + ("–" if level.target is None else f"{written(level.target)} %"),
            )
    create_markdown_artifact(key="bao-cao-tien-do", markdown=_markdown(now))
    if any(level.rate is not None for level in now.levels):
        create_markdown_artifact(
            key="bieu-do-tien-do", markdown=_chart(now), description="Xem trong giao diện V2."
        )


def _files(now: PlanReport) -> Path:
    name = f"{now.plan}-{now.period.last:%Y-%m-%d}-{now.period.kind}"
    folder = house().settings.home / "reports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for suffix in FORMATS:
        write(now, folder / f"{name}{suffix}")
    return folder


def _markdown(now: PlanReport) -> str:
    said = [f"# {title(now)}", "", literal(now.plan_name), "", deadline(now), "", *_bars(now)]
    said += ["", *(f"- {literal(text)}" for text in (*due_reports(now), *now.remarks))]
    if now.lacking:
        said += ["", "## Chưa tính được", ""]
        said += [
            "Danh sách đủ: `sohoa progress --lacking TEP.csv`.",
            "",
            "| Giấy tờ, hồ sơ | Trạng thái | Còn thiếu |",
            "|---|---|---|",
        ]
        said += [
            f"| {literal(x.name)} ({literal(x.id)}) | {x.state} | {lacks(x)} |"
            for x in now.lacking[:_MANY]
        ]
    said += ["", *(f"- {literal(line.name)}: {literal(line.assumption)}" for line in now.lines[:1])]
    return "\n".join(said)


def _bars(now: PlanReport) -> list[str]:
    """A chart of characters, which both of Prefect's UIs show: rate per level, and its target."""
    rows = ["| Cấp | Tỷ lệ số hóa | | Chỉ tiêu |", "|---|---|---|---|"]
    for level in now.levels:
        full = round((level.rate or 0) / 100 * _BAR)
        bar = "█" * full + "░" * (_BAR - full)
        rate = "chưa có mẫu số" if level.rate is None else f"{written(level.rate)} %"
        target = "–" if level.target is None else f"{written(level.target)} %"
        rows.append(f"| {LEVEL_NAMES[level.level]} | {bar} | {rate} | {target} |")
    return rows


def _chart(now: PlanReport) -> str:
    """The same as a drawing, which the V2 UI makes of it: bars are rates, the line is the plan."""
    levels = [level for level in now.levels if level.rate is not None]
    names = ", ".join(f'"{LEVEL_NAMES[level.level]}"' for level in levels)
    rates = ", ".join(str(level.rate) for level in levels)
    targets = ", ".join(str(level.target or 0) for level in levels)
    return "\n".join(
        [
            f"# {title(now)}",
            "",
            "```mermaid",
            "xychart-beta",
            f"  x-axis [{names}]",
            '  y-axis "Tỷ lệ số hóa (%)" 0 --> 100',
            f"  bar [{rates}]",
            f"  line [{targets}]",
            "```",
        ]
    )

"""How results are shown: JSON for programs, tables for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from domain.plan import COMPARATOR_SIGNS, LEVEL_NAMES, MEASURE_SIGNS, Plan
from domain.plan_report import CONDITION_NAMES, PlanReport
from domain.plan_terms import AREAS, INDICATORS
from domain.progress import Progress
from domain.states import SCAN_STATE_NAMES
from domain.summary import LotSummary

_LEAST_WIDTH = 110
CONSOLE = Console(highlight=False, markup=False)  # [gốc] in a file's name is no style
if not CONSOLE.is_terminal:  # a log file has no width: do not break it into narrow columns
    CONSOLE = Console(highlight=False, markup=False, width=_LEAST_WIDTH)
_NONE = "không có"
_ONE_LINE = {"Tệp", "Trạng thái", "Chủ", "Trang", "Tỷ lệ", "Định danh"}


def as_json(value: BaseModel | Sequence[Any] | dict[str, Any]) -> None:
    """Print a value as JSON on standard output."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    print(json.dumps(plain, ensure_ascii=False, indent=1))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; long cells are folded, nothing is cut off."""
    made = Table(*columns, title=title, title_justify="left", header_style="bold")
    for column in made.columns:
        column.overflow = "fold"
        column.no_wrap = column.header in _ONE_LINE
    for row in rows:
        made.add_row(*(str(cell) for cell in row))
    CONSOLE.print(made)


def lot_summary(summary: LotSummary) -> None:
    """Print what became of a lot, as an operator reads it."""
    table(
        f"Giấy tờ – lô {summary.lot or '(mọi lô)'}",
        ["Tệp", "Loại", "Mã giấy tờ", "Chủ", "Trang", "Trạng thái"],
        [(r.scan, r.type, r.code, r.owner, r.pages, r.state) for r in summary.rows],
    )
    if summary.set_aside:
        table(
            "Để riêng – cần người xử lý",
            ["Tệp", "Vì sao và làm gì"],
            [(item.scan, item.message) for item in summary.set_aside],
        )
    waiting = [row for row in summary.rows if row.review]
    if waiting:
        table(
            "Chờ duyệt – sohoa review list",
            ["Tệp", "Giấy tờ", "Lý do"],
            [(row.scan, row.id, "\n".join(row.review)) for row in waiting],
        )
    if summary.progress:
        progress(summary.progress)
    counts = summary.scans.model_dump()
    named = ", ".join(
        f"{counts[key]} {name}" for key, name in SCAN_STATE_NAMES.items() if key in counts
    )
    CONSOLE.print(f"{counts['total']} bản quét: {named}.")
    if summary.missing:
        CONSOLE.print("Còn thiếu so với lot.json: " + ", ".join(summary.missing))
    if summary.unfinished:
        CONSOLE.print("Chưa xử lý xong: " + ", ".join(summary.unfinished))
    if summary.pages:
        CONSOLE.print(
            f"{summary.pages} trang trong {summary.seconds:.1f} giây "
            f"({summary.seconds / summary.pages:.2f} giây mỗi trang)."
        )


def progress(now: Progress) -> None:
    """Print the progress against the plan, with the formula that was used."""

    def percent(value: float | None) -> str:
        return _NONE if value is None else f"{value:.2f} %"

    table(
        f"Tiến độ {now.year} – {now.plan_name}",
        ["Cấp", "Đã số hóa", "Đã giải quyết", "Tỷ lệ", "Chỉ tiêu", "Chênh lệch"],
        [
            (
                LEVEL_NAMES[level.level],
                level.digitized,
                _NONE if level.resolved is None else level.resolved,
                percent(level.rate),
                percent(level.target),
                _NONE if level.gap_points is None else f"{level.gap_points:+.2f} điểm %",
            )
            for level in now.levels
        ],
    )
    CONSOLE.print(f"Công thức: {now.formula}.")
    if now.without_dossier:
        CONSOLE.print(
            f"{now.without_dossier} giấy tờ không gắn với hồ sơ nào, không tính vào tỷ lệ."
        )
    if now.unassigned:
        CONSOLE.print(
            f"{now.unassigned} hồ sơ chưa rõ đơn vị nên chưa tính vào cấp nào: "
            "khai đơn vị bằng --unit hoặc trong lot.json."
        )


def plan(found: Plan) -> None:
    """Print a plan's targets."""
    table(
        found.name,
        ["Chỉ tiêu", "Cấp", "Năm", "Hạn", "Ngưỡng", "Nguồn"],
        [
            (
                INDICATORS.get(target.indicator, target.indicator),
                LEVEL_NAMES[target.level] + (f" ({AREAS[target.area]})" if target.area else ""),
                target.year,
                f"{target.deadline:%d/%m/%Y}",
                f"{COMPARATOR_SIGNS[target.comparator]} {target.value:g} "
                f"{MEASURE_SIGNS[target.measure]}" + (" (tính)" if target.computed else ""),
                target.source,
            )
            for target in found.targets
        ],
    )
    for entry in found.contradictions:
        CONSOLE.print(f"Mâu thuẫn, {entry.source}: «{entry.phrase}» – {entry.note}")


def report(now: PlanReport) -> None:
    """Print a period's report: the levels, then every target."""
    progress(now)
    table(
        f"{now.period.name}, {now.period.first:%d/%m/%Y} – {now.period.last:%d/%m/%Y}",
        ["Chỉ tiêu", "Kỳ", "Cấp", "Ngưỡng", "Giá trị", "Còn thiếu", "Mỗi ngày", "Dự báo"],
        [
            (
                line.name,
                line.view_name,
                LEVEL_NAMES[line.level],
                f"{line.target:g}",
                _NONE if line.value is None else f"{line.value:.2f}",
                _NONE if line.gap_units is None else line.gap_units,
                _NONE if line.per_working_day is None else f"{line.per_working_day:g}",
                _NONE if line.forecast is None else f"{line.forecast:.2f}",
            )
            for line in now.lines
        ],
    )
    for lack in now.lacking:
        words = ", ".join(CONDITION_NAMES.get(name, name) for name in lack.lacks)
        CONSOLE.print(f"Còn thiếu {words}: {lack.name} ({lack.id}), {lack.state}")
    for closing in now.closings:
        CONSOLE.print(
            f"Đã chốt «{closing.name}», {closing.closed_by}, "
            f"{closing.closed_at:%d/%m/%Y %H:%M}: {len(closing.corrections)} số liệu đổi từ đó."
        )
    for remark in now.remarks:
        CONSOLE.print(remark)

"""How numbers of a report are written, the same in every format."""

from __future__ import annotations

from domain.plan import COMPARATOR_SIGNS, LEVEL_NAMES, MEASURE_SIGNS
from domain.plan_report import CONDITION_NAMES, Lack, PlanReport
from domain.plan_terms import AREAS
from domain.progress import Line

NONE = "không có"
COLUMNS = (
    "Chỉ tiêu",
    "Cấp",
    "Ngưỡng",
    "Tử số",
    "Mẫu số",
    "Giá trị",
    "Chênh lệch",
    "Còn thiếu",
    "Cần mỗi ngày làm việc",
    "Dự báo",
    "Nguồn",
)


def number(value: float | None, digits: int = 2) -> str:
    """A number in Vietnamese writing: 1.234,50; "không có" for None."""
    if value is None:
        return NONE
    text = f"{value:,.{0 if float(value).is_integer() and digits == 0 else digits}f}"
    return text.translate(str.maketrans(",.", ".,"))


def whole(value: float | None) -> str:
    """A count, without decimals."""
    return number(value, 0)


def threshold(line: Line) -> str:
    """The target with its comparator and measure: "≥ 90 %"."""
    signs, measures = dict(COMPARATOR_SIGNS), dict(MEASURE_SIGNS)
    value = number(line.target, 0 if line.target.is_integer() else 2)
    return (
        f"{signs[line.comparator]} {value} {measures[line.measure]}"  # type: ignore[index]
        + (" (tính)" if line.computed else "")
    )


def place(line: Line) -> str:
    """The level, and the area where there is one."""
    return LEVEL_NAMES[line.level] + (f", {AREAS[line.area]}" if line.area else "")


def cells(line: Line) -> tuple[str, ...]:
    """A line as a table row under `COLUMNS`."""
    return (
        line.name,
        place(line),
        threshold(line),
        whole(line.numerator),
        whole(line.denominator),
        number(line.value),
        number(line.gap_points),
        whole(line.gap_units),
        number(line.per_working_day) if line.per_working_day is not None else "–",
        number(line.forecast),
        line.source,
    )


LACKING = ("Tên", "Định danh", "Đơn vị", "Hồ sơ", "Trạng thái", "Còn thiếu")
OFFICERS = ("Cán bộ", "Bản quét", "Giấy tờ", "Đã lưu trữ", "Bị loại", "Ngày có quét", "Mỗi ngày")


def lacking_cells(lack: Lack) -> tuple[str, ...]:
    """A paper or dossier as a table row under `LACKING`."""
    unit = lack.unit_name or lack.unit
    return (lack.name, lack.id, unit, lack.dossier, lack.state, lacks(lack))


def lacks(lack: Lack) -> str:
    """The conditions that a paper or dossier lacks, in words."""
    return ", ".join(CONDITION_NAMES.get(name, name) for name in lack.lacks)


def title(now: PlanReport) -> str:
    """The report's heading."""
    span = now.period
    return f"Tiến độ {span.name.lower()} ({span.first:%d/%m/%Y} – {span.last:%d/%m/%Y})"


def due_reports(now: PlanReport) -> list[str]:
    """The reports that the plan's own calendar asks for in the period, in words."""
    return [
        f"Lịch của kế hoạch: {entry.about}, {entry.phrase} (chậm nhất {entry.day:%d/%m/%Y}"
        + (f", còn {entry.days_left} ngày)" if entry.days_left >= 0 else ", đã qua)")
        + f" – {entry.source}"
        for entry in now.calendar
    ]


def deadline(now: PlanReport) -> str:
    """The report's due date, who sets it, and the days left."""
    by = f" (theo {now.due_source})" if now.due_source else ""
    left = f"còn {now.days_left} ngày" if now.days_left >= 0 else f"đã quá {-now.days_left} ngày"
    return f"Hạn báo cáo {now.due:%d/%m/%Y}{by}: {left}."

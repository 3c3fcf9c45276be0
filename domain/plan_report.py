"""The report of a period: every number that a command, a page, a sheet or a letter shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from domain.period import KIND_NAMES, Period
from domain.plan import Plan
from domain.progress import Line, Progress

CONDITION_NAMES = {
    "digitized": "số hóa",
    "reviewed": "duyệt",
    "signed": "ký số",
    "archived": "lưu trữ",
    "dossier": "gắn với hồ sơ",
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Measured(_Frozen):
    """An indicator for which the plan has no target, per level."""

    name: str
    version: str
    formula: str
    level: str
    numerator: float | None
    denominator: float | None
    value: float | None
    data: str


class Durations(_Frozen):
    """Seconds from a scan's receipt to the archiving of its papers; None without papers."""

    papers: int
    median_seconds: float | None
    p95_seconds: float | None


class Operator(_Frozen):
    """An organization that scans: volumes and share of faults in percent."""

    name: str
    scans: int
    set_aside: int
    papers: int
    rejected: int
    error_rate: float | None
    """Scans set aside and papers rejected, of all scans and papers."""


class Officer(_Frozen):
    """An officer who scans (năng suất theo cán bộ)."""

    name: str
    scans: int
    papers: int
    archived: int
    rejected: int
    days: int
    """Days on which something was scanned."""
    per_day: float | None
    """Papers archived per such day."""


class Lack(_Frozen):
    """A paper or dossier that does not count yet, and the conditions that it lacks."""

    kind: str
    id: str
    name: str
    unit: str
    unit_name: str = ""
    dossier: str
    state: str
    lacks: tuple[str, ...]


class Correction(_Frozen):
    """A number that has changed since a period was closed."""

    line: str
    was: float | None
    now: float | None


class Due(_Frozen):
    """A report that the plan itself asks for in the period."""

    day: date
    """The last day on time."""
    about: str
    phrase: str
    source: str
    days_left: int
    apart: bool = False
    """About something else than the plan's figures."""


class Closing(_Frozen):
    """A closed period: who signed the figures off, when, and what has changed since."""

    name: str
    closed_by: str
    closed_at: datetime
    digest: str
    corrections: tuple[Correction, ...]


class PlanReport(Progress):
    """The progress against one plan in one period, with everything that a report shows."""

    authority: str = ""
    period: Period
    as_of: datetime
    due: date
    days_left: int
    """Calendar days from `as_of` to `due`; negative when it is late."""
    due_source: str = ""
    """Where the plan's text sets the due date; empty where `due_days` of the settings does."""
    place: str = ""
    """Where in the periodic report the section stands."""
    lines: tuple[Line, ...]
    measured: tuple[Measured, ...]
    fields: tuple[Measured, ...]
    """The digitization rate per field (lĩnh vực)."""
    papers: dict[str, int]
    """Papers made in the period, apart from dossiers."""
    durations: Durations
    operators: tuple[Operator, ...]
    officers: tuple[Officer, ...] = ()
    calendar: tuple[Due, ...] = ()
    """Reports that the plan's text asks for with a day in this period, earliest first."""
    lacking: tuple[Lack, ...]
    closings: tuple[Closing, ...] = ()
    remarks: tuple[str, ...] = ()


def calendar(plan: Plan, span: Period, today: date) -> tuple[Due, ...]:
    """The reports of the plan's calendar that fall into a period, once for each day and subject."""
    found = {}
    for entry in plan.reporting.reports:
        day = entry.last_day
        if entry.recurring:
            month, number = map(int, entry.recurring.split("-"))
            day = date(span.year, month, number)
        if day is not None and span.first <= day <= span.last:
            found[day, entry.about] = Due(
                day=day,
                about=entry.about,
                phrase=entry.phrase,
                source=entry.source,
                days_left=(day - today).days,
                apart=entry.apart,
            )
    return tuple(found[key] for key in sorted(found))


def due_of(span: Period, reports: Sequence[Due]) -> tuple[date, str]:
    """When the period's report is due, and where the plan says so.

    The last day that the plan's calendar names in the period; without one the period's own.
    """
    named = [entry for entry in reports if not entry.apart]
    return (named[-1].day, named[-1].source) if named else (span.due, "")


def odd_period(plan: Plan, span: Period) -> str | None:
    """A remark where the plan asks for no report of this kind of period; None where it does."""
    if span.kind in plan.reporting.periods or not plan.reporting.phrase:
        return None
    kinds = ", ".join(KIND_NAMES[kind].lower() for kind in plan.reporting.periods)
    return (
        f"Kế hoạch yêu cầu báo cáo theo {kinds} ({plan.reporting.source}), không phải {span.name}."
    )


def corrections(frozen: PlanReport, now: PlanReport) -> tuple[Correction, ...]:
    """What is different today from the figures of a closed period, line by line.

    Numerator and denominator too: a rate may stay the same while both change.
    """
    today = _told(now)
    return tuple(
        Correction(line=key, was=was, now=today.get(key))
        for key, was in _told(frozen).items()
        if today.get(key) != was
    )


def _told(report: PlanReport) -> dict[str, float | None]:
    return {
        _key(line) + part: value
        for line in report.lines
        for part, value in (
            ("", line.value),
            (" / tử số", line.numerator),
            (" / mẫu số", line.denominator),
        )
    }


def quantile(ascending: list[float], share: float) -> float | None:
    """The value below which `share` of the sorted values lie (nearest rank); None when empty."""
    if not ascending:
        return None
    rank = max(0, -(-len(ascending) * int(share * 1000) // 1000) - 1)
    return ascending[min(rank, len(ascending) - 1)]


def _key(line: Line) -> str:
    return " / ".join(part for part in (line.view, line.indicator, line.level, line.area) if part)

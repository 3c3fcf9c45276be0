"""The report of a period: every number that a command, a page, a sheet or a letter shows."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from domain.period import Period
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


class Lack(_Frozen):
    """A paper or dossier that does not count yet, and the conditions that it lacks."""

    kind: str
    id: str
    name: str
    unit: str
    dossier: str
    state: str
    lacks: tuple[str, ...]


class Correction(_Frozen):
    """A number that has changed since a period was closed."""

    line: str
    was: float | None
    now: float | None


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
    lacking: tuple[Lack, ...]
    closings: tuple[Closing, ...] = ()
    remarks: tuple[str, ...] = ()


def corrections(frozen: PlanReport, now: PlanReport) -> tuple[Correction, ...]:
    """What is different today from the figures of a closed period, line by line."""
    today = {_key(line): line.value for line in now.lines}
    return tuple(
        Correction(line=_key(line), was=line.value, now=today.get(_key(line)))
        for line in frozen.lines
        if today.get(_key(line)) != line.value
    )


def quantile(ascending: list[float], share: float) -> float | None:
    """The value below which `share` of the sorted values lie (nearest rank); None when empty."""
    if not ascending:
        return None
    rank = max(0, -(-len(ascending) * int(share * 1000) // 1000) - 1)
    return ascending[min(rank, len(ascending) - 1)]


def _key(line: Line) -> str:
    return " / ".join(part for part in (line.view, line.indicator, line.level, line.area) if part)

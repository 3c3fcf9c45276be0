"""Reporting periods (kỳ báo cáo), working days, and the views of a year that changed its levels."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.indicators import PaperRule
from domain.plan import Level
from domain.plan_terms import DENOMINATORS

DISTRICTS_END = date(2025, 6, 30)
"""The last day of the district level (NQ 202/2025/QH15)."""
Kind = Literal["month", "quarter", "year"]
KIND_NAMES: dict[Kind, str] = {"month": "Tháng", "quarter": "Quý", "year": "Năm"}
_MONTHS: dict[Kind, int] = {"month": 1, "quarter": 3, "year": 12}
_WEEKEND = 5
THREE_LEVELS: tuple[Level, ...] = ("province", "district", "commune", "all")
TWO_LEVELS: tuple[Level, ...] = ("province", "commune", "all")


class Counting(BaseModel):
    """How an installation counts where texts leave it open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    paper_rule: PaperRule = "any"
    """When a dossier meets a condition: `any` of its papers does, or `all` do."""
    denominators: dict[str, str] = {}
    """Indicator → denominator, instead of the one that the plan's text has."""
    cutoff_day: int = Field(default=0, ge=0, le=28)
    """The day of the month on which data periods end; 0: the month's last day."""
    due_days: int = Field(default=0, ge=0, le=60)
    """Days after the period's end by which its report is due."""
    holidays: tuple[date, ...] = ()
    """Days that are no working days beside Saturdays and Sundays."""

    @model_validator(mode="after")
    def _known(self) -> Counting:
        for name in self.denominators.values():
            if name not in DENOMINATORS:
                raise ValueError(f"mẫu số «{name}» không thuộc {', '.join(DENOMINATORS)}")
        return self


class Period(BaseModel):
    """A period of reporting: its first and last day, both counted."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    name: str
    first: date
    last: date
    due: date

    @property
    def year(self) -> int:
        """The year to which the period belongs."""
        return self.last.year


class View(BaseModel):
    """A way to look at a year: its days and the levels that existed."""

    model_config = ConfigDict(frozen=True)

    id: Literal["year", "three_levels", "two_levels"]
    name: str
    first: date
    last: date
    levels: tuple[Level, ...]


def period(kind: Kind, year: int, number: int, rules: Counting) -> Period:
    """The `number`-th month or quarter of a year, or the year; by the cut-off day of the rules."""
    months = _MONTHS[kind]
    if not 1 <= number <= 12 // months:
        raise ValueError(f"không có {KIND_NAMES[kind].lower()} {number}")
    end_month = number * months
    last = _cut(year, end_month, rules.cutoff_day)
    before = end_month - months
    first = _cut(year if before else year - 1, before or 12, rules.cutoff_day) + timedelta(days=1)
    name = f"Năm {year}" if kind == "year" else f"{KIND_NAMES[kind]} {number} năm {year}"
    due = last + timedelta(days=rules.due_days)
    return Period(kind=kind, name=name, first=first, last=last, due=due)


def views(span: Period) -> tuple[View, ...]:
    """The period with the levels of its time; three views where it straddles the change."""
    if span.last <= DISTRICTS_END:
        return (_view("year", span.name, span.first, span.last, THREE_LEVELS),)
    if span.first > DISTRICTS_END:
        return (_view("year", span.name, span.first, span.last, TWO_LEVELS),)
    after = DISTRICTS_END + timedelta(days=1)
    return (
        _view("year", f"{span.name} (cả kỳ)", span.first, span.last, THREE_LEVELS),
        _view("three_levels", "Ba cấp, đến 30/6/2025", span.first, DISTRICTS_END, THREE_LEVELS),
        _view("two_levels", "Hai cấp, từ 01/7/2025", after, span.last, TWO_LEVELS),
    )


def working_days(first: date, last: date, holidays: Collection[date] = ()) -> int:
    """Mondays to Fridays from `first` to `last`, both counted, that are no holidays."""
    days = (last - first).days + 1
    every = (first + timedelta(days=number) for number in range(max(0, days)))
    return sum(day.weekday() < _WEEKEND and day not in holidays for day in every)


def _cut(year: int, month: int, day: int) -> date:
    return date(year, month, day or monthrange(year, month)[1])


def _view(
    view_id: Literal["year", "three_levels", "two_levels"],
    name: str,
    first: date,
    last: date,
    levels: tuple[Level, ...],
) -> View:
    return View(id=view_id, name=name, first=first, last=last, levels=levels)

"""Progress against a plan (kế hoạch số hóa): one function makes every number that anybody shows.

Every line says which formula and denominator it used, because the plans differ; a denominator of
0 gives no value ("không có"), never 0 %.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from domain.forecast import Month, forecast
from domain.indicators import (
    SOURCES,
    Formula,
    Source,
    UnitCount,
    percentage,
    total,
    value_of,
)
from domain.outside import Figure
from domain.period import View, working_days
from domain.plan import Level, Plan, Target
from domain.plan_terms import INDICATORS

__all__ = ["DOSSIERS_RESOLVED", "Figure", "Line", "Progress", "percentage"]

DOSSIERS_RESOLVED = "dossiers_resolved"
_DAYS_OF_YEAR = 365


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class UnitLine(_Frozen):
    """A unit's place in the ranking of a target; units without a value come last, unranked."""

    rank: int | None
    unit: str
    name: str
    numerator: float | None
    denominator: float | None
    value: float | None


class Line(_Frozen):
    """One target in one view of the period: value, gap, what is still needed, forecast."""

    view: str
    view_name: str
    indicator: str
    name: str
    level: Level
    area: str
    year: int
    due: date
    measure: str
    comparator: str
    target: float
    computed: bool
    phrase: str
    source: str
    formula: str
    formula_name: str
    formula_version: str
    data: str
    """Where numerator and denominator come from, in words."""
    numerator: float | None
    denominator: float | None
    value: float | None
    met: bool | None
    """None without a value, and where a part of a year has no say in what is asked of a year."""
    gap_points: float | None
    """Value minus target, in the target's measure; None where `met` is."""
    gap_units: int | None
    """How many more dossiers (results, persons …) reach the target with today's denominator."""
    working_days_left: int
    per_working_day: float | None
    """Dossiers per working day still needed; None where nothing is missing or time is over."""
    forecast: float | None
    assumption: str
    trend: tuple[Month, ...]
    units: tuple[UnitLine, ...]


class LevelProgress(_Frozen):
    """How far one level is: `rate` in percent with two decimals, None without a denominator."""

    level: Level
    digitized: int
    resolved: int | None
    rate: float | None
    target: float | None
    gap_points: float | None
    """Rate minus target in percentage points; negative means behind."""


class Progress(_Frozen):
    """The digitization rate against one plan in one year, per level, with the formula used."""

    plan: str
    plan_name: str
    year: int
    formula: str
    levels: tuple[LevelProgress, ...]
    unassigned: int
    """Digitized dossiers whose unit the catalogue does not know: counted in no level."""
    without_dossier: int = 0
    """Archived papers that belong to no dossier: the plans count dossiers, not papers."""


def line(
    target: Target,
    formula: Formula,
    view: View,
    counts: Sequence[UnitCount],
    *,
    whole: tuple[float, float] | None = None,
    trend: Sequence[Month] = (),
    today: date,
    holidays: Collection[date] = (),
    names: Mapping[str, str],
    untold_months: int = 0,
    before: float | None = None,
    ahead: bool = False,
) -> Line:
    """The line of one target: `counts` are those of its level's units in this view.

    `whole`: numerator and denominator of all units together, where they do not add up (persons).
    `untold_months`: months of the view for which figures are still awaited. `before`: what a stock
    had reached when the view began. `ahead`: the denominator is told for the whole view already.
    """
    numerator, denominator = whole or total(counts)
    value = value_of(formula, numerator, denominator)
    missing = missing_units(target, numerator, denominator)
    whole_year = (view.last - view.first).days + 1 >= _DAYS_OF_YEAR
    comparable = whole_year or target.measure != "dossiers_per_person_year"
    last = min(target.deadline, view.last)
    days = working_days(today, last, holidays) if today <= last else 0
    met = _met(target, numerator, denominator) if comparable else None
    expected, assumption = forecast(
        formula, numerator, denominator, trend, view, today, before=before, ahead=ahead
    )
    sources = sorted({row.source for row in counts if row.denominator is not None})
    return Line(
        view=view.id,
        view_name=view.name,
        indicator=target.indicator,
        name=INDICATORS.get(target.indicator, target.indicator),
        level=target.level,
        area=target.area,
        year=target.year,
        due=target.deadline,
        measure=target.measure,
        comparator=target.comparator,
        target=target.value,
        computed=target.computed,
        phrase=target.phrase,
        source=target.source,
        formula=formula.text,
        formula_name=formula.name,
        formula_version=formula.version,
        data=_data(formula, counts, sources, untold_months),
        numerator=numerator,
        denominator=denominator,
        value=value,
        met=met,
        gap_points=_gap(target, value, met) if comparable and value is not None else None,
        gap_units=missing,
        working_days_left=days,
        per_working_day=round(missing / days, 2) if missing and days else None,
        forecast=expected,
        assumption=assumption,
        trend=tuple(trend),
        units=_ranked(formula, counts, names, most_first=target.comparator != "at_most"),
    )


def _data(
    formula: Formula, counts: Sequence[UnitCount], sources: Sequence[Source], untold_months: int
) -> str:
    """Where the numbers come from, and what in them an administrator must look at."""
    said = ["; ".join(SOURCES[source] for source in sources) or SOURCES["none"]]
    without = [row.unit for row in counts if row.numerator and row.denominator is None]
    if without and sources:
        said.append(f"{len(without)} đơn vị chưa có mẫu số nên chưa tính")
    if untold_months and "figures" in sources:
        said.append(f"chưa có số liệu của {untold_months} tháng")
    untold = sum(row.numerator is None for row in counts if row.denominator)
    if untold:
        said.append(f"{untold} đơn vị chưa có tử số nên chưa tính")
    if formula.measure == "percent" and any(
        (row.numerator or 0) > row.denominator for row in counts if row.denominator is not None
    ):
        said.append("có đơn vị có tử số lớn hơn mẫu số: kiểm tra số liệu đã nhập")
    return "; ".join(said)


def _met(target: Target, numerator: float | None, denominator: float | None) -> bool | None:
    """By the exact value: 24 999 of 25 000 are shown as 100,00 % and are not all."""
    if numerator is None or not denominator:
        return None
    scale = 100 if target.measure == "percent" else 1
    exact = Decimal(str(numerator)) * scale / Decimal(str(denominator))
    return target.met_by(float(round(exact, 9)))  # means were multiplied by their weights


def _gap(target: Target, value: float, met: bool | None) -> float:
    """How far the shown value is from the target; never 0 where the exact one does not meet it."""
    gap = round(value - target.value, 2)
    if gap == 0 and met is False:
        return 0.01 if target.comparator == "at_most" else -0.01
    return gap


def missing_units(target: Target, numerator: float | None, denominator: float | None) -> int | None:
    """How many more of the units counted reach the target; None where it is no share."""
    if target.measure != "percent" or numerator is None or not denominator:
        return None
    needed = Decimal(str(target.value)) * Decimal(str(denominator)) / 100
    whole = math.floor(needed) + 1 if target.comparator == "more_than" else math.ceil(needed)
    return max(0, whole - math.floor(numerator))


def level_line(target: Target | None, level: Level, counts: Sequence[UnitCount]) -> LevelProgress:
    """A level's digitization rate; `counts` are those of its units."""
    numerator, whole = total(counts)
    count = int(numerator or 0)
    rate = None if whole is None else percentage(count, whole)
    goal = target.value if target else None
    return LevelProgress(
        level=level,
        digitized=count,
        resolved=None if whole is None else int(whole),
        rate=rate,
        target=goal,
        gap_points=None if rate is None or goal is None else round(rate - goal, 2),
    )


def targets_in_view(plan: Plan, year: int, view: View) -> tuple[Target, ...]:
    """The plan's targets of a year for the levels that existed in the view."""
    return tuple(target for target in plan.of_year(year) if target.level in view.levels)


def _ranked(
    formula: Formula, counts: Sequence[UnitCount], names: Mapping[str, str], *, most_first: bool
) -> tuple[UnitLine, ...]:
    """The units of a line, best first; equal values share a rank."""
    by_unit: dict[str, list[UnitCount]] = {}
    for row in counts:
        by_unit.setdefault(row.unit, []).append(row)
    lines = []
    for unit, rows in by_unit.items():
        top, whole = total(rows)
        lines.append((unit, top, whole, value_of(formula, top, whole)))
    sign = -1 if most_first else 1
    lines.sort(key=lambda row: (row[3] is None, sign * (row[3] or 0), row[0]))
    values = [row[3] for row in lines if row[3] is not None]
    return tuple(
        UnitLine(
            rank=None if value is None else values.index(value) + 1,
            unit=unit,
            name=names.get(unit, unit),
            numerator=top,
            denominator=whole,
            value=value,
        )
        for unit, top, whole, value in lines
    )

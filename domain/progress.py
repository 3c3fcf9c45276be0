"""Counting against the yearly plan (kế hoạch số hóa): figures, targets, rates.

Rates are percentages. Every figure says which formula and denominator it used, because the
plans differ; a denominator of 0 gives no rate, never 0 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["province", "district", "commune", "all"]
LEVEL_NAMES: dict[Level, str] = {
    "province": "Cấp tỉnh",
    "district": "Cấp huyện",
    "commune": "Cấp xã",
    "all": "Toàn tỉnh",
}
DOSSIERS_RESOLVED = "dossiers_resolved"
FORMULA = "số hồ sơ có giấy tờ đã số hóa, ký số và lưu trữ ÷ số hồ sơ đã giải quyết trong năm"


class Figure(BaseModel):
    """A figure from outside: what a unit reports for a year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str = Field(min_length=1)
    level: Literal["province", "district", "commune"]
    year: int = Field(ge=2000, le=2100)
    indicator: str = Field(min_length=1)
    value: float = Field(ge=0)


class Target(BaseModel):
    """One target of a plan: the least percentage for a level in a year."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    indicator: str = "digitization_rate"
    level: Level
    year: int
    value: float = Field(ge=0, le=100)
    phrase: str = ""


class Plan(BaseModel):
    """A province's yearly plan as data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    note: str = ""
    targets: tuple[Target, ...]


class LevelProgress(BaseModel):
    """How far one level is: `rate` in percent with two decimals, None without a denominator."""

    model_config = ConfigDict(frozen=True)

    level: Level
    digitized: int
    resolved: int | None
    rate: float | None
    target: float | None
    gap_points: float | None
    """Rate minus target in percentage points; negative means behind."""


class Progress(BaseModel):
    """The progress against one plan in one year, per level, with the formula that was used."""

    model_config = ConfigDict(frozen=True)

    plan: str
    plan_name: str
    year: int
    formula: str
    levels: tuple[LevelProgress, ...]
    unassigned: int
    """Digitized dossiers whose unit the catalogue does not know: counted in no level."""
    without_dossier: int = 0
    """Archived papers that belong to no dossier: the plans count dossiers, not papers."""


def percentage(part: int, whole: float) -> float | None:
    """`part` of `whole` in percent, two decimals, half up; None when the whole is 0."""
    if whole <= 0:
        return None
    exact = Decimal(part) * 100 / Decimal(str(whole))
    return float(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def progress(
    plan: Plan,
    year: int,
    *,
    digitized: Mapping[str, int],
    figures: Iterable[Figure],
    unit_levels: Mapping[str, str],
    without_dossier: int = 0,
) -> Progress:
    """The progress of every level that the plan or the figures name.

    `digitized` counts dossiers per unit, `unit_levels` gives the level of each known unit.
    """
    resolved: dict[str, float] = {}
    for figure in figures:
        if figure.year == year and figure.indicator == DOSSIERS_RESOLVED:
            resolved[figure.level] = resolved.get(figure.level, 0) + figure.value
    done: dict[str, int] = {}
    for unit, count in digitized.items():
        level = unit_levels.get(unit, "")
        done[level] = done.get(level, 0) + count
    targets: dict[str, float] = {
        target.level: target.value
        for target in plan.targets
        if target.year == year and target.indicator == "digitization_rate"
    }
    levels = [name for name in LEVEL_NAMES if name in targets or name in resolved]
    return Progress(
        plan=plan.id,
        plan_name=plan.name,
        year=year,
        formula=FORMULA,
        levels=tuple(_level(name, done, resolved, targets) for name in levels),
        unassigned=done.get("", 0),
        without_dossier=without_dossier,
    )


def _level(
    name: Level,
    done: Mapping[str, int],
    resolved: Mapping[str, float],
    targets: Mapping[str, float],
) -> LevelProgress:
    count = sum(done.values()) if name == "all" else done.get(name, 0)
    whole = sum(resolved.values()) if name == "all" else resolved.get(name)
    rate = None if whole is None else percentage(count, whole)
    target = targets.get(name)
    return LevelProgress(
        level=name,
        digitized=count,
        resolved=None if whole is None else int(whole),
        rate=rate,
        target=target,
        gap_points=None if rate is None or target is None else round(rate - target, 2),
    )

"""A province's plan as data: statements of the text, and the targets that follow from them.

A statement (quy định) is one sentence of the plan: what it measures, against what, with which
words, where they stand. A target (chỉ tiêu) is one number of it: a level or area, a year, a due
date, the threshold in force. Targets derived from a yearly increment are `computed`.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Level = Literal["province", "district", "commune", "all"]
LEVEL_NAMES: dict[Level, str] = {
    "province": "Cấp tỉnh",
    "district": "Cấp huyện",
    "commune": "Cấp xã",
    "all": "Toàn tỉnh",
}
Rule = Literal["absolute", "points", "relative"]
Comparator = Literal["at_least", "more_than", "at_most"]
Measure = Literal["percent", "minutes", "dossiers_per_person_year"]
CAP_PERCENT = 100.0
MEASURE_SIGNS: dict[Measure, str] = {
    "percent": "%",
    "minutes": "phút",
    "dossiers_per_person_year": "hồ sơ/người/năm",
}
COMPARATOR_SIGNS: dict[Comparator, str] = {"at_least": "≥", "more_than": ">", "at_most": "≤"}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Exemption(_Frozen):
    """Whom a target spares: `excluded` from it, or held to less by `reduction`.

    `points`: percentage points less; `relative`: percent of the target less; `open`: the text
    allows both readings and the province decides.
    """

    scope: str
    effect: Literal["excluded", "points", "relative", "open"]
    reduction: float | None = None
    phrase: str
    source: str = ""


class Target(_Frozen):
    """One target: the threshold in force for an indicator, a level or area and a year."""

    indicator: str = "digitization_rate"
    level: Level
    area: str = ""
    """Where the text sets a figure for an area instead of a level: `rural`, `remote`, `centre`."""
    year: int = Field(ge=2000, le=2100)
    due: date | None = None
    """The last day of the year unless the text names an earlier one."""
    value: float = Field(ge=0)
    """The threshold in force, in the unit `measure`; percentages are capped at 100."""
    rule: Rule = "absolute"
    computed: bool = False
    """Derived from an increment, not printed in the text."""
    increment: float | None = None
    """Percentage points (`points`) or percent of the year before (`relative`) added each year."""
    by_increment: float | None = None
    """What the increment alone gives; less than `value` where an absolute target governs."""
    comparator: Comparator = "at_least"
    measure: Measure = "percent"
    counted: str = "dossier"
    denominator: str = "dossiers_resolved"
    conditions: tuple[str, ...] = ("digitized", "signed", "archived")
    """What the numerator demands of each unit counted: all of them."""
    exemptions: tuple[Exemption, ...] = ()
    phrase: str = ""
    source: str = ""
    """Plan text and line where the phrase begins: `003_hung-yen.txt:99`."""
    heading: str = ""
    """The indicator's name as the text has it, where the phrase is a line of a table below it."""
    heading_source: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _possible(self) -> Target:
        if self.measure == "percent" and self.value > CAP_PERCENT:
            raise ValueError(f"chỉ tiêu {self.value} % vượt quá 100 %")
        if self.computed and self.increment is None:
            raise ValueError("chỉ tiêu tính từ mức tăng phải nêu mức tăng")
        return self

    @property
    def deadline(self) -> date:
        """The due date."""
        return self.due or date(self.year, 12, 31)

    def met_by(self, value: float) -> bool:
        """Whether a value reaches the target."""
        if self.comparator == "at_most":
            return value <= self.value
        return value > self.value if self.comparator == "more_than" else value >= self.value


class Contradiction(_Frozen):
    """Something else that the text says or admits about a target; kept, not counted against."""

    indicator: str
    level: Level
    year: int
    value: float
    rule: Rule = "absolute"
    phrase: str
    source: str = ""
    note: str


class Report(_Frozen):
    """A report that the plan asks for: the words, and the date or the yearly month and day."""

    due: str
    last_day: date | None = None
    """The last day on time: "trước ngày 19" is the 18th."""
    recurring: str | None = Field(default=None, pattern=r"^\d{2}-\d{2}$")
    about: str
    apart: bool = False
    """About something else than the plan's figures: it sets no due date of their report."""
    phrase: str
    source: str = ""


class Reporting(_Frozen):
    """When the plan wants reports, and where in the periodic report the section stands."""

    periods: tuple[Literal["month", "quarter", "year"], ...] = ("month", "quarter", "year")
    place: str = ""
    phrase: str = ""
    source: str = ""
    note: str = ""
    reports: tuple[Report, ...] = ()


class Plan(_Frozen):
    """A province's plan as data."""

    id: str
    name: str
    authority: str = ""
    province: str | None = None
    """The province's electronic identifier at the time of the plan; None where it is not known."""
    document: str = ""
    first_year: int | None = None
    last_year: int | None = None
    note: str = ""
    targets: tuple[Target, ...]
    contradictions: tuple[Contradiction, ...] = ()
    reporting: Reporting = Reporting()

    @model_validator(mode="after")
    def _consistent(self) -> Plan:
        _one_row_each(self.targets)
        _increments_add_up(self.targets)
        return self

    def of_year(self, year: int, indicator: str | None = None) -> tuple[Target, ...]:
        """The targets of a year, of one indicator if named."""
        return tuple(
            target
            for target in self.targets
            if target.year == year and indicator in {None, target.indicator}
        )


def raised(previous: float, increment: float, rule: Rule, cap: float = CAP_PERCENT) -> float:
    """The next year's threshold: `previous` plus points, or plus percent of itself; never over cap.

    "+20 %" on 30 gives 50 as percentage points and 36 relative to the year before.
    """
    before, more = Decimal(str(previous)), Decimal(str(increment))
    value = before * (100 + more) / 100 if rule == "relative" else before + more
    return float(min(value, Decimal(str(cap))))


def _one_row_each(targets: tuple[Target, ...]) -> None:
    seen: set[tuple[str, str, str, int]] = set()
    for target in targets:
        key = (target.indicator, target.level, target.area, target.year)
        if key in seen:
            raise ValueError(
                f"chỉ tiêu «{target.indicator}», {target.level} {target.area}, năm {target.year} "
                "được nêu hai lần"
            )
        seen.add(key)


def _increments_add_up(targets: tuple[Target, ...]) -> None:
    """Every computed row is the year before plus its increment, or more where another governs."""
    rows = {(row.indicator, row.level, row.area, row.year): row for row in targets}
    for row in targets:
        if not row.computed or row.increment is None:
            continue
        before = rows.get((row.indicator, row.level, row.area, row.year - 1))
        if before is None:
            raise ValueError(
                f"«{row.indicator}», {row.level}, năm {row.year}: không có chỉ tiêu năm trước "
                "để cộng mức tăng"
            )
        base = before.by_increment if before.by_increment is not None else before.value
        expected = raised(base, row.increment, row.rule)
        stated = row.by_increment if row.by_increment is not None else row.value
        if abs(stated - expected) > 0.005 or row.value < stated:  # noqa: PLR2004 - half a hundredth
            raise ValueError(
                f"«{row.indicator}», {row.level}, năm {row.year}: {base} tăng {row.increment} "
                f"({row.rule}) là {expected}, không phải {stated}"
            )

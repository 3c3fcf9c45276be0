"""Figures from outside, for the months that a view covers: a part of a year is not the year."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, RowMapping, select

from domain.catalogue import Catalogue
from domain.lot import first_fault
from domain.outside import Figure
from domain.period import Counting, Period, View, period
from domain.plan_terms import MEANS, STOCKS
from storage.registry.schema import figures

LOG = logging.getLogger("sohoa.figures")
WHOLE_YEAR = 0
_STANDING = STOCKS | {"one_stop_staff"}


class Told(NamedTuple):
    """A figure as it counts in a view: of a unit, or of a whole level that the unit states."""

    unit: str
    level: str
    value: float


class ToldFigures:
    """All figures of one installation in one transaction; a year is read once."""

    def __init__(self, db: Connection, catalogue: Catalogue, rules: Counting) -> None:
        self._db = db
        self._catalogue = catalogue
        self._rules = rules
        self._years: dict[int, list[Figure]] = {}

    def of(self, indicator: str, view: View) -> list[Told]:
        """Each unit's figure for the view, in the order of units.

        Where months are told they are added up (means are weighted alike, stocks are the last
        one); else the year's figure, where the view is the unit's whole share of the year.
        """
        months = self._months(view)
        rows: dict[tuple[str, str], dict[int, float]] = {}
        for figure in self._of_year(view.last.year):
            if figure.indicator == indicator:
                rows.setdefault((figure.unit, figure.level), {})[figure.month] = figure.value
        told = []
        for (unit, level), by_month in sorted(rows.items()):
            if not self._exists(unit, view):
                continue
            whole = by_month.get(WHOLE_YEAR)
            parts = [by_month[month] for month in months if month in by_month]
            if whole is not None and (indicator in _STANDING or self._is_all(unit, view)):
                told.append(Told(unit, level, whole))
            elif parts:
                told.append(Told(unit, level, _together(indicator, parts)))
        return told

    def ahead(self, indicator: str, view: View) -> bool:
        """Whether every unit that tells a figure tells the whole year's, and the view is all of it.

        Then a running year's figure is what is expected of it, not what came so far.
        """
        told: dict[tuple[str, str], set[int]] = {}
        for figure in self._of_year(view.last.year):
            if figure.indicator == indicator:
                told.setdefault((figure.unit, figure.level), set()).add(figure.month)
        return bool(told) and all(
            WHOLE_YEAR in months and self._is_all(unit, view) for (unit, _), months in told.items()
        )

    def missing_months(self, indicator: str, view: View, today: date) -> int:
        """How many ended months of the view some unit that tells months has not told."""
        months = {month for month, span in self._months(view).items() if span.last < today}
        by_unit: dict[str, set[int]] = {}
        for figure in self._of_year(view.last.year):
            if figure.indicator == indicator:
                by_unit.setdefault(figure.unit, set()).add(figure.month)
        return max(
            (len(months - told) for told in by_unit.values() if WHOLE_YEAR not in told), default=0
        )

    def _exists(self, unit_id: str, view: View) -> bool:
        unit = self._catalogue.unit(unit_id)
        return unit is None or unit.exists_on(view.first) or unit.exists_on(view.last)

    def _is_all(self, unit_id: str, view: View) -> bool:
        """Whether the view holds every day of the year on which the unit existed."""
        year = period("year", view.last.year, 1, self._rules)
        unit = self._catalogue.unit(unit_id)
        first = max(year.first, unit.valid_from) if unit and unit.valid_from else year.first
        last = min(year.last, unit.valid_until) if unit and unit.valid_until else year.last
        return view.first <= first and last <= view.last

    def _months(self, view: View) -> dict[int, Period]:
        spans = {m: period("month", view.last.year, m, self._rules) for m in range(1, 13)}
        return {
            month: span
            for month, span in spans.items()
            if view.first <= span.first and span.last <= view.last
        }

    def _of_year(self, year: int) -> list[Figure]:
        if year not in self._years:
            query = select(figures).where(figures.c.year == year)
            rows = [_as_told(row) for row in self._db.execute(query).mappings()]
            self._years[year] = [figure for figure in rows if figure is not None]
        return self._years[year]


def _as_told(row: RowMapping) -> Figure | None:
    """A stored figure; None, said in the log, for one that today's rules would not take in."""
    try:
        return Figure.model_validate(dict(row))
    except ValidationError as error:
        LOG.warning(
            "không tính số liệu «%s» năm %d tháng %d của %s, nhập lại: %s",
            row["indicator"],
            row["year"],
            row["month"],
            row["unit"],
            first_fault(error),
        )
        return None


def _together(indicator: str, parts: Iterable[float]) -> float:
    values = list(parts)
    if indicator in _STANDING:
        return values[-1]
    return sum(values) / len(values) if indicator in MEANS else sum(values)

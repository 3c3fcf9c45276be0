"""Indicators: an indicator's counts per unit, from row-level data where there is any."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, select

from domain.catalogue import Catalogue
from domain.indicators import PAPER_CONDITIONS, Formula, UnitCount, value_of
from domain.outside import Figure
from domain.period import View
from domain.plan import Target
from domain.progress import Month
from storage.registry import counting
from storage.registry.schema import figures
from tasks.house import VIETNAM, House

_MEANS = {"waiting_minutes": "visits", "handling_minutes": "dossiers_received"}
_BEGINNING = datetime(1900, 1, 1, tzinfo=VIETNAM)


class Counter:
    """Counts of one installation in one transaction; figures of a year are read once."""

    def __init__(self, here: House, db: Connection) -> None:
        self._catalogue: Catalogue = here.catalogue
        self._db = db
        self._figures: dict[int, list[Figure]] = {}
        self._rows: dict[str, bool] = {}

    def counts(self, formula: Formula, view: View) -> list[UnitCount]:
        """What every unit has reached in the view, by its competent unit and field.

        Row-level data first; aggregate figures for the units of which no row is known.
        """
        wanted = counting.DOSSIERS | counting.RESULTS
        rows: list[UnitCount] = []
        if formula.basis in wanted and self._has_rows(formula.basis):
            span = counting.Span(view.first, view.last, _end(view.last))
            made = counting.cells(
                self._db, formula.basis, span, formula.conditions, formula.paper_rule
            )
            rows = [self._unit_count(cell, view) for cell in made]
        told = self._from_figures(formula, view)
        known = {row.unit for row in rows}
        return [*rows, *(row for row in told if row.unit not in known)]

    def of_target(self, target: Target, counts: Iterable[UnitCount]) -> list[UnitCount]:
        """The counts that belong to a target: its level, its area, without whom it spares."""
        spared = {e.scope for e in target.exemptions if e.effect == "excluded"}
        return [
            row
            for row in counts
            if (row.level == target.level or (target.level == "all" and row.level))
            and (not target.area or self._in_area(row.unit, target.area))
            and not ("remote_communes" in spared and self._remote(row.unit))
        ]

    def trend(self, formula: Formula, target: Target, view: View, today: date) -> list[Month]:
        """Month by month what was reached; empty where no row-level data is known."""
        if formula.basis not in counting.DOSSIERS or not self._has_rows(formula.basis):
            return []
        months = []
        first = view.first.replace(day=1)
        while first <= min(view.last, today):
            last = first.replace(day=monthrange(first.year, first.month)[1])
            part = view.model_copy(
                update={"first": max(first, view.first), "last": min(last, view.last)}
            )
            rows = [row for row in self.counts(formula, part) if row.source == "rows"]
            mine = self.of_target(target, rows)
            top = sum(row.numerator or 0 for row in mine)
            whole = sum(row.denominator or 0 for row in mine)
            months.append(
                Month(
                    month=f"{first:%Y-%m}",
                    numerator=top,
                    denominator=whole,
                    value=value_of(formula, top, whole),
                )
            )
            first = last + timedelta(days=1)
        return months

    # -- rows ---------------------------------------------------------------------

    def _unit_count(self, cell: counting.Cell, view: View) -> UnitCount:
        unit, level = self._place(cell.unit, view)
        return UnitCount(
            unit=unit,
            level=level,
            field=cell.field,
            numerator=cell.met,
            denominator=cell.total,
            source="rows",
        )

    def _place(self, unit_id: str, view: View) -> tuple[str, str]:
        """The unit and level under which a count stands: in two levels that of the successor."""
        unit = self._catalogue.unit(unit_id)
        if unit is None:
            return unit_id, ""
        if view.id == "two_levels":
            heirs = self._catalogue.units_on(unit_id, view.last)
            if len(heirs) == 1:
                return heirs[0].id, heirs[0].level
        return unit.id, unit.level if unit.level in view.levels else ""

    def _remote(self, unit_id: str) -> bool:
        unit = self._catalogue.unit(unit_id)
        return bool(unit and unit.remote)

    def _in_area(self, unit_id: str, area: str) -> bool:
        unit = self._catalogue.unit(unit_id)
        if unit is None:
            return False
        if area == "centre":
            return unit.level == "province"
        return unit.remote if area == "remote" else unit.level != "province" and not unit.remote

    def _has_rows(self, basis: str) -> bool:
        if basis not in self._rows:
            self._rows[basis] = counting.has_rows(self._db, basis)
        return self._rows[basis]

    # -- figures ------------------------------------------------------------------

    def _from_figures(self, formula: Formula, view: View) -> list[UnitCount]:
        told = self._of_year(view.last.year)
        if formula.indicator in _MEANS:
            return self._means(formula, told, view)
        wholes = {f.unit: f for f in told if f.indicator == formula.basis}
        if not wholes and formula.basis in counting.DOSSIERS | {"results_within_competence"}:
            wholes = {f.unit: f for f in told if f.indicator == "dossiers_resolved"}
        tops = self._numerators(formula, told, view)
        placed = []
        for unit in sorted({*wholes, *tops}):
            name, level = self._place(unit, view)
            figure = wholes.get(unit)
            placed.append(
                UnitCount(
                    unit=name,
                    level=level or (figure.level if figure and figure.level in view.levels else ""),
                    numerator=tops.get(unit, 0 if figure else None),
                    denominator=figure.value if figure else None,
                    source="figures" if figure else "none",
                )
            )
        return placed

    def _numerators(self, formula: Formula, told: list[Figure], view: View) -> dict[str, float]:
        name = f"{formula.indicator}.numerator"
        given = {f.unit: f.value for f in told if f.indicator == name}
        if given or formula.measure != "percent":
            basis = "dossiers_received" if formula.indicator == "productivity" else name
            return {f.unit: f.value for f in told if f.indicator == basis}
        since = datetime.combine(view.first, time(), VIETNAM)
        span = counting.Span(view.first, view.last, _end(view.last))
        if formula.indicator == "rollout_rate":
            archived = counting.loose_dossiers(self._db, span, ("archived",), _BEGINNING)
            return dict.fromkeys(archived, 1.0)
        if not set(formula.conditions) <= PAPER_CONDITIONS:
            return {}
        found = counting.loose_dossiers(self._db, span, formula.conditions, since)
        return {unit: float(count) for unit, count in found.items()}

    def _means(self, formula: Formula, told: list[Figure], view: View) -> list[UnitCount]:
        """Means that units report, weighted by what they are means of where that is known."""
        weights = {f.unit: f.value for f in told if f.indicator == _MEANS[formula.indicator]}
        rows = []
        for figure in told:
            if figure.indicator == formula.indicator:
                weight = weights.get(figure.unit, 1.0)
                name, level = self._place(figure.unit, view)
                rows.append(
                    UnitCount(
                        unit=name,
                        level=level or figure.level,
                        numerator=figure.value * weight,
                        denominator=weight,
                        source="figures",
                    )
                )
        return rows

    def _of_year(self, year: int) -> list[Figure]:
        if year not in self._figures:
            query = select(figures).where(figures.c.year == year)
            self._figures[year] = [
                Figure.model_validate(dict(row)) for row in self._db.execute(query).mappings()
            ]
        return self._figures[year]


def _end(last: date) -> datetime:
    """The first moment after a day."""
    return datetime.combine(last + timedelta(days=1), time(), VIETNAM)

"""Indicators: an indicator's counts per unit, from row-level data where there is any."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from domain.forecast import Month
from domain.indicators import Formula, UnitCount, total, value_of
from domain.period import View
from domain.plan import Target
from domain.plan_terms import STOCKS
from storage.registry import counting
from storage.registry.rollups import Question
from tasks.house import House
from tasks.kept_counts import answered
from tasks.known_counts import Known, end_of, known
from tasks.places import Places
from tasks.told_counts import told_counts
from tasks.told_figures import ToldFigures


class Counter:
    """Counts of one installation in one transaction."""

    def __init__(self, here: House, db: Connection) -> None:
        self._places = Places(here.catalogue)
        self._db = db
        self._told = ToldFigures(db, here.catalogue, here.settings.counting)
        self._rows: dict[str, bool] = {}
        self._eves: dict[tuple[Formula, date], list[UnitCount]] = {}
        self._of_months: dict[tuple[Formula, date, date, datetime], list[UnitCount]] = {}

    def counts(self, formula: Formula, view: View) -> list[UnitCount]:
        """What every unit has reached in the view, by its competent unit and field.

        Row-level data first; aggregate figures for the units of which no row is known.
        """
        rows = self._from_rows(formula, view, end_of(view.last))
        beyond = told_counts(
            self._told, self._places, formula, view, rows, lambda: self._known(formula, view)
        )
        return [*rows, *beyond]

    def of_target(self, target: Target, counts: Iterable[UnitCount]) -> list[UnitCount]:
        """The counts that belong to a target: its level, its area, without whom it spares."""
        spared = {e.scope for e in target.exemptions if e.effect == "excluded"}
        return [
            row
            for row in counts
            if (row.level == target.level or (target.level == "all" and row.level))
            and (not target.area or self._places.in_area(row.unit, target.area))
            and not ("remote_communes" in spared and self._places.is_remote(row.unit))
            and not ("units_receiving_fewer" in spared and (row.numerator or 0) < target.value)
        ]

    def persons(
        self, formula: Formula, counts: Iterable[UnitCount], view: View
    ) -> tuple[float, float] | None:
        """Persons of all these counts' units together: each once, at however many units.

        None for what is no count of persons, or not of rows alone: those counts add up.
        """
        mine = list(counts)
        if formula.basis not in counting.PERSONS or {row.source for row in mine} != {"rows"}:
            return None
        span = counting.Span(view.first, view.last, end_of(view.last))
        units = {row.unit for row in mine}
        came = counting.units(self._db, formula.basis, span)
        former = [unit for unit in came if self._places.of(unit, view).unit in units]
        question = (formula.basis, span, formula.conditions, formula.paper_rule)
        made = counting.persons(self._db, *question, former)
        return float(made.met), float(made.total)

    def untold_months(self, formula: Formula, view: View, today: date) -> int:
        """How many months of the view that have ended the denominator's figures leave out."""
        return self._told.missing_months(formula.basis, view, today)

    def ahead(self, formula: Formula, view: View) -> bool:
        """Whether the denominator is told for the whole of a running year."""
        return self._told.ahead(formula.basis, view)

    def before(self, formula: Formula, target: Target, view: View) -> float | None:
        """What a stock had reached when the view began; None where nothing tells it."""
        if formula.basis not in STOCKS:
            return None
        eve = view.first - timedelta(days=1)
        day = view.model_copy(update={"first": eve, "last": eve})
        if (formula, eve) not in self._eves:
            self._eves[formula, eve] = self.counts(formula, day)
        top, _ = total(self.of_target(target, self._eves[formula, eve]))
        return 0.0 if top is None and self._known(formula, day) is not None else top

    def trend(self, formula: Formula, target: Target, view: View, today: date) -> list[Month]:
        """What fell into each month, and what of it is reached by the view's end.

        Empty where no row-level data is known. The months add up to the view.
        """
        if formula.basis not in counting.DOSSIERS - counting.PERSONS:  # those do not add up
            return []
        if not self._has_rows(formula.basis):
            return []
        months = []
        first = view.first.replace(day=1)
        while first <= min(view.last, today):
            last = first.replace(day=monthrange(first.year, first.month)[1])
            part = view.model_copy(
                update={"first": max(first, view.first), "last": min(last, view.last)}
            )
            mine = self.of_target(target, self._of_month(formula, part, end_of(view.last)))
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

    def _of_month(self, formula: Formula, part: View, until: datetime) -> list[UnitCount]:
        """A month of a trend, counted once for all targets of the report."""
        asked = (formula, part.first, part.last, until)
        if asked not in self._of_months:
            self._of_months[asked] = self._from_rows(formula, part, until)
        return self._of_months[asked]

    # -- rows ---------------------------------------------------------------------

    def _from_rows(self, formula: Formula, view: View, until: datetime) -> list[UnitCount]:
        """Rows that fell into the view, with what papers and facts before `until` say of them."""
        known = formula.basis in counting.DOSSIERS | counting.RESULTS
        if not known or not self._has_rows(formula.basis):
            return []
        span = counting.Span(view.first, view.last, until)
        question = Question(formula.basis, span, formula.conditions, formula.paper_rule)
        made = answered(self._db, question)
        return [self._unit_count(cell, view) for cell in made]

    def _unit_count(self, cell: counting.Cell, view: View) -> UnitCount:
        unit, level = self._places.of(cell.unit, view)
        return UnitCount(
            unit=unit,
            level=level,
            field=cell.field,
            numerator=cell.met,
            denominator=cell.total,
            source="rows",
        )

    def _known(self, formula: Formula, view: View) -> Known | None:
        return known(self._db, self._places, formula, view)

    def _has_rows(self, basis: str) -> bool:
        if basis not in self._rows:
            self._rows[basis] = counting.has_rows(self._db, basis)
        return self._rows[basis]

"""Indicators: an indicator's counts per unit, from row-level data where there is any."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from domain.catalogue import Catalogue
from domain.forecast import Month
from domain.indicators import PAPER_CONDITIONS, Formula, UnitCount, total, value_of
from domain.period import View
from domain.plan import Target
from domain.plan_terms import MEANS, STOCKS
from storage.registry import counting, evidence, rollups
from storage.registry.rollups import Question
from tasks.house import VIETNAM, House
from tasks.kept_counts import answered
from tasks.told_figures import Told, ToldFigures

_RESOLVED_INSTEAD = (counting.DOSSIERS - counting.PERSONS) | {"results_within_competence"}
"""Denominators for which dossiers resolved stand in where nothing else was told."""
_BEGINNING = datetime(1900, 1, 1, tzinfo=VIETNAM)


class Counter:
    """Counts of one installation in one transaction."""

    def __init__(self, here: House, db: Connection) -> None:
        self._catalogue: Catalogue = here.catalogue
        self._db = db
        self._told = ToldFigures(db, here.catalogue, here.settings.counting)
        self._rows: dict[str, bool] = {}
        self._eves: dict[tuple[Formula, date], list[UnitCount]] = {}
        self._of_months: dict[tuple[Formula, date, date, datetime], list[UnitCount]] = {}
        self._reusing: dict[str, set[str]] = {}

    def counts(self, formula: Formula, view: View) -> list[UnitCount]:
        """What every unit has reached in the view, by its competent unit and field.

        Row-level data first; aggregate figures for the units of which no row is known.
        """
        rows = self._from_rows(formula, view, _end(view.last))
        return [*rows, *self._from_figures(formula, view, rows)]

    def of_target(self, target: Target, counts: Iterable[UnitCount]) -> list[UnitCount]:
        """The counts that belong to a target: its level, its area, without whom it spares."""
        spared = {e.scope for e in target.exemptions if e.effect == "excluded"}
        return [
            row
            for row in counts
            if (row.level == target.level or (target.level == "all" and row.level))
            and (not target.area or self._in_area(row.unit, target.area))
            and not ("remote_communes" in spared and self._remote(row.unit))
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
        span = counting.Span(view.first, view.last, _end(view.last))
        units = {row.unit for row in mine}
        came = counting.units(self._db, formula.basis, span)
        former = [unit for unit in came if self._place(unit, view)[0] in units]
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
            mine = self.of_target(target, self._of_month(formula, part, _end(view.last)))
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
        """The unit and level under which a count stands: in two levels that of the one successor.

        One-stop systems go on using codes of before the change.
        """
        unit = self._catalogue.unit(unit_id)
        if unit is None:
            return unit_id, ""
        if "district" not in view.levels:
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

    def _from_figures(self, formula: Formula, view: View, rows: list[UnitCount]) -> list[UnitCount]:
        """What figures tell beyond the rows.

        Of a level told as a whole: what no row and no unit of the level tells by itself.
        """
        if formula.indicator in MEANS:
            return self._means(formula, view)
        wholes = self._told.of(formula.basis, view)
        if not wholes and formula.basis in _RESOLVED_INSTEAD:
            wholes = self._told.of("dossiers_resolved", view)
        tops = {(t.unit, t.level): t.value for t in self._told.of(_numerator(formula), view)}
        known = None if tops else self._known(formula, view)
        own = {whole.unit for whole in wholes if self._is_own(whole)}
        counted = {row.unit for row in rows}
        counts: list[UnitCount] = []
        for whole in sorted(wholes, key=self._is_own, reverse=True):
            name, level = self._told_place(whole, view)
            if self._is_own(whole) and name in counted:
                continue
            top, value = tops.get((whole.unit, whole.level)), whole.value
            inside = [r for r in (*rows, *counts) if self._within(r, whole, level, wholes)]
            if inside:
                value = max(0, value - sum(row.denominator or 0 for row in inside))
                top = top and max(0, top - sum(row.numerator or 0 for row in inside))
            if known is not None:
                mine = self._members(whole, wholes, known, own, formula.basis)
                top = self._together(formula, {unit: known.pop(unit) for unit in mine})
            counts.append(_told_count(name, level, top, value))
        for unit, done in sorted((known or {}).items()):
            if (place := self._place(unit, view))[0] not in counted:
                counts.append(_told_count(*place, done, None))
        return counts

    def _together(self, formula: Formula, known: Mapping[str, float]) -> float:
        """What the registry knows of several units; a person who was at two of them is one."""
        if formula.basis not in counting.PERSONS:
            return sum(known.values())
        return float(len(set().union(*(self._reusing.get(unit, set()) for unit in known))))

    def _within(self, row: UnitCount, whole: Told, level: str, wholes: list[Told]) -> bool:
        """Whether a unit's own count is part of a figure that another unit tells for its level."""
        if self._is_own(whole) or row.level != level:
            return False
        unit = self._catalogue.unit(row.unit)
        return self._rivals(whole, wholes) == 1 or bool(unit and unit.parent == whole.unit)

    def _rivals(self, whole: Told, wholes: list[Told]) -> int:
        """How many units tell a figure for this level, each for its own part of it."""
        return sum(other.level == whole.level and not self._is_own(other) for other in wholes)

    def _members(
        self, whole: Told, wholes: list[Told], known: Mapping[str, float], own: set[str], basis: str
    ) -> list[str]:
        """The units whose numerators belong to a figure: the unit itself, or a level that it tells.

        Persons are told for a province as a whole, whatever the units where they were.
        """
        if self._is_own(whole):
            alone = basis in counting.PERSONS and len(wholes) == 1
            return [unit for unit in known if alone or unit == whole.unit]
        rivals = self._rivals(whole, wholes)
        return [
            unit_id
            for unit_id in known
            if unit_id not in own
            and (unit := self._catalogue.unit(unit_id)) is not None
            and unit.level == whole.level
            and (rivals == 1 or unit.parent == whole.unit)
        ]

    def _is_own(self, told: Told) -> bool:
        unit = self._catalogue.unit(told.unit)
        return unit is None or unit.level == told.level

    def _told_place(self, told: Told, view: View) -> tuple[str, str]:
        name, level = self._place(told.unit, view)
        if level and self._is_own(told):
            return name, level
        return name, told.level if told.level in view.levels else ""

    def _known(self, formula: Formula, view: View) -> dict[str, float] | None:
        """Numerators that the registry knows without imported rows; None: it cannot know them."""
        since, until = datetime.combine(view.first, time(), VIETNAM), _end(view.last)
        span = counting.Span(view.first, view.last, until)
        found: Mapping[str, int] | None = None
        if formula.indicator == "productivity":
            found = counting.received_at(self._db, span) or None
        elif formula.indicator == "rollout_rate":
            found = self._once(evidence.running_units(self._db, until), view)
        elif formula.indicator == "certified_copy_offering_rate":
            found = self._once(evidence.copies(self._db, _BEGINNING, until), view)
        elif formula.indicator == "certified_copy_rate":
            found = evidence.copies(self._db, since, until)
        elif formula.basis in counting.PERSONS and set(formula.conditions) <= {"not_asked_again"}:
            self._reusing = evidence.persons_reusing(self._db, since, until)
            found = {unit: len(owners) for unit, owners in self._reusing.items()}
        elif set(formula.conditions) <= PAPER_CONDITIONS:
            found = rollups.loose_dossiers(self._db, span, formula.conditions, since)
        elif len(formula.conditions) == 1:
            for proof in evidence.proofs(formula.conditions, until).values():
                if evidence.any_proof(self._db, proof):
                    found = evidence.loose(self._db, proof, view.first, view.last)
        return None if found is None else {unit: float(count) for unit, count in found.items()}

    def _once(self, units: Iterable[str], view: View) -> dict[str, int]:
        """1 for each unit of the view, however many former ones it goes back to."""
        return dict.fromkeys((self._place(unit, view)[0] for unit in units), 1)

    def _means(self, formula: Formula, view: View) -> list[UnitCount]:
        """Means that units report, weighted by what they are means of where that is known."""
        weights = {
            (t.unit, t.level): t.value for t in self._told.of(MEANS[formula.indicator], view)
        }
        counts = []
        for told in self._told.of(formula.indicator, view):
            weight = weights.get((told.unit, told.level), 1.0)
            place = self._told_place(told, view)
            counts.append(_told_count(*place, told.value * weight, weight))
        return counts


def _numerator(formula: Formula) -> str:
    """The figure that tells the numerator."""
    if formula.indicator == "productivity":
        return "dossiers_received"
    return f"{formula.indicator}.numerator"


def _told_count(unit: str, level: str, top: float | None, whole: float | None) -> UnitCount:
    return UnitCount(
        unit=unit,
        level=level,
        numerator=top,
        denominator=whole,
        source="none" if whole is None else "figures",
    )


def _end(last: date) -> datetime:
    """The first moment after a day."""
    return datetime.combine(last + timedelta(days=1), time(), VIETNAM)

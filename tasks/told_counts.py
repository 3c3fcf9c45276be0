"""Counts from figures that were told: what they say beyond the rows, and nothing twice.

A figure is a unit's own, or one that a unit tells for a whole level (a province for its
communes). What rows or a unit's own figure count already is taken off the level's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from domain.indicators import Formula, UnitCount
from domain.period import View
from domain.plan_terms import MEANS
from storage.registry import counting
from tasks.known_counts import Known
from tasks.places import Place, Places
from tasks.told_figures import Told, ToldFigures

_RESOLVED_INSTEAD = (counting.DOSSIERS - counting.PERSONS) | {"results_within_competence"}
"""Denominators for which dossiers resolved stand in where nothing else was told."""


def told_counts(
    told: ToldFigures,
    places: Places,
    formula: Formula,
    view: View,
    rows: list[UnitCount],
    known: Callable[[], Known | None],
) -> list[UnitCount]:
    """What figures tell of a formula beyond the rows.

    Numerators are the told ones; where none is, what is `known` without rows.
    """
    if formula.indicator in MEANS:
        return _means(told, places, formula, view)
    denominators = told.of(formula.basis, view)
    if not denominators and formula.basis in _RESOLVED_INSTEAD:
        denominators = told.of("dossiers_resolved", view)
    numerators = {(t.unit, t.level): t.value for t in told.of(_numerator(formula), view)}
    own_numerators = None if numerators else known()
    wholes = _Wholes(denominators, places, formula)
    counted = {row.unit for row in rows}
    counts: list[UnitCount] = []
    for whole in wholes.own_first():
        place = places.of_figure(whole, view)
        if places.is_own(whole) and place.unit in counted:
            continue
        top, value = numerators.get((whole.unit, whole.level)), whole.value
        inside = [row for row in (*rows, *counts) if wholes.holds(whole, place, row)]
        if inside:
            value = max(0, value - sum(row.denominator or 0 for row in inside))
            top = top and max(0, top - sum(row.numerator or 0 for row in inside))
        if own_numerators is not None:
            top = own_numerators.take(wholes.members(whole, own_numerators.counts))
        counts.append(_count(place, top, value))
    for unit, done in sorted(own_numerators.counts.items() if own_numerators else ()):
        if (place := places.of(unit, view)).unit not in counted:
            counts.append(_count(place, done, None))
    return counts


class _Wholes:
    """The figures told for one denominator, and who is part of which."""

    def __init__(self, told: list[Told], places: Places, formula: Formula) -> None:
        self._told = told
        self._places = places
        self._of_persons = formula.basis in counting.PERSONS
        self._own = {whole.unit for whole in told if places.is_own(whole)}

    def own_first(self) -> list[Told]:
        """Units' own figures, then those of whole levels, from which they are taken off."""
        return sorted(self._told, key=self._places.is_own, reverse=True)

    def holds(self, whole: Told, place: Place, row: UnitCount) -> bool:
        """Whether a unit's own count is part of a figure that another unit tells for its level."""
        if self._places.is_own(whole) or row.level != place.level:
            return False
        return self._alone(whole) or self._places.is_below(row.unit, whole.unit)

    def members(self, whole: Told, units: Iterable[str]) -> list[str]:
        """Which units' numerators belong to a figure: the unit itself, or a level that it tells.

        Persons are told for a province as a whole, whatever the units where they were.
        """
        if self._places.is_own(whole):
            everybody = self._of_persons and len(self._told) == 1
            return [unit for unit in units if everybody or unit == whole.unit]
        return [
            unit
            for unit in units
            if unit not in self._own
            and self._places.is_at(unit, whole.level)
            and (self._alone(whole) or self._places.is_below(unit, whole.unit))
        ]

    def _alone(self, whole: Told) -> bool:
        """Whether one unit alone tells this level; else each tells it for its own part."""
        level = [t for t in self._told if t.level == whole.level and not self._places.is_own(t)]
        return len(level) == 1


def _means(told: ToldFigures, places: Places, formula: Formula, view: View) -> list[UnitCount]:
    """Means that units report, weighted by what they are means of where that is known."""
    of_what = told.of(MEANS[formula.indicator], view)
    weights = {(weight.unit, weight.level): weight.value for weight in of_what}
    counts = []
    for mean in told.of(formula.indicator, view):
        weight = weights.get((mean.unit, mean.level), 1.0)
        counts.append(_count(places.of_figure(mean, view), mean.value * weight, weight))
    return counts


def _numerator(formula: Formula) -> str:
    """The figure that tells the numerator."""
    if formula.indicator == "productivity":
        return "dossiers_received"
    return f"{formula.indicator}.numerator"


def _count(place: Place, top: float | None, whole: float | None) -> UnitCount:
    return UnitCount(
        unit=place.unit,
        level=place.level,
        numerator=top,
        denominator=whole,
        source="none" if whole is None else "figures",
    )

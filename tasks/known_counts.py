"""Numerators that the registry knows by itself, of dossiers that nobody imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from domain.indicators import PAPER_CONDITIONS, Formula
from domain.period import View
from storage.registry import counting, evidence, rollups
from tasks.house import VIETNAM
from tasks.places import Places

_BEGINNING = datetime(1900, 1, 1, tzinfo=VIETNAM)


@dataclass
class Known:
    """What is known per unit; a unit is taken once."""

    counts: dict[str, float]
    persons: Mapping[str, set[str]] = field(default_factory=dict)
    """Of counts of persons: who they are (hashes), for one may have been at several units."""

    def take(self, units: Iterable[str]) -> float:
        """What these units have together, each person once; the units are spoken for from now."""
        mine = list(units)
        together = sum(self.counts.pop(unit) for unit in mine)
        if not self.persons:
            return together
        return float(len(set().union(*(self.persons[unit] for unit in mine))))


def known(db: Connection, places: Places, formula: Formula, view: View) -> Known | None:
    """What the registry knows of a formula's numerator in a view; None: it cannot know it."""
    since, until = datetime.combine(view.first, time(), VIETNAM), end_of(view.last)
    if formula.basis in counting.PERSONS:
        return _persons(db, formula, since, until)
    found = _found(db, places, formula, view, since, until)
    return None if found is None else Known({unit: float(n) for unit, n in found.items()})


def _persons(db: Connection, formula: Formula, since: datetime, until: datetime) -> Known | None:
    if not set(formula.conditions) <= {"not_asked_again"}:
        return None  # of whom else the papers are, the registry does not know
    owners = evidence.persons_reusing(db, since, until)
    return Known({unit: float(len(of_unit)) for unit, of_unit in owners.items()}, owners)


def _found(
    db: Connection,
    places: Places,
    formula: Formula,
    view: View,
    since: datetime,
    until: datetime,
) -> Mapping[str, int] | None:
    span = counting.Span(view.first, view.last, until)
    if formula.indicator == "productivity":
        return counting.received_at(db, span) or None
    if formula.indicator == "rollout_rate":
        return _once(places, evidence.running_units(db, until), view)
    if formula.indicator == "certified_copy_offering_rate":
        return _once(places, evidence.copies(db, _BEGINNING, until), view)
    if formula.indicator == "certified_copy_rate":
        return evidence.copies(db, since, until)
    return _by_conditions(db, formula, span, since, until)


def _by_conditions(
    db: Connection, formula: Formula, span: counting.Span, since: datetime, until: datetime
) -> Mapping[str, int] | None:
    if set(formula.conditions) <= PAPER_CONDITIONS:
        return rollups.loose_dossiers(db, span, formula.conditions, since)
    if len(formula.conditions) == 1:
        for proof in evidence.proofs(formula.conditions, until).values():
            if evidence.any_proof(db, proof):
                return evidence.loose(db, proof, span.first, span.last)
    return None


def _once(places: Places, units: Iterable[str], view: View) -> dict[str, int]:
    """1 for each unit of the view, however many former ones it goes back to."""
    return dict.fromkeys((places.of(unit, view).unit for unit in units), 1)


def end_of(last: date) -> datetime:
    """The first moment after a day."""
    return datetime.combine(last + timedelta(days=1), time(), VIETNAM)

"""Where a unit's counts stand in a view: under which unit, at which level, in which area."""

from __future__ import annotations

from typing import NamedTuple

from domain.catalogue import Catalogue
from domain.period import View
from tasks.told_figures import Told


class Place(NamedTuple):
    """The unit and level under which a count stands; no level where the view has no such one."""

    unit: str
    level: str


class Places:
    """The places of an installation's units."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def of(self, unit_id: str, view: View) -> Place:
        """A unit's place: in two levels that of its one successor.

        One-stop systems go on using codes of before the change.
        """
        unit = self._catalogue.unit(unit_id)
        if unit is None:
            return Place(unit_id, "")
        if "district" not in view.levels:
            heirs = self._catalogue.units_on(unit_id, view.last)
            if len(heirs) == 1:
                return Place(heirs[0].id, heirs[0].level)
        return Place(unit.id, unit.level if unit.level in view.levels else "")

    def of_figure(self, told: Told, view: View) -> Place:
        """The place of a figure: its unit's, or that of the level for which the unit tells it."""
        name, level = self.of(told.unit, view)
        if level and self.is_own(told):
            return Place(name, level)
        return Place(name, told.level if told.level in view.levels else "")

    def is_own(self, told: Told) -> bool:
        """Whether a unit tells a figure of itself, not of a whole level."""
        unit = self._catalogue.unit(told.unit)
        return unit is None or unit.level == told.level

    def is_below(self, unit_id: str, parent: str) -> bool:
        """Whether a unit belongs to another."""
        unit = self._catalogue.unit(unit_id)
        return bool(unit and unit.parent == parent)

    def is_at(self, unit_id: str, level: str) -> bool:
        """Whether a unit is known and of this level."""
        unit = self._catalogue.unit(unit_id)
        return bool(unit and unit.level == level)

    def is_remote(self, unit_id: str) -> bool:
        """Whether a unit is a remote commune."""
        unit = self._catalogue.unit(unit_id)
        return bool(unit and unit.remote)

    def in_area(self, unit_id: str, area: str) -> bool:
        """Whether a unit is of an area: `centre` (the province), `remote`, or the other units."""
        unit = self._catalogue.unit(unit_id)
        if unit is None:
            return False
        if area == "centre":
            return unit.level == "province"
        return unit.remote if area == "remote" else unit.level != "province" and not unit.remote

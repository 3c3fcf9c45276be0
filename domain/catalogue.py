"""Reference data of the field: types of papers, units, agencies, procedures, retention classes."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from domain.document_types import DocumentType
from domain.procedures import Decision, Procedure, Ruling, SubmittedForm, digitizing_rule
from domain.retention import RetentionClass
from domain.units import Agency, Level, Unit
from domain.vietnamese import fold

__all__ = ["Catalogue", "Level", "Unit"]

_PERSONAL_PREFIX = 3
"""Digits of a province's code in a personal number (TT 07/2016/TT-BCA Đ7)."""


class Catalogue(BaseModel):
    """What the software knows of the field before it reads the first paper."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: tuple[DocumentType, ...]
    units: tuple[Unit, ...]
    agencies: tuple[Agency, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    decisions: tuple[Decision, ...] = ()
    """The province's own list of what is digitized."""
    retention: tuple[RetentionClass, ...] = ()
    agency_phrases: tuple[str, ...] = ()
    """Names and words of agencies in ordinary case: "Ủy ban nhân dân", "Sở Tư pháp"."""
    provinces: tuple[str, ...] = ()
    """Names of provinces of both generations, without their level: "Hưng Yên"."""

    def type(self, type_id: str | None) -> DocumentType | None:
        """The type with this id, or None."""
        return next((entry for entry in self.types if entry.id == type_id), None)

    def unit(self, unit_id: str | None) -> Unit | None:
        """The unit with this identifier, or None."""
        return next((entry for entry in self.units if entry.id == unit_id), None)

    def agency(self, agency_id: str | None) -> Agency | None:
        """The agency with this id, or None."""
        return next((entry for entry in self.agencies if entry.id == agency_id), None)

    def procedure(self, id_or_code: str | None) -> Procedure | None:
        """The procedure with this id or national code, or None."""
        if not id_or_code:
            return None
        return next((e for e in self.procedures if id_or_code in {e.id, e.code}), None)

    def type_of_symbol(self, symbol: str) -> DocumentType | None:
        """The type whose symbol this is ("QĐ" in 88/QĐ-UBND).

        Diacritics and case are ignored where no type has exactly this symbol: HĐ is not HD.
        """
        exact = next((e for e in self.types if e.symbol and e.symbol == symbol), None)
        if exact is not None:
            return exact
        wanted = fold(symbol)
        return next((e for e in self.types if e.symbol and fold(e.symbol) == wanted), None)

    def successors(self, unit_id: str) -> tuple[Unit, ...]:
        """The units that were formed from this one; more than one where it was divided."""
        return tuple(unit for unit in self.units if unit_id in unit.predecessors)

    def units_on(self, unit_id: str, day: date) -> tuple[Unit, ...]:
        """The unit itself where it existed on the day, else those that took its place by then.

        Empty for an unknown identifier, and for a day before the unit existed.
        """
        unit = self.unit(unit_id)
        if unit is None or (unit.valid_from is not None and day < unit.valid_from):
            return ()
        if unit.exists_on(day):
            return (unit,)
        return tuple(
            found for next_ in self.successors(unit_id) for found in self.units_on(next_.id, day)
        )

    def lineage(self, unit_id: str) -> tuple[str, ...]:
        """The ids of a unit and of all that it was formed from, itself first."""
        unit = self.unit(unit_id)
        if unit is None:
            return ()
        before = (old for former in unit.predecessors for old in self.lineage(former))
        return tuple(dict.fromkeys((unit_id, *before)))

    def province_codes(self, unit_id: str) -> frozenset[str]:
        """The first digits that personal numbers of a province's registers may have.

        Its own and those of all provinces that it was formed from; empty when none is known.
        """
        units = (self.unit(former) for former in self.lineage(unit_id))
        codes = (unit.statistics_code for unit in units if unit is not None)
        return frozenset(code for code in codes if len(code) == _PERSONAL_PREFIX)

    def retention_of(self, type_id: str | None) -> RetentionClass | None:
        """The retention class of a type; None for an unknown type."""
        entry = self.type(type_id)
        if entry is None:
            return None
        return next((found for found in self.retention if found.id == entry.retention), None)

    def ruling(
        self, procedure: str, component: str, form: SubmittedForm, on: date
    ) -> Ruling | None:
        """Whether this component is digitized; None for an unknown procedure or component."""
        found = self.procedure(procedure)
        part = found.part(component) if found else None
        if found is None or part is None:
            return None
        return digitizing_rule(found, part, form, on, self.decisions)

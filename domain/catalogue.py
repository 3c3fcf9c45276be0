"""Reference data of the field: types of papers, units, words of agency names."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.document_types import DocumentType
from domain.vietnamese import fold

Level = Literal["province", "district", "commune"]
"""Cấp hành chính; the district level ended on 2025-06-30 (NQ 202/2025/QH15)."""


class Unit(BaseModel):
    """A unit that receives or issues papers (đơn vị), by its electronic identifier.

    `id` follows QĐ 20/2020/QĐ-TTg: level 1 first, parts joined by dots (H31, H31.12).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-K]\d{2}(\.\d{1,4})*$")
    name: str
    """With its level: "Tỉnh Hưng Yên", "Xã Tân Hòa"."""
    level: Level
    parent: str | None = None
    sample: bool = False
    """Invented for the demonstration; no such identifier was granted."""
    source: str = ""
    verified: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


class Catalogue(BaseModel):
    """What the software knows of the field before it reads the first paper."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: tuple[DocumentType, ...]
    units: tuple[Unit, ...]
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

    def type_of_symbol(self, symbol: str) -> DocumentType | None:
        """The type whose symbol this is ("QĐ" in 88/QĐ-UBND), diacritics and case ignored."""
        wanted = fold(symbol)
        return next(
            (entry for entry in self.types if entry.symbol and fold(entry.symbol) == wanted), None
        )

"""Units (đơn vị hành chính) and agencies (cơ quan): before and after the reform of 2025-07-01."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Level = Literal["province", "district", "commune"]
"""Cấp hành chính; the district level ended on 2025-06-30 (NQ 202/2025/QH15)."""

REFORM = date(2025, 7, 1)
"""The first day of two levels and of 34 provinces."""
LAST_DAY_OF: dict[Level, date | None] = {
    "province": None,
    "district": date(2025, 6, 30),
    "commune": None,
}


def levels_on(day: date) -> tuple[Level, ...]:
    """The levels that existed on a day, the highest first."""
    return tuple(level for level, last in LAST_DAY_OF.items() if last is None or day <= last)


class Dated(BaseModel):
    """What exists from a day until a day, both included; None: since or for as long as we know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: date | None = None
    valid_until: date | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until trước valid_from")
        return self

    def exists_on(self, day: date) -> bool:
        """Whether it existed on this day."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_until is None or day <= self.valid_until)


class Unit(Dated):
    """A unit that receives or issues papers (đơn vị), by its electronic identifier.

    `id` follows QĐ 20/2020/QĐ-TTg: level 1 first, parts joined by dots (H31, H31.12). A unit whose
    identifier no source gives carries a local id marked `L-`.
    """

    id: str = Field(pattern=r"^([A-K]\d{2}(\.\d{1,4})*|L-[a-z0-9]+(-[a-z0-9]+)*)$")
    name: str = Field(min_length=1)
    """With its level: "Tỉnh Hưng Yên", "Xã Tân Hòa"."""
    level: Level
    parent: str | None = None
    predecessors: tuple[str, ...] = ()
    """Ids of the units that this one was formed from; successors follow from these."""
    remote: bool = False
    """Vùng sâu, vùng xa, đặc biệt khó khăn: some plans exempt such communes. Configuration."""
    statistics_code: str = Field(default="", pattern=r"^(\d{2,5})?$")
    """Code of the statistics office; of a former province the first digits of personal numbers."""
    sample: bool = False
    """Invented for the demonstration; no such identifier was granted."""
    source: str = ""
    verified: bool = False

    @property
    def local(self) -> bool:
        """Whether the id is ours because no source gives the real one."""
        return self.id.startswith("L-")


class Agency(Dated):
    """A kind of agency that issues papers, wherever it sits: Sở Tư pháp, Ủy ban nhân dân."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str = Field(min_length=1)
    """As running text writes it, without a place."""
    aliases: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    """Abbreviations in numbers, most usual first: "STP" in 12/QĐ-STP."""
    levels: tuple[Literal["central", "province", "district", "commune"], ...] = ()
    code: str = Field(default="", pattern=r"^([A-K]\d{2}(\.\d{1,4})*)?$")
    """Electronic identifier of a central agency: G15 (QĐ 20/2020/QĐ-TTg)."""
    predecessors: tuple[str, ...] = ()
    source: str = ""
    verified: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)

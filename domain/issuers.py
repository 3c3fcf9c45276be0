"""Issuers (cơ quan cấp) against the catalogue: which agency, of which unit, did it exist then."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from domain.catalogue import Catalogue
from domain.units import LAST_DAY_OF, REFORM, Agency, Unit
from domain.vietnamese import fold, nfc

_LEVELS = (
    "tỉnh",
    "thành phố",
    "huyện",
    "quận",
    "thị xã",
    "xã",
    "phường",
    "thị trấn",
    "đặc khu",
)
_ENDED_LEVELS = frozenset({"huyện", "quận", "thị xã", "thị trấn"})
_CITY, _PROVINCE = "thành phố", "tỉnh"
_NO_AREA = ("xã hội", "huyện ủy", "quận ủy", "xã viên")
"""Words of agencies' names that begin like an area."""


def _area(levels: Iterable[str]) -> re.Pattern[str]:
    named = "|".join(levels)
    return re.compile(rf"\b(?P<level>{named})\s+(?P<name>.+?)(?=,|\s*$|\s(?:{named})\s)")


_AREA = _area(_LEVELS)
_FOLDED_AREA = _area(fold(level) for level in _LEVELS)
_PUNCTUATION = re.compile(r"[^\w ,]+")


class Issuer(BaseModel):
    """An issuer's name resolved; empty where the catalogue does not know it."""

    model_config = ConfigDict(frozen=True)

    agencies: tuple[Agency, ...] = ()
    """The kinds of agency of this name; two generations may share one."""
    units: tuple[Unit, ...] = ()
    """The units named, lowest first; only those of the day's generation where a day is given and
    one of them existed then."""


def resolve_issuer(text: str, catalogue: Catalogue, *, on: date | None = None) -> Issuer:
    """What the catalogue knows of an issuer as running text writes it.

    "Ủy ban nhân dân xã Tân Hòa, tỉnh Hưng Yên" → its kind of agency, its commune and province.
    """
    name = _plain(text)
    begun = [(len(key), entry) for key, entry in _names(catalogue.agencies) if _begins(name, key)]
    longest = max((length for length, _ in begun), default=0)
    chosen = [entry for length, entry in begun if length == longest]
    units: list[Unit] = []
    for area in _FOLDED_AREA.finditer(name):
        named = _units_named(f"{area['level']} {area['name']}".strip(), catalogue)
        then = [unit for unit in named if on is None or unit.exists_on(on)]
        units.extend(then or named)
    return Issuer(agencies=tuple(dict.fromkeys(chosen)), units=_consistent(units, catalogue))


def issuer_faults(text: str, issued: date, catalogue: Catalogue) -> tuple[str, ...]:
    """Vietnamese reasons why this agency cannot have issued a paper on this day.

    Names that the catalogue does not know are no fault.
    """
    found = resolve_issuer(text, catalogue)
    faults = []
    if found.agencies and not any(agency.exists_on(issued) for agency in found.agencies):
        faults.append(_not_then(found.agencies[0].name, found.agencies, issued))
    # Levels keep their diacritics here: folded, "quản lý" would be a quận.
    for area in _AREA.finditer(_without(nfc(text).lower(), _NO_AREA)):
        fault = _area_fault(area["level"], area["name"], issued, catalogue)
        if fault is not None:
            faults.append(fault)
    return tuple(faults)


def _without(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = text.replace(word, " ")
    return text


def _area_fault(level: str, name: str, issued: date, catalogue: Catalogue) -> str | None:
    last = LAST_DAY_OF["district"]
    if level in _ENDED_LEVELS and last is not None and issued > last:
        return f"không còn {level} từ ngày {REFORM:%d/%m/%Y}"
    named = _units_named(_plain(f"{level} {name}"), catalogue)
    if level == _CITY:
        return _city_fault(named, issued)
    if not named or any(unit.exists_on(issued) for unit in named):
        return None
    if level != _PROVINCE:
        return None  # communes of one name stand in many provinces; only a few are listed
    return _not_then(named[0].name, named, issued)


def _city_fault(named: tuple[Unit, ...], issued: date) -> str | None:
    """A city may have been one of a district's rank before it became, or besides, a province."""
    if issued < REFORM or any(unit.exists_on(issued) for unit in named):
        return None
    return f"không còn thành phố cấp huyện từ ngày {REFORM:%d/%m/%Y}"


def _not_then(name: str, entries: tuple[Agency, ...] | tuple[Unit, ...], issued: date) -> str:
    starts = [entry.valid_from for entry in entries if entry.valid_from]
    if starts and issued < min(starts):
        return f"«{name}» chưa có vào ngày {issued:%d/%m/%Y}"
    return f"«{name}» không còn vào ngày {issued:%d/%m/%Y}"


def _units_named(folded: str, catalogue: Catalogue) -> tuple[Unit, ...]:
    return _unit_index(catalogue.units).get(folded, ())


@lru_cache(maxsize=8)
def _unit_index(units: tuple[Unit, ...]) -> dict[str, tuple[Unit, ...]]:
    index: dict[str, tuple[Unit, ...]] = {}
    for unit in units:
        index[_plain(unit.name)] = (*index.get(_plain(unit.name), ()), unit)
    return index


@lru_cache(maxsize=8)
def _names(agencies: tuple[Agency, ...]) -> tuple[tuple[str, Agency], ...]:
    return tuple((_plain(name), entry) for entry in agencies for name in entry.names)


def _consistent(units: list[Unit], catalogue: Catalogue) -> tuple[Unit, ...]:
    """The units without those below another that the same name does not lead up to."""
    named = {unit.id for unit in units}
    provinces = {unit.id for unit in units if unit.level == "province"}

    def fits(unit: Unit) -> bool:
        above = unit.parent
        while above is not None and above not in provinces:
            upper = catalogue.unit(above)
            above = upper.parent if upper else None
        return not provinces or unit.id in provinces or above in named

    return tuple(unit for unit in dict.fromkeys(units) if fits(unit))


def _begins(name: str, key: str) -> bool:
    return name == key or name.startswith((f"{key} ", f"{key},"))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", _PUNCTUATION.sub(" ", fold(text))).strip()

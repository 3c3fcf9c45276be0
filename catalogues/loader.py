"""Reading the catalogue's TOML files and refusing what cannot be right.

An installation may keep a folder of its own with files of the same names: entries there
replace those with the same id, or are added. The message of a fault names file and entry.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.catalogue import Catalogue, Unit
from domain.document_types import DocumentType
from domain.errors import ConfigurationFault

TYPES_FILE = "document_types.toml"
UNITS_FILE = "units.toml"
AGENCIES_FILE = "agencies.toml"
NATIONAL_CODE = re.compile(r"KQ\.[A-K]\d{2}\.\d{6}")
"""A type's code in the national database of procedures (domain notes C.4)."""

_Entry = TypeVar("_Entry", bound=BaseModel)


def load_catalogue(override: Path | None = None) -> Catalogue:
    """The built-in catalogue, with the entries of the folder `override` added or replaced.

    Raises ConfigurationFault, naming file and entry, for unreadable files, unknown keys, ids
    given twice, codes of the wrong form and parents that do not exist.
    """
    return _load(override)


@cache
def _load(override: Path | None) -> Catalogue:
    types = _entries(TYPES_FILE, "type", DocumentType, override)
    units = _entries(UNITS_FILE, "unit", Unit, override)
    _check_types(types)
    _check_units(units)
    words: dict[str, Any] = {}
    for _, table in _tables(AGENCIES_FILE, override):
        for key, value in table.items():
            words[key] = (*words.get(key, ()), *value)
    try:
        return Catalogue(types=types, units=units, **words)
    except (ValidationError, TypeError) as error:
        raise ConfigurationFault(f"{AGENCIES_FILE}: nội dung sai: {error}") from error


def _tables(name: str, override: Path | None) -> Iterable[tuple[str, Mapping[str, Any]]]:
    places = [(name, resources.files(__package__).joinpath(name))]
    if override is not None:
        if not override.is_dir():
            raise ConfigurationFault(f"Không có thư mục danh mục «{override}»: kiểm tra cấu hình.")
        own = override / name
        if own.exists():
            places.append((str(own), own))
    for label, place in places:
        try:
            yield label, tomllib.loads(place.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationFault(f"{label}: không đọc được tệp danh mục: {error}") from error


def _entries(name: str, key: str, model: type[_Entry], override: Path | None) -> tuple[_Entry, ...]:
    merged: dict[str, _Entry] = {}
    for label, table in _tables(name, override):
        rows = table.get(key, [])
        if set(table) - {key} or not isinstance(rows, list):
            raise ConfigurationFault(f"{label}: chỉ được có các mục [[{key}]].")
        _refuse_twice(label, rows)
        for at, row in enumerate(rows, start=1):
            merged[str(row.get("id", at))] = _entry(label, at, row, model)
    return tuple(merged.values())


def _refuse_twice(label: str, rows: list[dict[str, Any]]) -> None:
    counts = Counter(str(row.get("id")) for row in rows)
    twice = sorted(entry for entry, count in counts.items() if count > 1)
    if twice:
        raise ConfigurationFault(f"{label}: mã bị lặp: {', '.join(twice)}.")


def _entry(label: str, at: int, row: dict[str, Any], model: type[_Entry]) -> _Entry:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
        raise ConfigurationFault(
            f"{label}, mục thứ {at} (id «{row.get('id', '?')}»): {faults}"
        ) from error


def _check_types(types: tuple[DocumentType, ...]) -> None:
    codes = Counter(entry.code for entry in types if entry.code)
    for entry in types:
        if entry.code and not NATIONAL_CODE.fullmatch(entry.code):
            raise ConfigurationFault(
                f"{TYPES_FILE}, «{entry.id}»: mã «{entry.code}» không đúng dạng KQ.Gxx.nnnnnn."
            )
        if codes[entry.code] > 1:
            raise ConfigurationFault(
                f"{TYPES_FILE}, «{entry.id}»: mã «{entry.code}» dùng cho nhiều loại giấy tờ."
            )


def _check_units(units: tuple[Unit, ...]) -> None:
    ids = {unit.id for unit in units}
    for unit in units:
        if unit.parent is not None and unit.parent not in ids:
            raise ConfigurationFault(
                f"{UNITS_FILE}, «{unit.id}»: không có đơn vị cấp trên «{unit.parent}»."
            )
        if unit.parent == unit.id:
            raise ConfigurationFault(f"{UNITS_FILE}, «{unit.id}»: đơn vị là cấp trên của chính nó.")

"""Loading the catalogue: our entries, a province's over them, and all mistakes at once.

A province keeps a folder of its own (SOHOA_CATALOGUE) with files of the same names: entries there
replace those with the same id, or are added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from catalogues.cross_checks import cross_faults
from catalogues.faults import Fault, in_vietnamese
from catalogues.files import File, Row, files_of, read, stray_files
from catalogues.plan_files import load_plan
from domain.catalogue import Catalogue
from domain.document_types import DocumentType
from domain.errors import ConfigurationFault
from domain.procedures import Decision, Procedure
from domain.retention import RetentionClass
from domain.units import Agency, Unit

TYPES_FILE = "document_types.toml"
UNITS_FILE = "units.toml"
AGENCIES_FILE = "agencies.toml"


@dataclass(frozen=True)
class _Kind:
    """One kind of entry: its files' name, its table's name, its model and where it goes."""

    files: str
    table: str
    model: type[BaseModel]
    goes_to: str
    words: tuple[str, ...] = ()


_KINDS = (
    _Kind("retention", "class", RetentionClass, "retention"),
    _Kind("agencies", "agency", Agency, "agencies", ("agency_phrases", "provinces")),
    _Kind("units", "unit", Unit, "units"),
    _Kind("document_types", "type", DocumentType, "types"),
    _Kind("procedures", "procedure", Procedure, "procedures"),
    _Kind("decisions", "decision", Decision, "decisions"),
)


@dataclass(frozen=True)
class Checked:
    """A catalogue as read, its mistakes, and where each entry stands."""

    catalogue: Catalogue
    """Without the entries that could not be read."""
    faults: tuple[Fault, ...]
    rows: Mapping[tuple[str, str], Row]
    """By kind (`types`, `units`, `agencies`, `procedures`, `decisions`, `retention`) and id."""


@dataclass
class _Reading:
    entries: dict[str, dict[str, BaseModel]] = field(default_factory=dict)
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def load_catalogue(override: Path | None = None) -> Catalogue:
    """The built-in catalogue, with the entries of the folder `override` added or replaced.

    Raises ConfigurationFault with every mistake, each by file and line: unreadable files, unknown
    keys, ids given twice, codes of the wrong form, references to what does not exist.
    """
    return _load(override)


@cache
def _load(override: Path | None) -> Catalogue:
    checked = check_catalogue(override)
    if checked.faults:
        listed = "; ".join(str(fault) for fault in checked.faults)
        raise ConfigurationFault(f"Danh mục có {len(checked.faults)} lỗi: {listed}")
    return checked.catalogue


def check_catalogue(override: Path | None = None) -> Checked:
    """The catalogue with all its mistakes, in order of file and line; the folder's plans included.

    Raises ConfigurationFault when the folder itself is missing.
    """
    if override is not None and not override.is_dir():
        raise ConfigurationFault(f"Không có thư mục danh mục «{override}»: kiểm tra cấu hình.")
    reading = _Reading()
    for kind in _KINDS:
        _read_kind(kind, override, reading)
    if override is not None:
        reading.faults += stray_files(override, [kind.files for kind in _KINDS])
        reading.faults += _plan_faults(override)
    found: dict[str, Any] = {
        kind.goes_to: tuple(reading.entries[kind.goes_to].values()) for kind in _KINDS
    }
    catalogue = Catalogue(**found, **reading.words)
    faults = {*reading.faults, *cross_faults(catalogue, reading.rows)}
    return Checked(catalogue, tuple(sorted(faults)), reading.rows)


def _read_kind(kind: _Kind, override: Path | None, reading: _Reading) -> None:
    entries = reading.entries.setdefault(kind.goes_to, {})
    seen: dict[str, str] = {}
    for label, place in files_of(kind.files, override):
        try:
            file = read(label, place)
        except ConfigurationFault as error:
            reading.faults.append(_from_message(label, str(error)))
            continue
        _read_words(kind, file, reading)
        level = str(override) if override and label.startswith(str(override)) else ""
        for row in file.rows.get(kind.table, ()):
            if seen.get(row.id) == level:
                reading.faults.append(row.fault(f"mã bị lặp: {row.id}"))
            seen[row.id] = level
            try:
                entries[row.id] = kind.model.model_validate(row.values)
            except ValidationError as error:
                reading.faults += [row.fault(words, key) for key, words in in_vietnamese(error)]
                continue
            reading.rows[kind.goes_to, row.id] = row


def _read_words(kind: _Kind, file: File, reading: _Reading) -> None:
    for key in {*file.rows} - {kind.table}:
        row = file.rows[key][0]
        reading.faults.append(
            Fault(file.label, row.line, "", f"không có mục [[{key}]]; chỉ có [[{kind.table}]]")
        )
    for key, value in file.words.items():
        if key not in kind.words:
            message = f"không có mục «{key}»; chỉ được có các mục [[{kind.table}]]"
            reading.faults.append(Fault(file.label, 0, "", message))
        elif not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            reading.faults.append(Fault(file.label, 0, key, "phải là danh sách các chuỗi chữ"))
        else:
            reading.words[key] = (*reading.words.get(key, ()), *value)


def _from_message(label: str, message: str) -> Fault:
    place, _, said = message.partition(": ")
    line = place.removeprefix(label).lstrip(":")
    return Fault(label, int(line) if line.isdigit() else 0, "", said)


def _plan_faults(override: Path) -> list[Fault]:
    faults = []
    for place in sorted((override / "plans").glob("*.toml")):
        try:
            load_plan(place.stem, override)
        except ConfigurationFault as error:
            faults.append(Fault(str(place), 0, "", str(error)))
    return faults

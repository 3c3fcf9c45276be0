"""Imports from outside: figures, dossiers, valid results, as CSV or XLSX, all rows or none."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from zipfile import BadZipFile

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import DocumentFault, NotFound
from domain.outside import NO_SEPARATOR, Dossier, Figure, ValidResult
from domain.plan import LEVEL_NAMES
from domain.units import LAST_DAY_OF
from storage.registry.counting import put
from tasks.house import House, house

Kind = Literal["figures", "dossiers", "results"]
MODELS: dict[Kind, type[BaseModel]] = {
    "figures": Figure,
    "dossiers": Dossier,
    "results": ValidResult,
}
_KEYS: dict[Kind, tuple[str, ...]] = {
    "figures": ("unit", "level", "year", "month", "indicator"),
    "dossiers": ("code",),
    "results": ("code",),
}
_ORDER = tuple(LAST_DAY_OF)
"""Levels, the highest first."""
_SHOWN = 20
_MOST_BYTES = 200_000_000
_WORDS = {
    "missing": "thiếu giá trị",
    "extra_forbidden": "không có cột này",
    "date_from_datetime_parsing": "ngày phải ghi dạng 2026-11-02",
    "date_parsing": "ngày phải ghi dạng 2026-11-02",
    "string_type": "phải là chữ (trong bảng tính: định dạng ô là Văn bản)",
    "string_too_long": "quá dài",
    "string_too_short": "thiếu giá trị",
    "literal_error": "không có giá trị này",
    "int_parsing": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "float_parsing": f"{NO_SEPARATOR}; phần lẻ sau dấu chấm: 12.5",
    "greater_than_equal": "nhỏ hơn mức cho phép",
    "less_than_equal": "lớn hơn mức cho phép",
    "bool_parsing": "phải là «có» hoặc «không»",
}


class Imported(BaseModel):
    """What an import did: rows in the file, of them rows with another key than all before."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    imported: int
    repeated: int
    """Rows whose key stands earlier in the file with the same values."""
    unknown_units: tuple[str, ...] = ()
    """Units of the file that the catalogue does not know: their rows count in no level."""


def import_file(kind: Kind, file: Path) -> Imported:
    """Import a file, all rows or none; a row that is there already is replaced.

    DocumentFault names every wrong row (the first twenty in full) with its line and column.
    """
    if not file.is_file():
        raise NotFound(f"Không có tệp «{file}».")
    if file.stat().st_size > _MOST_BYTES:
        raise DocumentFault("too_large", f"{file}: lớn hơn 200 MB; chia thành nhiều tệp.")
    here = house()
    here.prepare()
    model = MODELS[kind]
    rows: dict[tuple[object, ...], BaseModel] = {}
    faults: list[str] = []
    repeated = 0
    for number, cells in _rows(kind, file):
        try:
            row = model.model_validate(cells)
        except ValidationError as error:
            faults.append(_words(number, error))
            continue
        if (above := _above(here, row)) is not None:
            faults.append(f"dòng {number}, cột level: {above}")
            continue
        key = tuple(getattr(row, name) for name in _KEYS[kind])
        if key in rows:
            if rows[key] != row:
                faults.append(f"dòng {number}: mã đã có ở dòng trên với giá trị khác")
            repeated += 1
        rows[key] = row
    if faults:
        more = f"; và {len(faults) - _SHOWN} dòng khác" if len(faults) > _SHOWN else ""
        raise DocumentFault(
            f"bad_{kind}",
            f"{file}: {len(faults)} dòng sai, chưa nhập dòng nào. {'; '.join(faults[:_SHOWN])}"
            f"{more}. Sửa rồi nhập lại cả tệp.",
        )
    with here.registry.begin() as db:
        put(db, kind, [_stored(here, row) for row in rows.values()])
    strange = {unit for row in rows.values() for unit in _units(row)} - here.catalogue_names.keys()
    return Imported(
        kind=kind,
        imported=len(rows) + repeated,
        repeated=repeated,
        unknown_units=tuple(sorted(strange)),
    )


def _stored(here: House, row: BaseModel) -> dict[str, Any]:
    """The row as the registry keeps it: who handed a dossier in only as a keyed hash."""
    values = row.model_dump()
    if isinstance(row, Dossier):
        applicant = values.pop("applicant")
        values["applicant_hash"] = here.owner_hash(applicant) if applicant else None
    return values


def _above(here: House, row: BaseModel) -> str | None:
    """Why a figure cannot be told by its unit: it speaks of a level above it."""
    if not isinstance(row, Figure):
        return None
    unit = here.catalogue.unit(row.unit)
    if unit is None or _ORDER.index(row.level) >= _ORDER.index(unit.level):
        return None
    return f"{unit.name} thuộc {LEVEL_NAMES[unit.level]}, không báo số liệu của cấp trên"


def _units(row: BaseModel) -> list[str]:
    """The units that a row is counted at."""
    return [getattr(row, name) for name in ("unit", "competent_unit") if hasattr(row, name)]


def _rows(kind: Kind, file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and cells of every row that is not blank. Raises DocumentFault."""
    lines = _sheet(file) if file.suffix.lower() in {".xlsx", ".xlsm"} else _csv(file)
    header: list[str] = []
    for number, values in lines:
        cells = [value.strip() if isinstance(value, str) else value for value in values]
        if not any(cell not in {"", None} for cell in cells):
            continue
        if not header:
            header = [str(cell or "") for cell in cells]
            _check_header(kind, file, header)
            continue
        if len(cells) > len(header) and any(cells[len(header) :]):
            raise DocumentFault(f"bad_{kind}", f"{file}, dòng {number}: nhiều ô hơn dòng đầu.")
        yield number, dict(zip(header, map(_plain, cells), strict=False))
    if not header:
        _check_header(kind, file, [])


def _check_header(kind: Kind, file: Path, header: list[str]) -> None:
    fields = MODELS[kind].model_fields
    needed = [name for name, field in fields.items() if field.is_required()]
    strange = [name for name in header if name not in fields]
    missing = [name for name in needed if name not in header]
    if strange or missing or len(set(header)) < len(header):
        raise DocumentFault(
            f"bad_{kind}",
            f"{file}: dòng đầu phải có {','.join(needed)}; có thể có thêm "
            f"{','.join(name for name in fields if name not in needed) or 'không cột nào'}"
            + (f". Không hiểu: {', '.join(strange)[:200]}" if strange else ""),
        )


def _csv(file: Path) -> Iterator[tuple[int, list[Any]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            for row in reader:
                yield reader.line_num, list(row)
    except (UnicodeDecodeError, csv.Error) as error:
        raise DocumentFault("bad_csv", f"{file}: không đọc được như CSV UTF-8: {error}.") from error


def _sheet(file: Path) -> Iterator[tuple[int, list[Any]]]:
    from openpyxl import load_workbook  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import (  # type: ignore[import-untyped]
        InvalidFileException,
    )

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise DocumentFault("bad_xlsx", f"{file}: không đọc được như XLSX: {error}.") from error
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a sheet claims of its size cuts off the rows behind it
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, list(row)
    finally:
        book.close()


def _plain(value: Any) -> Any:
    """A cell as the models read it: a day without its time, whole numbers without a fraction."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return value if isinstance(value, bool | date) or value is None else str(value)


def _words(number: int, error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    reason = _WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return f"dòng {number}, cột {place}: {reason}" if place else f"dòng {number}: {reason}"

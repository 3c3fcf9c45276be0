"""Figures from outside, and the progress against a plan."""

from __future__ import annotations

import csv
from pathlib import Path

from pydantic import ValidationError

from catalogues.plan_files import load_plan
from domain.errors import DocumentFault, NotFound
from domain.progress import Figure, Progress
from storage.registry.progress import import_figures
from tasks.count import progress_of
from tasks.house import house

_COLUMNS = ("unit", "level", "year", "indicator", "value")


def import_file(file: Path) -> int:
    """Import a CSV file of figures, all rows or none; how many rows it has.

    DocumentFault names the first wrong row. A repeated import replaces.
    """
    if not file.is_file():
        raise NotFound(f"Không có tệp «{file}».")
    here = house()
    here.prepare()
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise DocumentFault("bad_figures", f"{file}: dòng đầu phải là {','.join(_COLUMNS)}.")
        rows = [_figure(file, number, row) for number, row in enumerate(reader, start=2)]
    with here.registry.begin() as db:
        return import_figures(db, rows)


def _figure(file: Path, number: int, row: dict[str, str]) -> Figure:
    try:
        return Figure.model_validate(row)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise DocumentFault(
            "bad_figures", f"{file}, dòng {number}, cột {place}: {fault['msg']}"
        ) from error


def progress_against(plan_id: str | None, year: int | None) -> Progress:
    """The progress against a plan (the configured one by default) in a year (this one)."""
    here = house()
    here.registry.migrate()
    plan = load_plan(plan_id, here.settings.catalogue) if plan_id else here.plan
    with here.registry.read() as db:
        return progress_of(here, db, plan, year or here.today().year)

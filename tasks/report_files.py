"""A period's report as a file: HTML page, XLSX with formulas, DOCX in the layout of NĐ 30/2020."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

from domain.errors import DocumentFault
from domain.plan_report import CONDITION_NAMES, Lack, PlanReport
from tasks.report_docx import as_docx
from tasks.report_html import as_html
from tasks.report_words import LACKING, lacking_cells
from tasks.report_xlsx import as_xlsx, safe

FORMATS: dict[str, Callable[[PlanReport], bytes]] = {
    ".html": as_html,
    ".xlsx": as_xlsx,
    ".docx": as_docx,
}


def write_lacking(rows: Sequence[Lack], output: Path) -> None:
    """Write papers and dossiers with what each lacks as CSV (UTF-8, with a mark for Excel)."""
    part = output.with_name(f".{output.name}.part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as stream:
            table = csv.writer(stream)
            table.writerow((*LACKING, *CONDITION_NAMES.values()))
            for row in rows:
                marks = ["thiếu" if name in row.lacks else "" for name in CONDITION_NAMES]
                table.writerow([safe(cell) for cell in (*lacking_cells(row), *marks)])
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def write(now: PlanReport, output: Path) -> None:
    """Write the report in the format of the file's suffix; a failed write leaves nothing behind."""
    make = FORMATS.get(output.suffix.lower())
    if make is None:
        raise DocumentFault(
            "bad_format", f"Không ghi được «{output.name}»: phần đuôi phải là {', '.join(FORMATS)}."
        )
    part = output.with_name(f".{output.name}.part")
    try:
        part.write_bytes(make(now))
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)

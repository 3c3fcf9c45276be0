"""The report as a workbook: an auditor sees the formulas, not only their results."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

from domain.plan_report import PlanReport
from tasks.report_words import COLUMNS, deadline, lacks, place, title

_HEAD_ROW = 5
_BOLD, _FILL = Font(bold=True), PatternFill("solid", fgColor="EEF2F6")


def as_xlsx(now: PlanReport) -> bytes:
    """The workbook. Value, gap and what is missing are formulas over numerator, denominator."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):  # a new workbook has one worksheet
        raise TypeError("no worksheet")
    _lines(sheet, now)
    _units(book.create_sheet("Đơn vị"), now)
    _plain(
        book.create_sheet("Chỉ số khác"),
        ("Chỉ số", "Phiên bản", "Công thức", "Tử số", "Mẫu số", "Giá trị %", "Số liệu"),
        [
            (m.name, m.version, m.formula, m.numerator, m.denominator, m.value, m.data)
            for m in (*now.measured, *now.fields)
        ],
    )
    _plain(
        book.create_sheet("Còn thiếu"),
        ("Tên", "Định danh", "Đơn vị", "Hồ sơ", "Trạng thái", "Còn thiếu"),
        [(x.name, x.id, x.unit, x.dossier, x.state, lacks(x)) for x in now.lacking],
    )
    _plain(
        book.create_sheet("Chốt số liệu"),
        ("Kỳ", "Người chốt", "Lúc", "SHA-256", "Số liệu đổi", "Lúc chốt", "Bây giờ"),
        [
            (c.name, c.closed_by, f"{c.closed_at:%d/%m/%Y %H:%M}", c.digest, x.line, x.was, x.now)
            for c in now.closings
            for x in c.corrections
        ],
    )
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lines(sheet: Worksheet, now: PlanReport) -> None:
    sheet.title = "Chỉ tiêu"
    sheet["A1"], sheet["A2"], sheet["A3"] = title(now), _safe(now.plan_name), deadline(now)
    sheet["A1"].font = _BOLD
    head = ("Kỳ", *COLUMNS, "Công thức", "Số liệu", "Nguyên văn", "Giả định dự báo")
    _head(sheet, _HEAD_ROW, head)
    for row, line in enumerate(now.lines, start=_HEAD_ROW + 1):
        value: object = line.value
        gap: object = line.gap_points
        missing: object = line.gap_units
        if line.denominator and line.measure == "percent":
            value = f"=ROUND(100*MIN(E{row},F{row})/F{row},2)"
            gap = f"=ROUND(G{row}-D{row},2)"
            needed = (
                f"INT(D{row}*F{row}/100)+1"
                if line.comparator == "more_than"
                else f"ROUNDUP(D{row}*F{row}/100,0)"
            )
            missing = f"=MAX(0,{needed}-INT(E{row}))"
        elif line.denominator:
            value, gap = f"=ROUND(E{row}/F{row},2)", f"=ROUND(G{row}-D{row},2)"
        cells = (
            line.view_name,
            line.name,
            place(line),
            line.target,
            line.numerator,
            line.denominator,
            value,
            gap,
            missing,
            line.per_working_day,
            line.forecast,
            line.source,
            line.formula,
            line.data,
            line.phrase,
            line.assumption,
        )
        for column, cell in enumerate(cells, start=1):
            sheet.cell(row, column, "không có" if cell is None else _safe(cell, formula=column > 6))  # noqa: PLR2004 - columns A to F are data
    _widths(sheet)
    sheet.freeze_panes = f"D{_HEAD_ROW + 1}"


def _units(sheet: Worksheet, now: PlanReport) -> None:
    rows = [
        (
            line.view_name,
            line.name,
            place(line),
            unit.rank,
            unit.unit,
            unit.name,
            unit.numerator,
            unit.denominator,
            unit.value,
        )
        for line in now.lines
        for unit in line.units
    ]
    head = ("Kỳ", "Chỉ tiêu", "Cấp", "Hạng", "Mã đơn vị", "Đơn vị", "Tử số", "Mẫu số", "Giá trị")
    _plain(sheet, head, rows)


def _plain(sheet: Worksheet, head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    _head(sheet, 1, head)
    for at, cells in enumerate(rows, start=2):
        for column, cell in enumerate(cells, start=1):
            sheet.cell(at, column, "không có" if cell is None else _safe(cell))
    _widths(sheet)


def _head(sheet: Worksheet, row: int, names: tuple[str, ...]) -> None:
    for column, name in enumerate(names, start=1):
        cell = sheet.cell(row, column, name)
        cell.font, cell.fill = _BOLD, _FILL
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _widths(sheet: Worksheet) -> None:
    for column in sheet.iter_cols(min_row=1, max_row=1):
        sheet.column_dimensions[column[0].column_letter].width = 22


def _safe(value: object, *, formula: bool = False) -> object:
    """Text from outside never becomes a formula; only ours, in their own columns, do."""
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value and not formula:
        return f"'{value}"
    return value

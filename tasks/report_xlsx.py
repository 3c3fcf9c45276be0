"""The report as a workbook: an auditor sees the formulas, not only their results."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.worksheet.properties import PageSetupProperties  # type: ignore[import-untyped]
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

from domain.plan_report import PlanReport
from domain.spreadsheet import neutral
from tasks.report_words import (
    COLUMNS,
    LACKING,
    NONE,
    OFFICERS,
    deadline,
    lacking_cells,
    place,
    title,
)

_HEAD_ROW = 5
_FORMULAS = frozenset({7, 8, 9})
"""Columns of the first sheet that hold formulas: value, gap, what is missing."""
_LETTERS_PER_WIDTH, _LINE_POINTS = 0.95, 15
_LINE_WIDTHS = (22, 34, 14, 9, 10, 10, 10, 10, 10, 12, 10, 20, 40, 24, 60, 34)
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
        share=(4, 5, 6),
    )
    _plain(
        book.create_sheet("Theo tháng"),
        ("Kỳ", "Chỉ tiêu", "Cấp", "Tháng", "Tử số", "Mẫu số", "Giá trị %"),
        [
            (line.view_name, line.name, place(line), m.month, m.numerator, m.denominator, m.value)
            for line in now.lines
            if line.measure == "percent"
            for m in line.trend
        ],
        share=(5, 6, 7),
    )
    _plain(
        book.create_sheet("Cán bộ"),
        OFFICERS,
        [
            (o.name, o.scans, o.papers, o.archived, o.rejected, o.days, o.per_day)
            for o in now.officers
        ],
    )
    _plain(
        book.create_sheet("Tổ chức quét"),
        ("Tổ chức", "Bản quét", "Để riêng", "Giấy tờ", "Bị loại", "Tỷ lệ lỗi %"),
        [(o.name, o.scans, o.set_aside, o.papers, o.rejected, o.error_rate) for o in now.operators],
    )
    _plain(book.create_sheet("Còn thiếu"), LACKING, [lacking_cells(x) for x in now.lacking])
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
    sheet["A1"], sheet["A2"], sheet["A3"] = title(now), safe(now.plan_name), deadline(now)
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
            value = f"=ROUND(E{row}/F{row},2)"
            gap = gap if gap is None else f"=ROUND(G{row}-D{row},2)"
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
            "–" if line.per_working_day is None else line.per_working_day,
            line.forecast,
            line.source,
            line.formula,
            line.data,
            line.phrase,
            line.assumption,
        )
        for column, cell in enumerate(cells, start=1):
            ours = column in _FORMULAS and str(cell).startswith("=")
            made = sheet.cell(row, column, NONE if cell is None else cell if ours else safe(cell))
            made.alignment = Alignment(wrap_text=True, vertical="top")
    _widths(sheet, _LINE_WIDTHS)
    sheet.freeze_panes = f"D{_HEAD_ROW + 1}"
    sheet.print_area = f"A1:L{sheet.max_row}"  # formulas in words and phrases are for the screen
    sheet.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"


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


def _plain(
    sheet: Worksheet,
    head: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
    share: tuple[int, int, int] | None = None,
) -> None:
    """A table; `share`: the columns of part, whole and the percentage, which becomes a formula."""
    _head(sheet, 1, head)
    for at, cells in enumerate(rows, start=2):
        for column, cell in enumerate(cells, start=1):
            made = sheet.cell(at, column, NONE if cell is None else safe(cell))
            made.alignment = Alignment(wrap_text=True, vertical="top")
        if share and cells[share[2] - 1] is not None:
            part, whole = (f"{get_column_letter(column)}{at}" for column in share[:2])
            sheet.cell(at, share[2], f"=ROUND(100*MIN({part},{whole})/{whole},2)")
    _widths(sheet, (24,) * len(head))
    sheet.freeze_panes = "A2"


def _head(sheet: Worksheet, row: int, names: tuple[str, ...]) -> None:
    for column, name in enumerate(names, start=1):
        cell = sheet.cell(row, column, name)
        cell.font, cell.fill = _BOLD, _FILL
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[row].height = 3 * _LINE_POINTS


def _widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Column widths in characters; printed across one landscape page, the head on every page."""
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for cells in sheet.iter_rows(min_row=2):
        lines = [
            -(-len(str(cell.value)) // int(width * _LETTERS_PER_WIDTH))
            for cell, width in zip(cells, widths, strict=False)
            if cell.value is not None and not str(cell.value).startswith("=")
        ]
        if cells[0].alignment.wrap_text:
            sheet.row_dimensions[cells[0].row].height = _LINE_POINTS * max(lines, default=1)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def safe(value: object) -> object:
    """A cell whose text, which may come from outside, neither runs as a formula nor breaks it."""
    if not isinstance(value, str):
        return value
    clean = ILLEGAL_CHARACTERS_RE.sub("", value)
    return clean if len(clean) == 1 else neutral(clean)  # a lone sign is no formula

"""The report as a letter for the periodic KSTTHC report, in the layout of NĐ 30/2020, Phụ lục I.

A4, margins 20/20/30/20 mm (top, bottom, left, right), Times New Roman 13–14, page number centred
in the top margin and not on the first page. Number, day, addressee and signature stay open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from domain.plan_report import PlanReport
from domain.progress import Line
from tasks.report_words import (
    cells,
    deadline,
    due_reports,
    number,
    place,
    threshold,
    title,
    whole,
)

_FONT = "Times New Roman"
_MOTTO = "Độc lập - Tự do - Hạnh phúc"
_WIDTHS_MM = (45, 16, 19, 15, 15, 17, 18, 15)
"""Of `_COLUMNS`: 160 mm, what an A4 page leaves between the margins."""
_FIRST_NUMBER = 3
_COLUMNS = ("Chỉ tiêu", "Cấp", "Ngưỡng", "Tử số", "Mẫu số", "Giá trị", "Chênh lệch", "Còn thiếu")


def as_docx(now: PlanReport) -> bytes:
    """The document; its numbers are those of the report."""
    document = Document()
    _page(document)
    _head(document, now)
    _text(document, "BÁO CÁO", bold=True, centre=True, size=14)
    _text(document, f"{title(now)} thực hiện {now.plan_name}", bold=True, centre=True, size=14)
    if now.place:
        _text(document, f"(Lồng ghép tại: {now.place})", centre=True, italic=True)
    views = dict.fromkeys(line.view for line in now.lines)
    _text(document, "1. Kết quả", bold=True)
    for at, view in enumerate(views, start=1):
        mine = [line for line in now.lines if line.view == view]
        if len(views) > 1:
            _text(document, f"1.{at}. {mine[0].view_name}", bold=True)
        _table(document, _COLUMNS, (cells(line)[:8] for line in mine))
        document.add_paragraph()
    _text(document, "2. Đánh giá", bold=True)
    for view in views:
        _judge(document, [line for line in now.lines if line.view == view])
    _text(document, "3. Phương pháp tính", bold=True)
    for formula, data in dict.fromkeys((line.formula, line.data) for line in now.lines):
        _text(document, f"- {formula}; số liệu: {data}.")
    for remark in now.remarks:
        _text(document, f"- {remark}")
    for closing in now.closings:
        _text(
            document,
            f"Số liệu đã chốt «{closing.name}» ngày {closing.closed_at:%d/%m/%Y}, người chốt: "
            f"{closing.closed_by}; {len(closing.corrections)} số liệu thay đổi sau khi chốt.",
        )
    for said in (*due_reports(now), deadline(now)):
        _text(document, said)
    _foot(document)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _judge(document: Any, lines: Sequence[Line]) -> None:
    """One paragraph for what is reached, and one for each target that is not."""
    met = [f"{line.name} ({place(line)})" for line in lines if line.met]
    unknown = [f"{line.name} ({place(line)})" for line in lines if line.value is None]
    yearly = [line for line in lines if line.met is None and line.value is not None]
    judged = len(lines) - len(yearly)
    _text(document, f"{lines[0].view_name}: đạt {len(met)}/{judged} chỉ tiêu.", italic=True)
    if met:
        _text(document, f"- Đạt: {'; '.join(met)}.")
    for line in lines:
        if line.met is not False:
            continue
        more = f"; còn thiếu {whole(line.gap_units)}" if line.gap_units is not None else ""
        if line.per_working_day is not None:
            more += f", cần {number(line.per_working_day)} mỗi ngày làm việc"
        if line.forecast is not None and line.forecast != line.value:
            more += f"; dự báo {number(line.forecast)} ({line.assumption})"
        _text(
            document,
            f"- Chưa đạt: {line.name} ({place(line)}), {number(line.value)} so với "
            f"{threshold(line)}{more}.",
        )
    for line in yearly:
        _text(
            document,
            f"- Chỉ đánh giá theo cả năm: {line.name} ({place(line)}), {number(line.value)} "
            f"đến hết kỳ so với {threshold(line)}.",
        )
    if unknown:
        _text(document, f"- Không có số liệu: {'; '.join(unknown)}.")


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin = Mm(30)
    section.different_first_page_header_footer = True
    number_line = section.header.paragraphs[0]
    number_line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = number_line.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)  # noqa: SLF001 - python-docx has no page-number field
    run.font.size = Pt(13)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    style.paragraph_format.space_after = Pt(6)
    style.paragraph_format.line_spacing = 1.0


def _head(document: Any, now: PlanReport) -> None:
    """Agency and number at the left; national name, motto, place and day at the right."""
    table = _columns(document.add_table(rows=1, cols=2), (62, 98))
    left, right = table.rows[0].cells
    _fill(
        left,
        [((now.authority or "CƠ QUAN BÁO CÁO").upper(), True, 13), ("Số:        /BC-…", False, 13)],
    )
    _fill(
        right,
        [
            ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", True, 12),
            (_MOTTO, True, 13),
            (f"…, ngày … tháng … năm {now.as_of.year}", False, 13),
        ],
    )


def _fill(cell: Any, lines: Sequence[tuple[str, bool, int]]) -> None:
    for at, (text, bold, size) in enumerate(lines):
        paragraph = cell.paragraphs[0] if at == 0 else cell.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(text)
        run.bold, run.font.size = bold, Pt(size)
        run.italic = text.startswith("…")
        if text == _MOTTO:
            _rule_below(paragraph)
        paragraph.paragraph_format.space_after = Pt(2)


def _rule_below(paragraph: Any) -> None:
    """The line under the motto, as long as the words (NĐ 30/2020, Phụ lục I)."""
    border = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    paragraph._p.get_or_add_pPr().append(border)  # noqa: SLF001 - python-docx has no borders
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(14)


def _columns(table: Any, widths_mm: Sequence[float]) -> Any:
    """The table with fixed column widths, which every word processor keeps."""
    table.autofit = False
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return table


def _text(
    document: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    centre: bool = False,
    size: int = 14,
) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.JUSTIFY
    if not centre:
        paragraph.paragraph_format.first_line_indent = Mm(10)
    paragraph.paragraph_format.keep_with_next = bold and not centre
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)


def _table(document: Any, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(head))
    table.style = "Table Grid"
    for cell, name in zip(table.rows[0].cells, head, strict=True):
        _cell(cell, name, bold=True)
    _row_property(table.rows[0], "w:tblHeader")
    for cells_of_row in rows:
        row = table.add_row()
        _row_property(row, "w:cantSplit")
        for at, (cell, text) in enumerate(zip(row.cells, cells_of_row, strict=True)):
            _cell(cell, text, right=at >= _FIRST_NUMBER)
    _columns(table, _WIDTHS_MM)


def _row_property(row: Any, name: str) -> None:
    """Repeat the row on every page, or keep it on one."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))  # noqa: SLF001 - no such setting


def _cell(cell: Any, text: str, *, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(2)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(11)


def _foot(document: Any) -> None:
    table = _columns(document.add_table(rows=1, cols=2), (70, 90))
    _row_property(table.rows[0], "w:cantSplit")
    left, right = table.rows[0].cells
    _fill(left, [("Nơi nhận:", True, 12), ("- Như trên;", False, 11), ("- Lưu: VT, …", False, 11)])
    for paragraph in left.paragraphs:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    _fill(right, [("QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ", True, 13), ("", False, 13), ("", False, 13)])

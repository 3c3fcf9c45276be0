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
from tasks.report_words import cells, deadline, number, place, title, whole

_FONT = "Times New Roman"
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
    for view in dict.fromkeys(line.view for line in now.lines):
        mine = [line for line in now.lines if line.view == view]
        _text(document, f"1. Kết quả: {mine[0].view_name}", bold=True)
        _table(document, _COLUMNS, (cells(line)[:8] for line in mine))
    _text(document, "2. Đánh giá", bold=True)
    for line in now.lines:
        if line.met is False:
            more = (
                f"; còn thiếu {whole(line.gap_units)}" if line.gap_units is not None else ""
            ) + (
                f", cần {number(line.per_working_day)} mỗi ngày làm việc"
                if line.per_working_day is not None
                else ""
            )
            _text(
                document,
                f"- {line.name}, {place(line)} ({line.view_name}): chưa đạt, "
                f"{number(line.value)} so với {number(line.target)}{more}.",
            )
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
    _text(document, deadline(now))
    _foot(document)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


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
    style = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    style.paragraph_format.space_after = Pt(6)
    style.paragraph_format.line_spacing = 1.0


def _head(document: Any, now: PlanReport) -> None:
    """Agency and number at the left; national name, motto, place and day at the right."""
    table = document.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    _fill(
        left,
        [((now.authority or "CƠ QUAN BÁO CÁO").upper(), True, 13), ("Số:        /BC-…", False, 13)],
    )
    _fill(
        right,
        [
            ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", True, 12),
            ("Độc lập - Tự do - Hạnh phúc", True, 13),
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
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)


def _table(document: Any, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(head))
    table.style = "Table Grid"
    for cell, name in zip(table.rows[0].cells, head, strict=True):
        _cell(cell, name, bold=True)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            _cell(cell, text)


def _cell(cell: Any, text: str, *, bold: bool = False) -> None:
    run = cell.paragraphs[0].add_run(text)
    run.bold, run.font.size = bold, Pt(11)


def _foot(document: Any) -> None:
    table = document.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    _fill(left, [("Nơi nhận:", True, 12), ("- Như trên;", False, 11), ("- Lưu: VT, …", False, 11)])
    for paragraph in left.paragraphs:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    _fill(right, [("QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ", True, 13), ("", False, 13), ("", False, 13)])

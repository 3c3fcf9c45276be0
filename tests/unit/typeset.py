"""Pages as recognition would give them: words with boxes, set like print on A4 at 300 dpi."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.vietnamese import nfc
from domain.words import Box, PageText, Word

WIDTH, HEIGHT = 2480, 3508
EM = 54
"""13 points at 300 dpi."""
_SPACE = 14


@dataclass
class Sheet:
    """A page under construction; `put` sets one line of words."""

    page: int = 1
    source: str = "ocr"
    words: list[Word] = field(default_factory=list)
    lines: int = 0

    def put(
        self,
        text: str,
        y: int,
        *,
        x: int | None = None,
        centre: float = 0.5,
        confidence: float = 0.96,
        pen: str = "",
    ) -> Sheet:
        """Set a line with its capitals' foot at `y` + 0.7 em; words in `pen` stand as by hand."""
        words = nfc(text).split()
        widths = [round(0.5 * EM * len(word)) for word in words]
        total = sum(widths) + _SPACE * (len(words) - 1)
        at = x if x is not None else round(WIDTH * centre - total / 2)
        for word, width in zip(words, widths, strict=True):
            by_hand = bool(pen) and word in pen.split()
            top, height = _extent(word)
            box = Box(
                x=at,
                y=y + top - (8 if by_hand else 0),
                width=width,
                height=height + (18 if by_hand else 0),
            )
            self.words.append(Word(text=word, box=box, confidence=confidence, line=self.lines))
            at += width + _SPACE
        self.lines += 1
        return self

    def read(self) -> PageText:
        """The page as recognised."""
        return PageText(
            page=self.page,
            width=WIDTH,
            height=HEIGHT,
            dpi=300,
            source=self.source,
            words=tuple(self.words),
        )


def _extent(word: str) -> tuple[int, int]:
    """Top above the capitals' top (negative) and height of a word's ink, in pixels."""
    accent = 12 if set(word) & set("ốỐổồộếềểấầẩắằẳớờởứừửÁÀẢÂĂÊÔƠƯẤỦỘẾĨ") else 0
    tail = 11 if set(word) & set("Qgpqyj,;") else 0
    return -accent, round(0.7 * EM) + accent + tail


def letterhead(
    number: str = "Số: 88/QĐ-UBND",
    *,
    agency: tuple[str, ...] = ("ỦY BAN NHÂN DÂN", "TỈNH HƯNG YÊN"),
    date: str = "Hưng Yên, ngày 09 tháng 02 năm 2026",
    pen: str = "",
    page: int = 1,
) -> Sheet:
    """The two-column header of NĐ 30/2020/NĐ-CP; each printed row is one line of both columns."""
    sheet = Sheet(page=page)
    rows = [*agency]
    sheet.put(rows[0], 200, centre=0.27)
    sheet.put("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 200, centre=0.7)
    sheet.put("Độc lập - Tự do - Hạnh phúc", 270, centre=0.7)
    for at, row in enumerate(rows[1:], start=1):
        sheet.put(row, 200 + 70 * at, centre=0.27)
    below = 200 + 70 * len(rows) + 60
    sheet.put(number, below, centre=0.27, pen=pen)
    sheet.put(date, below, centre=0.7, pen=pen)
    return sheet


def decision(number: str = "Số: 88/QĐ-UBND", **how: object) -> Sheet:
    """A clean printed decision with its subject and its opening."""
    sheet = letterhead(number, **how)  # type: ignore[arg-type]
    sheet.put("QUYẾT ĐỊNH", 560)
    sheet.put("Về việc phê duyệt Đề án cải cách hành chính", 625)
    sheet.put("của tỉnh Hưng Yên năm 2026", 690)
    sheet.put("CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH HƯNG YÊN", 860)
    sheet.put("Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;", 980, x=400)
    sheet.put("Điều 1. Phê duyệt Đề án với các nội dung chính như sau:", 1100, x=400)
    return sheet


def letter() -> Sheet:
    """A công văn whose text quotes the titles of other documents."""
    sheet = letterhead("Số: 299/UBND-TTHC")
    sheet.put("V/v công bố Danh mục TTHC", 470, centre=0.27)
    sheet.put("và xây dựng quy trình nội bộ", 530, centre=0.27)
    sheet.put("Kính gửi: Sở Giao thông vận tải", 760)
    body = "Thực hiện nội dung các Quyết định của Bộ trưởng về việc công bố thủ tục hành chính mới"
    sheet.put(body, 900, x=300)
    sheet.put("QUYẾT ĐỊNH", 1100)
    return sheet


def birth_certificate(child: str = "033226001234") -> Sheet:
    """A birth certificate: header of one column, labels, the parents' numbers after the child's."""
    sheet = Sheet()
    sheet.put("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 200)
    sheet.put("Độc lập - Tự do - Hạnh phúc", 270)
    sheet.put("GIẤY KHAI SINH", 420)
    sheet.put("Số: 45/2026", 500, x=1800)
    rows = [
        "Họ, chữ đệm, tên: NGUYỄN MINH AN",
        "Ngày, tháng, năm sinh: 03/02/2026",
        "Giới tính: Nam Dân tộc: Kinh Quốc tịch: Việt Nam",
        "Nơi sinh: Bệnh viện Đa khoa tỉnh Hưng Yên",
        f"Số định danh cá nhân: {child}",
        "Họ, chữ đệm, tên người mẹ: Trần Thị Lan",
        "Số định danh cá nhân: 033190004321",
        "Nơi đăng ký khai sinh: Ủy ban nhân dân xã Tân Hòa, tỉnh Hưng Yên",
        "Ngày, tháng, năm đăng ký: 09/02/2026",
    ]
    for at, row in enumerate(rows):
        sheet.put(row, 600 + 90 * at, x=300)
    return sheet

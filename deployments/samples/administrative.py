"""Administrative documents, laid out as NĐ 30/2020/NĐ-CP Phụ lục I wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deployments.samples import agencies, authorities, phrases
from deployments.samples.fonts import Style
from deployments.samples.layout import (
    Agency,
    Setting,
    letterhead,
    marks_of_others,
    signed_off,
)
from deployments.samples.sheet import Row, Sheet, plain
from deployments.samples.truth import Fields
from domain.document_types import DocumentType

_OF_LAWS = frozenset({"NĐ", "TT"})
"""Symbols of decrees and circulars, whose numbers carry the year (Luật Ban hành VBQPPL)."""
_LAST_PAGE_SHARE = 0.42
"""How far the last page is filled before the closing words and the signer block."""


@dataclass(frozen=True)
class Form:
    """What sets one type of administrative document apart."""

    symbol: str
    title: str | None
    subject: str
    """With `{topic}`, `{area}` and `{year}`."""
    opening: Callable[[Sheet, Agency, dict[str, str], Setting], None]
    sentences: tuple[str, ...]
    numbering: Callable[[int], str]
    """What stands before the n-th sentence of the body, counted from 1."""
    closing: str


@dataclass
class _Body:
    """Sentences in drawn order, numbered; drawn anew when all have been used."""

    setting: Setting
    form: Form
    facts: dict[str, str]

    def __iter__(self) -> Iterator[str]:
        rng, number = self.setting.rng, 0
        while True:
            for sentence in rng.sample(self.form.sentences, len(self.form.sentences)):
                number += 1
                figures = {"n": str(rng.randrange(2, 9)), "m": str(rng.randrange(12, 98))}
                yield self.form.numbering(number) + sentence.format(**self.facts, **figures)


def _open_decision(sheet: Sheet, agency: Agency, facts: dict[str, str], setting: Setting) -> None:
    who = agency.name.upper()
    sheet.heading(f"CHỦ TỊCH {who}" if "ỦY BAN" in who else f"GIÁM ĐỐC {who}")
    for basis in setting.rng.sample(phrases.BASES, 3):
        sheet.paragraph(basis, style=Style.ITALIC)
    sheet.paragraph(
        f"Theo đề nghị của Chánh Văn phòng về {facts['topic']}.", style=Style.ITALIC, after=8
    )
    sheet.heading("QUYẾT ĐỊNH:", after=8)


def _open_plan(sheet: Sheet, agency: Agency, facts: dict[str, str], _setting: Setting) -> None:
    sheet.paragraph(
        f"Để triển khai kịp thời, hiệu quả công tác {facts['topic']}, {agency.name} ban hành Kế "
        f"hoạch thực hiện trên địa bàn {agency.area} như sau:"
    )
    sheet.paragraph("**I. MỤC ĐÍCH, YÊU CẦU**")
    sheet.paragraph(
        "Xác định rõ nội dung công việc, thời hạn, tiến độ hoàn thành và trách nhiệm của từng cơ "
        "quan, đơn vị; bảo đảm thống nhất, đồng bộ, tiết kiệm và đúng quy định của pháp luật."
    )
    sheet.paragraph("**II. NHIỆM VỤ, GIẢI PHÁP**")


def _open_letter(sheet: Sheet, _agency: Agency, facts: dict[str, str], setting: Setting) -> None:
    to = setting.rng.choice(
        (
            "Kính gửi: Các cơ quan, đơn vị trực thuộc",
            "Kính gửi: Trung tâm Phục vụ hành chính công",
            "Kính gửi: Văn phòng Hội đồng nhân dân và Ủy ban nhân dân",
        )
    )
    sheet.paragraph(to, align="centre", indent=0, after=12)
    sheet.paragraph(
        f"Thực hiện chỉ đạo của cấp trên về {facts['topic']}, sau khi xem xét đề nghị của các cơ "
        "quan liên quan, đề nghị các cơ quan, đơn vị thực hiện tốt một số nội dung sau đây:"
    )


def _open_proposal(sheet: Sheet, _agency: Agency, facts: dict[str, str], setting: Setting) -> None:
    to = "Kính gửi: Hội đồng nhân dân " + (
        f"tỉnh {setting.place.province}" if setting.rng.random() < 0.5 else facts["area"]
    )
    sheet.paragraph(to, align="centre", indent=0, after=12)
    sheet.paragraph(
        f"Qua rà soát tình hình thực tế về {facts['topic']} và ý kiến thống nhất của các cơ quan "
        "chuyên môn, kính trình Hội đồng nhân dân xem xét, quyết định các nội dung chính như sau:"
    )


def _open_notice(sheet: Sheet, agency: Agency, facts: dict[str, str], setting: Setting) -> None:
    day = setting.rng.randrange(3, 27)
    sheet.paragraph(
        f"Ngày {day:02} tháng {setting.issued.month} năm {setting.issued.year}, lãnh đạo "
        f"{agency.name} đã chủ trì cuộc họp về {facts['topic']}. Sau khi nghe báo cáo và ý kiến "
        "của các đại biểu, người chủ trì kết luận như sau:"
    )


def _open_report(sheet: Sheet, agency: Agency, facts: dict[str, str], _setting: Setting) -> None:
    sheet.paragraph(
        f"Thực hiện chế độ thông tin, báo cáo theo quy định, {agency.name} báo cáo kết quả thực "
        f"hiện công tác {facts['topic']} trong năm {facts['year']} như sau:"
    )
    sheet.paragraph("**I. KẾT QUẢ THỰC HIỆN**")


def _open_directive(sheet: Sheet, agency: Agency, facts: dict[str, str], _: Setting) -> None:
    sheet.paragraph(
        f"Thời gian qua, công tác {facts['topic']} trên địa bàn {agency.area} đã đạt nhiều kết quả "
        "tích cực. Tuy nhiên, một số nơi còn chủ quan, thiếu kiểm tra. Để khắc phục, yêu cầu các "
        "cơ quan, đơn vị tập trung thực hiện các nhiệm vụ sau:"
    )


def _points(number: int) -> str:
    return f"{number}. "


def _articles(number: int) -> str:
    """Articles (điều) of four clauses each."""
    article, clause = divmod(number - 1, 4)
    return f"{clause}. " if clause else f"**Điều {article + 1}.** "


FORMS: dict[str, Form] = {
    "quyet-dinh": Form(
        "QĐ",
        "QUYẾT ĐỊNH",
        "Về việc phê duyệt Đề án {topic} năm {year}",
        _open_decision,
        phrases.TASKS,
        _articles,
        "Quyết định này có hiệu lực thi hành kể từ ngày ký. Chánh Văn phòng, Thủ trưởng các cơ "
        "quan, đơn vị liên quan chịu trách nhiệm thi hành Quyết định này./.",
    ),
    "ke-hoach": Form(
        "KH",
        "KẾ HOẠCH",
        "Triển khai công tác {topic} năm {year} trên địa bàn {area}",
        _open_plan,
        phrases.TASKS,
        _points,
        "Trên đây là Kế hoạch triển khai công tác {topic}; yêu cầu các cơ quan, đơn vị nghiêm túc "
        "tổ chức thực hiện./.",
    ),
    "cong-van": Form(
        "",
        None,
        "tăng cường công tác {topic}",
        _open_letter,
        phrases.TASKS,
        _points,
        "Đề nghị các cơ quan, đơn vị quan tâm, phối hợp thực hiện./.",
    ),
    "to-trinh": Form(
        "TTr",
        "TỜ TRÌNH",
        "Về việc bố trí kinh phí thực hiện công tác {topic} năm {year}",
        _open_proposal,
        phrases.TASKS,
        _points,
        "Kính trình Hội đồng nhân dân xem xét, quyết định./.",
    ),
    "thong-bao": Form(
        "TB",
        "THÔNG BÁO",
        "Kết luận tại cuộc họp về công tác {topic}",
        _open_notice,
        phrases.TASKS,
        _points,
        "Thông báo để các cơ quan, đơn vị biết, thực hiện./.",
    ),
    "bao-cao": Form(
        "BC",
        "BÁO CÁO",
        "Kết quả thực hiện công tác {topic} năm {year}",
        _open_report,
        phrases.RESULTS + phrases.TASKS,
        _points,
        "Trên đây là báo cáo kết quả thực hiện công tác {topic}./.",
    ),
    "chi-thi": Form(
        "CT",
        "CHỈ THỊ",
        "Về việc tăng cường công tác {topic} trên địa bàn {area}",
        _open_directive,
        phrases.TASKS,
        _points,
        "Yêu cầu Thủ trưởng các cơ quan, đơn vị nghiêm túc thực hiện Chỉ thị này./.",
    ),
}


def compose(kind: str, sheet: Sheet, setting: Setting) -> Fields:
    """Set an administrative document of this kind; what stands in it is returned."""
    return compose_form(FORMS[kind], sheet, setting)


def form_for(entry: DocumentType) -> Form:
    """The form of an administrative type that has none of its own: by name and symbol."""
    return Form(
        entry.symbol,
        entry.titles[0],
        "Về việc thực hiện công tác {topic} năm {year}",
        _open_notice,
        phrases.TASKS,
        _points,
        f"Trên đây là {entry.name} về công tác {{topic}}; đề nghị các cơ quan, đơn vị phối hợp "
        "thực hiện./.",
    )


def compose_form(form: Form, sheet: Sheet, setting: Setting) -> Fields:
    """Set a document of this form; what stands in it is returned."""
    rng = setting.rng
    if setting.any_authority:
        agency = authorities.draw(setting, form.symbol)
        marks_of_others(sheet, setting)
    else:
        agency = agencies.administrative_issuer(setting)
    topic = rng.choice(phrases.TOPICS)
    facts = {"topic": topic, "area": agency.area, "year": str(setting.issued.year)}
    subject = form.subject.format(**facts)
    number = _numbered(sheet, setting, agency, form, subject)
    if form.title:
        sheet.heading(form.title, size=14.5, after=2)
        sheet.paragraph(f"**{subject}**", align="centre", indent=0, inset=0, after=2, size=14)
        sheet.rule(90, after=14)
    form.opening(sheet, agency, facts, setting)
    for sentence in _Body(setting, form, facts):
        if sheet.filled(setting.pages, _LAST_PAGE_SHARE):
            break
        sheet.paragraph(sentence)
    sheet.paragraph(form.closing.format(**facts), after=14)
    receivers = [
        Row("Nơi nhận:", 12, Style.BOLD_ITALIC),
        *(Row(line, 11) for line in rng.choice(phrases.RECEIVERS)),
        Row("- Lưu: VT.", 11),
    ]
    signed_off(sheet, setting, agency, receivers, signer=agency.signer)
    return Fields(
        number=number,
        issue_date=setting.issued,
        issuer=agency.name,
        title=form.title,
        subject=subject,
    )


def _numbered(sheet: Sheet, setting: Setting, agency: Agency, form: Form, subject: str) -> str:
    """Set the header with the number (and a công văn's subject); the number is returned."""
    rng = setting.rng
    serial = f"{rng.randrange(3, 980):02}"
    unit = rng.choice(agency.units or ("NC", "KSTT", "TH")) if not form.symbol else ""
    tail = f"{form.symbol}-{agency.symbol}" if form.symbol else f"{agency.symbol}-{unit}"
    marked = f"{setting.by_hand(serial)}/{tail}"
    label = "Số:"
    if agency.party:
        label, marked = "Số", f"{setting.by_hand(serial)}-{form.symbol or 'CV'}/{agency.symbol}"
    elif form.symbol in _OF_LAWS:
        marked = f"{setting.by_hand(serial)}/{setting.issued.year}/{tail}"
    rows = [Row(f"{label} {marked}", 13, space=8)]
    if not form.title:
        words = f"V/v {subject}".split(" ")
        lines = [""]
        for word in words:
            if len(lines[-1]) + len(word) > 30:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        rows += [Row(line, 12, space=4 if at == 0 else 0) for at, line in enumerate(lines)]
    letterhead(sheet, setting, agency, rows)
    return plain(marked)

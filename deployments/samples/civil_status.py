"""Papers of civil status (hộ tịch): birth, death, marriage, marital status, criminal record."""

from __future__ import annotations

from datetime import date, timedelta

from deployments.samples import agencies, names
from deployments.samples.fonts import Style
from deployments.samples.layout import (
    Agency,
    Setting,
    centred_head,
    letterhead,
    signed_off,
)
from deployments.samples.people import Person, draw_date, draw_person, months_later
from deployments.samples.sheet import PAGE_WIDTH, RIGHT, WIDE, Row, Sheet
from deployments.samples.truth import Fields
from deployments.samples.wording import date_in_words, slashed


def labelled(sheet: Sheet, *lines: str) -> None:
    """Set lines of a form, each `Nhãn: giá trị`."""
    for line in lines:
        sheet.paragraph(line, size=13.5, align="left", indent=0, after=5)


def _registered_at(setting: Setting, agency: Agency) -> str:
    place = setting.place
    above = f", huyện {place.district}" if place.district else ""
    return f"{agency.name}{above}, tỉnh {place.province}"


def _home(setting: Setting) -> str:
    return f"Thôn {setting.rng.choice(names.HAMLETS)}, {setting.place.commune_address}"


def _number_at_right(sheet: Sheet, number: str) -> None:
    row = Row(f"Số: {number}", 13)
    sheet.y = sheet.block([row], PAGE_WIDTH - RIGHT - 60, sheet.y - 4) + 8


def _parent(label: str, person: Person, ethnic: str, home: str) -> tuple[str, ...]:
    return (
        f"Họ, chữ đệm, tên người {label}: **{person.name}**",
        f"Năm sinh: {person.born.year}{WIDE}Dân tộc: {ethnic}{WIDE}Quốc tịch: Việt Nam",
        f"Nơi cư trú: {home}",
    )


def birth(sheet: Sheet, setting: Setting) -> Fields:
    """Giấy khai sinh; its owner is the child."""
    rng, place = setting.rng, setting.place
    agency = agencies.commune_committee(setting)
    born = setting.issued - timedelta(days=rng.randrange(5, 50))
    father = draw_person(rng, place, female=False)
    mother = draw_person(rng, place, female=True)
    child = draw_person(rng, place, born=born, family=father.name.split(" ")[0])
    number, home = f"{rng.randrange(12, 290)}/{setting.issued.year}", _home(setting)
    ethnic = rng.choice(names.ETHNIC)
    centred_head(sheet)
    sheet.heading("GIẤY KHAI SINH", size=19, after=8)
    _number_at_right(sheet, number)
    labelled(
        sheet,
        f"Họ, chữ đệm, tên: **{child.name.upper()}**",
        f"Ngày, tháng, năm sinh: {slashed(born)}",
        f"Ghi bằng chữ: {date_in_words(born)}",
        f"Giới tính: {child.sex}{WIDE}Dân tộc: {ethnic}{WIDE}Quốc tịch: Việt Nam",
        f"Nơi sinh: Trung tâm Y tế khu vực, {place.commune_address}",
        f"Quê quán: {place.commune_address[0].upper()}{place.commune_address[1:]}",
        f"Số định danh cá nhân: {child.number}",
        *_parent("mẹ", mother, ethnic, home),
        *_parent("cha", father, ethnic, home),
        f"Họ, chữ đệm, tên người đi khai sinh: {father.name}",
        f"Giấy tờ tùy thân: Căn cước công dân số {father.number}",
        f"Nơi đăng ký khai sinh: {_registered_at(setting, agency)}",
        f"Ngày, tháng, năm đăng ký: {slashed(setting.issued)}",
    )
    signed_off(sheet, setting, agency, (), signer=("NGƯỜI KÝ GIẤY KHAI SINH", agency.signer[-1]))
    return Fields(
        number=number,
        issue_date=setting.issued,
        issuer=agency.name,
        title="GIẤY KHAI SINH",
        owner_id=child.number,
    )


def death(sheet: Sheet, setting: Setting) -> Fields:
    """Trích lục khai tử; its owner is the deceased."""
    rng = setting.rng
    agency = agencies.commune_committee(setting)
    born = date(1934, 1, 1) + timedelta(days=rng.randrange(9000))
    dead = draw_person(rng, setting.place, born=born)
    day = setting.issued - timedelta(days=rng.randrange(1, 14))
    number = f"{rng.randrange(4, 120):02}/TLKT"
    letterhead(sheet, setting, agency, [Row(f"Số: {number}", 13, space=8)])
    sheet.heading("TRÍCH LỤC KHAI TỬ", size=16, after=14)
    labelled(
        sheet,
        f"Họ, chữ đệm, tên: **{dead.name.upper()}**",
        f"Ngày, tháng, năm sinh: {slashed(born)}",
        f"Giới tính: {dead.sex}{WIDE}Dân tộc: Kinh{WIDE}Quốc tịch: Việt Nam",
        f"Số định danh cá nhân: {dead.number}",
        f"Nơi cư trú cuối cùng: {_home(setting)}",
        f"Đã chết vào lúc: {rng.randrange(1, 24)} giờ {rng.randrange(1, 60):02} phút, "
        f"ngày {slashed(day)}",
        f"Ghi bằng chữ: {date_in_words(day)}",
        "Nơi chết: Tại nhà riêng",
        "Nguyên nhân chết: Tuổi già, bệnh lý",
        f"Đã đăng ký khai tử tại: {_registered_at(setting, agency)}",
        f"Ngày, tháng, năm đăng ký: {slashed(setting.issued)}",
        "Trích lục này được cấp cho thân nhân của người chết để làm các thủ tục liên quan.",
    )
    sheet.y += 10
    signed_off(sheet, setting, agency, (), signer=("NGƯỜI KÝ TRÍCH LỤC", agency.signer[-1]))
    return Fields(
        number=number,
        issue_date=setting.issued,
        issuer=agency.name,
        title="TRÍCH LỤC KHAI TỬ",
        owner_id=dead.number,
    )


def _spouse(label: str, person: Person, home: str) -> tuple[str, ...]:
    return (
        f"Họ, chữ đệm, tên {label}: **{person.name.upper()}**",
        f"Ngày, tháng, năm sinh: {slashed(person.born)}",
        f"Dân tộc: Kinh{WIDE}Quốc tịch: Việt Nam",
        f"Nơi cư trú: {home}",
        f"Giấy tờ tùy thân: Căn cước công dân số {person.number}",
    )


def marriage(sheet: Sheet, setting: Setting) -> Fields:
    """Giấy chứng nhận kết hôn; it has two owners, so the truth names none."""
    rng = setting.rng
    agency = agencies.commune_committee(setting)
    number = f"{rng.randrange(5, 140):02}/{setting.issued.year}"
    centred_head(sheet)
    sheet.heading("GIẤY CHỨNG NHẬN KẾT HÔN", size=18, after=8)
    _number_at_right(sheet, number)
    labelled(
        sheet,
        *_spouse("vợ", draw_person(rng, setting.place, female=True), _home(setting)),
        *_spouse("chồng", draw_person(rng, setting.place, female=False), _home(setting)),
        f"Nơi đăng ký kết hôn: {_registered_at(setting, agency)}",
        f"Ngày, tháng, năm đăng ký: {slashed(setting.issued)}",
        "Giấy chứng nhận kết hôn này có giá trị kể từ ngày đăng ký.",
    )
    sheet.y += 10
    signer = ("NGƯỜI KÝ GIẤY CHỨNG NHẬN KẾT HÔN", agency.signer[-1])
    signed_off(sheet, setting, agency, (), signer=signer)
    return Fields(
        number=number,
        issue_date=setting.issued,
        issuer=agency.name,
        title="GIẤY CHỨNG NHẬN KẾT HÔN",
    )


def marital_status(sheet: Sheet, setting: Setting) -> Fields:
    """Giấy xác nhận tình trạng hôn nhân; valid for six months from its issue."""
    rng = setting.rng
    agency = agencies.commune_committee(setting)
    person = draw_person(rng, setting.place)
    number = f"{rng.randrange(3, 260):02}/UBND-XNTTHN"
    letterhead(sheet, setting, agency, [Row(f"Số: {number}", 13, space=8)])
    sheet.heading("GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN", size=15, after=10)
    sheet.heading(agency.name.upper(), size=13.5, after=10)
    sheet.paragraph(
        f"Căn cứ Luật Hộ tịch; xét đề nghị của ông/bà {person.name} về việc cấp Giấy xác nhận "
        "tình trạng hôn nhân,",
        size=13.5,
        style=Style.ITALIC,
    )
    sheet.heading("XÁC NHẬN:", size=13.5, after=8)
    labelled(
        sheet,
        f"Họ, chữ đệm, tên: **{person.name.upper()}**",
        f"Ngày, tháng, năm sinh: {slashed(person.born)}",
        f"Giới tính: {person.sex}{WIDE}Dân tộc: Kinh{WIDE}Quốc tịch: Việt Nam",
        f"Số định danh cá nhân: {person.number}",
        f"Nơi cư trú: {_home(setting)}",
        "Tình trạng hôn nhân: Chưa đăng ký kết hôn với ai",
        "Giấy này được cấp để: làm thủ tục đăng ký kết hôn",
        "Giấy này có giá trị trong thời hạn 06 tháng kể từ ngày cấp.",
    )
    sheet.y += 10
    signed_off(sheet, setting, agency, (), signer=("NGƯỜI KÝ", agency.signer[-1]))
    return Fields(
        number=number,
        issue_date=setting.issued,
        issuer=agency.name,
        title="GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN",
        owner_id=person.number,
        valid_until=months_later(setting.issued, 6),
    )


def criminal_record(sheet: Sheet, setting: Setting) -> Fields:
    """Phiếu lý lịch tư pháp số 1: by Sở Tư pháp until February 2025, then by Công an tỉnh."""
    rng, place = setting.rng, setting.place
    agency = (
        agencies.department(setting, f"Công an tỉnh {place.province}", "CAT")
        if setting.issued >= date(2025, 3, 1)
        else agencies.department(setting, "Sở Tư pháp", "STP")
    )
    person = draw_person(rng, place)
    number = f"{rng.randrange(120, 5200)}/{agency.symbol}-LLTP"
    letterhead(sheet, setting, agency, [Row(f"Số: {number}", 13, space=8)])
    sheet.heading("PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1", size=16, after=12)
    sheet.paragraph(
        "Căn cứ Luật Lý lịch tư pháp ngày 17 tháng 6 năm 2009;", size=13.5, style=Style.ITALIC
    )
    sheet.heading("XÁC NHẬN:", size=13.5, after=8)
    identified = draw_date(rng, date(2021, 4, 1), date(2023, 12, 1))
    labelled(
        sheet,
        f"1. Họ và tên: **{person.name.upper()}**",
        f"2. Giới tính: {person.sex}",
        f"3. Ngày, tháng, năm sinh: {slashed(person.born)}",
        f"4. Nơi sinh: {place.commune_address[0].upper()}{place.commune_address[1:]}",
        "5. Quốc tịch: Việt Nam",
        f"6. Nơi thường trú: {_home(setting)}",
        f"7. Căn cước công dân số: {person.number}, cấp ngày {slashed(identified)}",
        "8. Tình trạng án tích: Không có án tích",
    )
    sheet.y += 10
    signed_off(sheet, setting, agency, (), signer=agency.signer)
    return Fields(
        number=number,
        issue_date=setting.issued,
        issuer=agency.name,
        title="PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1",
        owner_id=person.number,
    )

"""Licences and certificates: household business, enterprise, building permit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from deployments.samples import agencies, names
from deployments.samples.civil_status import labelled
from deployments.samples.fonts import Style
from deployments.samples.layout import Setting, letterhead, signed_off
from deployments.samples.people import draw_person, months_later, tax_number
from deployments.samples.sheet import WIDE, Row, Sheet
from deployments.samples.truth import Fields
from deployments.samples.wording import day_month_year, dotted, slashed

_TRADES = (
    "Bán lẻ lương thực, thực phẩm",
    "Dịch vụ ăn uống",
    "Sửa chữa xe máy",
    "May mặc, sửa quần áo",
    "Bán buôn vật liệu xây dựng",
    "Chế biến nông sản",
)


def _address(setting: Setting) -> str:
    rng = setting.rng
    street = rng.choice(names.STREETS)
    return f"Số {rng.randrange(2, 290)}, đường {street}, {setting.place.commune_address}"


def household_business(sheet: Sheet, setting: Setting) -> Fields:
    """Giấy chứng nhận đăng ký hộ kinh doanh; its owner is the head of the household."""
    rng, place = setting.rng, setting.place
    agency = agencies.local_committee(setting)
    owner = draw_person(rng, place)
    number = f"{place.province_code[1:]}{rng.choice('ABCDE')}8{rng.randrange(100000, 999999)}"
    letterhead(sheet, setting, agency, [Row(f"Số: {number}", 13, space=8)])
    sheet.heading("GIẤY CHỨNG NHẬN", size=16, after=0)
    sheet.heading("ĐĂNG KÝ HỘ KINH DOANH", size=16, after=4)
    sheet.paragraph(
        f"Đăng ký lần đầu, {day_month_year(setting.issued)}",
        size=13.5,
        style=Style.ITALIC,
        align="centre",
        indent=0,
        after=12,
    )
    trade = rng.choice(_TRADES)
    labelled(
        sheet,
        f"1. Tên hộ kinh doanh: **HỘ KINH DOANH {owner.name.upper()}**",
        f"2. Địa chỉ trụ sở hộ kinh doanh: {_address(setting)}",
        f"Điện thoại: 09{rng.randrange(10**7, 10**8)}",
        f"3. Ngành, nghề kinh doanh: {trade}",
        f"4. Vốn kinh doanh: {dotted(rng.randrange(5, 90) * 10_000_000)} đồng",
        "5. Thông tin về chủ hộ kinh doanh",
        f"Họ và tên chủ hộ kinh doanh: **{owner.name.upper()}**{WIDE}Giới tính: {owner.sex}",
        f"Sinh ngày: {slashed(owner.born)}{WIDE}Dân tộc: Kinh{WIDE}Quốc tịch: Việt Nam",
        f"Số định danh cá nhân: {owner.number}",
        f"Nơi thường trú: Thôn {rng.choice(names.HAMLETS)}, {place.commune_address}",
        "6. Chủ thể thành lập hộ kinh doanh: Cá nhân",
    )
    sheet.y += 10
    signed_off(sheet, setting, agency, (), signer=agency.signer)
    return Fields(
        number=number,
        issue_date=setting.issued,
        issuer=agency.name,
        title="GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH",
        owner_id=owner.number,
    )


def enterprise(sheet: Sheet, setting: Setting) -> Fields:
    """Giấy chứng nhận đăng ký doanh nghiệp; number and owner are the enterprise's tax number."""
    rng, place = setting.rng, setting.place
    parent = "Sở Tài chính" if setting.reformed else "Sở Kế hoạch và Đầu tư"
    office = agencies.department(
        setting, "Phòng Đăng ký kinh doanh", "ĐKKD", director="TRƯỞNG PHÒNG"
    )
    agency = replace(
        office,
        head=(parent.upper(), f"TỈNH {place.province.upper()}"),
        own=("PHÒNG ĐĂNG KÝ", "KINH DOANH"),
    )
    code = tax_number(rng, place.province_code[1:])
    head = draw_person(rng, place)
    letterhead(sheet, setting, agency, ())
    sheet.heading("GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP", size=15.5, after=0)
    sheet.heading("CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN", size=14, after=6)
    for text in (
        f"**Mã số doanh nghiệp: {code}**",
        f"Đăng ký lần đầu: {day_month_year(setting.issued)}",
    ):
        sheet.paragraph(text, size=13.5, align="centre", indent=0, after=4)
    brand = f"{rng.choice(names.HAMLETS)} {rng.choice(names.MALE_GIVEN)}"
    labelled(
        sheet,
        "**1. Tên công ty**",
        f"Tên công ty viết bằng tiếng Việt: CÔNG TY TNHH MTV {brand.upper()}",
        "**2. Địa chỉ trụ sở chính**",
        _address(setting),
        f"Điện thoại: 02{rng.randrange(10**8, 10**9)}",
        "**3. Vốn điều lệ**",
        f"{dotted(rng.randrange(5, 90) * 100_000_000)} đồng",
        "**4. Người đại diện theo pháp luật**",
        f"Họ và tên: **{head.name.upper()}**{WIDE}Giới tính: {head.sex}",
        "Chức danh: Giám đốc",
        f"Sinh ngày: {slashed(head.born)}{WIDE}Dân tộc: Kinh{WIDE}Quốc tịch: Việt Nam",
        f"Số giấy tờ pháp lý của cá nhân: {head.number}",
        f"Địa chỉ thường trú: Thôn {rng.choice(names.HAMLETS)}, {place.commune_address}",
    )
    sheet.y += 10
    signed_off(sheet, setting, agency, (), signer=agency.signer)
    return Fields(
        number=code,
        issue_date=setting.issued,
        issuer=agency.name,
        title="GIẤY CHỨNG NHẬN ĐĂNG KÝ DOANH NGHIỆP",
        owner_id=code,
    )


def building_permit(sheet: Sheet, setting: Setting) -> Fields:
    """Giấy phép xây dựng on two pages; work must start within twelve months of its issue."""
    rng, place = setting.rng, setting.place
    agency = agencies.local_committee(setting)
    owner = draw_person(rng, place)
    number = f"{rng.randrange(3, 420):02}/GPXD"
    plot = rng.randrange(80, 320)
    decided = setting.issued - timedelta(days=rng.randrange(400, 900))
    letterhead(sheet, setting, agency, [Row(f"Số: {number}", 13, space=8)])
    sheet.heading("GIẤY PHÉP XÂY DỰNG", size=16, after=2)
    sheet.paragraph(
        "(Sử dụng cho nhà ở riêng lẻ)", style=Style.ITALIC, align="centre", indent=0, after=10
    )
    labelled(
        sheet,
        f"1. Cấp cho: Ông/bà **{owner.name.upper()}**",
        f"Số định danh cá nhân: {owner.number}",
        f"Địa chỉ liên hệ: Thôn {rng.choice(names.HAMLETS)}, {place.commune_address}",
        "2. Được phép xây dựng công trình: Nhà ở riêng lẻ",
        f"- Theo thiết kế do: Công ty TNHH Tư vấn {rng.choice(names.MALE_GIVEN)} Phát lập",
        f"- Trên thửa đất số {rng.randrange(10, 900)}, tờ bản đồ số {rng.randrange(3, 60)}",
        f"- Diện tích thửa đất: {plot} m2; cốt nền xây dựng công trình: +0,45 m",
        f"- Diện tích xây dựng tầng một: {plot * 6 // 10} m2; mật độ xây dựng: 60%",
        f"- Tổng diện tích sàn: {plot * 12 // 10} m2; số tầng: 02",
        f"- Chiều cao toàn công trình: {rng.randrange(7, 12)},5 m",
        f"3. Giấy tờ về đất đai: Giấy chứng nhận quyền sử dụng đất cấp ngày {slashed(decided)}",
        "4. Giấy phép này có hiệu lực khởi công xây dựng trong thời hạn 12 tháng kể từ ngày cấp; "
        "quá thời hạn trên thì phải đề nghị gia hạn giấy phép xây dựng.",
    )
    sheet.y += 8
    receivers = [
        Row("Nơi nhận:", 12, Style.BOLD_ITALIC),
        Row("- Chủ đầu tư;", 11),
        Row("- Lưu: VT, hồ sơ.", 11),
    ]
    signed_off(sheet, setting, agency, receivers, signer=agency.signer)
    _duties_of_the_owner(sheet)
    return Fields(
        number=number,
        issue_date=setting.issued,
        issuer=agency.name,
        title="GIẤY PHÉP XÂY DỰNG",
        owner_id=owner.number,
        valid_until=months_later(setting.issued, 12),
    )


def _duties_of_the_owner(sheet: Sheet) -> None:
    sheet.new_page()
    sheet.heading("CHỦ ĐẦU TƯ PHẢI THỰC HIỆN CÁC NỘI DUNG SAU ĐÂY:", size=13.5)
    for duty in (
        (
            "1. Phải hoàn toàn chịu trách nhiệm trước pháp luật nếu xâm phạm các quyền hợp pháp "
            "của các chủ sở hữu liền kề."
        ),
        (
            "2. Phải thực hiện đúng các quy định của pháp luật về đất đai, về đầu tư xây dựng và "
            "Giấy phép xây dựng này."
        ),
        (
            "3. Phải thông báo cho cơ quan cấp phép xây dựng đến kiểm tra khi định vị công trình, "
            "xây móng và công trình ngầm."
        ),
        (
            "4. Xuất trình Giấy phép xây dựng cho cơ quan có thẩm quyền khi được yêu cầu theo quy "
            "định của pháp luật và treo biển báo tại địa điểm xây dựng theo quy định."
        ),
        (
            "5. Khi điều chỉnh thiết kế làm thay đổi nội dung Giấy phép xây dựng thì phải đề nghị "
            "điều chỉnh và chờ quyết định của cơ quan cấp giấy phép."
        ),
    ):
        sheet.paragraph(duty)

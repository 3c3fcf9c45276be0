"""Rows of a form as different agencies word them, with invented values.

The wording is the generator's own and varies: what is measured must not be a mirror of what
the extractor looks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deployments.samples import names
from deployments.samples.layout import Setting
from deployments.samples.people import Person, draw_person, months_later, tax_number
from deployments.samples.sheet import WIDE
from deployments.samples.wording import date_in_words, day_month_year, dotted, slashed
from domain.document_types import TypeField
from domain.vietnamese import fold

_ORGANISATION = ("co so", "kinh doanh", "ban le", "doanh nghiep", "hop tac xa", "cong ty", "dau tu")
_ACTIVITIES = (
    "Chế biến nông sản sấy khô",
    "Bán lẻ thuốc, quầy thuốc",
    "Dịch vụ ăn uống tại chỗ",
    "Khám bệnh, chữa bệnh đa khoa",
    "Xây dựng nhà ở riêng lẻ",
    "Vận tải hành khách theo hợp đồng",
)


@dataclass(frozen=True)
class Owner:
    """Whom the paper is about, and the identifier that the truth names."""

    rows: tuple[str, ...]
    identifier: str
    name: str


def owner_of(title: str, setting: Setting) -> Owner:
    """An establishment with its tax number where the title speaks of one, else a person."""
    rng = setting.rng
    if any(part in fold(title) for part in _ORGANISATION) and "ho kinh doanh" not in fold(title):
        return _organisation(setting)
    person = draw_person(rng, setting.place)
    return Owner(person_rows(rng, person, home(setting)), person.number, person.name)


def home(setting: Setting) -> str:
    """An address in the place's commune."""
    return f"Thôn {setting.rng.choice(names.HAMLETS)}, {setting.place.commune_address}"


def _organisation(setting: Setting) -> Owner:
    rng = setting.rng
    name = f"{rng.choice(names.HAMLETS)} {rng.choice(names.FEMALE_GIVEN)}"
    kind = rng.choice(("Công ty TNHH", "Cơ sở", "Công ty cổ phần"))
    code = tax_number(rng, setting.place.province_code[1:])
    head = draw_person(rng, setting.place)
    label = rng.choice(("Mã số doanh nghiệp", "Mã số thuế", "Mã số doanh nghiệp/Mã số thuế"))
    named = rng.choice(("Tên cơ sở", "Tên tổ chức", "Tên đơn vị", "Cấp cho"))
    rows = (
        f"{named}: **{kind} {name}**",
        f"{label}: {code}",
        f"{rng.choice(('Địa chỉ trụ sở', 'Địa chỉ', 'Trụ sở chính'))}: {home(setting)}",
        f"{rng.choice(('Chủ cơ sở', 'Người đại diện theo pháp luật', 'Giám đốc'))}: {head.name}",
    )
    return Owner(rows, code, f"{kind} {name}")


def person_rows(rng: Random, person: Person, address: str) -> tuple[str, ...]:
    """Name, birth, sex, identifier and address of a person, worded one way or another."""
    named = rng.choice(("Họ và tên", "Họ, chữ đệm, tên", "Họ tên", "Ông/Bà", "Cấp cho ông (bà)"))
    born = rng.choice(("Ngày, tháng, năm sinh", "Sinh ngày", "Ngày sinh"))
    number = rng.choice(
        (
            "Số định danh cá nhân",
            "Số căn cước công dân",
            "Căn cước công dân số",
            "Số định danh cá nhân/CMND",
            "Số CCCD",
            "Căn cước số",
        )
    )
    lives = rng.choice(("Nơi cư trú", "Nơi thường trú", "Địa chỉ thường trú", "Chỗ ở hiện nay"))
    day = slashed(person.born) if rng.random() < 0.7 else day_month_year(person.born)
    name = person.name.upper() if rng.random() < 0.6 else person.name
    return (
        f"{named}: **{name}**",
        f"{born}: {day}{WIDE}Giới tính: {person.sex}",
        f"{number}: {person.number}",
        f"{lives}: {address}",
    )


def term_row(setting: Setting, what: str, *, most: int | None = None) -> tuple[str, date]:
    """A sentence about the term of validity (at most `most` months), and the last day it means."""
    rng = setting.rng
    years = rng.choice([term for term in (1, 3, 5, 10) if most is None or 12 * term <= most])
    end = months_later(setting.issued, 12 * years)
    rows = (
        f"{what} này có giá trị đến {day_month_year(end)}.",
        f"Có giá trị đến: {slashed(end)}",
        f"{what} có hiệu lực đến hết {day_month_year(end)}.",
        f"Thời hạn hiệu lực: {years:02} năm kể từ ngày cấp.",
        f"{what} này có giá trị trong thời hạn {years:02} năm kể từ ngày ký.",
    )
    return rng.choice(rows), end


def scope_row(setting: Setting) -> tuple[str, str]:
    """A sentence about where or for what the paper is valid, and the value it means."""
    rng = setting.rng
    if rng.random() < 0.3:
        return "Giấy này có giá trị trên toàn quốc.", "Toàn quốc"
    activity = rng.choice(_ACTIVITIES)
    label = rng.choice(
        (
            "Phạm vi hoạt động chuyên môn",
            "Phạm vi hành nghề",
            "Phạm vi hoạt động",
            "Phạm vi kinh doanh",
        )
    )
    return f"{label}: {activity}", activity


def own_row(
    field: TypeField, owner: Person, setting: Setting, drawn: Mapping[str, str]
) -> tuple[str, str]:
    """A row `Nhãn: giá trị` for a type's own field, and the value as the truth states it.

    `drawn` are the values of the rows above: a day is said again in words.
    """
    rng = setting.rng
    label = rng.choice(field.all_labels) if rng.random() < 0.4 else field.label
    above = drawn.get(field.id.removesuffix("_words"))
    if field.id.endswith("_words") and above:
        printed = value = date_in_words(date.fromisoformat(above))
    else:
        printed, value = _value(field, owner, setting)
    bold = field.kind == "name" and rng.random() < 0.6
    return f"{label}: {f'**{printed}**' if bold else printed}", value


def _value(field: TypeField, owner: Person, setting: Setting) -> tuple[str, str]:
    rng = setting.rng
    match field.kind:
        case "date":
            day = _day(field, owner, setting)
            spoken = rng.random() < 0.2
            return (day_month_year(day) if spoken else slashed(day)), day.isoformat()
        case "money":
            amount = dotted(rng.randrange(5, 900) * 1_000_000)
            return f"{amount} đồng", f"{amount} đồng"
        case "area":
            area = f"{rng.randrange(40, 900)},{rng.randrange(1, 9)} m2"
            return area, area
        case "name":
            name = owner.name if _of_owner(field) else draw_person(rng, setting.place).name
            shown = name.upper() if rng.random() < 0.5 else name
            return shown, shown
        case _:
            text = _plain(field, owner, setting)
            return text, text


def _plain(  # noqa: PLR0911 - one line a kind
    field: TypeField, owner: Person, setting: Setting
) -> str:
    rng, place = setting.rng, setting.place
    match field.kind:
        case "person_id":
            return owner.number if _of_owner(field) else draw_person(rng, place).number
        case "tax_number":
            return tax_number(rng, place.province_code[1:])
        case "identifier":
            return f"{rng.choice('ABCDE')}{rng.choice('HKLMN')} {rng.randrange(10**5, 10**6)}"
        case "sex":
            return owner.sex if _of_owner(field) else rng.choice(("Nam", "Nữ"))
        case "year":
            return str(rng.randrange(1955, 1996))
        case "number":
            return str(rng.randrange(2, 900))
        case "address":
            return home(setting)
        case "organization" if fold(field.label).startswith(("noi dang ky", "co quan")):
            return f"Ủy ban nhân dân xã {place.commune}"
        case "organization":
            kind = rng.choice(("Công ty TNHH", "Hợp tác xã", "Công ty cổ phần"))
            return f"{kind} {rng.choice(names.HAMLETS)} {rng.choice(names.MALE_GIVEN)}"
        case _:
            return _text_for(field, setting)


_THIRD_PERSONS = ("mother", "father", "parent", "spouse", "husband", "wife", "applicant", "head")


def _of_owner(field: TypeField) -> bool:
    return not any(part in field.id for part in (*_THIRD_PERSONS, "representative", "informant"))


def _day(field: TypeField, owner: Person, setting: Setting) -> date:
    if "birth" in field.id or "born" in field.id or "sinh" in fold(field.label):
        return owner.born if _of_owner(field) else date(1970, 3, 4)
    if "regist" in field.id or "dang ky" in fold(field.label):
        return setting.issued
    if any(part in field.id for part in ("until", "expir", "end")):
        return months_later(setting.issued, 36)
    return setting.issued - timedelta(days=setting.rng.randrange(1, 300))


_TEXTS = {
    "dan toc": names.ETHNIC,
    "quoc tich": ("Việt Nam",),
    "hang": ("A1", "B2", "C", "D"),
    "an tich": ("Không có án tích",),
    "hon nhan": ("Chưa đăng ký kết hôn với ai",),
    "muc dich": ("Làm thủ tục hành chính", "Bổ túc hồ sơ"),
    "bang chuyen mon": ("Dược sĩ đại học", "Bác sĩ đa khoa", "Kỹ sư xây dựng"),
    "trinh do": ("Dược sĩ đại học", "Bác sĩ đa khoa", "Kỹ sư xây dựng"),
    "thoi han su dung": ("Lâu dài", "Đến ngày 15 tháng 10 năm 2043"),
    "quan he": ("Bố đẻ", "Mẹ đẻ", "Con"),
    "nguyen nhan": ("Tuổi già, bệnh lý",),
}


def _text_for(field: TypeField, setting: Setting) -> str:
    label = fold(field.label)
    for part, choices in _TEXTS.items():
        if part in label:
            return setting.rng.choice(choices)
    if label.startswith(("noi ", "dia diem", "que ")):
        return home(setting)
    return setting.rng.choice(_ACTIVITIES)


def numbered(rng: Random, rows: Sequence[str]) -> list[str]:
    """The rows as one form numbers them: not at all, 1. 2. 3., or with dashes."""
    style = rng.choice(("", "", "n", "-"))
    if style == "n":
        return [f"{at}. {row}" for at, row in enumerate(rows, start=1)]
    return [f"- {row}" if style else row for row in rows]

"""Invented people, places and numbers, built as the rules for real ones want (domain: E.1, E.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deployments.samples import names

DISTRICTS_ENDED = date(2025, 7, 1)
"""District level and the old provinces ended on this day (NQ 202/2025/QH15)."""
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


@dataclass(frozen=True)
class Place:
    """Where a paper is issued; `district` is empty for papers after the districts ended."""

    province: str
    province_code: str
    """Three digits, as in the personal number."""
    seat: str
    """What stands before the date on the province's papers."""
    district: str
    commune: str

    @property
    def commune_address(self) -> str:
        """Commune, district where there is one, and province."""
        parts = [f"xã {self.commune}"]
        if self.district:
            parts.append(f"huyện {self.district}")
        return ", ".join([*parts, f"tỉnh {self.province}"])


@dataclass(frozen=True)
class Person:
    """An invented person."""

    name: str
    female: bool
    born: date
    number: str
    """Số định danh cá nhân, 12 digits."""

    @property
    def sex(self) -> str:
        """As printed: Nam or Nữ."""
        return "Nữ" if self.female else "Nam"


def draw_place(rng: Random, issued: date, province: str | None = None) -> Place:
    """A province (drawn unless named) with a commune, and a district before they ended."""
    known = names.PROVINCES[province] if province else None
    if known is None:
        province, known = rng.choice(sorted(names.PROVINCES.items()))
    code, seat, districts = known
    return Place(
        province=str(province),
        province_code=code,
        seat=seat,
        district=rng.choice(districts) if issued < DISTRICTS_ENDED else "",
        commune=rng.choice(names.COMMUNES),
    )


def personal_number(rng: Random, province_code: str, born: date, *, female: bool) -> str:
    """A personal number (TT 07/2016/TT-BCA Đ7): province, century and sex, year, six digits."""
    century_and_sex = (born.year // 100 - 19) * 2 + int(female)
    return f"{province_code}{century_and_sex}{born.year % 100:02}{rng.randrange(1, 10**6):06}"


def tax_number(rng: Random, province_prefix: str) -> str:
    """A ten-digit tax number with a valid check digit, for an enterprise of this province."""
    while True:
        digits = f"{province_prefix}{rng.randrange(1, 10**7):07}"
        total = sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, digits, strict=True))
        check = 10 - total % 11
        if check < 10:
            return f"{digits}{check}"


def draw_name(rng: Random, *, female: bool, family: str | None = None) -> str:
    """A full name; the family name may be given."""
    middles, givens = (
        (names.FEMALE_MIDDLES, names.FEMALE_GIVEN)
        if female
        else (names.MALE_MIDDLES, names.MALE_GIVEN)
    )
    return f"{family or rng.choice(names.FAMILIES)} {rng.choice(middles)} {rng.choice(givens)}"


def draw_person(
    rng: Random,
    place: Place,
    *,
    born: date | None = None,
    female: bool | None = None,
    family: str | None = None,
) -> Person:
    """A person registered in the place's province; an adult unless a birthday is given."""
    if female is None:
        female = rng.random() < 0.5
    if born is None:
        born = date(1962, 1, 1) + timedelta(days=rng.randrange(15000))
    return Person(
        name=draw_name(rng, female=female, family=family),
        female=female,
        born=born,
        number=personal_number(rng, place.province_code, born, female=female),
    )


def draw_date(rng: Random, first: date, last: date) -> date:
    """A working day between two days, both included."""
    day = first + timedelta(days=rng.randrange((last - first).days + 1))
    while day.weekday() >= 5 and day > first:
        day -= timedelta(days=1)
    return day


def months_later(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(
        date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1)
    )

"""Dates and numbers as Vietnamese forms write them."""

from __future__ import annotations

from datetime import date

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def dotted(amount: int) -> str:
    """The amount with dots between thousands: 1.250.000."""
    return f"{amount:,}".replace(",", ".")


def slashed(day: date) -> str:
    """dd/mm/yyyy, with leading zeros."""
    return f"{day:%d/%m/%Y}"


def day_month_year(day: date, *, spoken_day: str | None = None) -> str:
    """The date as `ngày 09 tháng 02 năm 2026` (NĐ 30/2020/NĐ-CP).

    Days under 10 and months 1 and 2 get a zero in front. `spoken_day` stands in for the day.
    """
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)
    return f"ngày {spoken_day or f'{day.day:02}'} tháng {month} năm {day.year}"


def in_words(number: int) -> str:
    """A number from 0 to 99 in words."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    head = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    if ones == 0:
        return head
    tail = {1: "một" if tens == 1 else "mốt", 4: "bốn" if tens == 1 else "tư", 5: "lăm"}
    return f"{head} {tail.get(ones, _DIGITS[ones])}"


def year_in_words(year: int) -> str:
    """A year from 1900 to 2099 in words."""
    if year < 2000:
        rest = year % 100
        spoken = in_words(rest) if rest >= 10 else f"lẻ {in_words(rest)}"
        return f"một nghìn chín trăm {spoken}" if rest else "một nghìn chín trăm"
    rest = year - 2000
    if rest == 0:
        return "hai nghìn"
    return f"hai nghìn không trăm {in_words(rest) if rest >= 10 else f'lẻ {in_words(rest)}'}"


def date_in_words(day: date) -> str:
    """A whole date in words, with a capital: `Ngày ba, tháng hai, năm …`."""
    month = "tư" if day.month == 4 else in_words(day.month)
    return f"Ngày {in_words(day.day)}, tháng {month}, năm {year_in_words(day.year)}"

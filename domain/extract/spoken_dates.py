"""Days in words ("Ngày ba, tháng hai, năm hai nghìn không trăm hai mươi sáu"), beside figures.

Forms of civil status print a birthday twice (TT 04/2020/TT-BTP): where the two differ, one was
misread.
"""

from __future__ import annotations

import re
from datetime import date

from domain.vietnamese import fold

_DAY = re.compile(
    r"ngay (?:mung |mong )?(?P<day>[a-z ]+?),? thang (?P<month>[a-z ]+?),? "
    r"nam (?P<year>(?:mot|hai) (?:nghin|ngan)\b[a-z ]*)"
)
_ONES = {
    word: value
    for value, words in enumerate(
        ("khong", "mot", "hai", "ba", "bon tu", "nam lam nham", "sau", "bay", "tam", "chin")
    )
    for word in words.split()
}
_MONTHS = {"gieng": 1, "chap": 12}
_TEN = "muoi"
_YEAR = re.compile(
    r"(?P<thousands>\w+) (?:nghin|ngan)(?: (?P<hundreds>\w+) tram)?(?: (?:linh|le))?(?P<rest>.*)"
)


def day_in_words(text: str) -> date | None:
    """The first day that a text spells out; None where there is none, or a word is misread."""
    match = _DAY.search(fold(text))
    if match is None:
        return None
    day = _number(match["day"])
    month = _MONTHS.get(match["month"], _number(match["month"]))
    year = _year(match["year"].strip())
    try:
        return date(year or 0, month or 0, day or 0)
    except ValueError:
        return None


def _year(words: str) -> int | None:
    match = _YEAR.fullmatch(words)
    if match is None:
        return None
    rest = _number(match["rest"]) if match["rest"].strip() else 0
    hundreds = _ONES.get(match["hundreds"] or "khong")
    thousands = _ONES.get(match["thousands"])
    if rest is None or hundreds is None or thousands is None:
        return None
    return 1000 * thousands + 100 * hundreds + rest


def _number(words: str) -> int | None:
    """A number up to 99; None for anything else."""
    tens, ten, ones = words.strip().partition(_TEN)
    if not ten:
        return _ONES.get(tens)
    known = (_ONES.get(tens.strip() or "mot"), _ONES.get(ones.strip() or "khong"))
    return None if known[0] is None or known[1] is None else 10 * known[0] + known[1]

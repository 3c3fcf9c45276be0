"""Identifiers: what their own digits say."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import (
    LEGACY_PROVINCE_CODES,
    identifier_faults,
    identifier_kind,
    normalise_identifier,
    parse_personal_number,
    tax_check_digit,
)

TODAY = date(2026, 11, 2)


def test_there_are_63_province_codes() -> None:
    """As many as there were provinces when the numbers were designed."""
    assert len(LEGACY_PROVINCE_CODES) == 63


def test_a_personal_number_tells_province_sex_and_year() -> None:
    """The example of the regulation: 058186000028 is a woman of Ninh Thuận, born 1986."""
    number = parse_personal_number("058186000028")
    assert (number.province, number.female, number.birth_year) == ("058", True, 1986)


@given(
    st.sampled_from(sorted(LEGACY_PROVINCE_CODES)),
    st.booleans(),
    st.integers(1900, TODAY.year),
    st.integers(0, 999_999),
)
def test_a_number_made_by_the_rule_has_no_fault(
    province: str, female: bool, year: int, serial: int
) -> None:
    """Century and sex are one digit, the year two."""
    century = (year // 100 - 19) * 2 + int(female)
    text = f"{province}{century}{year % 100:02}{serial:06}"
    assert identifier_faults(text, today=TODAY, born=year, female=female) == ()
    assert identifier_faults(text, today=TODAY, born=year - 1, female=female) != ()
    assert identifier_faults(text, today=TODAY, born=year, female=not female) != ()


@given(st.integers(0, 999_999_999), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_of_a_tax_number_is_found(serial: int, place: int, by: int) -> None:
    """The check digit catches every single misread digit."""
    first = f"{serial:09}"
    check = tax_check_digit(first)
    if check is None:
        return
    text = f"{first}{check}"
    wrong = text[:place] + str((int(text[place]) + by) % 10) + text[place + 1 :]
    assert identifier_faults(text, today=TODAY) == ()
    assert identifier_faults(wrong, today=TODAY) != ()


def test_the_worked_example_of_the_tax_number_holds() -> None:
    """010023348 has the check digit 8."""
    assert tax_check_digit("010023348") == 8


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("033090001234", "personal"),
        ("0100233488", "tax"),
        ("0100233488-001", "branch"),
        ("123456789", "old_card"),
        ("C1234567", "passport"),
        ("133090001234", None),
        ("٠٣٣٠٩٠٠٠١٢٣٤", None),
        ("", None),
    ],
)
def test_the_kind_follows_from_the_form(text: str, kind: str | None) -> None:
    """Digits of other scripts are no identifier."""
    assert identifier_kind(text) == kind


@pytest.mark.parametrize("text", ["099090001234", "033290001234", "03309000123"])
def test_an_impossible_identifier_has_a_fault(text: str) -> None:
    """No such province; born in 2090; a digit too few."""
    assert identifier_faults(text, today=TODAY) != ()


def test_spaces_and_dots_between_digits_do_not_matter() -> None:
    """People group digits."""
    assert normalise_identifier("033 090.001 234") == "033090001234"


@given(st.text(max_size=20))
def test_no_text_makes_the_checks_fail(text: str) -> None:
    """Whatever OCR reads, there is an answer."""
    assert isinstance(identifier_faults(text, today=TODAY), tuple)

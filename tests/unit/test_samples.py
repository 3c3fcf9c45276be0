"""Drawn papers: same seed, same paper; numbers are well-formed; the truth is what is printed."""

from __future__ import annotations

import re
from datetime import date
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.samples.degradation import Degradation, scanned
from deployments.samples.papers import (
    ADMINISTRATIVE_KINDS,
    KINDS,
    UNKNOWN_KIND,
    Wish,
    blank_page,
    draw_paper,
)
from deployments.samples.people import (
    draw_person,
    draw_place,
    months_later,
    personal_number,
    tax_number,
)
from deployments.samples.wording import date_in_words, day_month_year, in_words

DPI = 60  # enough to count pages and compare pixels, not to read


def _dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - nothing secret is drawn


def _one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("kind", KINDS)
def test_the_fields_of_a_paper_are_printed_on_it(kind: str) -> None:
    """Number, date, title, subject, owner and issuer of the truth stand in the page's text."""
    truth = draw_paper(kind, seed=5, dpi=DPI).truth
    text = _one_line("\n".join(page.text for page in truth.pages))
    fields = truth.fields
    assert fields.issue_date is not None
    assert fields.issuer is not None
    for value in (fields.number, fields.title, fields.subject, fields.owner_id):
        assert value is None or value in text
    day = fields.issue_date
    assert day_month_year(day) in text or f"{day:%d/%m/%Y}" in text
    assert fields.issuer.lower() in text.lower()


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_has_a_title_except_the_official_letter(kind: str) -> None:
    """A công văn has no printed title; all others have one in capitals."""
    title = draw_paper(kind, seed=3, dpi=DPI).truth.fields.title
    if kind == "cong-van":
        assert title is None
    else:
        assert title is not None
        assert title == title.upper()


def test_the_same_seed_gives_the_same_scan() -> None:
    """Pixels and truth repeat, wear included; another seed gives another paper."""
    wear = Degradation(skew=1.2, noise=5)
    first = draw_paper("giay-khai-sinh", seed=9, dpi=DPI, degrade=wear)
    again = draw_paper("giay-khai-sinh", seed=9, dpi=DPI, degrade=wear)
    other = draw_paper("giay-khai-sinh", seed=10, dpi=DPI, degrade=wear)
    assert first.truth == again.truth
    assert first.pages[0].tobytes() == again.pages[0].tobytes()
    assert first.truth != other.truth


def test_text_does_not_depend_on_resolution() -> None:
    """Lines break at the same words at 60 and at 150 dpi."""
    coarse = draw_paper("ke-hoach", seed=4, dpi=60)
    fine = draw_paper("ke-hoach", seed=4, dpi=150)
    assert coarse.truth == fine.truth


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_a_document_fills_the_pages_asked_for(pages: int) -> None:
    """The wished length is reached, and pages after the first begin with their number."""
    paper = draw_paper("to-trinh", seed=1, dpi=DPI, wish=Wish(pages=pages))
    assert len(paper.pages) == pages
    for number, page in enumerate(paper.truth.pages[1:], start=2):
        assert page.text.split("\n")[0] == str(number)


def test_districts_issue_papers_only_before_they_ended() -> None:
    """A paper of the newer generation names no district and is dated after June 2025."""
    for seed in range(12):
        wish = Wish(province="Hưng Yên", districts=False)
        truth = draw_paper("giay-phep-xay-dung", seed=seed, dpi=DPI, wish=wish).truth
        assert truth.fields.issue_date is not None
        assert truth.fields.issue_date >= date(2025, 7, 1)
        assert "huyện" not in truth.pages[0].text.lower()


def test_handwriting_changes_the_image_but_not_the_truth() -> None:
    """Number and day are drawn by pen in place of print."""
    printed = draw_paper("quyet-dinh", seed=8, dpi=100)
    by_hand = draw_paper("quyet-dinh", seed=8, dpi=100, handwritten=True)
    assert by_hand.truth.handwritten
    assert by_hand.truth.fields == printed.truth.fields
    top = (0, 0, by_hand.pages[0].width, by_hand.pages[0].height // 5)
    assert by_hand.pages[0].crop(top).tobytes() != printed.pages[0].crop(top).tobytes()


@pytest.mark.parametrize("kind", ["giay-khai-sinh", UNKNOWN_KIND])
def test_forms_are_not_filled_in_by_hand(kind: str) -> None:
    """Handwriting is refused where it is not drawn."""
    with pytest.raises(ValueError, match=kind):
        draw_paper(kind, seed=1, dpi=DPI, handwritten=True)


def test_an_unknown_kind_is_refused() -> None:
    """A misspelt kind is an error, not some other paper."""
    with pytest.raises(ValueError, match="quyet-dnh"):
        draw_paper("quyet-dnh", seed=1)


def test_the_private_letter_has_no_type_and_no_fields() -> None:
    """It looks like no paper that the catalogue knows."""
    truth = draw_paper(UNKNOWN_KIND, seed=2, dpi=DPI).truth
    assert truth.type_id is None
    assert not any(truth.fields.model_dump().values())


def test_a_turned_scan_stands_upright_after_its_rotation() -> None:
    """Turning the image clockwise by the truth's rotation gives a portrait page, text on top."""
    for degrees in (0, 90, 180, 270):
        wear = Degradation(noise=0, shade=0, blur=0, jpeg_quality=95, rotation=degrees)
        paper = draw_paper("trich-luc-khai-tu", seed=6, dpi=DPI, degrade=wear)
        assert paper.truth.pages[0].rotation == degrees
        upright = paper.pages[0].rotate(-degrees, expand=True).convert("L")
        grey = np.asarray(upright)
        assert upright.height > upright.width
        assert grey[: upright.height // 6].mean() < grey[-upright.height // 6 :].mean()


def test_wear_is_visible_but_the_page_keeps_its_size_and_colour() -> None:
    """Noise, light and JPEG change pixels; grey is one channel; the resolution is noted."""
    clean = draw_paper("cong-van", seed=1, dpi=DPI).pages[0]
    worn = scanned(clean, Degradation(skew=1, colour="grey"), DPI, _dice(1))
    assert worn.size == clean.size
    assert worn.mode == "L"
    assert worn.info["dpi"] == (DPI, DPI)
    assert worn.tobytes() != clean.convert("L").tobytes()


def test_a_blank_page_has_no_ink() -> None:
    """Only paper, light and noise: nothing darker than the shade allows."""
    page = blank_page(DPI, Degradation(noise=3, shade=0.1), seed=1)
    assert np.asarray(page.convert("L")).min() > 180


def test_the_seal_is_red_and_signed_papers_carry_it() -> None:
    """The last page of a colour paper has clearly red pixels."""
    page = np.asarray(draw_paper("quyet-dinh", seed=2, dpi=100).pages[-1]).astype(int)
    red = (page[:, :, 0] > 150) & (page[:, :, 1] < 110) & (page[:, :, 2] < 120)
    assert red.sum() > 300


@given(st.integers(0, 10**6), st.dates(date(1930, 1, 1), date(2026, 1, 1)), st.booleans())
def test_personal_numbers_agree_with_sex_and_birth(seed: int, born: date, female: bool) -> None:
    """Twelve digits: province, century and sex, year of birth, six digits (TT 07/2016/TT-BCA)."""
    number = personal_number(_dice(seed), "033", born, female=female)
    assert re.fullmatch(r"033\d{9}", number)
    assert int(number[3]) == {19: 0, 20: 2}[born.year // 100] + female
    assert number[4:6] == f"{born.year % 100:02}"


@given(st.integers(0, 10**6))
def test_tax_numbers_have_a_valid_check_digit(seed: int) -> None:
    """N10 = 10 − (31·N1 + 29·N2 + … + 3·N9) mod 11."""
    digits = [int(digit) for digit in tax_number(_dice(seed), "09")]
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    assert len(digits) == 10
    total = sum(weight * digit for weight, digit in zip(weights, digits[:9], strict=True))
    assert digits[9] == 10 - total % 11


def test_families_share_their_name() -> None:
    """A child can be given the father's family name."""
    rng = _dice(3)
    place = draw_place(rng, date(2026, 1, 5), "Hưng Yên")
    child = draw_person(rng, place, born=date(2026, 1, 1), family="Đỗ")
    assert child.name.startswith("Đỗ ")
    assert child.number.startswith("033")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 15), 6, date(2026, 7, 15)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 12, 31), 12, date(2026, 12, 31)),
        (date(2024, 6, 30), 6, date(2024, 12, 30)),
    ],
)
def test_months_are_added_to_the_end_of_the_month(day: date, months: int, expected: date) -> None:
    """A term of months ends on the same day, or on the last day of a shorter month."""
    assert months_later(day, months) == expected


def test_dates_are_written_as_forms_write_them() -> None:
    """Words and leading zeros as in real papers."""
    assert date_in_words(date(2026, 4, 21)) == (
        "Ngày hai mươi mốt, tháng tư, năm hai nghìn không trăm hai mươi sáu"
    )
    assert day_month_year(date(2026, 2, 9)) == "ngày 09 tháng 02 năm 2026"
    assert day_month_year(date(2026, 10, 19)) == "ngày 19 tháng 10 năm 2026"
    assert [in_words(n) for n in (5, 10, 15, 24, 31, 40)] == [
        "năm",
        "mười",
        "mười lăm",
        "hai mươi tư",
        "ba mươi mốt",
        "bốn mươi",
    ]


def test_there_are_enough_kinds() -> None:
    """Seven administrative kinds and eight results."""
    assert len(ADMINISTRATIVE_KINDS) == 7
    assert len(KINDS) == 15
    assert len(set(KINDS)) == 15

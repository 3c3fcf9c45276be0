"""Classification: by title, symbol and form; unknown when unsure; always explained."""

from __future__ import annotations

from textwrap import wrap

import pytest

from catalogues import load_catalogue
from domain.classify import classify
from domain.words import PageText
from tests.unit.typeset import Sheet, birth_certificate, decision, letter, letterhead

CATALOGUE = load_catalogue()


def test_a_decision_is_known_by_title_and_symbol_and_says_so() -> None:
    """The evidence names the words, the page and the line."""
    guess = classify([decision().read()], CATALOGUE)
    assert guess.id == "quyet-dinh"
    assert guess.confidence > 0.95
    assert "«QUYẾT ĐỊNH»" in guess.evidence[0]
    assert "Trang 1, dòng" in guess.evidence[0]


@pytest.mark.parametrize(
    "entry",
    [entry for entry in CATALOGUE.types if entry.titles],
    ids=lambda entry: entry.id,
)
def test_every_printed_title_leads_to_its_type(entry: object) -> None:
    """Long ones over several lines."""
    for title in entry.titles:
        sheet = Sheet().put("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 200)
        sheet.put("Độc lập - Tự do - Hạnh phúc", 270)
        for at, line in enumerate(wrap(title, 36)):
            sheet.put(line, 480 + 65 * at)
        sheet.put("Họ và tên: Nguyễn Văn An", 900, x=300)
        sheet.put("Nơi cư trú: xã Tân Hòa", 990, x=300)
        assert classify([sheet.read()], CATALOGUE).id == entry.id


def test_lost_diacritics_do_not_matter() -> None:
    """OCR reads QUYẾT ĐỊNH as QUYÉT ĐỊNH."""
    sheet = letterhead().put("QUYÉT ĐỊNH", 560).put("Căn cứ Luật Hộ tịch;", 700, x=400)
    assert classify([sheet.read()], CATALOGUE).id == "quyet-dinh"


def test_a_title_broken_over_two_lines_is_one_title() -> None:
    """GIẤY CHỨNG NHẬN / ĐĂNG KÝ HỘ KINH DOANH."""
    sheet = letterhead("Số: 33A8123456").put("GIẤY CHỨNG NHẬN", 560)
    sheet.put("ĐĂNG KÝ HỘ KINH DOANH", 625).put("Tên hộ kinh doanh: An Phú", 800, x=300)
    guess = classify([sheet.read()], CATALOGUE)
    assert guess.id == "giay-chung-nhan-dang-ky-ho-kinh-doanh"


def test_a_request_for_a_permit_is_not_the_permit() -> None:
    """The second line of ĐƠN ĐỀ NGHỊ CẤP / GIẤY PHÉP XÂY DỰNG alone reads like the permit."""
    sheet = Sheet().put("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 200)
    sheet.put("Độc lập - Tự do - Hạnh phúc", 270)
    sheet.put("ĐƠN ĐỀ NGHỊ CẤP", 480).put("GIẤY PHÉP XÂY DỰNG", 545)
    assert classify([sheet.read()], CATALOGUE).id == "don-de-nghi-cap-giay-phep-xay-dung"


def test_a_letter_is_known_by_its_form_and_not_by_a_title_that_it_quotes() -> None:
    """V/v under a number without a type's symbol makes a công văn."""
    guess = classify([letter().read()], CATALOGUE)
    assert guess.id == "cong-van"
    assert guess.confidence > 0.9


def test_the_title_of_an_annex_does_not_name_the_paper() -> None:
    """Later pages do not count."""
    annex = Sheet(page=2).put("KẾ HOẠCH", 300).put("Kèm theo Quyết định của tỉnh", 400)
    annex.put("I. Mục tiêu của kế hoạch này", 600, x=300)
    assert classify([decision().read(), annex.read()], CATALOGUE).id == "quyet-dinh"


def test_a_symbol_that_contradicts_the_title_makes_it_doubtful() -> None:
    """KH in the number of a decision."""
    guess = classify([decision("Số: 88/KH-UBND").read()], CATALOGUE)
    assert guess.id == "quyet-dinh"
    assert guess.confidence < 0.7
    assert "Kế hoạch" in guess.evidence[-1]


def test_a_symbol_alone_is_not_enough_to_be_sure() -> None:
    """Without a title, the symbol gives a guess that a person must confirm."""
    sheet = letterhead().put("Căn cứ Luật Hộ tịch năm 2014 của Quốc hội;", 700, x=400)
    guess = classify([sheet.read()], CATALOGUE)
    assert guess.id == "quyet-dinh"
    assert guess.confidence < 0.75


def test_a_private_letter_stays_unknown() -> None:
    """No title, no number, no form."""
    sheet = Sheet().put("Anh Nam ơi, chiều nay em bận", 300, x=300)
    sheet.put("anh đi chợ mua giúp em hai mớ rau", 400, x=300)
    guess = classify([sheet.read()], CATALOGUE)
    assert guess.id is None
    assert guess.evidence


@pytest.mark.parametrize(
    "pages", [[], [PageText(page=1, width=10, height=10, dpi=300, blank=True)]]
)
def test_nothing_read_is_unknown(pages: list[PageText]) -> None:
    """A scan of blank pages has no type."""
    assert classify(pages, CATALOGUE).id is None


def test_a_blank_first_page_is_passed_over() -> None:
    """The paper begins on the first page that has words."""
    blank = PageText(page=1, width=2480, height=3508, dpi=300, blank=True)
    assert classify([blank, birth_certificate().read()], CATALOGUE).id == "giay-khai-sinh"

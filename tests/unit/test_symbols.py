"""Bar codes and QR codes are read off worn pages; whatever is broken costs that page's own only."""

import pytest
from PIL import Image

from domain.errors import Undecided
from domain.symbols import Cover, cover_of, is_patch_t
from reading.limits import Limits
from reading.opening import open_scan
from reading.symbols import read_symbols
from tests.flows import stacks

DOSSIER = "000.00.16.H58-210928-0001"


def read(page, folder):
    """The symbols of a page stored as the line stores it."""
    opened = opened_page(page, folder)
    return read_symbols(folder / opened.image, opened)


def opened_page(page, folder):
    """The page as the line opens it."""
    (folder / "original").write_bytes(stacks.jpeg_of(page))
    return open_scan(folder / "original", folder, Limits()).pages[0]


def test_a_worn_cover_sheet_says_what_was_printed_on_it(tmp_path):
    (found,) = read(stacks.cover_sheet(DOSSIER, "giay-khai-sinh", "H31.12"), tmp_path)
    assert found.kind == "qr"
    assert cover_of(found.text) == Cover(dossier=DOSSIER, type_id="giay-khai-sinh", unit="H31.12")


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_cover_sheet_that_lies_askew_is_read_all_the_same(tmp_path, turn):
    sheet = stacks.cover_sheet(DOSSIER, "quyet-dinh").rotate(turn, expand=True)
    sheet.info["dpi"] = (200, 200)
    (found,) = read(sheet, tmp_path)
    assert cover_of(found.text).dossier == DOSSIER


@pytest.mark.parametrize(("kind", "text"), [("Code128", "PATCHT"), ("Code39", "PATCH T")])
def test_a_separator_sheet_is_known_by_its_bar_code(tmp_path, kind, text):
    found = read(stacks.patch_t(kind, text), tmp_path)
    assert [is_patch_t(symbol) for symbol in found] == [True]


def test_the_box_stands_where_the_symbol_is_in_pixels_of_the_stored_page(tmp_path):
    page = stacks.blank_sheet()
    page.paste(stacks.code("0123456789", "QRCode", 8), (1000, 1600))
    page.info["dpi"] = (200, 200)
    (found,) = read(page, tmp_path)
    assert 1000 <= found.box.x <= 1060
    assert 1600 <= found.box.y <= 1660


def test_a_small_dense_code_on_a_300_dpi_page_is_read_at_full_resolution(tmp_path):
    text = f"{DOSSIER}; 1.000894; 033090001234; Giấy tiếp nhận hồ sơ và hẹn trả kết quả; 12/10/2021"
    page = Image.new("RGB", (2480, 3508), "white")
    page.paste(stacks.code(text, "QRCode", 1).resize((165, 165), Image.Resampling.BOX), (150, 150))
    page.info["dpi"] = (300, 300)
    assert [symbol.text for symbol in read(page, tmp_path)] == [text]


def test_a_page_of_text_has_no_symbols(tmp_path):
    assert read(stacks.pages("giay-khai-sinh")[0], tmp_path) == ()


def test_a_page_image_that_is_broken_costs_its_symbols_and_raises_nothing(tmp_path):
    opened = opened_page(stacks.patch_t(), tmp_path)
    whole = (tmp_path / opened.image).read_bytes()
    for broken in (b"", whole[:40], whole[: len(whole) // 2], b"\x00" * 100):
        (tmp_path / opened.image).write_bytes(broken)
        assert read_symbols(tmp_path / opened.image, opened) == ()
    assert read_symbols(tmp_path / "nowhere.jpg", opened) == ()


def test_a_value_that_cannot_stand_on_a_cover_sheet_is_refused_before_printing():
    with pytest.raises(Undecided):
        _ = Cover(dossier="A|B").text

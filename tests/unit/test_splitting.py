"""Which pages make which paper: ranges, cover sheets, separator sheets, codes with a dossier."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from catalogues import load_catalogue
from domain.describe import describe
from domain.errors import DocumentFault, Undecided
from domain.page_ranges import PageRanges
from domain.splitting import MOST_WORDS_ON_A_SHEET, Said, keep_whole, split_scan
from domain.symbols import Cover, Symbol, cover_of, dossiers_in, is_patch_t
from domain.words import Box, PageText, Word

TODAY = date(2026, 11, 20)
BOX = Box(x=0, y=0, width=9, height=9)
OLD, NEW = "000.00.16.H58-210928-0001", "G09.20-20260609-0092637"
RECEIPT = f"{OLD}; 1.000894; 033090001234; Giấy tiếp nhận hồ sơ và hẹn trả kết quả"


def symbol(text, kind="qr"):
    return Symbol(kind=kind, text=text, box=BOX)


PATCH = symbol("PATCHT", "code128")


def cover(dossier=OLD, type_id="giay-khai-sinh", unit="H31.12"):
    return symbol(Cover(dossier=dossier, type_id=type_id, unit=unit).text)


def scan(*pages):
    """Pages as `text`, `blank`, a symbol alone on its sheet, or a symbol on a full page (tuple)."""
    read, symbols = [], {}
    for number, page in enumerate(pages, start=1):
        words = 0 if page == "blank" or isinstance(page, Symbol) else MOST_WORDS_ON_A_SHEET + 1
        word = Word(text="chữ", box=BOX, confidence=0.9, line=0)
        read.append(
            PageText(
                page=number,
                width=99,
                height=99,
                dpi=200,
                blank=page == "blank",
                words=(word,) * words,
            )
        )
        found = page if isinstance(page, tuple) else (page,)
        symbols[number] = tuple(item for item in found if isinstance(item, Symbol))
    return read, symbols


def divided(*pages, said=None, **options):
    return split_scan(*scan(*pages), said or Said(), **options)


def pages_of(plans):
    return [plan.pages for plan in plans]


def test_a_scan_without_any_symbol_is_one_paper_with_its_blank_pages():
    assert pages_of(divided("text", "blank", "text")) == [(1, 2, 3)]


def test_a_separator_sheet_starts_a_paper_and_belongs_to_none():
    assert pages_of(divided("text", "text", PATCH, "text")) == [(1, 2), (4,)]
    assert pages_of(divided(PATCH, "text", symbol("PATCH T", "code39"), "text")) == [(2,), (4,)]


def test_a_cover_sheet_starts_a_paper_and_says_what_it_is():
    first, second = divided(cover(), "text", "text", cover(NEW, "quyet-dinh", "H31"), "text")
    assert (first.pages, first.dossier, first.type_id, first.unit) == (
        (2, 3),
        OLD,
        "giay-khai-sinh",
        "H31.12",
    )
    assert (second.pages, second.dossier, second.type_id) == ((5,), NEW, "quyet-dinh")
    assert first.remarks == second.remarks == ()


def test_a_cover_sheet_speaks_for_its_own_paper_only():
    first, second = divided(cover(), "text", PATCH, "text", said=Said(dossier=OLD, unit="H31"))
    assert (first.type_id, second.type_id) == ("giay-khai-sinh", None)
    assert (first.unit, second.unit) == ("H31.12", "H31")
    assert second.dossier == OLD


@pytest.mark.parametrize("sheets", [(PATCH, cover()), (cover(), PATCH), (PATCH, PATCH, cover())])
def test_sheets_in_a_row_are_one_separation_and_the_cover_sheet_speaks(sheets):
    plans = divided("text", *sheets, "text")
    assert len(plans) == 2
    assert plans[1].type_id == "giay-khai-sinh"
    assert plans[1].remarks == ()


def test_a_cover_sheet_without_a_paper_is_a_reason_to_look():
    between = divided(cover(), cover(NEW), "text")
    assert pages_of(between) == [(3,)]
    assert between[0].dossier == NEW
    assert OLD in between[0].remarks[0]
    at_the_end = divided("text", cover())
    assert OLD in at_the_end[0].remarks[0]


def test_the_blank_back_of_a_separator_sheet_is_no_paper_of_its_own():
    assert pages_of(divided("text", PATCH, "blank", PATCH, "text")) == [(1,), (5,)]


@pytest.mark.parametrize("sheets", [(PATCH,), (PATCH, PATCH), (cover(),), (PATCH, "blank")])
def test_a_scan_of_separating_sheets_only_holds_no_paper(sheets):
    with pytest.raises(DocumentFault) as caught:
        divided(*sheets)
    assert caught.value.reason == "no_pages"


def test_a_label_on_a_page_full_of_text_starts_a_paper_and_loses_no_page():
    assert pages_of(divided("text", (PATCH,), "text")) == [(1,), (2, 3)]
    assert pages_of(divided((cover(),), "text")) == [(1, 2)]


def test_a_blank_page_separates_only_where_that_is_asked_for():
    assert pages_of(divided("text", "blank", "text", on_blank=True)) == [(1,), (3,)]


def test_an_operators_ranges_override_every_sheet():
    said = Said(ranges=PageRanges.model_validate("1-2,4,-3"))
    assert pages_of(divided("text", PATCH, "blank", "text", said=said)) == [(1, 2), (4,)]


def test_ranges_that_do_not_fit_the_scan_lose_nothing_and_are_a_reason_to_look():
    said = Said(ranges=PageRanges.model_validate("1-2,4-9"))
    plans = divided("text", PATCH, "text", said=said)
    assert pages_of(plans) == [(1,), (3,)]
    assert all("khoảng trang" in plan.remarks[0] for plan in plans)


def test_a_file_that_must_keep_its_bytes_is_one_paper_and_says_so_where_sheets_would_split_it():
    (plan,) = keep_whole(*scan("text", PATCH, "text"), Said())
    assert plan.pages == (1, 2, 3)
    assert "giữ nguyên" in plan.remarks[0]
    (plain,) = keep_whole(*scan("text", "text"), Said())
    assert plain.remarks == ()


def test_a_receipts_code_binds_the_scan_where_the_upload_named_no_dossier():
    first, second = divided((symbol(RECEIPT),), PATCH, "text")
    assert (first.dossier, second.dossier) == (OLD, OLD)
    assert first.remarks == second.remarks == ()


def test_a_code_that_contradicts_the_upload_is_a_reason_to_look():
    (plan,) = divided((symbol(RECEIPT),), said=Said(dossier=NEW))
    assert plan.dossier == NEW
    assert OLD in plan.remarks[0]
    (same,) = divided((symbol(RECEIPT),), said=Said(dossier=OLD))
    assert same.remarks == ()


def test_a_cover_sheet_that_contradicts_the_upload_binds_and_is_a_reason_to_look():
    (plan,) = divided(cover(), "text", said=Said(dossier=NEW))
    assert plan.dossier == OLD
    assert NEW in plan.remarks[0]


def test_codes_of_two_dossiers_bind_nothing_and_are_a_reason_to_look():
    (plan,) = divided((symbol(OLD), symbol(NEW)))
    assert plan.dossier is None
    assert OLD in plan.remarks[0]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (RECEIPT, (OLD,)),
        (f"1.000894|{NEW}|x", (NEW,)),
        (f"Mã hồ sơ: {OLD}\nMã hồ sơ: {OLD}", (OLD,)),
        (f"https://dichvucong.example/tra-cuu?ma={OLD}", (OLD,)),
        (f"{OLD}-KQ(1)", ()),
        ("001090123456|012345678|NGUYEN VAN A|01011990|Nam|x|15042021", ()),
        ("", ()),
    ],
)
def test_a_dossier_code_is_found_among_values_in_any_order(text, codes):
    assert dossiers_in(text) == codes


@pytest.mark.parametrize(
    "text",
    ["", "SOHOA", "SOHOA2|a|b|c", "xSOHOA1|a|b|c", "SOHOA1|a b|quyet-dinh|H31",
     "SOHOA1||QUYET DINH|", "SOHOA1|" + "9" * 81, "SOHOA1|a\u0000|b|c"],
)  # fmt: skip
def test_a_code_that_is_none_of_ours_or_damaged_is_no_cover_sheet(text):
    assert cover_of(text) is None


def test_missing_and_further_values_do_a_cover_sheet_no_harm():
    assert cover_of("SOHOA1|D-1") == Cover(dossier="D-1")
    assert cover_of("SOHOA1|D-1|quyet-dinh|H31|mai-sau") == Cover(
        dossier="D-1", type_id="quyet-dinh", unit="H31"
    )


@given(st.text(max_size=100), st.text(max_size=60), st.text(max_size=60))
def test_a_cover_sheet_says_what_was_put_on_it_or_is_refused(dossier, type_id, unit):
    made = Cover(dossier=dossier or None, type_id=type_id or None, unit=unit or None)
    try:
        text = made.text
    except Undecided:
        return
    assert cover_of(text) == made


def test_only_a_bar_code_is_a_separator():
    assert not is_patch_t(symbol("PATCHT"))
    assert not is_patch_t(symbol("PATCH 2", "code128"))


def test_ranges_are_read_as_people_and_manifests_write_them():
    ranges = PageRanges.model_validate("1-3, -4, 5")
    assert (ranges.papers, ranges.left_out) == (((1, 3), (5, 5)), ((4, 4),))
    assert PageRanges.model_validate([[1, 3], [4, 9]]).papers == ((1, 3), (4, 9))
    assert PageRanges.model_validate(ranges.model_dump(mode="json")) == ranges


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "1-",
        "a",
        "3-1",
        "0-2",
        "1-3,3-4",
        "-1",
        "1,,2",
        [],
        [[2, 1]],
        [[1]],
        [[0, 3]],
        [[1, 10**12]],
    ],
)
def test_ranges_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        PageRanges.model_validate(wrong)


def test_a_page_that_nobody_named_or_that_is_not_there_is_a_fault():
    assert PageRanges.model_validate("1-2,-3").faults(3) == ()
    assert "3" in PageRanges.model_validate("1-2").faults(3)[0]
    assert "4-9" in PageRanges.model_validate("1-9").faults(3)[0]


kinds = st.sampled_from(["text", "blank", PATCH, cover(), cover(NEW), (PATCH,), (cover(),)])


@given(st.lists(kinds, min_size=1, max_size=12), st.booleans())
def test_no_page_of_text_is_ever_lost_or_in_two_papers(pages, on_blank):
    try:
        plans = divided(*pages, on_blank=on_blank)
    except DocumentFault:
        plans = ()
    taken = [page for plan in plans for page in plan.pages]
    assert len(taken) == len(set(taken))
    full = {n for n, page in enumerate(pages, 1) if page == "text" or isinstance(page, tuple)}
    assert full <= set(taken)
    assert all(plan.pages for plan in plans)


def test_the_type_on_a_cover_sheet_stands_in_where_none_is_recognised():
    pages, _ = scan("text")
    told = describe(pages, load_catalogue(), today=TODAY, hint="quyet-dinh")
    assert told.type.id == "quyet-dinh"
    assert "Tờ bìa ghi «Quyết định»." in told.type.evidence
    assert describe(pages, load_catalogue(), today=TODAY).type.id is None


def test_a_type_on_a_cover_sheet_that_the_catalogue_does_not_know_is_a_reason_to_look():
    pages, _ = scan("text")
    told = describe(pages, load_catalogue(), today=TODAY, hint="khong-co")
    assert any("không có trong danh mục" in reason for reason in told.review)

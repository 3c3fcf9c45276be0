"""Codes are unique by their counter, hide no separator, and parse back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import (
    CodeTemplate,
    escape,
    parse_result_code,
    result_code,
    type_segment,
    unescape,
)
from domain.errors import ConfigurationFault, DocumentFault

TEMPLATE = CodeTemplate()
ANY_TEXT = st.text(max_size=40).filter(lambda text: max(text, default="") < "\ud800")


@given(ANY_TEXT)
def test_an_escaped_segment_holds_no_separator_and_comes_back(text):
    assert "." not in escape(text)
    assert unescape(escape(text)) == text


@given(ANY_TEXT, ANY_TEXT.filter(bool), ANY_TEXT, st.integers(1, 10**6))
def test_a_code_parses_back_into_its_parts(owner, kind, number, serial):
    code = TEMPLATE.code(TEMPLATE.prefix(owner, kind, number), serial)
    parsed = TEMPLATE.parse(code)
    assert (parsed.owner_id, parsed.type_code, parsed.number_symbol, parsed.serial) == (
        owner,
        kind,
        number,
        serial,
    )


def test_a_national_type_code_with_dots_stays_one_segment():
    code = TEMPLATE.code(TEMPLATE.prefix("033090001234", "KQ.G15.000031", "12/2026"), 1)
    assert code == "033090001234.KQ~2EG15~2E000031.12/2026.01"


def test_a_paper_without_owner_has_an_empty_first_segment():
    code = TEMPLATE.code(TEMPLATE.prefix(None, type_segment("", "quyet-dinh"), "88/QĐ-UBND"), 1)
    assert code == ".L-quyet-dinh.88/QĐ-UBND.01"


def test_a_masked_code_shows_no_more_than_three_characters_of_the_owner():
    code = TEMPLATE.code(TEMPLATE.prefix("033090001234", "KQ.G15.000031", "12"), 1)
    assert TEMPLATE.masked(code).startswith("•••234.")
    assert "033090001234" not in TEMPLATE.masked(code)


@pytest.mark.parametrize(
    "text",
    [
        "{owner_id}.{type_code}.{number_symbol}.{serial:.1f}",
        "{owner_id}.{type_code}.{serial}",
        "{owner_id}{type_code}.{number_symbol}.{serial}",
    ],
)
def test_a_template_whose_codes_could_not_be_told_apart_is_refused(text):
    with pytest.raises(ConfigurationFault):
        CodeTemplate(text=text)


@pytest.mark.parametrize("code", ["", "a.b.c", "a.b.c.d", "a.b.c.1.2", "a.~FF.c.01"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(DocumentFault):
        TEMPLATE.parse(code)


def test_the_codes_of_a_dossiers_results_parse_back():
    code = result_code("000.00.12.H31-261102-0001", 2)
    assert code == "000.00.12.H31-261102-0001-KQ(2)"
    assert parse_result_code(code) == ("000.00.12.H31-261102-0001", 2)

"""The decision, by the machine and by a person."""

from __future__ import annotations

from datetime import date

import pytest

from catalogues import load_catalogue
from domain.decide import redescribe
from domain.describe import Thresholds, describe
from domain.errors import Undecided
from domain.record import Description
from tests.unit.typeset import Sheet, birth_certificate, decision

CATALOGUE = load_catalogue()
TODAY = date(2026, 11, 2)


def described(*sheets: Sheet) -> Description:
    return describe([sheet.read() for sheet in sheets], CATALOGUE, today=TODAY)


def test_a_clean_printed_paper_is_accepted() -> None:
    """No reason for review."""
    assert described(decision()).review == ()
    assert described(birth_certificate()).review == ()


def test_every_reason_names_its_field_in_vietnamese() -> None:
    """The operator knows what to look at."""
    reasons = described(decision("Số: 23 /QĐ-UBND", pen="23")).review
    assert [reason.split(":")[0] for reason in reasons] == ["số, ký hiệu", "ngày cấp"]


def test_an_unknown_type_is_a_reason() -> None:
    """Also when nothing else could be read."""
    assert described(Sheet()).review[0].startswith("loại giấy tờ: chưa nhận ra")


def test_stricter_thresholds_ask_more() -> None:
    """A confidence under the threshold becomes a doubt of its field."""
    strict = Thresholds(type_confidence=1.0, field_confidence=0.99)
    page = decision().read()
    reasons = describe([page], CATALOGUE, thresholds=strict, today=TODAY).review
    assert {"loại giấy tờ", "số, ký hiệu", "ngày cấp"} <= {r.split(":")[0] for r in reasons}


def test_an_unsure_own_value_is_asked_for_or_left_out() -> None:
    """One that the type requires makes the paper wait; any other is not recorded."""
    page = birth_certificate().read()
    unsure = {"AN": 0.55, "Hòa,": 0.82}
    words = tuple(
        word.model_copy(update={"confidence": unsure.get(word.text, word.confidence)})
        for word in page.words
    )
    found = describe([page.model_copy(update={"words": words})], CATALOGUE, today=TODAY)
    assert found.details["name"].value == "NGUYỄN MINH AN"
    assert [reason.split(":")[0] for reason in found.review] == ["Họ, chữ đệm, tên"]
    assert found.details["registered_at"].value is None
    assert found.details["registered_at"].doubts


def test_a_birthday_that_words_and_figures_give_differently_is_doubted() -> None:
    """A misread figure is as sure as any other; the words beside it tell."""
    words = "Ghi bằng chữ: Ngày tám, tháng hai, năm hai nghìn không trăm hai mươi sáu"
    found = described(birth_certificate().put(words, 1600, x=300))
    assert found.details["born"].value == "2026-02-03"
    assert [reason.split(":")[0] for reason in found.review] == ["Ngày, tháng, năm sinh"]


def test_a_person_corrects_some_fields_and_confirms_the_rest() -> None:
    """Corrected values are the person's; the others lose their doubts and stay as they are."""
    before = described(decision("Số: 22 /QĐ-UBND", pen="22"))
    after = redescribe(before, {"number": "23/QĐ-UBND"}, CATALOGUE, today=TODAY)
    assert after.review == ()
    assert after.value("number") == "23/QĐ-UBND"
    assert (after.fields["number"].source, after.fields["number"].confidence) == ("person", 1.0)
    assert after.value("issue_date") == before.value("issue_date")
    assert not after.fields["issue_date"].doubts


def test_a_person_chooses_the_type_and_code_and_title_follow() -> None:
    """From an unknown paper to a decision."""
    unknown = described(Sheet().put("Một tờ giấy không có tên loại nào cả", 300))
    after = redescribe(unknown, {"type": "giay-khai-sinh"}, CATALOGUE, today=TODAY)
    assert after.type.id == "giay-khai-sinh"
    assert after.value("type_code") == "KQ.G15.000031"
    assert after.value("title") == "Giấy khai sinh"


def test_a_person_may_say_that_there_is_no_such_value() -> None:
    """None empties a field."""
    after = redescribe(described(decision()), {"subject": None}, CATALOGUE, today=TODAY)
    assert after.value("subject") is None
    assert after.fields["subject"].source == "person"


def test_a_type_that_nobody_knows_must_be_chosen() -> None:
    """Confirming "unknown" is no decision."""
    with pytest.raises(Undecided, match="loại giấy tờ"):
        redescribe(described(Sheet()), {}, CATALOGUE, today=TODAY)


@pytest.mark.parametrize(
    ("corrections", "named"),
    [
        ({"type": "giay-la"}, "loại giấy tờ"),
        ({"issue_date": "09/02/2026"}, "ngày cấp"),
        ({"issue_date": "2026-02-30"}, "ngày cấp"),
        ({"issue_date": "2027-01-01"}, "tương lai"),
        ({"valid_until": "2025-01-01"}, "thời hạn hiệu lực"),
        ({"owner_id": "12345"}, "mã định danh"),
        ({"owner_id": "0100233489"}, "kiểm tra"),
        ({"number": "   "}, "số, ký hiệu"),
        ({"number": "///"}, "số, ký hiệu"),
        ({"subject": "a\x07b"}, "trích yếu"),
        ({"subject": "a" * 1001}, "trích yếu"),
        ({"type_code": "KQ.G15.000031"}, "mã loại giấy tờ"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_correction_that_cannot_be_right_is_refused(
    corrections: dict[str, str], named: str
) -> None:
    """With the field named in Vietnamese."""
    with pytest.raises(Undecided, match=named):
        redescribe(described(decision()), corrections, CATALOGUE, today=TODAY)

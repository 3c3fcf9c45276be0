"""A type's own fields: names against the language and against the rest of the paper."""

from __future__ import annotations

from datetime import date

import pytest

from benchmarks.field_set import PERFECT, Job, read_drawn
from catalogues import load_catalogue
from deployments.samples.papers import KINDS, catalogue_kinds
from domain.decide import redescribe
from domain.describe import describe
from domain.document_types import TypeField
from domain.errors import Undecided
from domain.extract.layout import Run, runs_of
from domain.extract.own_fields import read_own_fields
from domain.extract.own_values import checked_text, read_value
from domain.extract.person_names import corrected_name, name_faults, strange_marks
from domain.extract.spelling import strange_letters
from domain.record import Description, FieldValue
from domain.words import Box, PageText, Word
from tests.unit.typeset import Sheet

CATALOGUE = load_catalogue()
TODAY = date(2026, 11, 2)
GENERIC = [kind for kind in catalogue_kinds() if kind not in KINDS]
"""Types without a drawer of their own."""


def drawn(kind: str, seed: int = 700_001) -> tuple[Description, dict[str, str]]:
    paper = read_drawn(Job(kind, seed, PERFECT))
    return describe(paper.pages, CATALOGUE, today=TODAY), paper.truth.details


@pytest.mark.parametrize("kind", GENERIC[::5])
def test_a_generic_form_is_drawn_with_every_field_that_it_requires_and_read_back(kind: str) -> None:
    """The drawer knows only the catalogue; what it prints is what the rules read."""
    found, truth = drawn(kind)
    entry = CATALOGUE.type(kind)
    assert found.type.id == kind
    assert entry is not None
    required = [field.id for field in entry.fields if field.required]
    assert [truth.get(name) for name in required] == [found.details[n].value for n in required]


@pytest.mark.parametrize(
    ("read", "meant"),
    [("TRÂN MINH VƯỢNG", "TRẦN MINH VƯỢNG"), ("Lễ Văn An", "Lê Văn An"), ("Vũ An", "Vũ An")],
)
def test_the_marks_of_a_family_name_follow_from_its_letters(read: str, meant: str) -> None:
    """Only where one family is spelled with these letters."""
    assert corrected_name(read) == meant


@pytest.mark.parametrize("name", ["Duong Van An", "Nguyễn Thị Trầm", "HƯỲNK HỮU TUẤN"])
def test_a_name_that_the_language_does_not_know_is_doubted(name: str) -> None:
    """And a usual one is not."""
    assert name_faults(name)
    assert not name_faults("Nguyễn Thị Thùy Trâm")


@pytest.mark.parametrize(
    ("name", "sure", "doubted"),
    [
        ("Hợp tác xã Trung Lầm", 0.9, True),
        ("Hợp tác xã Trung Lầm", 0.96, False),
        ("Hợp tác xã Trung Lâm", 0.9, False),
        ("Công ty cổ phần Thép Hòa Bình", 0.9, False),
    ],
)
def test_unsure_marks_that_no_name_has_are_doubted_in_a_firms_name(
    name: str, sure: float, doubted: bool
) -> None:
    """Words that are no names at all say nothing."""
    box = Box(x=0, y=0, width=1, height=1)
    words = [Word(text=part, box=box, confidence=sure, line=0) for part in name.split()]
    assert bool(strange_marks(words)) == doubted


@pytest.mark.parametrize("read", ["153,4m2", "153,4 m2"])
def test_the_blank_before_a_unit_is_no_part_of_an_area(read: str) -> None:
    """Whether the engine saw it or a person typed it: one area has one form."""
    box = Box(x=0, y=0, width=1, height=1)
    words = tuple(Word(text=part, box=box, confidence=0.9, line=0) for part in read.split())
    run = Run(words, PageText(page=1, width=1, height=1, dpi=300))
    assert read_value("area", read, run, TODAY) == ("153,4 m2", ())
    field = TypeField(id="area", kind="area", label="Diện tích")
    assert checked_text(field, read, today=TODAY) == ("153,4 m2", ())


def test_a_letter_that_vietnamese_does_not_have_is_doubted() -> None:
    """OCR takes a broken g for ø."""
    assert "ø" in strange_letters("thu øom")[0]
    assert not strange_letters("Thu gom, xử lý chất thải Đắk Lắk 24/7")


def test_a_corrected_own_field_is_kept_and_a_wrong_one_refused() -> None:
    """The owner's identifier stands in two places and is corrected in both."""
    found, _ = drawn("giay-xac-nhan-khuyet-tat")
    after = redescribe(found, {"details.name": "Lê  Văn An"}, CATALOGUE, today=TODAY)
    assert (after.details["name"].value, after.details["name"].source) == ("Lê Văn An", "person")
    assert after.details["kind"].value == found.details["kind"].value
    with pytest.raises(Undecided, match="Ngày, tháng, năm sinh"):
        redescribe(found, {"details.born": "01/02/1990"}, CATALOGUE, today=TODAY)


def test_another_type_leaves_none_of_the_former_own_fields() -> None:
    """They were read under the labels of a form that it is not."""
    found, _ = drawn("giay-xac-nhan-khuyet-tat")
    after = redescribe(found, {"type": "quyet-dinh"}, CATALOGUE, today=TODAY)
    assert not any(field.value for field in after.details.values())


def test_a_name_goes_on_in_the_row_under_a_full_one() -> None:
    """«TRẦN THỊ THANH» at the margin and «ÁNH» under it are one person, not two."""
    label = "Người sử dụng đất, chủ sở hữu tài sản gắn liền với đất:"
    sheet = Sheet().put(f"{label} TRẦN THỊ THANH", 1000, x=300)
    sheet.put("ÁNH", 1090, x=300).put("Thửa đất số: 17", 1180, x=300)
    assert own_of(sheet)["holder"].value == "TRẦN THỊ THANH ÁNH"


def test_a_row_that_is_no_name_ends_one() -> None:
    """What is set in small letters under a full row belongs to something else."""
    label = "Người sử dụng đất, chủ sở hữu tài sản gắn liền với đất:"
    sheet = Sheet().put(f"{label} TRẦN THỊ THANH", 1000, x=300)
    sheet.put("và những người khác", 1090, x=300)
    assert own_of(sheet)["holder"].value == "TRẦN THỊ THANH"


def own_of(sheet: Sheet) -> dict[str, FieldValue]:
    entry = CATALOGUE.type("giay-chung-nhan-quyen-su-dung-dat")
    assert entry is not None
    return read_own_fields(runs_of(sheet.read()), entry, today=TODAY)


def test_an_applicants_identifier_is_not_the_owners() -> None:
    """A declaration of death names who declares; a type without an owner has no owner's number."""
    found, truth = drawn("to-khai-dang-ky-khai-tu", 700_002)
    assert found.details["applicant_id"].value == truth["applicant_id"]
    assert found.fields["owner_id"].value is None

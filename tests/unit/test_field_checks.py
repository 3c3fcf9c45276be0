"""Checks between fields: what contradicts is named, what is unknown is left alone."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogues import load_catalogue
from domain.card_qr import card_faults, parse_card_qr
from domain.dossiers import dossier_faults, parse_dossier_code
from domain.field_checks import (
    derived_valid_until,
    lock_until,
    number_faults,
    type_date_faults,
    type_issuer_faults,
    validity_faults,
)
from domain.identifiers import identifier_faults, tax_number_faults
from domain.issuers import issuer_faults, resolve_issuer

C = load_catalogue()
TODAY = date(2026, 11, 2)
BEFORE, AFTER = date(2024, 5, 6), date(2025, 7, 1)
CARD = "033090001234|012345678|Nguyễn Văn An|01011990|Nam|Xã Tân Hòa, Hưng Yên|15042021"


@pytest.mark.parametrize(
    ("issuer", "day", "named"),
    [
        ("Ủy ban nhân dân huyện Phù Sa", BEFORE, None),
        ("Ủy ban nhân dân huyện Khoái Châu", date(2025, 6, 30), None),
        ("Ủy ban nhân dân huyện Khoái Châu", AFTER, "không còn"),
        ("Ủy ban nhân dân thị trấn Lương Bằng", AFTER, "không còn thị trấn"),
        ("Ủy ban nhân dân tỉnh Thái Bình", BEFORE, None),
        ("Ủy ban nhân dân tỉnh Thái Bình", AFTER, "Tỉnh Thái Bình"),
        ("Ủy ban nhân dân tỉnh Hưng Yên", AFTER, None),
        ("Ủy ban nhân dân tỉnh Hưng Yên", BEFORE, None),
        ("Ủy ban nhân dân thành phố Thái Bình", AFTER, "thành phố cấp huyện"),
        ("Ủy ban nhân dân thành phố Thái Bình", BEFORE, None),
        ("Ủy ban nhân dân thành phố Huế", date(2020, 1, 1), None),
        ("Ủy ban nhân dân thành phố Huế", AFTER, None),
        ("Ủy ban nhân dân tỉnh Thừa Thiên Huế", AFTER, "Thừa Thiên Huế"),
        ("Sở Kế hoạch và Đầu tư tỉnh Gia Lai", BEFORE, None),
        ("Sở Kế hoạch và Đầu tư", date(2026, 1, 5), "không còn"),
        ("Sở Nông nghiệp và Môi trường tỉnh Hưng Yên", BEFORE, "chưa có"),
        ("Sở Nông nghiệp và Môi trường tỉnh Hưng Yên", AFTER, None),
        ("Cục Quản lý thị trường tỉnh Hưng Yên", AFTER, None),
        ("Cục Cảnh sát quản lý hành chính về trật tự xã hội", AFTER, None),
        ("Bảo hiểm xã hội tỉnh Hưng Yên", AFTER, None),
        ("Chi cục Hải quan khu vực IV", AFTER, None),
        ("Ủy ban nhân dân xã Hòa Phong, tỉnh Đắk Lắk", AFTER, None),
        ("Công ty TNHH Bình Minh", AFTER, None),
        ("", AFTER, None),
    ],
)
def test_an_agency_must_have_existed_on_the_day_of_issue(issuer, day, named):
    faults = issuer_faults(issuer, day, C)
    assert (faults == ()) if named is None else any(named in fault for fault in faults)


def test_an_issuer_is_resolved_to_the_unit_of_its_generation():
    both = resolve_issuer("Ủy ban nhân dân tỉnh Hưng Yên", C)
    old = resolve_issuer("Ủy ban nhân dân tỉnh Hưng Yên", C, on=BEFORE)
    new = resolve_issuer("ỦY BAN NHÂN DÂN TINH HUNG YEN", C, on=AFTER)
    commune = resolve_issuer(
        "Ủy ban nhân dân xã Tân Hòa, huyện Phù Sa, tỉnh Hưng Yên", C, on=BEFORE
    )
    assert [unit.id for unit in both.units] == ["H31", "L-hung-yen"]
    assert [unit.id for unit in old.units] == ["H31"]
    assert [unit.id for unit in new.units] == ["L-hung-yen"]
    assert [unit.id for unit in commune.units] == ["H31.5.21", "H31.5", "H31"]
    assert [agency.id for agency in commune.agencies] == ["uy-ban-nhan-dan-xa"]


def test_a_commune_of_another_province_is_not_taken_for_ours():
    found = resolve_issuer("Ủy ban nhân dân xã Tân Hòa, tỉnh Đồng Nai", C, on=AFTER)
    assert [unit.id for unit in found.units] == ["L-dong-nai"]


@pytest.mark.parametrize(
    ("number", "type_id", "issuer", "issued", "named"),
    [
        ("84/QĐ-UBND", "quyet-dinh", "Ủy ban nhân dân tỉnh Quảng Ngãi", BEFORE, None),
        ("574/UBND-KTTH", "cong-van", "Ủy ban nhân dân tỉnh Quảng Ngãi", BEFORE, None),
        ("12/QĐ-STP", "quyet-dinh", "Sở Tư pháp", BEFORE, None),
        ("12/QĐ-SGD&ĐT", "quyet-dinh", "Sở Giáo dục và Đào tạo", BEFORE, None),
        ("84/KH-UBND", "quyet-dinh", None, None, "Kế hoạch"),
        ("12/QĐ-STP", "quyet-dinh", "Sở Xây dựng", None, "«STP»"),
        ("12/QĐ-XYZ", "quyet-dinh", "Sở Xây dựng", None, None),
        ("12/QĐ-STP", "quyet-dinh", "Công ty Bình Minh", None, None),
        ("05/2024/QĐ-UBND", "quyet-dinh", None, BEFORE, None),
        ("05/2023/QĐ-UBND", "quyet-dinh", None, BEFORE, "2023"),
        ("31/2024", "giay-khai-sinh", None, BEFORE, None),
        ("31/2023", "giay-khai-sinh", None, BEFORE, "2023"),
        ("0100233488", "giay-chung-nhan-dang-ky-doanh-nghiep", None, BEFORE, None),
        ("010023348", "giay-chung-nhan-dang-ky-doanh-nghiep", None, BEFORE, "dạng số"),
        ("310 123 456 789", "giay-phep-lai-xe", None, BEFORE, None),
        ("không rõ", None, None, None, None),
    ],
)
def test_a_number_must_fit_type_issuer_and_year(number, type_id, issuer, issued, named):
    faults = number_faults(number, C, type_id=type_id, issuer=issuer, issued=issued)
    assert (faults == ()) if named is None else any(named in fault for fault in faults)


def test_no_number_or_issuer_of_the_real_scans_is_doubted(samples):
    """They are genuine: a check that doubts them would only cost people time."""
    names = {entry.name: entry.id for entry in C.types}
    for truth in json.loads((samples / "real-scans" / "fields.json").read_text(encoding="utf-8")):
        day = date.fromisoformat(truth["date"])
        said = {"type_id": names[truth["type"]], "issuer": truth["issuer"], "issued": day}
        assert number_faults(truth["number"], C, **said) == ()
        assert issuer_faults(truth["issuer"], day, C) == ()


def test_who_issues_a_type_is_known_where_the_catalogue_says():
    birth = C.type("giay-khai-sinh")
    assert type_issuer_faults(birth, "Ủy ban nhân dân xã Tân Hòa", C) == ()
    assert type_issuer_faults(birth, "Sở Xây dựng", C) != ()
    assert type_issuer_faults(birth, "Đại sứ quán Việt Nam", C) == ()
    assert type_issuer_faults(C.type("quyet-dinh"), "Sở Xây dựng", C) == ()


def test_terms_follow_from_the_type():
    single, food = (C.type(i) for i in ("giay-xac-nhan-tinh-trang-hon-nhan", "giay-khai-sinh"))
    assert derived_valid_until(single, date(2026, 8, 31)) == date(2027, 2, 28)
    assert derived_valid_until(food, date(2026, 8, 31)) is None
    assert validity_faults(single, date(2026, 1, 1), date(2026, 7, 1)) == ()
    assert "dài hơn" in validity_faults(single, date(2026, 1, 1), date(2026, 7, 2))[0]
    assert "trước ngày cấp" in validity_faults(single, date(2026, 1, 1), date(2025, 7, 2))[0]
    assert "không có thời hạn" in validity_faults(food, None, date(2025, 7, 2))[0]
    assert type_date_faults(C.type("so-ho-khau"), date(2023, 1, 1)) != ()
    assert type_date_faults(C.type("giay-phep-moi-truong"), date(2021, 12, 31)) != ()
    assert type_date_faults(single, TODAY) == ()
    assert lock_until("giay-khai-sinh", date(2024, 2, 29), C) == date(2034, 3, 1)
    assert lock_until("khong-co", TODAY, C) is None


def test_a_card_code_of_seven_fields_or_more_is_read():
    card = parse_card_qr(CARD)
    assert (card.name, card.born, card.sex) == ("Nguyễn Văn An", date(1990, 1, 1), "Nam")
    assert parse_card_qr(CARD + "|||thêm") == card
    assert card_faults(card, today=TODAY) == ()
    assert parse_card_qr(CARD.replace("|012345678|", "||")).old_number == ""


@pytest.mark.parametrize(
    "change", [("|Nam|", "|Nữ|"), ("01011990", "01011991"), ("15042021", "15042031")]
)
def test_a_card_code_that_contradicts_itself_has_a_fault(change):
    assert card_faults(parse_card_qr(CARD.replace(*change)), today=TODAY) != ()


@pytest.mark.parametrize(
    "text",
    ["", CARD.rsplit("|", 1)[0], CARD.replace("01011990", "31021990"), "SOHOA1|D-1|quyet-dinh|H31",
     CARD.replace("|Nam|", "|?|"), "١" + CARD[1:]],
)  # fmt: skip
def test_what_is_no_card_code_is_none(text):
    assert parse_card_qr(text) is None


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=9).map("|".join))
def test_no_text_breaks_the_reading_of_a_code(text):
    assert parse_card_qr(text) is None or len(text.split("|")) >= 7
    assert parse_dossier_code(text) is None
    assert isinstance(number_faults(text, C, type_id="quyet-dinh", issuer=text), tuple)
    assert isinstance(issuer_faults(text, TODAY, C), tuple)


def test_dossier_codes_of_both_generations_are_read():
    old = parse_dossier_code("000.00.16.H58-210928-0001")
    new = parse_dossier_code("G09.20-20260609-0092637")
    assert (old.form, old.unit, old.received, old.ordinal) == (
        "2018",
        "H58.16",
        date(2021, 9, 28),
        1,
    )
    assert (new.form, new.unit, new.received, new.ordinal) == (
        "2026",
        "G09.20",
        date(2026, 6, 9),
        92637,
    )
    assert dossier_faults("000.00.16.H58-210928-0001", today=TODAY) == ()


@pytest.mark.parametrize(
    "text",
    ["000.00.16.H58-210931-0001", "000.00.16.H58-261103-0001", "000.00.16.H58-210928-0000", "D-1",
     "000.00.16.L58-210928-0001", "G09.20-20261303-0001"],
)  # fmt: skip
def test_an_impossible_dossier_code_has_a_fault(text):
    assert dossier_faults(text, today=TODAY) != ()


@pytest.mark.parametrize("text", ["0100233488", "0100233488-001", "0100233488001", "033090001234"])
def test_tax_numbers_of_ten_thirteen_and_twelve_digits_pass(text):
    assert tax_number_faults(text, today=TODAY) == ()


@pytest.mark.parametrize("text", ["0100233487", "0100233487001", "123456789", "01002334880012"])
def test_other_tax_numbers_have_a_fault(text):
    assert tax_number_faults(text, today=TODAY) != ()


def test_a_personal_number_of_another_province_than_its_register_is_doubted():
    codes = C.province_codes("L-hung-yen")
    assert identifier_faults("034090001234", today=TODAY, provinces=codes) == ()
    assert "mã tỉnh" in identifier_faults("052090001234", today=TODAY, provinces=codes)[0]
    assert identifier_faults("052090001234", today=TODAY, provinces=frozenset()) == ()

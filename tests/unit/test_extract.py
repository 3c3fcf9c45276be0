"""The nine fields: printed ones are read without a doubt, those by hand never without one."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.field_set import PERFECT, Job, read_drawn
from catalogues import load_catalogue
from deployments.samples.wording import date_in_words
from domain.classify import classify
from domain.extract import extract
from domain.extract.dates import months_after, parse_dates
from domain.extract.layout import fold_each
from domain.extract.spoken_dates import day_in_words
from domain.record import FIELD_NAMES, FieldValue
from domain.words import Box, PageText
from tests.unit.typeset import HEIGHT, WIDTH, Sheet, birth_certificate, decision, letter, letterhead

CATALOGUE = load_catalogue()
TODAY = date(2026, 11, 2)


def fields_of(*sheets: Sheet) -> dict[str, FieldValue]:
    return fields_of_pages([sheet.read() for sheet in sheets])


def fields_of_pages(pages: list[PageText]) -> dict[str, FieldValue]:
    return extract(pages, classify(pages, CATALOGUE), CATALOGUE, today=TODAY)


def test_a_clean_printed_decision_needs_nobody() -> None:
    """All fields that its type requires are there, none is doubted."""
    fields = fields_of(decision())
    assert {name: fields[name].value for name in FIELD_NAMES} == {
        "type_code": "quyet-dinh",
        "owner_id": None,
        "title": "Quyết định",
        "number": "88/QĐ-UBND",
        "issue_date": "2026-02-09",
        "issuer": "Ủy ban nhân dân tỉnh Hưng Yên",
        "subject": "Về việc phê duyệt Đề án cải cách hành chính của tỉnh Hưng Yên năm 2026",
        "valid_until": None,
        "scope": None,
    }
    assert not [name for name in FIELD_NAMES if fields[name].doubts]


def test_a_letter_has_its_subject_after_v_v() -> None:
    """Over two lines of the left column, without the mark itself."""
    fields = fields_of(letter())
    assert fields["number"].value == "299/UBND-TTHC"
    assert fields["subject"].value == "công bố Danh mục TTHC và xây dựng quy trình nội bộ"


def test_a_birth_certificate_belongs_to_the_child() -> None:
    """The mother's number stands after her own label; issuer and date follow theirs."""
    fields = fields_of(birth_certificate())
    assert fields["type_code"].value == "KQ.G15.000031"
    assert fields["owner_id"].value == "033226001234"
    assert fields["number"].value == "45/2026"
    assert fields["issue_date"].value == "2026-02-09"
    assert fields["issuer"].value == "Ủy ban nhân dân xã Tân Hòa"
    assert not any(field.doubts for field in fields.values())


@pytest.mark.parametrize("child", ["033126001234", "033225001234", "03322600123", "099226001234"])
def test_a_misread_owner_is_doubted(child: str) -> None:
    """Wrong century and sex, wrong year, a digit lost, no such province."""
    fields = fields_of(birth_certificate(child))
    assert fields["owner_id"].doubts


def test_a_missing_owner_is_not_replaced_by_a_parent() -> None:
    """The child's line is empty: ask a person instead of taking the mother's number."""
    fields = fields_of(birth_certificate(""))
    assert fields["owner_id"].value is None
    assert fields["owner_id"].doubts


def test_digits_by_hand_are_never_accepted() -> None:
    """A pen in the number makes number and day doubtful, however sure the engine is."""
    fields = fields_of(decision("Số: 23 /QĐ-UBND", pen="23"))
    assert fields["number"].value == "23/QĐ-UBND"
    assert fields["number"].doubts
    assert fields["issue_date"].doubts


def test_a_day_by_hand_makes_the_number_doubtful_too() -> None:
    """Whoever fills in the day fills in the number."""
    fields = fields_of(decision(date="Hưng Yên, ngày 09 tháng 02 năm 2026", pen="09"))
    assert fields["issue_date"].doubts
    assert fields["number"].doubts


def test_a_word_that_the_image_step_marked_as_handwritten_is_doubted() -> None:
    """The mark alone is enough."""
    page = decision().read()
    words = tuple(
        word.model_copy(update={"handwritten": word.text == "88/QĐ-UBND"}) for word in page.words
    )
    fields = fields_of_pages([page.model_copy(update={"words": words})])
    assert fields["number"].doubts


@pytest.mark.parametrize("number", ["Số: /QĐ-UBND", "Số: ⁄đ# /QĐ-UBND", "Số: 2 # /QĐ-UBND"])
def test_an_unread_number_has_no_value_and_says_what_was_seen(number: str) -> None:
    """Half a number is not a number."""
    fields = fields_of(decision(number))
    assert fields["number"].value is None
    assert "/QĐ-UBND" in fields["number"].doubts[0]


@pytest.mark.parametrize(
    "printed", ["ngày tháng 02 năm 2026", "ngày à tháng 02 năm 2026", "ngày 31 tháng 02 năm 2026"]
)
def test_a_date_with_a_part_missing_or_wrong_has_no_value(printed: str) -> None:
    """No day is guessed."""
    fields = fields_of(decision(date=f"Hưng Yên, {printed}"))
    assert fields["issue_date"].value is None
    assert fields["issue_date"].doubts


def test_a_day_in_the_future_is_doubted() -> None:
    """Nothing is issued after the day on which it is read."""
    fields = fields_of(decision(date="Hưng Yên, ngày 03 tháng 12 năm 2026"))
    assert fields["issue_date"].doubts == ("ngày ở tương lai",)


def test_a_symbol_of_another_type_is_doubted() -> None:
    """KH under the title QUYẾT ĐỊNH."""
    assert fields_of(decision("Số: 88/KH-UBND"))["number"].doubts


def test_an_annex_that_names_another_number_is_doubted() -> None:
    """Two candidates: a person decides."""
    annex = Sheet(page=2).put("Kèm theo Quyết định số 89/QĐ-UBND của tỉnh", 300)
    annex.put("Phụ lục danh mục các nội dung của Đề án", 400)
    assert fields_of(decision(), annex)["number"].doubts


def test_engine_confidence_counts() -> None:
    """Digits that the engine is not sure of are doubted even in print."""
    page = decision().read()
    words = tuple(
        word.model_copy(update={"confidence": 0.4}) if word.text == "88/QĐ-UBND" else word
        for word in page.words
    )
    fields = fields_of_pages([page.model_copy(update={"words": words})])
    assert fields["number"].doubts


@pytest.mark.parametrize(
    ("agency", "name"),
    [
        (("UBND TỈNH HƯNG YÊN", "SỞ KẾ HOẠCH VÀ ĐẦU TƯ"), "Sở Kế hoạch và Đầu tư"),
        (("ỦY BAN NHÂN DÂN", "TÍNH QUANG NGAI"), "Ủy ban nhân dân tỉnh Quảng Ngãi"),
        (("HUYỆN KHOÁI CHÂU", "ỦY BAN NHÂN DÂN", "XÃ TÂN HÒA"), "Ủy ban nhân dân xã Tân Hòa"),
        (("UBND HUYỆN KHOÁI CHÂU", "PHÒNG TƯ PHÁP"), "Phòng Tư pháp"),
        (("ỦY BAN NHÂN DÂN", "TỈNH THANH HÓA"), "Ủy ban nhân dân tỉnh Thanh Hóa"),
        (("ỦY BAN NHÂN DÂN", "THÀNH PHỐ HÀ NỘI"), "Ủy ban nhân dân thành phố Hà Nội"),
        (("BỘ CÔNG AN", "CÔNG AN TỈNH GIA LAI"), "Công an tỉnh Gia Lai"),
        (("BỘ CÔNG AN", "_ CÔNG AN", "TỈNH GIA LAI"), "Công an tỉnh Gia Lai"),
        (("ỦY BAN NHÂN DÂN TỈNH GIA LAI", "VĂN PHÒNG"), "Văn phòng Ủy ban nhân dân tỉnh Gia Lai"),
        (("CỤC THUẾ", "CHI CỤC THUẾ KHU VỰC XIII"), "Chi cục Thuế khu vực XIII"),
        (("TỈNH ỦY GIA LAI",), "Tỉnh ủy Gia Lai"),
        (("TỈNH ỦY GIA LAI", "BAN TỔ CHỨC"), "Ban Tổ chức Tỉnh ủy Gia Lai"),
    ],
)
def test_the_issuer_is_the_lowest_agency_in_ordinary_case(
    agency: tuple[str, ...], name: str
) -> None:
    """Both generations of agencies; diacritics that OCR lost come back from the catalogue."""
    assert fields_of(decision(agency=agency))["issuer"].value == name


def test_a_place_is_spelled_as_most_of_the_paper_spells_it() -> None:
    """VIỄN in a name is not the word "Viện" of an agency."""
    sheet = decision(
        agency=("ỦY BAN NHÂN DÂN", "HUYỆN GIA VIỄN"),
        date="Gia Viễn, ngày 09 tháng 02 năm 2025",
    )
    issuer = fields_of(sheet)["issuer"]
    assert issuer.value == "Ủy ban nhân dân huyện Gia Viễn"
    assert not issuer.doubts


def test_a_place_that_the_paper_spells_in_two_ways_is_doubted() -> None:
    """Capitals lose marks, and nothing says which reading is right."""
    sheet = decision(
        agency=("ỦY BAN NHÂN DÂN", "HUYỆN ẤN THI"),
        date="Ân Thi, ngày 09 tháng 02 năm 2025",
    )
    assert fields_of(sheet)["issuer"].doubts


def test_an_issuer_without_its_place_is_doubted() -> None:
    """The second line of the letterhead was not read."""
    fields = fields_of(decision(agency=("ỦY BAN NHÂN DÂN TỈNH",)))
    assert fields["issuer"].doubts


def test_a_letterhead_that_lost_its_first_line_is_doubted() -> None:
    """What is left is a place, however surely it was read."""
    issuer = fields_of(decision(agency=("VIỆT NAM TỈNH HƯNG YÊN",)))["issuer"]
    assert issuer.doubts


def test_the_word_before_a_year_keeps_no_spoiled_mark() -> None:
    """Nothing but năm stands there."""
    sheet = letterhead().put("QUYẾT ĐỊNH", 560).put("Về việc giao dự toán nắm 2026", 625)
    assert fields_of(sheet)["subject"].value == "Về việc giao dự toán năm 2026"


def test_an_office_of_nobody_knows_whom_is_doubted() -> None:
    """Every agency has a văn phòng; the line that says whose was not read."""
    issuer = fields_of(decision(agency=("VĂN PHÒNG",)))["issuer"]
    assert issuer.value == "Văn phòng"
    assert issuer.doubts


@pytest.mark.parametrize(("sure", "doubted"), [(0.97, False), (0.93, True)])
def test_a_place_in_ordinary_letters_stands_alone_only_when_read_surely(
    sure: float, doubted: bool
) -> None:
    """Nothing else on the paper spells it, and no catalogue knows it."""
    page = birth_certificate().read()
    other = {"Tân": "Mỹ", "Hòa,": "Xá,"}
    words = tuple(
        word.model_copy(update={"text": other[word.text], "confidence": sure})
        if word.text in other
        else word
        for word in page.words
    )
    issuer = fields_of_pages([page.model_copy(update={"words": words})])["issuer"]
    assert issuer.value == "Ủy ban nhân dân xã Mỹ Xá"
    assert bool(issuer.doubts) == doubted


def test_a_symbol_misread_by_a_letter_is_that_of_the_type() -> None:
    """The printed title says which; a symbol of another type is never turned into it."""
    sheet = letterhead("Số: 12/TTT-UBND").put("TỜ TRÌNH", 560)
    sheet.put("Về việc bố trí kinh phí năm 2026", 625)
    number = fields_of(sheet)["number"]
    assert (number.value, number.doubts) == ("12/TTr-UBND", ())
    assert fields_of(decision("Số: 12/NQ-UBND"))["number"].doubts


def test_the_number_of_the_stamp_of_who_received_it_is_never_taken_silently() -> None:
    """The paper's own number could not be read; the receiver's stamp has one without a symbol."""
    sheet = decision("§6 8B QÐ UBND").put("Số: 1234", 480, centre=0.2)
    assert fields_of(sheet)["number"].doubts


@pytest.mark.parametrize("kind", ["cong-van", "ket-luan", "quyet-dinh", "nghi-dinh", "thong-tu"])
@pytest.mark.parametrize("seed", range(4))
def test_papers_of_other_authorities_are_read_as_they_stand(kind: str, seed: int) -> None:
    """Ministries, courts, councils, the Party: what is not doubted is right."""
    paper = read_drawn(Job(kind, 10 + seed, PERFECT, any_authority=True))
    guess = classify(paper.pages, CATALOGUE)
    assert guess.id == kind
    read = extract(paper.pages, guess, CATALOGUE, today=TODAY)
    truth = paper.truth.fields.model_dump(mode="json")
    for name in ("number", "issue_date", "issuer", "subject"):
        assert read[name].value == truth[name] or read[name].doubts


def test_a_number_of_the_party_names_the_type_after_a_dash() -> None:
    """12-KL/TU: no slash parts digits and symbol, and no national name stands above."""
    sheet = Sheet()
    sheet.put("TỈNH ỦY GIA LAI", 200, centre=0.27)
    sheet.put("ĐẢNG CỘNG SẢN VIỆT NAM", 200, centre=0.7)
    sheet.put("*", 270, centre=0.27)
    sheet.put("Số 12-KL/TU", 340, centre=0.27)
    sheet.put("Gia Lai, ngày 09 tháng 02 năm 2026", 340, centre=0.7)
    sheet.put("KẾT LUẬN", 560)
    sheet.put("về công tác cải cách hành chính năm 2026", 625)
    sheet.put("Căn cứ chương trình công tác, Ban Thường vụ Tỉnh ủy kết luận như sau:", 800, x=400)
    fields = fields_of(sheet)
    assert fields["type_code"].value == "ket-luan"
    assert fields["number"].value == "12-KL/TU"
    assert fields["issue_date"].value == "2026-02-09"
    assert not any(field.doubts for field in fields.values())


def test_a_required_field_that_is_not_there_is_asked_for() -> None:
    """A decision without a subject line."""
    sheet = decision()
    kept = [word for word in sheet.words if not 600 < word.box.y < 780]
    fields = fields_of_pages([sheet.read().model_copy(update={"words": tuple(kept)})])
    assert fields["subject"].doubts == ("không tìm thấy trên giấy",)


def test_a_term_in_months_is_counted_from_the_day_of_issue() -> None:
    """Giấy xác nhận tình trạng hôn nhân: six months."""
    sheet = birth_certificate()
    sheet.put("Giấy này có giá trị trong thời hạn 06 tháng kể từ ngày cấp.", 1500, x=300)
    fields = fields_of(sheet)
    assert fields["valid_until"].value == "2026-08-09"
    assert fields["valid_until"].source == "derived"


def test_a_printed_last_day_and_a_scope_are_read() -> None:
    """By their labels."""
    sheet = birth_certificate()
    sheet.put("Có giá trị đến ngày 31/12/2028", 1500, x=300)
    sheet.put("Phạm vi hoạt động: Trên địa bàn tỉnh Hưng Yên", 1590, x=300)
    fields = fields_of(sheet)
    assert fields["valid_until"].value == "2028-12-31"
    assert fields["scope"].value == "Trên địa bàn tỉnh Hưng Yên"


def test_how_long_land_is_used_is_no_term_of_its_certificate() -> None:
    """The type has a field of its own for it."""
    sheet = Sheet()
    sheet.put("GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT", 700).put("Thửa đất số: 17", 1000, x=300)
    term = "Thời hạn sử dụng: Đến ngày 15 tháng 10 năm 2043"
    land = fields_of(sheet.put(term, 1090, x=300))
    assert land["type_code"].value == "giay-chung-nhan-quyen-su-dung-dat"
    assert land["valid_until"].value is None
    assert fields_of(birth_certificate().put(term, 1590, x=300))["valid_until"].value


def test_a_stamp_beside_a_subject_does_not_end_it() -> None:
    """«ĐẾN» of the receiver stands left of the subject's second line."""
    sheet = decision()
    subject = [word for word in sheet.words if word.text == "2026"][-1]
    line = [word for word in sheet.words if word.line == subject.line]
    sheet.put("ĐẾN", line[0].box.y - 20, x=200)
    assert fields_of(sheet)["subject"].value == fields_of(decision())["subject"].value


def test_which_of_two_scopes_is_meant_is_asked() -> None:
    """The same scope said twice is no question."""
    sheet = birth_certificate().put("Phạm vi hoạt động: Trên địa bàn tỉnh Hưng Yên", 1590, x=300)
    again = sheet.put("Phạm vi hành nghề: Trên địa bàn tỉnh Hưng Yên", 1680, x=300)
    assert not fields_of(again)["scope"].doubts
    other = sheet.put("Phạm vi kinh doanh: Bán lẻ thuốc", 1770, x=300)
    assert fields_of(other)["scope"].doubts


@pytest.mark.parametrize("skew", [-3.0, -0.7, 1.2, 4.0])
def test_skew_changes_no_value_and_boxes_stay_on_the_scan(skew: float) -> None:
    """Rows are put straight for reading; boxes lie on the scan."""
    page = tilted(decision().read(), skew)
    fields = fields_of_pages([page])
    assert fields["number"].value == "88/QĐ-UBND"
    assert fields["issue_date"].value == "2026-02-09"
    assert not fields["number"].doubts
    word = next(word for word in page.words if word.text == "88/QĐ-UBND")
    box = fields["number"].box
    assert abs(box.x - word.box.x) <= 3
    assert abs(box.y - word.box.y) <= 3


def tilted(page: PageText, skew: float) -> PageText:
    """The page as scanned askew: every box holds its turned word, as reading gives it."""
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    words = []
    for word in page.words:
        x = word.box.x + word.box.width / 2 - WIDTH / 2
        y = word.box.y + word.box.height / 2 - HEIGHT / 2
        width = word.box.width * cos + word.box.height * abs(sin)
        height = word.box.height * cos + word.box.width * abs(sin)
        box = Box(
            x=round(x * cos + y * sin + WIDTH / 2 - width / 2),
            y=round(y * cos - x * sin + HEIGHT / 2 - height / 2),
            width=round(width),
            height=round(height),
        )
        words.append(word.model_copy(update={"box": box}))
    return page.model_copy(update={"words": tuple(words), "skew": skew})


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_in_words_is_read_back(day: date) -> None:
    """As forms of civil status spell it out."""
    assert day_in_words(f"Ghi bằng chữ: {date_in_words(day)}") == day


@given(st.dates(date(1945, 9, 2), date(2099, 12, 31)))
def test_every_date_is_read_back_in_both_forms(day: date) -> None:
    """In words, as NĐ 30/2020/NĐ-CP wants it, and in figures."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    spoken = f"Hưng Yên, ngày {day.day:02} tháng {month} năm {day.year}"
    assert parse_dates(spoken) == [day]
    assert parse_dates(f"Ngày cấp: {day:%d/%m/%Y}.") == [day]


@given(st.dates(date(1945, 9, 2), date(2090, 12, 31)), st.integers(1, 240))
def test_months_are_counted_by_the_calendar(day: date, months: int) -> None:
    """The month is the one wanted; the day is the same, or the month's last."""
    last = months_after(day, months)
    assert (last.year * 12 + last.month) - (day.year * 12 + day.month) == months
    assert last.day == day.day or (last.day < day.day and last.day >= 28)


@given(st.text(max_size=60))
def test_folding_keeps_places(text: str) -> None:
    """A match in the folded text is at the same place in the text."""
    assert len(fold_each(text)) == len(text)


words = st.text("Số: ngày/tháng năm0123456789QĐ-UBND,.#ÿ|", min_size=1, max_size=8).filter(
    str.strip
)


@settings(deadline=None)  # wall clock says nothing on a busy machine
@given(st.lists(words, min_size=1, max_size=12), st.integers(0, 900))
def test_no_garbage_makes_extraction_fail(texts: list[str], y: int) -> None:
    """Whatever OCR reads in the header, all nine fields come back."""
    sheet = decision().put(" ".join(texts), y, x=400)
    assert set(fields_of(sheet)) == set(FIELD_NAMES)


@settings(deadline=None)
@given(st.integers(1, 99_999))
def test_every_printed_number_is_read_as_it_stands(serial: int) -> None:
    """With the leading zero that it has."""
    assert fields_of(decision(f"Số: {serial:02}/QĐ-UBND"))["number"].value == f"{serial:02}/QĐ-UBND"

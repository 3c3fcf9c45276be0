"""The look at a form's values: each word after a label is read again, and weighed by itself."""

import pytest

from domain.errors import ConfigurationFault
from reading.engines import TesserocrEngine
from reading.settings import ReadingSettings
from reading.value_look import look_at_values
from tests.unit.prepared_readings import DPI, PAGE, Reader, row, text_of
from tests.unit.reading_pages import printed_page


class TestAgreement:
    """Readings that agree support each other, and cost one look."""

    def test_a_sure_look_lifts_unsure_words(self):
        """A name at 0.6, read again the same at 0.93, is as sure as that; the label stays."""
        words = row("Họ tên: Phạm Thu Hương", 0.5, 0.5, 0.6)
        read = Reader(("Phạm Thu Hương", 0.93))
        looked = look_at_values(PAGE, words, DPI, read)
        assert [word.confidence for word in looked] == [0.5, 0.5, 0.93, 0.93, 0.93]
        assert text_of(looked) == text_of(words)

    def test_agreement_never_lowers(self):
        """A sure page stays as sure as it was."""
        words = row("Họ tên: Phạm Thu Hương", 0.96)
        assert look_at_values(PAGE, words, DPI, Reader(("Phạm Thu Hương", 0.6))) == words

    def test_marks_around_a_word_are_no_difference(self):
        """A comma lost, a speck before the name."""
        words = row("Nơi sinh: Thôn Đông, xã Tân Hòa", 0.96)
        read = Reader(("'Thôn Đông xã Tân Hòa.", 0.93))
        assert look_at_values(PAGE, words, DPI, read) == words


class TestCorrection:
    """A word that the page was not sure of gives way to three looks that agree."""

    def test_a_wrong_mark_is_replaced_and_the_rest_stays(self):
        """«quây» for «quầy»: place and comma are the page's."""
        words = row("Loại: Bán thuốc, quây, thuốc", 0.96, 0.96, 0.96, 0.76, 0.96)
        read = Reader(*[("Bán thuốc, quầy thuốc", 0.95, 0.95, 0.92, 0.95)] * 3)
        looked = look_at_values(PAGE, words, DPI, read)
        assert text_of(looked) == "Loại: Bán thuốc, quầy, thuốc"
        assert looked[3] == words[3]._replace(text="quầy,", confidence=0.92)
        assert [*looked[:3], *looked[4:]] == [*words[:3], *words[4:]]

    def test_a_sure_page_is_doubted_not_overruled(self):
        """Three looks misread alike: Đông at 0.95 on the page, right, and Đồng in each look."""
        words = row("Địa chỉ: Thôn Đông, xã Phú Lương", 0.95)
        read = Reader(*[("Thôn Đồng, xã Phú Lương", 0.93)] * 3)
        looked = look_at_values(PAGE, words, DPI, read)
        assert text_of(looked) == text_of(words)
        assert [word.confidence for word in looked] == [0.95, 0.95, 0.95, 0.4, 0.95, 0.95, 0.95]


class TestDoubt:
    """Sure readings that differ in a mark end with a person."""

    def test_two_that_agree_without_being_sure_ask_for_a_third(self):
        """Ân Thị at 0.81, again at 0.78, then Ân Thi at 0.86: one district, whichever it is."""
        words = row("Địa chỉ: huyện Ân Thị", 0.96, 0.96, 0.96, 0.96, 0.81)
        read = Reader(("huyện Ân Thị", 0.96, 0.96, 0.78), ("huyện Ân Thi", 0.96, 0.96, 0.86))
        looked = look_at_values(PAGE, words, DPI, read)
        assert text_of(looked) == text_of(words)
        assert [word.confidence for word in looked] == [0.96, 0.96, 0.96, 0.96, 0.4]

    def test_an_unsure_dissenter_is_outvoted(self):
        """«Ñgô» at 0.45 spoils no name that two read."""
        words = row("Họ tên: Ngô An", 0.88)
        read = Reader(("Ñgô An", 0.45, 0.9), ("Ngô An", 0.8, 0.9))
        looked = look_at_values(PAGE, words, DPI, read)
        assert text_of(looked) == text_of(words)
        assert [word.confidence for word in looked] == [0.88, 0.88, 0.88, 0.9]

    def test_words_that_a_look_joined_or_lost_say_nothing(self):
        """«153,4 m2» as one word is no other value."""
        words = row("Diện tích: đất 153,4 m2", 0.95)
        read = Reader(*[("đất 153,4m2", 0.95)] * 2)
        assert look_at_values(PAGE, words, DPI, read) == words


class TestWhatIsLookedAt:
    """Only values of forms are read again, so that the look stays cheap."""

    @pytest.mark.parametrize(
        ("text", "sure"),
        [
            ("Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014;", 0.9),
            ("Ngày sinh: 21/01/2024", 0.9),
            ("Nơi nhận:", 0.9),
            ("Xét đề nghị của Giám đốc Sở Tư pháp về việc cấp giấy phép như sau: đồng ý", 0.9),
            ("Họ tên: (xwà đh3 Hlm", 0.3),
        ],
    )
    def test_other_lines_are_left_alone(self, text, sure):
        """Running text, days, empty labels, sentences, what a pen wrote."""
        words = row(text, sure)
        assert look_at_values(PAGE, words, DPI, Reader()) == words

    def test_the_label_is_left_out_of_the_picture(self):
        """And the other column as well."""
        words = [*row("Địa chỉ: Thôn Hạ", 0.95), *row("Dân tộc", 0.95, x=1100)]
        read = Reader(("Thôn Hạ", 0.95))
        look_at_values(PAGE, words, DPI, read)
        ((width, _), dpi) = read.sizes[0]
        value = words[3].right - words[2].x
        assert value <= width * DPI / dpi <= value + 40

    def test_a_label_whose_box_reaches_into_the_value_is_in_the_picture(self):
        """Boxes that overlap are wrong: cut there, «Việt» lost half its V and became «/iệt»."""
        words = row("Quốc tịch/Nationality: Việt Nam", 0.95)
        words[1] = words[1]._replace(width=words[2].x + 50 - words[1].x)
        read = Reader(("tịch/Nationality: Việt Nam", 0.97))
        looked = look_at_values(PAGE, words, DPI, read)
        ((width, _), dpi) = read.sizes[0]
        assert width * DPI / dpi >= words[3].right - words[1].x
        assert [word.confidence for word in looked] == [0.95, 0.95, 0.97, 0.97]

    def test_a_full_row_goes_on_in_the_next(self):
        """An address over two rows is looked at twice; the row after it is not."""
        words = [
            *row("Địa chỉ: Thôn Hạ", 0.95, x=1800),
            *row("xã Tân Hòa", 0.95, number=1, y=1260),
            *row("Người ký", 0.95, number=2, y=1320),
        ]
        read = Reader(("Thôn Hạ", 0.95), ("xã Tân Hòa", 0.95))
        assert look_at_values(PAGE, words, DPI, read) == words
        assert read.readings == []

    def test_a_label_may_have_a_row_of_its_own(self):
        """Its value stands below."""
        words = [*row("Địa chỉ:", 0.95), *row("Thôn Hạ", 0.6, number=1, y=1260)]
        looked = look_at_values(PAGE, words, DPI, Reader(("Thôn Hạ", 0.95)))
        assert [word.confidence for word in looked] == [0.95, 0.95, 0.95, 0.95]

    def test_what_stands_far_below_is_no_part_of_the_value(self):
        """White parts them."""
        words = [*row("Địa chỉ:", 0.95), *row("Thôn Hạ", 0.6, number=1, y=1500)]
        assert look_at_values(PAGE, words, DPI, Reader()) == words


def test_the_engine_rights_a_wrong_mark_on_a_printed_page():
    """The page was made to say Đồng; tesseract, looking again, reads Đông."""
    settings = ReadingSettings()
    try:
        reader = TesserocrEngine(settings)
    except ConfigurationFault:
        pytest.skip("no Vietnamese model (Debian: tesseract-ocr-vie)")
    page = printed_page(("Địa chỉ: Thôn Đông, xã Tân Hòa, tỉnh Đồng Nai",))
    read = reader.words(page, 200)
    words = [
        word._replace(text="Đồng,", confidence=0.8) if word.text == "Đông," else word
        for word in read
    ]
    assert text_of(words) == "Địa chỉ: Thôn Đồng, xã Tân Hòa, tỉnh Đồng Nai"
    looked = look_at_values(page, words, 200, reader.line)
    assert text_of(looked) == text_of(read)

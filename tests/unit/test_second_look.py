"""The second look: number and date lines are read again, and disagreement is not hidden."""

from functools import partial

import pytest

from domain.errors import ConfigurationFault
from reading.engines import PytesseractEngine, TesserocrEngine, tessdata_folder
from reading.second_look import second_look
from reading.settings import ReadingSettings
from tests.unit.prepared_readings import DPI, PAGE, Reader, row, text_of
from tests.unit.reading_pages import printed_page

line = partial(row, x=1300, y=400)


def figures(words):
    """Confidence of the words that hold figures."""
    return [word.confidence for word in words if any(char.isdigit() for char in word.text)]


class TestAgreement:
    """Readings that agree support each other."""

    def test_a_sure_second_reading_lifts_an_unsure_first(self):
        """The symbol 807/QĐ-SXD at 0.49, read again the same at 0.91, is as sure as that."""
        words = line("Số: 807/QĐ-SXD", 0.49)
        read = Reader(("Số: 807/QĐ-SXD", 0.91))
        assert figures(second_look(PAGE, words, DPI, read)) == [0.91]

    def test_agreement_never_lowers(self):
        """A sure first reading stays as sure as it was."""
        words = line("Gia Lai, ngày 05 tháng 8 năm 2025", 0.96)
        read = Reader(("Gia Lai, ngày 05 tháng 8 năm 2025", 0.75))
        assert second_look(PAGE, words, DPI, read) == words

    def test_two_unsure_readings_ask_for_a_third(self):
        """Agreement at 0.5 alone lifts nothing; the third reading decides."""
        words = line("Số: 12/QĐ-UBND", 0.5)
        read = Reader(("Số: 12/QĐ-UBND", 0.5), ("Số: 12/QĐ-UBND", 0.6))
        assert figures(second_look(PAGE, words, DPI, read)) == [0.6]


class TestCorrection:
    """A spoilt first reading gives way to two that agree."""

    def test_a_garbled_number_is_replaced(self):
        """The line S0. 33/11 KT at 0.0 becomes what two looks saw."""
        words = line("S0. 33/11 KT", 0.0)
        read = Reader(("Số: 33/TLKT", 0.92), ("Số: 33/TLKT", 0.9))
        looked = second_look(PAGE, words, DPI, read)
        assert text_of(looked) == "Số: 33/TLKT"
        assert figures(looked) == [0.92]

    def test_a_lost_slash_is_found(self):
        """Other punctuation is no contradiction in figures."""
        words = line("Số: 335GPXD", 0.85)
        read = Reader(("Số: 335/GPXD", 0.92), ("Số: 335/GPXD", 0.9))
        looked = second_look(PAGE, words, DPI, read)
        assert text_of(looked) == "Số: 335/GPXD"
        assert figures(looked) == [0.92]

    def test_replaced_words_stand_where_they_stood(self):
        """Boxes come back in pixels of the page, in the line's place and number."""
        words = line("S0. 33/11 KT", 0.0, number=4)
        read = Reader(("Số: 33/TLKT", 0.92), ("Số: 33/TLKT", 0.92))
        looked = second_look(PAGE, words, DPI, read)
        assert {word.line for word in looked} == {4}
        assert all(1250 < word.x < 1700 and 370 < word.y < 440 for word in looked)
        assert all(word.right <= 2480 for word in looked)

    def test_a_day_that_no_calendar_has_gives_way(self):
        """The whole page is sure of the 37th; three looks see the 27th."""
        words = line("Khánh Hòa, ngày 37 tháng 10 năm 2025", 0.96)
        read = Reader(*[("Khánh Hòa, ngày 27 tháng 10 năm 2025", 0.9)] * 3)
        looked = second_look(PAGE, words, DPI, read)
        assert "ngày 27 tháng" in text_of(looked)
        assert figures(looked) == [0.9, 0.9, 0.9]

    def test_three_looks_at_the_line_overrule_the_page(self):
        """The whole page is sure of the 30th, three looks of the 20th."""
        words = line("Khánh Hòa, ngày 30 tháng 10 năm 2025", 0.96)
        read = Reader(*[("Khánh Hòa, ngày 20 tháng 10 năm 2025", 0.9)] * 3)
        looked = second_look(PAGE, words, DPI, read)
        assert "ngày 20 tháng" in text_of(looked)
        assert figures(looked) == [0.9, 0.9, 0.9]


class TestDoubt:
    """Sure readings that differ in figures end with a person."""

    def test_figures_read_differently_are_doubted(self):
        """2025 and 2035, both sure: whichever is kept is not sure."""
        words = line("Gia Lai, ngày 28 tháng 8 năm 2025", 0.96)
        read = Reader(
            ("Gia Lai, ngày 28 tháng 8 năm 2035", 0.85), ("Gia Lai, ngày 28 tháng 8 năm 2025", 0.9)
        )
        looked = second_look(PAGE, words, DPI, read)
        assert max(figures(looked)) < 0.6
        assert text_of(looked).endswith("2025")

    def test_a_third_look_that_sees_other_figures_leaves_the_doubt(self):
        """Two looks see the 20th, the last one as the page the 30th: a person must say."""
        words = line("Khánh Hòa, ngày 30 tháng 10 năm 2025", 0.96)
        read = Reader(
            *[("Khánh Hòa, ngày 20 tháng 10 năm 2025", 0.9)] * 2,
            ("Khánh Hòa, ngày 30 tháng 10 năm 2025", 0.9),
        )
        assert max(figures(second_look(PAGE, words, DPI, read))) < 0.6

    @pytest.mark.parametrize("last", [("…", 0.1), ("Khánh Hòa, ngày 29 tháng 10 năm 2025", 0.65)])
    def test_two_looks_and_one_that_does_not_say_the_same_do_not_overrule(self, last):
        """The last look sees nothing, or, unsurely, something else again."""
        words = line("Khánh Hòa, ngày 30 tháng 10 năm 2025", 0.96)
        read = Reader(*[("Khánh Hòa, ngày 20 tháng 10 năm 2025", 0.9)] * 2, last)
        assert max(figures(second_look(PAGE, words, DPI, read))) < 0.6

    @pytest.mark.parametrize("second", ["37", "20"])
    def test_a_look_at_what_no_calendar_has_is_a_warning(self, second):
        """The page says 30 or 20, a look is sure of the 37th: it read badly, or the page did."""
        page = "30" if second == "37" else "20"
        words = line(f"Khánh Hòa, ngày {page} tháng 10 năm 2025", 0.96)
        read = Reader(
            ("Khánh Hòa, ngày 37 tháng 10 năm 2025", 0.95),
            (f"Khánh Hòa, ngày {second} tháng 10 năm 2025", 0.95),
        )
        looked = second_look(PAGE, words, DPI, read)
        assert f"ngày {page} tháng" in text_of(looked)
        assert max(figures(looked)) < 0.6

    def test_three_different_readings_are_doubted(self):
        """No two agree: the first stays and is not sure."""
        words = line("Số: 22/QĐ-UBND", 0.9)
        read = Reader(("Số: 23/QĐ-UBND", 0.8), ("Số: 28/QĐ-UBND", 0.8))
        looked = second_look(PAGE, words, DPI, read)
        assert text_of(looked) == "Số: 22/QĐ-UBND"
        assert max(figures(looked)) < 0.6

    def test_an_unsure_dissenter_is_outvoted(self):
        """A reading below the doubt itself does not spoil two that agree."""
        words = line("Số: 22/QĐ-UBND", 0.9)
        read = Reader(("Số: 23/QĐ-UBND", 0.3), ("Số: 22/QĐ-UBND", 0.8))
        assert figures(second_look(PAGE, words, DPI, read)) == [0.9]

    def test_readings_that_show_nothing_change_nothing(self):
        """Two failed looks are no evidence against the first."""
        words = line("Số: 22/QĐ-UBND", 0.9)
        read = Reader(("…", 0.1), ("Sñ", 0.2))
        assert second_look(PAGE, words, DPI, read) == words


class TestWhatIsLookedAt:
    """Only the lines that decide are read again, so that the look stays cheap."""

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("Căn cứ Luật Hộ tịch ngày 20 tháng 11 năm 2014;", {"x": 250}),
            ("Ngày, tháng, năm sinh: 21/01/2024", {}),
            ("Nơi sinh: Bệnh viện Đa khoa tỉnh", {}),
            ("Số: 12/QĐ-UBND", {"y": 2600}),
            ("Gia Lai, ngày 28 tháng 8 năm 2025", {"y": 2600}),
        ],
    )
    def test_other_lines_are_left_alone(self, text, place):
        """Quoted laws, days of birth, body text and the lower half of the page."""
        words = line(text, 0.3, **place)
        assert second_look(PAGE, words, DPI, Reader()) == words

    def test_the_other_column_is_left_out_of_the_picture(self):
        """Number at the left and date at the right are one line to the engine, two looks here."""
        words = [
            *line("Số: 12/QĐ-UBND", x=300),
            *line("Gia Lai, ngày 05 tháng 8 năm 2025", x=900),
        ]
        read = Reader(("Số: 12/QĐ-UBND", 0.9), ("Gia Lai, ngày 05 tháng 8 năm 2025", 0.9))
        assert second_look(PAGE, words, DPI, read) == words
        (number, dpi), _ = read.sizes
        assert number[0] < (900 - 300) * dpi / DPI

    def test_a_number_that_was_not_seen_is_looked_for(self):
        """Behind a lone label the picture reaches as far as a number would."""
        words = line("Số:", 0.9, x=300)
        read = Reader(("Số: 93/TLKT", 0.9), ("Số: 93/TLKT", 0.92))
        assert text_of(second_look(PAGE, words, DPI, read)) == "Số: 93/TLKT"

    def test_words_of_other_lines_keep_their_order(self):
        """What stands before and after the line is as it was."""
        before, after = line("TỈNH GIA LAI", y=300), line("QUYẾT ĐỊNH", number=2, y=600)
        words = [*before, *line("S0 33/11 KT", 0.0, number=1), *after]
        words[3] = words[3]._replace(text="S0:")
        read = Reader(("Số: 33/TLKT", 0.92), ("Số: 33/TLKT", 0.92))
        looked = second_look(PAGE, words, DPI, read)
        assert looked[:3] == before
        assert looked[-2:] == after
        assert text_of(looked[3:-2]) == "Số: 33/TLKT"


@pytest.mark.parametrize("engine", [TesserocrEngine, PytesseractEngine])
def test_every_engine_reads_a_single_line(engine):
    """A picture of one printed line comes back as its words."""
    settings = ReadingSettings()
    try:
        tessdata_folder(settings)
    except ConfigurationFault:
        pytest.skip("no Vietnamese model (Debian: tesseract-ocr-vie)")
    page = printed_page(("Gia Lai, ngày 05 tháng 8 năm 2025",))
    words = engine(settings).line(page.crop((150, 380, 1200, 460)), 200)
    assert text_of(words) == "Gia Lai, ngày 05 tháng 8 năm 2025"
    assert len({word.line for word in words}) == 1


def test_an_engine_reads_whole_pages_after_single_lines():
    """The layout of a line does not stay set."""
    settings = ReadingSettings()
    try:
        reader = TesserocrEngine(settings)
    except ConfigurationFault:
        pytest.skip("no Vietnamese model (Debian: tesseract-ocr-vie)")
    page = printed_page()
    before = reader.words(page, 200)
    reader.line(page.crop((150, 380, 1500, 460)), 200)
    assert reader.words(page, 200) == before

"""Reading pages: the same words whichever way the page lies, boxes on the page as received."""

import math
import unicodedata

import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein

from domain.errors import ConfigurationFault
from reading.engines import PytesseractEngine, TesserocrEngine, tessdata_folder
from reading.limits import Limits
from reading.opening import open_scan
from reading.page_look import ink_of, skew_of, small_grey
from reading.reading_order import RawWord, in_reading_order
from reading.recognise import recognise_page, suspected_turns
from reading.settings import ReadingSettings
from tests.unit.reading_pages import LINES, encoded, printed_page

SETTINGS = ReadingSettings()
TRUTH = " ".join(LINES)


@pytest.fixture(scope="module", autouse=True)
def model():
    """Tests of recognition need the Vietnamese model."""
    try:
        tessdata_folder(SETTINGS)
    except ConfigurationFault:
        pytest.skip("no Vietnamese model (Debian: tesseract-ocr-vie)")


@pytest.fixture
def read(tmp_path):
    """Stores an image as a scan and reads its only page."""

    def do(image, settings=SETTINGS, **options):
        source = tmp_path / "scan"
        source.write_bytes(encoded(image, "PNG", **options))
        page = open_scan(source, tmp_path, Limits()).pages[0]
        return recognise_page(tmp_path / page.image, page, settings)

    return do


def error_rate(text, truth):
    """Characters wrong, missing or too many per character of truth, white space as one blank."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    truth = " ".join(truth.split())
    return Levenshtein.distance(plain, truth) / len(truth)


@pytest.mark.parametrize("engine", [TesserocrEngine, PytesseractEngine])
class TestEngines:
    """Every engine keeps the same contract."""

    def test_words_are_read_with_boxes_and_confidence(self, engine):
        """Five printed lines come back nearly without fault, each in its place."""
        words = engine(SETTINGS).words(printed_page(), 200)
        assert error_rate(" ".join(word.text for word in words), TRUTH) < 0.03
        assert [word.line for word in words] == sorted(word.line for word in words)
        assert len({word.line for word in words}) == 5
        assert all(0 <= word.confidence <= 1 for word in words)
        assert abs(words[0].x - 200) < 12
        assert 395 < words[0].y < 440

    def test_an_empty_picture_has_no_words(self, engine):
        """White paper is no error."""
        assert engine(SETTINGS).words(Image.new("L", (800, 600), 255), 200) == []

    def test_a_missing_model_is_the_administrators_business(self, engine, tmp_path):
        """The message names what to install."""
        with pytest.raises(ConfigurationFault, match="tesseract-ocr-vie"):
            engine(ReadingSettings(tessdata=tmp_path))


class TestOrientation:
    """Pages are turned upright, and upright pages are left alone."""

    @pytest.mark.parametrize("turn", [0, 90, 180, 270])
    def test_a_page_is_read_whichever_way_it_lies(self, read, turn):
        """`rotation` is the clockwise turn that makes it upright; boxes are of the upright page."""
        lying = printed_page().rotate(turn, expand=True)
        text = read(lying)
        assert text.rotation == turn
        assert error_rate(text.text, TRUTH) < 0.03
        assert (text.width, text.height) == printed_page().size
        assert abs(text.words[0].box.x - 200) < 12

    def test_no_real_page_looks_turned(self, samples, tmp_path):
        """All 25 real pages stand upright, and each on its head is recognised as such."""
        pages = 0
        for source in sorted((samples / "real-scans").glob("*.pdf")):
            for page in open_scan(source, tmp_path, Limits()).pages:
                with Image.open(tmp_path / page.image) as image:
                    small = small_grey(image.convert("L"), page.dpi)
                if ink_of(small).mean() < 0.01:
                    continue
                assert suspected_turns(small, 5.0) == [], (source.name, page.page)
                head = small.transpose(Image.Transpose.ROTATE_180)
                assert suspected_turns(head, 5.0) == [180], (source.name, page.page)
                left = small.transpose(Image.Transpose.ROTATE_90)
                assert suspected_turns(left, 5.0)[0] == 90, (source.name, page.page)
                right = small.transpose(Image.Transpose.ROTATE_270)
                assert suspected_turns(right, 5.0)[0] == 270, (source.name, page.page)
                pages += 1
        assert pages >= 20


class TestSkew:
    """Lean is measured, taken out for reading, and put back into the boxes."""

    @pytest.mark.parametrize("angle", [-4.5, -2.0, -0.7, 0.0, 0.7, 2.0, 4.5])
    def test_lean_is_estimated_to_a_fifth_of_a_degree(self, angle):
        """Positive angles rise to the right."""
        page = printed_page().rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
        assert skew_of(ink_of(small_grey(page, 200)), 5.0) == pytest.approx(angle, abs=0.2)

    @pytest.mark.parametrize("angle", [-3.0, 3.0])
    def test_boxes_lie_on_the_leaning_words(self, read, angle):
        """Every word's box holds the word's ink on the page as received, and little else."""
        straight = read(printed_page())
        leaning = read(printed_page().rotate(angle, Image.Resampling.BICUBIC, fillcolor=255))
        assert error_rate(leaning.text, TRUTH) < 0.03
        assert leaning.skew == pytest.approx(angle, abs=0.2)
        middle_x, middle_y = straight.width / 2, straight.height / 2
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        for before, after in zip(straight.words, leaning.words, strict=True):
            x = before.box.x + before.box.width / 2 - middle_x
            y = before.box.y + before.box.height / 2 - middle_y
            assert after.box.x + after.box.width / 2 == pytest.approx(
                x * cos + y * sin + middle_x, abs=5
            )
            assert after.box.y + after.box.height / 2 == pytest.approx(
                y * cos - x * sin + middle_y, abs=5
            )


class TestBlank:
    """Empty pages are told from pages with little on them."""

    def test_white_paper_is_blank(self, read):
        """No ink, no words."""
        text = read(Image.new("L", (1654, 2339), 250))
        assert text.blank
        assert text.words == ()

    def test_dirt_and_scanner_noise_are_blank(self, read):
        """Grain, specks and the shadow at the edge are not writing."""
        noise = Image.effect_noise((1654, 2339), 30).point(lambda level: min(255, level + 100))
        noise.paste(40, (0, 0, 20, 2339))
        assert read(noise).blank

    @pytest.mark.parametrize("line", ["12", "Trang này chỉ có một dòng chữ in."])
    def test_one_short_line_is_not_blank(self, read, line):
        """A page with one line is read."""
        text = read(printed_page([line]))
        assert not text.blank or len(line) < 3
        if len(line) > 2:
            assert error_rate(text.text, line) < 0.1

    def test_seals_showing_through_are_blank(self, samples, tmp_path):
        """The empty backs of three real papers carry only the ghost of the seal."""
        for name, number in (
            ("299UBND-2025-cong-van.pdf", 2),
            ("574UBND-2025-cong-van.pdf", 2),
            ("84QD-2025-su-co-tran-dau.pdf", 4),
        ):
            scan = open_scan(samples / "real-scans" / name, tmp_path, Limits())
            page = scan.pages[number - 1]
            assert recognise_page(tmp_path / page.image, page, SETTINGS).blank, name


class TestResolution:
    """Any resolution is read; boxes are always pixels of the page as received."""

    @pytest.mark.parametrize("factor", [0.5, 2.0])
    def test_resolution_changes_neither_text_nor_place(self, read, factor):
        """100 and 400 dpi of the same page give the same words in proportion."""
        page = printed_page()
        size = (round(page.width * factor), round(page.height * factor))
        dpi = round(200 * factor)
        text = read(page.resize(size, Image.Resampling.LANCZOS), dpi=(dpi, dpi))
        assert error_rate(text.text, TRUTH) < 0.04
        assert text.words[0].box.x == pytest.approx(200 * factor, abs=12 * factor)

    def test_pixels_that_are_not_square_are_read(self, read):
        """Fax resolution: 204 by 98 dots per inch."""
        page = printed_page()
        flat = page.resize((round(page.width * 1.02), round(page.height * 0.49)))
        text = read(flat, dpi=(204, 98))
        assert error_rate(text.text, TRUTH) < 0.15
        assert text.words[0].box.y == pytest.approx(400 * 0.49, abs=15)


def words_at(*places):
    """One word of 30 pixels height per (text, x, y), each a line of its own."""
    return [
        RawWord(text, x, y, 16 * len(text), 30, 1.0, line)
        for line, (text, x, y) in enumerate(places)
    ]


def order(words):
    return [word.text for _, word in in_reading_order(words, (1654, 2339))]


class TestReadingOrder:
    """Headers and signatures stand in two columns; everything else runs from top to bottom."""

    def test_a_header_is_read_left_block_first(self):
        """Agency, number and subject before the national title and the date."""
        words = words_at(
            ("AGENCY", 200, 100),
            ("NATIONAL-TITLE", 800, 100),
            ("PROVINCE", 200, 150),
            ("Independence", 830, 152),
            ("Number", 200, 220),
            ("Date", 900, 222),
            ("subject", 200, 270),
            ("A-line-of-text-that-goes-from-edge-to-edge-of-the-whole-page", 200, 400),
        )
        assert order(words) == [
            "AGENCY", "PROVINCE", "Number", "subject",
            "NATIONAL-TITLE", "Independence", "Date",
            "A-line-of-text-that-goes-from-edge-to-edge-of-the-whole-page",
        ]  # fmt: skip

    def test_recipients_are_read_before_the_signer(self):
        """The columns need not stand at the same heights."""
        words = words_at(
            ("CHAIRMAN", 1000, 1490),
            ("Nơi nhận:", 200, 1510),
            ("DEPUTY", 1000, 1535),
            ("-office", 200, 1560),
            ("-archive", 200, 1600),
        )
        assert order(words) == ["Nơi nhận:", "-office", "-archive", "CHAIRMAN", "DEPUTY"]

    def test_a_label_stays_beside_its_value(self):
        """Tables in the middle of a page are read row by row."""
        words = words_at(
            ("Name:", 200, 1000), ("NGUYEN", 900, 1000), ("Born:", 200, 1060), ("1990", 900, 1060)
        )
        assert order(words) == ["Name:", "NGUYEN", "Born:", "1990"]


class TestRealPages:
    """Pages of real papers whose text is known."""

    @pytest.mark.parametrize(
        ("name", "most"), [("01CT2021-p2", 0.012), ("TB542-p1", 0.035), ("TB542-p2", 0.04)]
    )
    def test_character_error_rate(self, samples, tmp_path, name, most):
        """The rate stays where it was measured, order of blocks included."""
        source = samples / "truth-pages" / f"{name}.png"
        page = open_scan(source, tmp_path, Limits()).pages[0]
        text = recognise_page(tmp_path / page.image, page, SETTINGS)
        truth = unicodedata.normalize("NFC", source.with_suffix(".gt.txt").read_text("utf-8"))
        assert error_rate(text.text, truth) < most

    def test_number_and_day_stamped_on_a_born_digital_paper_are_in_its_text(
        self, samples, tmp_path
    ):
        """Registry software writes them as signature appearances; the signer's stamp stays out."""
        source = samples / "real-scans" / "TB542-2024-born-digital.pdf"
        page = open_scan(source, tmp_path, Limits()).pages[0]
        text = recognise_page(tmp_path / page.image, page, SETTINGS)
        assert text.source == "text"
        assert "Số: 542 /TB-UBND" in text.text
        assert "ngày 06 tháng 11 năm 2024" in text.text
        assert "TRUNG TÂM CÔNG" not in text.text

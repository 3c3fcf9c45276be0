"""Figures by hand are told from print by how they look, whatever OCR made of them."""

import random

import pytest
from PIL import Image, ImageDraw

from deployments.samples.degradation import Degradation, scanned
from deployments.samples.fonts import Style, font
from deployments.samples.marks import BLACK_INK, BLUE_INK, write_digits
from domain.words import Box, PageText, Word
from reading.handwriting import PLACEHOLDER, mark_handwriting

DPI = 200
SIZE = 13
WIDTH, HEIGHT = 1654, 2339
NUMBER_ROW, DATE_ROW = 300, 300
HAND_ROOM = 90
"""Pixels that figures by hand are given."""


class Typist:
    """Sets words on a page and remembers them as OCR would give them."""

    def __init__(self, ink=(28, 28, 32)):
        self.page = Image.new("RGB", (WIDTH, HEIGHT), "white")
        self.words = []
        self._ink = ink

    def set(self, text, x, baseline, style=Style.REGULAR, line=0):
        """Print one word; the x after it and a blank is returned."""
        face = font(style, SIZE, DPI)
        pen = ImageDraw.Draw(self.page)
        pen.text((x, baseline), text, font=face, fill=self._ink, anchor="ls")
        box = pen.textbbox((x, baseline), text, font=face, anchor="ls")
        self.see(text, box, line)
        return x + face.getlength(text) + face.getlength(" ")

    def hand(self, digits, x, baseline, seed, line=0, read=None, ink=None):
        """Write figures by hand; OCR reads `read`, or nothing."""
        size = SIZE * DPI / 72
        write_digits(self.page, digits, x, baseline, size, rng=_Pen(seed, ink))
        if read:
            self.see(read, (x, baseline - size, x + 0.62 * size * len(digits), baseline), line)
        return x + HAND_ROOM

    def see(self, text, box, line=0, confidence=0.96):
        """Remember a word with this box."""
        left, top, right, bottom = map(round, box)
        where = Box(x=left, y=top, width=right - left, height=bottom - top)
        self.words.append(Word(text=text, box=where, confidence=confidence, line=line))

    def marked(self, skew=0.0, wear=None):
        """The words that are marked on the scanned page."""
        dice = random.Random(1)  # noqa: S311 - drawing, nothing secret
        image = scanned(self.page, wear, DPI, dice) if wear else self.page
        colour = image.convert("RGB")
        page = PageText(
            page=1, width=WIDTH, height=HEIGHT, dpi=DPI, skew=skew, words=tuple(self.words)
        )
        found = mark_handwriting(page, image.convert("L"), lambda: colour)
        return [word.text for word in found.words if word.handwritten]


class _Pen(random.Random):
    """A hand that takes the ink it is told to."""

    def __init__(self, seed, ink):
        super().__init__(seed)
        self._ink = ink

    def choice(self, options):
        """The wished ink instead of one by chance."""
        return self._ink or super().choice(options)


def number_row(typist, *, by_hand, read="23", seed=1, ink=None):
    """Set "Số: 23/QĐ-UBND" with the figures printed or by hand."""
    x = typist.set("Số:", 200, NUMBER_ROW)
    if by_hand:
        x = typist.hand("23", x, NUMBER_ROW, seed, read=read, ink=ink)
        typist.set("/QĐ-UBND", x, NUMBER_ROW)
    else:
        typist.set("23/QĐ-UBND", x, NUMBER_ROW)


def date_row(typist, *, day_by_hand, month_by_hand=False, read="15", seed=2):
    """Set "Ngãi, ngày 15 tháng 01 năm 2025" in italics, right half of the page."""
    x = typist.set("Ngãi,", 900, DATE_ROW, Style.ITALIC, 1)
    x = typist.set("ngày", x, DATE_ROW, Style.ITALIC, 1)
    if day_by_hand:
        x = typist.hand("15", x, DATE_ROW, seed, 1, read)
    else:
        x = typist.set("15", x, DATE_ROW, Style.ITALIC, 1)
    x = typist.set("tháng", x, DATE_ROW, Style.ITALIC, 1)
    if month_by_hand:
        x = typist.hand("02", x, DATE_ROW, seed + 1, 1, "02")
    else:
        x = typist.set("01", x, DATE_ROW, Style.ITALIC, 1)
    x = typist.set("năm", x, DATE_ROW, Style.ITALIC, 1)
    typist.set("2025", x, DATE_ROW, Style.ITALIC, 1)


WEAR = Degradation(skew=0.0, noise=5.0, shade=0.1, blur=0.5, jpeg_quality=72)


@pytest.mark.parametrize("wear", [None, WEAR])
def test_printed_number_and_date_are_not_marked(wear):
    """Neither clean nor as a worn scan."""
    typist = Typist()
    number_row(typist, by_hand=False)
    date_row(typist, day_by_hand=False)
    assert typist.marked(wear=wear) == []


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("ink", [BLUE_INK, BLACK_INK])
def test_a_number_by_hand_is_marked_even_when_it_was_read_with_confidence(seed, ink):
    """OCR reads "22" for 23 and is sure; the pen is seen all the same, and print is not marked."""
    typist = Typist()
    number_row(typist, by_hand=True, read="22", seed=seed, ink=ink)
    date_row(typist, day_by_hand=False)
    assert typist.marked(wear=WEAR) == ["22"]


@pytest.mark.parametrize("seed", range(8))
def test_a_day_by_hand_is_marked_and_the_printed_month_is_not(seed):
    """Each place is judged by itself."""
    typist = Typist()
    number_row(typist, by_hand=False)
    date_row(typist, day_by_hand=True, read="16", seed=seed)
    assert typist.marked(wear=WEAR) == ["16"]


def test_a_month_by_hand_is_marked_and_the_printed_day_is_not():
    """January and February are written with a leading 0, often by hand."""
    typist = Typist()
    date_row(typist, day_by_hand=False, month_by_hand=True)
    assert typist.marked() == ["02"]


def test_figures_that_were_not_read_get_a_word_of_their_own():
    """Ink between "Số:" and the slash without a word is not forgotten."""
    typist = Typist()
    number_row(typist, by_hand=True, read=None)
    date_row(typist, day_by_hand=True, read=None)
    assert typist.marked() == [PLACEHOLDER, PLACEHOLDER]


def test_a_word_of_print_and_handwriting_is_marked_as_a_whole():
    """OCR joined the figures with the symbol."""
    typist = Typist()
    x = typist.set("Số:", 200, NUMBER_ROW)
    after = typist.hand("574", x, NUMBER_ROW, 4)
    typist.set("/UBND-KTTH", after, NUMBER_ROW)
    symbol = typist.words.pop()
    typist.see("†4/UBND-KTTH", (x, symbol.box.y - 9, symbol.box.right, symbol.box.bottom))
    assert typist.marked() == ["†4/UBND-KTTH"]


def test_a_leaning_page_does_not_make_print_look_handwritten():
    """The line's own slope is taken out, the page's image is not turned."""
    for skew in (-1.3, 1.3):
        typist = Typist()
        date_row(typist, day_by_hand=False)
        number_row(typist, by_hand=False)
        leaning = Degradation(skew=skew, noise=3.0)
        turned = [_turned(word, skew) for word in typist.words]
        typist.words = turned
        assert typist.marked(skew=skew, wear=leaning) == []


def _turned(word, skew):
    """The word where it stands after the page was turned by `skew` around its middle."""
    from math import cos, radians, sin

    angle = radians(skew)
    x = word.box.x + word.box.width / 2 - WIDTH / 2
    y = word.box.y + word.box.height / 2 - HEIGHT / 2
    middle = (
        x * cos(angle) + y * sin(angle) + WIDTH / 2,
        y * cos(angle) - x * sin(angle) + HEIGHT / 2,
    )
    high = word.box.height + round(word.box.width * abs(sin(angle)))
    box = Box(
        x=round(middle[0] - word.box.width / 2),
        y=round(middle[1] - high / 2),
        width=word.box.width,
        height=high,
    )
    return word.model_copy(update={"box": box})


def test_a_number_within_a_sentence_is_left_alone():
    """A sentence "… định số: 23/QĐ-UBND" names another paper."""
    typist = Typist()
    x = typist.set("định", 200, NUMBER_ROW)
    x = typist.set("số:", x, NUMBER_ROW)
    x = typist.hand("23", x, NUMBER_ROW, 1, read="23")
    typist.set("/QĐ-UBND", x, NUMBER_ROW)
    assert typist.marked() == []


def test_a_page_with_its_own_text_is_left_alone():
    """Typed letters are not handwriting, whatever font they have."""
    typist = Typist()
    number_row(typist, by_hand=True)
    page = PageText(
        page=1, width=WIDTH, height=HEIGHT, dpi=DPI, source="text", words=tuple(typist.words)
    )
    assert mark_handwriting(page, typist.page.convert("L"), lambda: None) is page


def test_colour_is_fetched_only_where_the_shape_leaves_doubt():
    """Decoding a page again in colour costs more than all the rest."""

    def fetched():
        raise AssertionError("colour was fetched")

    for by_hand in (False, True):
        typist = Typist()
        number_row(typist, by_hand=by_hand)
        page = PageText(page=1, width=WIDTH, height=HEIGHT, dpi=DPI, words=tuple(typist.words))
        mark_handwriting(page, typist.page.convert("L"), fetched)

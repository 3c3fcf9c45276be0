"""Seals and signatures in colour are taken out of what is read; coloured print is not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from reading.coloured_ink import coloured_marks, without_marks

DPI = 200
RED, BLUE, BLACK = (206, 44, 56), (40, 60, 170), (20, 20, 20)


@pytest.fixture
def page():
    """White A4 in RGB with upright black strokes in lines, as print is."""
    page = Image.new("RGB", (1654, 2339), (250, 249, 246))
    pen = ImageDraw.Draw(page)
    for top in range(200, 2000, 60):
        for left in range(200, 1400, 16):
            pen.rectangle((left, top, left + 4, top + 20), fill=BLACK)
    return page


def seal(page, centre=(1100, 1700), across=280):
    """A red ring as wide as a seal, 36 mm, through which print shines."""
    left, top = centre[0] - across // 2, centre[1] - across // 2
    face = Image.new("RGB", page.size, "white")
    box = (left, top, left + across, top + across)
    ImageDraw.Draw(face).ellipse(box, outline=RED, width=8)
    page.paste(Image.fromarray(np.minimum(np.asarray(page), np.asarray(face))))
    return left, top, left + across, top + across


def test_a_red_seal_fades_and_black_print_beneath_it_stays(page):
    """In the lightest channel red is nearly paper, black is black."""
    plain = np.asarray(page.convert("L"), dtype=np.int16)
    seal(page)
    shown = np.asarray(without_marks(page, DPI), dtype=np.int16)
    assert np.abs(np.asarray(page.convert("L"), dtype=np.int16) - plain).max() > 120
    assert np.abs(shown - plain).max() < 60


def test_a_blue_signature_fades(page):
    """A stroke that is higher and wider than print."""
    pen = ImageDraw.Draw(page)
    pen.line([(900, 1600), (1000, 1480), (1100, 1650), (1300, 1500)], fill=BLUE, width=6)
    assert len(list(coloured_marks(page, DPI))) == 1


def test_a_line_of_red_print_is_left_as_it_is(page):
    """Titles of certificates are printed in red, letters 6 mm high at most."""
    before = page.copy()
    pen = ImageDraw.Draw(page)
    for left in range(300, 1300, 50):
        pen.rectangle((left, 210, left + 34, 210 + 44), fill=RED)
    assert list(coloured_marks(page, DPI)) == []
    assert without_marks(page, DPI).tobytes() == page.convert("L").tobytes()
    assert before.tobytes() != page.tobytes()


def test_a_coloured_ground_is_no_mark(page):
    """Security paper is coloured all over."""
    tinted = Image.fromarray(np.minimum(np.asarray(page), np.array((250, 180, 190), np.uint8)))
    assert list(coloured_marks(tinted, DPI)) == []


def test_a_grey_page_comes_back_as_it_is(page):
    """Without colour nothing can be told."""
    seal(page)
    grey = page.convert("L")
    assert without_marks(grey, DPI).tobytes() == grey.tobytes()

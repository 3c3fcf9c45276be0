"""Stamps, framed or red, are found and read: under print, askew, red or black, in other fonts."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from deployments.samples.degradation import Degradation, scanned
from deployments.samples.fonts import Style, font_file
from domain.secrecy import MARKS, find_secrecy
from domain.words import PageText
from reading.frames import frames_in
from reading.settings import ReadingSettings
from reading.stamps import read_stamps

_DPI = 200
_PT = _DPI / 72
_RED, _BLACK, _COPIED = (206, 44, 56), (30, 30, 36), (95, 95, 95)
_NOISY = Degradation(skew=-1.2, noise=11, shade=0.2, blur=0.6, jpeg_quality=60)
_LINES = "Kết luận cuộc họp về công tác chăm sóc,\nbảo vệ trẻ em và phòng chống đuối nước"
_EMPTY = PageText(page=1, width=100, height=100, dpi=_DPI, words=())


def _page(
    word: str,
    colour: tuple[int, int, int],
    *,
    double: bool = False,
    framed: bool = True,
    angle: float = 2.0,
    under_print: bool = True,
    font: Path | None = None,
) -> Image.Image:
    """A page with print and, unless the word is empty, a framed stamp upon it."""
    page = Image.new("RGB", (round(595 * _PT), round(842 * _PT)), "white")
    pen = ImageDraw.Draw(page)
    body = ImageFont.truetype(str(font_file(Style.BOLD)), round(13 * _PT))
    pen.multiline_text((90 * _PT, 150 * _PT), _LINES, font=body, fill=(28, 28, 32), spacing=12)
    if word:
        mask = _framed(word, font or font_file(Style.BOLD), double=double)
        if not framed:
            mask = mask.crop((5, 5, mask.width - 5, mask.height - 5))
        mask = mask.rotate(angle, Image.Resampling.BICUBIC, expand=True)
        white = Image.new("RGB", mask.size, "white")
        ink = Image.composite(Image.new("RGB", mask.size, colour), white, mask)
        at = (round(100 * _PT), round((143 if under_print else 230) * _PT))
        beneath = page.crop((*at, at[0] + ink.width, at[1] + ink.height))
        page.paste(ImageChops.multiply(beneath, ink), at)
    return scanned(page, _NOISY, _DPI, Random(1))  # noqa: S311 - nothing secret is drawn


def _framed(word: str, file: Path, *, double: bool) -> Image.Image:
    face = ImageFont.truetype(str(file), round(16 * _PT))
    left, top, right, bottom = (round(edge) for edge in face.getbbox(word))
    margin = round((8 if double else 5) * _PT)
    mask = Image.new("L", (right - left + 2 * margin, bottom - top + 2 * margin))
    pen = ImageDraw.Draw(mask)
    pen.text((margin - left, margin - top), word, font=face, fill=255)
    for inset in (0, round(3 * _PT)) if double else (0,):
        far = (mask.width - 1 - inset, mask.height - 1 - inset)
        pen.rectangle((inset, inset, *far), outline=255, width=3)
    return mask


def _found(page: Image.Image) -> tuple[str, bool] | None:
    mark = find_secrecy([_EMPTY], {1: read_stamps(page, _DPI, ReadingSettings())})
    return None if mark is None else (mark.mark, mark.sure)


@pytest.mark.parametrize("word", MARKS.values())
@pytest.mark.parametrize("colour", [_RED, _BLACK, _COPIED])
def test_a_stamp_under_print_is_certain(word: str, colour: tuple[int, int, int]) -> None:
    """At 200 dpi, noisy, leaning against the page, print running through its letters."""
    found = _found(_page(word, colour))
    assert found is not None
    assert found[1]


@pytest.mark.parametrize("word", MARKS.values())
def test_a_red_word_without_a_frame_never_passes(word: str) -> None:
    """Under print, where recognition of the page sees nothing of it: at least a person looks."""
    assert _found(_page(word, _RED, framed=False)) is not None


@pytest.mark.parametrize("word", ["HỎA TỐC", "MẶT TRẬN", "SAO Y", "ĐẾN"])
def test_other_red_words_without_a_frame_do_not_stop(word: str) -> None:
    """Whatever else offices press on papers."""
    assert _found(_page(word, _RED, framed=False, under_print=False)) is None


@pytest.mark.parametrize("angle", [-3.0, 0.0, 3.0])
def test_a_double_frame_is_one_stamp(angle: float) -> None:
    """Its inner line is not taken for letters."""
    page = _page("TỐI MẬT", _RED, double=True, angle=angle, under_print=False)
    assert _found(page) == ("TỐI MẬT", True)


def test_letters_of_a_font_that_is_not_compared_with(dejavu: Path) -> None:
    """What stamp makers use varies."""
    assert _found(_page("MẬT", _BLACK, font=dejavu, under_print=False)) == ("MẬT", True)


@pytest.fixture
def dejavu() -> Path:
    """A font that the program does not know."""
    file = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf")
    if not file.is_file():
        pytest.skip("phông DejaVu không có trên máy này")
    return file


@pytest.mark.parametrize("word", ["", "HỎA TỐC", "MẶT TRẬN", "PHÁT", "SAO Y"])
def test_other_stamps_and_none_do_not_stop(word: str) -> None:
    """Also those that look alike."""
    assert _found(_page(word, _RED, under_print=False)) is None


def test_the_frame_is_where_it_was_pressed() -> None:
    """In pixels of the picture, with its lean."""
    page = _page("MẬT", _RED, angle=0.0, under_print=False)
    (frame,) = frames_in(page, _DPI)
    size = _framed("MẬT", font_file(Style.BOLD), double=False).size
    assert frame.width == pytest.approx(size[0], abs=8)
    assert frame.height == pytest.approx(size[1], abs=8)
    assert frame.slope == pytest.approx(0.021, abs=0.02)
    assert frame.y == pytest.approx(230 * _PT + size[1] / 2, abs=25)


def test_a_table_has_no_frames() -> None:
    """Its lines are longer than a stamp is high, or its cells are wider."""
    page = Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(page)
    for row in range(6):
        pen.line((150, 300 + 60 * row, 1500, 300 + 60 * row), fill="black", width=3)
    for column in (150, 400, 700, 1100, 1500):
        pen.line((column, 300, column, 600), fill="black", width=3)
    assert frames_in(page, _DPI) == []


def test_a_tiny_picture_has_none() -> None:
    """Nothing fails on a scrap."""
    assert read_stamps(Image.new("L", (12, 9), 255), _DPI, ReadingSettings()) == ()

"""A page that is not fit to be kept is named, with what to do; a fit page is left alone."""

from random import Random

import numpy as np
import pytest
from PIL import Image, ImageFilter

from deployments.samples.degradation import Degradation
from deployments.samples.papers import Wish, blank_page, draw_paper
from reading.opened import OpenedPage
from reading.quality import QualitySettings, check_count, check_page

ONE_PAGE = Wish(pages=1)
KINDS = ("bao-cao", "quyet-dinh", "giay-khai-sinh", "to-trinh")


def drawn(seed, dpi=200, kind="bao-cao", **wear):
    """One page as an ordinary office scanner gives it, in grey."""
    dice = Random(seed)  # noqa: S311 - drawing, nothing secret
    degrade = Degradation.drawn(dice, colour="grey").model_copy(update=wear)
    return draw_paper(kind, seed=seed, dpi=dpi, degrade=degrade, wish=ONE_PAGE).pages[0]


def verdict(folder, image, dpi=200, number=2):
    """What is said of the image as page `number` of a scan."""
    image.save(folder / "page.png")
    page = OpenedPage(
        page=number,
        image="page.png",
        dpi=dpi,
        width=image.width,
        height=image.height,
        width_pt=image.width / dpi * 72,
        height_pt=image.height / dpi * 72,
    )
    return check_page(folder / "page.png", page, QualitySettings())


def reasons(folder, image, dpi=200):
    """The reasons that are given."""
    return [problem.reason for problem in verdict(folder, image, dpi).problems]


@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize("kind", KINDS)
def test_an_ordinary_scan_has_no_problems(tmp_path, kind, dpi):
    """Neither of any kind of paper nor at either resolution."""
    assert reasons(tmp_path, drawn(71, dpi, kind), dpi) == []


def test_a_clean_two_level_page_has_no_problems(tmp_path):
    """Fax-like scans are as sharp as can be."""
    assert reasons(tmp_path, drawn(73).convert("1", dither=Image.Dither.NONE)) == []


def test_less_than_200_dpi_is_named_with_the_figure(tmp_path):
    """The officer reads what the scanner was set to and what it must be set to."""
    found = verdict(tmp_path, drawn(74, dpi=100), dpi=100)
    assert [problem.reason for problem in found.problems] == ["low_resolution"]
    assert "100 dpi" in found.problems[0].message
    assert "200 dpi" in found.problems[0].message


@pytest.mark.parametrize(("dpi", "radius"), [(200, 2.0), (200, 3.0), (300, 3.0)])
def test_blur_is_named_and_says_to_clean_the_glass(tmp_path, dpi, radius):
    """A radius of a quarter of a millimetre costs one word in fourteen and more."""
    found = verdict(tmp_path, drawn(75, dpi, blur=radius), dpi)
    assert [problem.reason for problem in found.problems] == ["blur"]
    assert found.problems[0].message.startswith("Trang 2 mờ: lau mặt kính")


@pytest.mark.parametrize("kind", ["bao-cao", "quyet-dinh"])
def test_paper_that_moved_is_blurred_in_one_direction_only(tmp_path, kind):
    """Sharp across and smeared along is blurred all the same."""
    levels = np.asarray(drawn(76, kind=kind), dtype=np.float32)
    smeared = sum(np.roll(levels, shift, axis=0) for shift in range(8)) / 8
    assert reasons(tmp_path, Image.fromarray(smeared.astype(np.uint8))) == ["blur"]


def test_a_dark_page_is_named(tmp_path):
    """Paper darker than middle grey."""
    assert "too_dark" in reasons(tmp_path, drawn(77).point(lambda level: level * 0.4))


def test_faint_writing_is_named_and_not_taken_for_a_blank_page(tmp_path):
    """Letters that hardly differ from the paper."""
    faint = drawn(78, noise=1.0).point(lambda level: 205 + level * 0.2)
    assert reasons(tmp_path, faint) == ["too_light"]


def test_shade_as_of_a_photograph_is_no_fault(tmp_path):
    """One dark corner with readable writing."""
    assert reasons(tmp_path, drawn(79, shade=0.4)) == []


@pytest.mark.parametrize("side", ["trái", "phải", "trên"])
def test_writing_that_runs_off_a_border_is_named_with_the_side(tmp_path, side):
    """The paper lay askew on the glass, or was not fed whole."""
    page = drawn(80, skew=0.0)
    box = {
        "trái": (int(page.width * 0.25), 0, page.width, page.height),
        "phải": (0, 0, int(page.width * 0.75), page.height),
        "trên": (0, _through_a_line(page), page.width, page.height),
    }[side]
    found = verdict(tmp_path, page.crop(box))
    assert [problem.reason for problem in found.problems] == ["cut_edge"]
    assert side in found.problems[0].message


def _through_a_line(page):
    """The row of pixels in the upper half that has most ink."""
    dark = np.asarray(page) < 110
    rows = dark[page.height // 3 : page.height // 2].sum(axis=1)
    return page.height // 3 + int(np.argmax(rows))


def test_the_dark_border_that_a_scanner_leaves_is_no_cut_edge(tmp_path):
    """A shadow along the edge is one long stretch, writing is many short ones."""
    page = drawn(81)
    page.paste(20, (0, 0, 12, page.height))
    page.paste(20, (0, 0, page.width, 9))
    assert reasons(tmp_path, page) == []


@pytest.mark.parametrize(
    ("turn", "reason"), [(180, "upside_down"), (90, "sideways"), (270, "sideways")]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_the_wrong_way_up_is_named(tmp_path, kind, turn, reason):
    """On its head or on its side."""
    assert reasons(tmp_path, drawn(82, kind=kind).rotate(turn, expand=True)) == [reason]


def test_a_blank_page_is_said_but_does_not_stop(tmp_path):
    """It may be the empty back of a sheet."""
    blank = blank_page(200, Degradation(colour="grey"), seed=83)
    (problem,) = verdict(tmp_path, blank).problems
    assert (problem.reason, problem.blocking) == ("blank", False)


def test_a_turn_that_the_file_itself_asks_for_is_not_held_against_it(tmp_path):
    """EXIF orientation or /Rotate already makes the page upright."""
    image = drawn(84).rotate(180)
    image.save(tmp_path / "page.png")
    page = OpenedPage(
        page=1, image="page.png", dpi=200, width=image.width, height=image.height, rotation=180,
        width_pt=595, height_pt=842,
    )  # fmt: skip
    assert check_page(tmp_path / "page.png", page, QualitySettings()).problems == ()


def test_the_measure_of_blur_does_not_depend_on_resolution(tmp_path):
    """The same page scanned at 300 dpi and reduced to 200 gives the same verdict."""
    for radius, expected in ((0.5, []), (3.5, ["blur"])):
        fine = drawn(85, 300).filter(ImageFilter.GaussianBlur(radius))
        coarse = fine.resize((fine.width * 2 // 3, fine.height * 2 // 3), Image.Resampling.BOX)
        assert reasons(tmp_path, fine, 300) == reasons(tmp_path, coarse, 200) == expected


@pytest.mark.parametrize(
    ("found", "declared", "reason"), [(2, 3, "missing_pages"), (4, 3, "extra_pages")]
)
def test_another_number_of_pages_than_declared_is_named(found, declared, reason):
    """Both figures are said."""
    (problem,) = check_count(found, declared)
    assert problem.reason == reason
    assert str(found) in problem.message
    assert str(declared) in problem.message


def test_the_declared_number_of_pages_and_none_declared_are_no_problem():
    """Nothing declared, nothing missed."""
    assert check_count(3, 3) == check_count(3, None) == ()

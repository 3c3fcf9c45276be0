"""A page with uneven light is evened before it is read; an even page is left as it is."""

from random import Random

from benchmarks.likeness import compared
from deployments.samples.degradation import Degradation
from deployments.samples.papers import Wish, draw_paper
from reading.opened import OpenedPage
from reading.recognise import recognise_page
from reading.settings import ReadingSettings
from reading.shade import evened

DPI = 200


def drawn(shade):
    """A report's only page and its text; the darkest corner lacks `shade` of the light."""
    wear = Degradation(shade=shade, blur=0.5, colour="grey")
    paper = draw_paper("bao-cao", seed=91, dpi=DPI, degrade=wear, wish=Wish(pages=1))
    return paper.pages[0], paper.truth.pages[0].text


def test_ordinary_scans_are_not_touched():
    """The same object comes back: nothing is computed twice, nothing changes."""
    dice = Random(1)  # noqa: S311 - drawing, nothing secret
    for _ in range(3):
        page = drawn(Degradation.drawn(dice).shade)[0]
        assert evened(page) is page


def test_a_page_with_a_dark_corner_is_read_as_well_as_others(tmp_path):
    """Without evening, a third of the words are lost."""
    image, truth = drawn(0.45)
    image.save(tmp_path / "page.png")
    page = OpenedPage(
        page=1, image="page.png", dpi=DPI, width=image.width, height=image.height,
        width_pt=595, height_pt=842,
    )  # fmt: skip
    text = recognise_page(tmp_path / "page.png", page, ReadingSettings())
    assert compared(truth, text).recall > 94

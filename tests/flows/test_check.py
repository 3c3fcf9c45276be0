"""`sohoa check`: the verdict before the original goes back to the citizen."""

import json

import pytest

from deployments.cli.check import NOT_FIT
from deployments.samples.files import as_pdf
from domain.errors import NotFound
from tasks.check import check_file
from tests.flows import papers as drawn
from tests.flows.test_cli import sohoa


@pytest.fixture
def scan(tmp_path):
    """A sound scan of one page."""
    file = tmp_path / "quet.pdf"
    file.write_bytes(drawn.pdf("bao-cao"))
    return file


def test_a_sound_scan_is_fit(office, scan):
    """Nothing is said against it, and nothing is archived."""
    verdict = check_file(scan, 1)
    assert verdict.fit
    assert [page.dpi for page in verdict.pages] == [drawn.DPI]
    assert verdict.problems == verdict.pages[0].problems == ()


def test_fewer_pages_than_declared_is_not_fit(office, scan):
    """The officer is told how many there are and how many there should be."""
    verdict = check_file(scan, 3)
    assert not verdict.fit
    assert [problem.reason for problem in verdict.problems] == ["missing_pages"]


def test_each_page_is_judged_and_named(office, tmp_path):
    """Page 2 lies upside down; page 1 is fine."""
    first, second = drawn.paper("bao-cao").pages[0], drawn.paper("quyet-dinh").pages[0]
    file = tmp_path / "hai-trang.pdf"
    file.write_bytes(as_pdf([first, second.rotate(180)], quality=85))
    verdict = check_file(file)
    assert [[problem.reason for problem in page.problems] for page in verdict.pages] == [
        [],
        ["upside_down"],
    ]
    assert verdict.pages[1].problems[0].message.startswith("Trang 2 ")


def test_what_cannot_be_opened_is_not_fit_and_says_why(office, tmp_path):
    """A password is named here, not days later."""
    file = tmp_path / "khoa.pdf"
    file.write_bytes(drawn.locked())
    verdict = check_file(file)
    assert (verdict.fit, verdict.pages) == (False, ())
    assert [problem.reason for problem in verdict.problems] == ["encrypted"]
    with pytest.raises(NotFound):
        check_file(tmp_path / "khong-co.pdf")


def test_the_command_gives_json_and_an_exit_code(office, scan):
    """0: fit; 3: scan again."""
    fit, unfit = sohoa("check", scan, "--json"), sohoa("check", scan, "--pages", "2", "--json")
    assert (fit.returncode, unfit.returncode) == (0, NOT_FIT)
    said = json.loads(fit.stdout)
    assert said == {
        "file": "quet.pdf",
        "fit": True,
        "pages": [{"page": 1, "dpi": drawn.DPI, "problems": []}],
        "problems": [],
    }
    assert json.loads(unfit.stdout)["fit"] is False


def test_the_command_tells_people_what_to_do(office, scan):
    """One line per file, one per problem."""
    said = sohoa("check", scan, "--pages", "2")
    assert "quet.pdf: PHẢI QUÉT LẠI" in said.stdout
    assert "khai 2 trang, tệp có 1" in said.stdout

"""Marks of secrecy stop a paper; the same words in running text do not."""

from __future__ import annotations

import pytest

from domain.secrecy import find_secrecy
from tests.unit.typeset import Sheet, decision


@pytest.mark.parametrize(
    ("read", "mark"),
    [
        ("MẬT", "MẬT"),
        ("| MẬT |", "MẬT"),
        ("MÂT", "MẬT"),
        ("TỐI MẬT", "TỐI MẬT"),
        ("TUYỆT MẬT", "TUYỆT MẬT"),
        ("Độ mật: Tối mật", "TỐI MẬT"),
    ],
)
def test_a_mark_by_itself_stops(read: str, mark: str) -> None:
    """Also with a frame read as letters and without its diacritics."""
    page = decision().put(read, 480, x=400).read()
    found = find_secrecy([page])
    assert found is not None
    assert (found.mark, found.page) == (mark, 1)
    assert "Trang 1" in found.message


@pytest.mark.parametrize(
    "text",
    ["Bảo đảm bí mật nhà nước", "CAM KẾT BẢO MẬT THÔNG TIN", "MẮT", "MẤT", "Mật khẩu", "mật"],
)
def test_running_text_and_other_words_do_not(text: str) -> None:
    """Confidentiality is spoken of on many papers."""
    assert find_secrecy([decision().put(text, 480, x=400).read()]) is None


def test_a_heading_that_goes_on_does_not() -> None:
    """CAM KẾT BẢO / MẬT is one heading in two rows."""
    sheet = Sheet().put("CAM KẾT GIỮ GÌN BÍ", 560).put("MẬT", 625)
    assert find_secrecy([sheet.read()]) is None


def test_far_down_the_page_it_is_no_mark() -> None:
    """A mark stands in the upper half."""
    assert find_secrecy([decision().put("MẬT", 2600, x=400).read()]) is None


@pytest.mark.parametrize("text", ["T.MÂT", "TỐI MAT", "TUYÊT MÂT", "MẬT"])
def test_a_frame_vouches_for_misread_words(text: str) -> None:
    """What recognition of the whole page passed over."""
    page = decision().read()
    assert find_secrecy([page], {1: (text,)}) is not None
    assert find_secrecy([page], {1: ("SAO Y", "HỎA TỐC", "01/2026")}) is None

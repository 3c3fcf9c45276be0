"""Marks of secrecy stop a paper; the same words in running text do not."""

from __future__ import annotations

import pytest

from domain.secrecy import Stamp, find_secrecy
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


@pytest.mark.parametrize(
    ("text", "confidence", "likeness"),
    [
        ("MẬT", 0.92, 0.0),
        ("TỐI MAT", 0.6, 0.0),
        ("TUYÊT MÂT", 0.8, 0.0),
        ("TCYỆT MẬP", 0.8, 0.85),
        ("}ẤT ẤT", 0.5, 0.87),
        ("TÓI MẠT", 0.76, 0.3),
        ("MẠT", 0.9, 0.3),
        ("", 0.0, 0.74),
    ],
)
def test_a_framed_mark_stops_by_its_words_or_its_ink(
    text: str, confidence: float, likeness: float
) -> None:
    """Print runs through stamps: what is read is broken, what is seen is not."""
    found = find_secrecy([decision().read()], {1: (Stamp(text, confidence, "MẬT", likeness),)})
    assert found is not None
    assert found.sure


@pytest.mark.parametrize(
    ("text", "confidence", "likeness"),
    [("MẤT", 0.92, 0.85), ("BẢO MẬT", 0.92, 0.9), ("TUYT MT", 0.5, 0.3), ("", 0.0, 0.65)],
)
def test_what_may_be_a_mark_is_left_to_a_person(
    text: str, confidence: float, likeness: float
) -> None:
    """Neither stopped nor passed over: the paper is reviewed."""
    found = find_secrecy([decision().read()], {1: (Stamp(text, confidence, "MẬT", likeness),)})
    assert found is not None
    assert not found.sure
    assert "có thể đóng dấu mật" in found.message


@pytest.mark.parametrize(
    ("text", "confidence", "likeness"),
    [
        ("MẶT TRẬN", 0.92, 0.91),
        ("MẬT ĐỘ", 0.93, 0.89),
        ("PHÁT", 0.9, 0.77),
        ("HỎA TỐC", 0.9, 0.5),
        ("II)", 0.93, 0.25),
        ("", 0.0, 0.34),
    ],
)
def test_other_frames_do_not(text: str, confidence: float, likeness: float) -> None:
    """Other words read clearly, or ink that looks like no mark."""
    stamp = Stamp(text, confidence, "MẬT", likeness)
    assert find_secrecy([decision().read()], {1: (stamp,)}) is None


def test_a_sure_mark_on_a_later_page_outweighs_a_doubt() -> None:
    """The scan stops, whatever came first."""
    pages = [decision().read(), decision().read().model_copy(update={"page": 2})]
    stamps = {1: (Stamp("", 0.0, "MẬT", 0.65),), 2: (Stamp("TỐI MẬT", 0.9, "MẬT", 0.8),)}
    found = find_secrecy(pages, stamps)
    assert found is not None
    assert (found.mark, found.page, found.sure) == ("TỐI MẬT", 2, True)

"""Lost diacritics are restored only where the neighbours leave no doubt."""

from __future__ import annotations

import pytest

from domain.words import Box, Word
from reading.respell import respelled


def line(text: str, **marks: bool) -> list[Word]:
    return [
        Word(text=word, box=Box(x=0, y=0, width=1, height=1), confidence=0.9, line=1, **marks)
        for word in text.split()
    ]


def spelled(text: str) -> str:
    return " ".join(word.text for word in respelled(line(text)))


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("các tô chức, cá nhân", "các tổ chức, cá nhân"),
        ("triên khai thực hiện", "triển khai thực hiện"),
        ("có trách nhiệm phôi hợp", "có trách nhiệm phối hợp"),
        ("đây mạnh cải cách", "đẩy mạnh cải cách"),
        ("THỦ TỤC HÀNH CHÍNH", "THỦ TỤC HÀNH CHÍNH"),
        ("QUYÉT ĐỊNH", "QUYẾT ĐỊNH"),
        ("Điều L. Phạm vi", "Điều 1. Phạm vi"),
        ("Điều l", "Điều 1"),
    ],
)
def test_a_word_that_fits_no_neighbour_is_spelled_as_the_one_that_does(
    read: str, printed: str
) -> None:
    assert spelled(read) == printed


@pytest.mark.parametrize(
    "printed",
    [
        "giao tỉnh quản lý",  # "tính quản" is no pair, but "tỉnh" stands in any company
        "ông Tô Chức Năng",  # a name
        "bà Nguyễn Thị Phôi hợp đồng",
        "tô, chức",  # a comma parts them
        "Điều L2",
    ],
)
def test_names_common_words_and_parted_words_stay(printed: str) -> None:
    assert spelled(printed) == printed


def test_what_the_engine_read_and_its_confidence_stay_beside_the_word() -> None:
    word = respelled(line("tô chức"))[0]
    assert (word.text, word.read_as, word.confidence) == ("tổ", "tô", 0.9)


def test_a_word_that_was_not_respelled_says_nothing_of_another_reading() -> None:
    assert all(word.read_as is None for word in respelled(line("tổ chức thực hiện")))


def test_handwriting_is_left_for_a_person() -> None:
    assert [word.text for word in respelled(line("tô chức", handwritten=True))] == ["tô", "chức"]

"""Learning from corrections: promoted only when better, loaded only when whole."""

from __future__ import annotations

import pytest

from domain.errors import IntegrityFault
from domain.learning import Example, Trial, promotes, split
from tasks.type_model import dump, load, train

BIRTH = "GIẤY KHAI SINH họ chữ đệm tên người mẹ người cha nơi sinh số {0}"
PERMIT = "GIẤY PHÉP XÂY DỰNG công trình nhà ở riêng lẻ tầng mật độ số {0}"


def examples(count: int = 40) -> list[Example]:
    pairs = [("giay-khai-sinh", BIRTH), ("giay-phep-xay-dung", PERMIT)]
    return [
        Example(paper_id=f"p{at}", text=pairs[at % 2][1].format(at), type_id=pairs[at % 2][0])
        for at in range(count)
    ]


def test_a_model_learns_and_survives_being_kept() -> None:
    """The same bytes give the same guesses."""
    training, held_out = split(examples())
    assert held_out
    assert not {one.paper_id for one in training} & {one.paper_id for one in held_out}
    model = train(training)
    again = load(*dump(model))
    assert again.tried(held_out) == Trial(len(held_out), len(held_out))
    assert again.guess(BIRTH)[0] == "giay-khai-sinh"


def test_three_types_work_like_two() -> None:
    """Each type has its own row of weights."""
    third = [
        Example(paper_id=f"q{at}", text=f"THÔNG BÁO kết luận cuộc họp {at}", type_id="thong-bao")
        for at in range(20)
    ]
    assert train([*examples(), *third]).guess("THÔNG BÁO kết luận")[0] == "thong-bao"


def test_changed_bytes_are_not_loaded() -> None:
    """Nor is anything in them run."""
    digest, content = dump(train(examples()))
    with pytest.raises(IntegrityFault):
        load(digest, content + b"x")


def test_one_type_alone_teaches_nothing() -> None:
    """There is nothing to tell apart."""
    assert train([one for one in examples() if one.type_id == "giay-khai-sinh"]) is None


@pytest.mark.parametrize(
    ("new", "old", "promoted"),
    [
        (Trial(9, 10), Trial(8, 10), True),
        (Trial(8, 10), Trial(8, 10), False),
        (Trial(7, 10), Trial(8, 10), False),
        (Trial(9, 10), None, True),
        (Trial(4, 4), None, False),
    ],
)
def test_only_a_better_one_takes_over(new: Trial, old: Trial | None, promoted: bool) -> None:
    """And not on too few corrections."""
    assert promotes(new, old) is promoted

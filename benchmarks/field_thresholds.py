"""What thresholds cost and spare: silent errors against papers that go on without a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.field_scores import FieldScore, Scored

_STEPS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.82, 0.84, 0.86, 0.88, 0.9, 0.92, 0.94, 0.95)
"""However well the set went, less than half sure is not sure."""
_AIM = 0.5 / 1000
"""Silent errors per field that each curve may leave: together they keep the aim of 1 in 1,000."""

_NEARLY = 0.99
"""What of the papers or values a stricter threshold must keep."""


class _Point(NamedTuple):
    threshold: float
    kept: int
    """Papers that are automatic, or optional values that are recorded."""
    silent: int


def calibrate(papers: Sequence[Scored]) -> list[str]:
    """Both curves as tables and the thresholds as lines of `sohoa.toml`; papers judged without."""
    quiet = [paper for paper in papers if paper.automatic]
    fields = sum(len(paper.fields) for paper in papers)
    wrong_types = [one.type_confidence for one in quiet if one.wanted_type != one.read_type]
    asked = [_asking(quiet, step) for step in _STEPS]
    optional = [_recording(quiet, step) for step in _STEPS]
    without = f"không ngưỡng: tự động {len(quiet)}, sai loại không ai hỏi {len(wrong_types)}"
    return [
        f"{len(papers)} giấy tờ hiệu chỉnh, {fields} trường; {without}",
        "",
        *_table("field_confidence", "giấy tờ tự động", asked),
        "",
        *_table("optional_confidence", "giá trị không bắt buộc được ghi", optional),
        "",
        "```toml",
        "[thresholds]",
        f"type_confidence = {_over(wrong_types):.2f}",
        f"field_confidence = {_chosen(asked, fields):.2f}",
        f"optional_confidence = {_chosen(optional, fields):.2f}",
        "```",
    ]


def _asking(quiet: Sequence[Scored], least: float) -> _Point:
    def sure(paper: Scored) -> bool:
        return all(one.confidence >= least for one in _read(paper, _asks))

    kept = [paper for paper in quiet if sure(paper)]
    return _Point(least, len(kept), sum(_wrong(paper, _asks) for paper in kept))


def _recording(quiet: Sequence[Scored], least: float) -> _Point:
    values = [
        one for paper in quiet for one in _read(paper, _waits_for_nobody) if one.confidence >= least
    ]
    return _Point(least, len(values), sum(not one.right for one in values))


def _wrong(paper: Scored, which: Callable[[FieldScore], bool]) -> int:
    return sum(not one.right for one in _read(paper, which))


def _read(paper: Scored, which: Callable[[FieldScore], bool]) -> Iterator[FieldScore]:
    return (one for one in paper.fields if one.read is not None and which(one))


def _asks(one: FieldScore) -> bool:
    return not _waits_for_nobody(one)


def _waits_for_nobody(one: FieldScore) -> bool:
    return one.name.startswith("details.") and not one.required


def _table(name: str, kept: str, points: Sequence[_Point]) -> list[str]:
    return [
        f"| {name} | {kept} | lỗi âm thầm |",
        "|--:|--:|--:|",
        *(f"| {point.threshold:.2f} | {point.kept} | {point.silent} |" for point in points),
    ]


def _chosen(points: Sequence[_Point], fields: int) -> float:
    """The strictest threshold that costs little more than the first with few silent errors.

    Errors are rare, so what the set does not show is feared too. The strictest where none will do.
    """
    good = [point for point in points if point.silent <= _AIM * fields] or [points[-1]]
    return [point for point in good if point.kept >= _NEARLY * good[0].kept][-1].threshold


def _over(confidences: Sequence[float]) -> float:
    """Just over the surest wrong type, and never under the least that counts as sure."""
    return min(1.0, max([_STEPS[0] + 0.25, *(round(one + 0.01, 2) for one in confidences)]))

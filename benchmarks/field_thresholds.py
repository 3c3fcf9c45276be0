"""The lowest thresholds under which no wrong value would have gone through unasked."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from benchmarks.field_scores import Scored

_LEAST = 0.5
"""However well the set went: half sure is not sure."""


def calibrate(papers: Sequence[Scored]) -> list[str]:
    """The thresholds as lines of `sohoa.toml`, with what they cost; papers were judged without."""
    quiet = [paper for paper in papers if paper.automatic]
    types = [paper.type_confidence for paper in quiet if paper.wanted_type != paper.read_type]
    fields = [one.confidence for paper in quiet for one in paper.fields if one.silent]
    type_least, field_least = _over(types), _over(fields)
    kept = [
        paper
        for paper in quiet
        if paper.type_confidence >= type_least
        and all(one.confidence >= field_least for one in paper.fields if one.read is not None)
    ]
    return [
        f"# {len(papers)} giấy tờ hiệu chỉnh; tự động {len(quiet)}, với ngưỡng này {len(kept)}",
        f"# sai không ai hỏi nếu không có ngưỡng: {len(types)} loại, {len(fields)} trường",
        "[thresholds]",
        f"type_confidence = {type_least:.2f}",
        f"field_confidence = {field_least:.2f}",
    ]


def _over(confidences: Sequence[float]) -> float:
    """Just over the surest error, in whole percent; a threshold over 1 would ask about all."""
    surest = max(confidences, default=0.0)
    return min(1.0, max(_LEAST, ceil(100 * surest + 1) / 100 if confidences else _LEAST))

"""How long (thời hạn hiệu lực) and where (phạm vi hiệu lực) a result says that it is valid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.extract.dates import DateRead, months_after, read_date
from domain.extract.layout import Run

_SELF = r"(?:(?:giay|the|phieu|ban|chung chi|quyet dinh|trich luc)[^.;:]{0,60}? nay\s+)?(?:chi )?"
_UNTIL = re.compile(
    _SELF + r"(?:co gia tri|co hieu luc|gia tri su dung|thoi han|hieu luc|ngay het han)"
    r"[^.;]{0,40}?(?:\bden(?: het)?|het han)\s*:?\s*(?P<date>(?:ngay )?.{6,34})"
)
_PERIOD = re.compile(
    _SELF + r"(?:co gia tri|co hieu luc|gia tri su dung|thoi han|hieu luc)[^.;]{0,60}?"
    r"(?P<count>\d{1,3})\s*(?:\([\w ]+\) )?(?P<unit>thang|nam)\b[^.;]{0,20}?"
    r"ke tu ngay (?:cap|ky|ban hanh|duoc cap|dang ky)"
)
_SCOPE = re.compile(
    r"pham vi (?:hieu luc|ap dung|hoat dong(?: chuyen mon)?|hanh nghe|su dung|kinh doanh)"
    r"\s*:\s*(?P<scope>.+)"
)
_NATIONWIDE = re.compile(
    r"(?:gia tri|hieu luc)[^.;]{0,30}(?:tren toan quoc|trong ca nuoc|pham vi ca nuoc)"
)
_MONTHS = {"thang": 1, "nam": 12}


@dataclass(frozen=True)
class TermRead:
    """A term or scope as read; `derived` when it was counted from the day of issue."""

    value: str
    confidence: float
    run: Run
    derived: bool = False
    doubts: tuple[str, ...] = ()


def read_valid_until(runs: Sequence[Run], issued: DateRead | None) -> TermRead | None:
    """The last day of validity, ISO 8601, read or counted from the day of issue; None: not said."""
    for stream in _streams(runs):
        found = _term_in(stream, issued)
        if found is not None:
            return found
    return None


def _term_in(stream: Run, issued: DateRead | None) -> TermRead | None:
    until = _UNTIL.search(stream.folded)
    if until:
        part = _part(stream, *until.span("date"))
        read = read_date(part)
        if read is not None and read.value is not None:
            return TermRead(read.value.isoformat(), part.confidence, read.run, doubts=read.doubts)
    period = _PERIOD.search(stream.folded)
    if period is None or issued is None or issued.value is None:
        return None
    part = _part(stream, *period.span())
    months = int(period["count"]) * _MONTHS[period["unit"]]
    last = months_after(issued.value, months)
    doubts = ("tính từ ngày cấp còn nghi ngờ",) if issued.doubts else ()
    count = _part(stream, *period.span("count")).confidence
    return TermRead(last.isoformat(), count, part, derived=True, doubts=doubts)


def read_scope(runs: Sequence[Run]) -> TermRead | None:
    """Where the paper is valid, in its own words; None when it does not say."""
    for run in runs:
        match = _SCOPE.search(run.folded)
        if match:
            text = run.text[match.start("scope") :].strip(" .;")
            part = _part(run, match.start("scope"), len(run.text))
            return TermRead(text, part.confidence, part)
    for stream in _streams(runs):
        match = _NATIONWIDE.search(stream.folded)
        if match:
            part = _part(stream, *match.span())
            return TermRead("Toàn quốc", part.confidence, part)
    return None


def _streams(runs: Sequence[Run]) -> list[Run]:
    """Each page's words one after the other, so that sentences are found across lines."""
    pages: dict[int, list[Run]] = {}
    for run in runs:
        pages.setdefault(run.page, []).append(run)
    return [part[0].part([word for run in part for word in run.words]) for part in pages.values()]


def _part(run: Run, start: int, end: int) -> Run:
    return run.part(run.covering(start, end))

"""How long (thời hạn hiệu lực) and where (phạm vi hiệu lực) a result says that it is valid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.extract.dates import DateRead, months_after, read_date
from domain.extract.layout import Run
from domain.vietnamese import fold

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
_SEVERAL_SCOPES = "trên giấy ghi nhiều phạm vi khác nhau"
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
    """Where the paper is valid, in its own words; None when it does not say.

    Which of several different scopes is the paper's own only a person knows.
    """
    said = [read for run in runs if (read := _scope_in(run)) is not None]
    if said:
        differ = len({fold(read.value) for read in said}) > 1
        return replace(said[0], doubts=(_SEVERAL_SCOPES,)) if differ else said[0]
    for stream in _streams(runs):
        match = _NATIONWIDE.search(stream.folded)
        if match:
            part = _part(stream, *match.span())
            return TermRead("Toàn quốc", part.confidence, part)
    return None


def _scope_in(run: Run) -> TermRead | None:
    match = _SCOPE.search(run.folded)
    if match is None:
        return None
    text = run.text[match.start("scope") :].strip(" .;")
    part = _part(run, match.start("scope"), len(run.text))
    return TermRead(text, part.confidence, part)


def _streams(runs: Sequence[Run]) -> list[Run]:
    """Each page's words one after the other, so that sentences are found across lines."""
    pages: dict[int, list[Run]] = {}
    for run in runs:
        pages.setdefault(run.page, []).append(run)
    return [part[0].part([word for run in part for word in run.words]) for part in pages.values()]


def _part(run: Run, start: int, end: int) -> Run:
    return run.part(run.covering(start, end))

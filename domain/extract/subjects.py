"""The subject (trích yếu nội dung): under the type's name, or after V/v of a công văn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.extract.layout import Header, Run

_BODY = re.compile(
    r"^(can cu |kinh gui|thuc hien|xet|theo de nghi|theo|thoi gian qua|qua |de |ngay \d|i\.|1\.|"
    r"phan |dieu |chuong |ho ten|ho va ten|ho, |trong |sau khi|hom nay|ma so|so:|\(|nhung |"
    r"tren co so|vua qua|hien nay|nham )"
)
_ISSUER = re.compile(
    r"^(chu tich|uy ban nhan dan|hoi dong nhan dan|giam doc|bo truong|thu tuong|truong )"
)
_LETTER = re.compile(r"\W{0,2}V\s?/\s?[vV]\s*[:.]?\s*|\W{0,2}[vV]ề việc\s*[:.]?\s*")
OPENING = "Về việc "
"""The fixed opening of most subjects."""
_ABOUT = re.compile(r"^[Vv][^\W\d_]{1,2}\s?việc\s")
"""The same as OCR reads it, which spoils its capital and stacked marks."""
_YEAR = re.compile(r"\bn[aáàảãạăắằẳẵặâấầẩẫậ]m(?= (?:19|20)\d\d\b)")
"""The word before a year, whose mark OCR spoils."""
_GAP = 0.9
"""A gap above a line, in line heights, that ends the subject."""
_WRAP_GAP = 1.1
_OFF_CENTRE, _OFF_CENTRE_FIRST = 0.075, 0.085
_OFF_CENTRE_LETTER = 0.12
_FEWEST_LETTERS = 4
"""Specks and rules are read as fewer letters."""
_FEWEST_LAST, _SURE = 2, 0.8
"""A subject may end in a row of one short word (xã Thái / Sơn), which is then read surely."""
_LOW_MEAN = 0.85


@dataclass(frozen=True)
class SubjectRead:
    """A subject as read."""

    value: str
    run: Run
    doubts: tuple[str, ...] = ()


def under_title(runs: Sequence[Run], title: Sequence[Run]) -> SubjectRead | None:
    """The centred lines under the title, up to the rule, the opening or the issuer's line."""
    if not title:
        return None
    last = title[-1]
    lines: list[Run] = []
    for run in (run for run in runs if run.box.y > title[-1].box.y + 0.4 * title[-1].height):
        fewest = _FEWEST_LAST if lines and run.confidence > _SURE else _FEWEST_LETTERS
        if run in title or run.letters < fewest:
            continue
        gap = run.box.y - last.box.bottom
        first_gap = 1.6 if not lines else _GAP
        if gap > first_gap * max(last.height, run.height):
            break
        if _opens_body(run):
            break
        middle = sum(part.centre for part in (title[0], *lines)) / (1 + len(lines))
        if not run.box.x < middle * run.page_width < run.box.right:
            continue  # a receiver's stamp beside the subject
        if abs(run.centre - middle) > (_OFF_CENTRE if lines else _OFF_CENTRE_FIRST):
            break
        lines.append(run)
        last = run
    return _joined(lines)


def _opens_body(run: Run) -> bool:
    if run.text[0].islower():
        return False
    return bool(_BODY.match(run.folded)) or (run.capitals and bool(_ISSUER.match(run.folded)))


def after_letter_mark(runs: Sequence[Run], header: Header) -> SubjectRead | None:
    """What stands after "V/v" in the left column, with its following lines."""
    for at, run in enumerate(runs):
        mark = _LETTER.match(run.text)
        if mark is None or not _left(run, header):
            continue
        lines, last = [run], run
        for below in runs[at + 1 :]:
            if not _left(below, header) or below.letters < _FEWEST_LETTERS // 2:
                continue
            if below.box.y - last.box.bottom > _WRAP_GAP * last.height:
                break
            if (
                below.folded.startswith("kinh gui")
                or abs(below.centre - run.centre) > _OFF_CENTRE_LETTER
            ):
                break
            lines.append(below)
            last = below
        return _joined(lines, mark.group())
    return None


def has_letter_mark(runs: Sequence[Run], header: Header) -> Run | None:
    """The line with "V/v" in the left column of the header, or None."""
    return next((r for r in runs if _LETTER.match(r.text) and _left(r, header)), None)


def _left(run: Run, header: Header) -> bool:
    limit = header.divide or 0.45 * run.page_width
    return run.box.x + run.box.width / 2 < limit and run.box.y > header.top


def _joined(lines: Sequence[Run], mark: str = "") -> SubjectRead | None:
    if not lines:
        return None
    words = tuple(word for line in lines for word in line.words)
    run = lines[0].part(words)
    value = run.text[len(mark) :].strip(" .,;-–—_~*'\"")
    value = _ABOUT.sub(OPENING, value, count=1) if not mark else value
    value = _YEAR.sub("năm", value)
    if not value:
        return None
    doubts = ("có chữ đọc không chắc",) if run.confidence < _LOW_MEAN else ()
    return SubjectRead(value, run, doubts)

"""The printed title of a paper: which lines read like the name of a type.

Only the first page that has words counts, and only what stands above running text: the title
of an annex, or of a document that is quoted, must not name the paper.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from domain.catalogue import Catalogue
from domain.document_types import DocumentType
from domain.extract.layout import Header, Run, header_of, runs_of
from domain.extract.numbers import NumberRead, read_number
from domain.vietnamese import fold
from domain.words import PageText

_CLOSE = 0.88
_CLOSE_WITH_SYMBOL = 0.8
_TITLE_SHARE = 0.62
"""A title stands in this upper part of the page."""
_OFF_CENTRE = 0.14
_LONGEST_TITLE = 4
"""Lines that one title may be broken into."""
_PROSE_WORDS, _PROSE_WIDTH = 8, 0.5
_FEWEST_WORDS = 5
_FEWEST_LETTERS = 4
_SAME_CENTRE = 0.08


@dataclass(frozen=True)
class TitleMatch:
    """Lines that read like the title of a type."""

    type: DocumentType
    title: str
    lines: tuple[Run, ...]
    score: float
    exact: float
    """Likeness with diacritics, for telling titles apart that fold alike."""


@dataclass(frozen=True)
class FirstPage:
    """The page that names the paper, cut into runs, with its header and number."""

    page: PageText
    runs: tuple[Run, ...]
    header: Header
    number: NumberRead | None


def first_page(pages: Sequence[PageText], catalogue: Catalogue) -> FirstPage | None:
    """The first page with words on it; None when nothing was read."""
    for page in pages:
        if not page.blank and len(page.words) >= _FEWEST_WORDS:
            runs = runs_of(page)
            header = header_of(page, runs)
            return FirstPage(page, runs, header, read_number(page, runs, header, catalogue))
    return None


def find_titles(first: FirstPage, catalogue: Catalogue) -> list[TitleMatch]:
    """The best reading of the first line that fits any title, rivals of other types after it."""
    symbol = catalogue.type_of_symbol(first.number.kind_symbol) if first.number else None
    candidates = _title_lines(first)
    for at, run in enumerate(candidates):
        if at and _joins(candidates[at - 1], run):
            continue
        best: dict[str, TitleMatch] = {}
        for lines in _stacks(candidates, at):
            for match in _matches(lines, catalogue, symbol):
                old = best.get(match.type.id)
                if old is None or _rank(match) > _rank(old):
                    best[match.type.id] = match
        if best:
            return sorted(best.values(), key=_rank, reverse=True)
    return []


def _rank(match: TitleMatch) -> tuple[float, int, float]:
    return (round(match.score, 2), len(match.title), match.exact)


def _title_lines(first: FirstPage) -> list[Run]:
    lines = []
    floor = first.header.bottom if first.header.found else 0.0
    for run in first.runs:
        if run.box.y > _TITLE_SHARE * first.page.height:
            break
        below = run.box.y + run.box.height / 2 > floor - 0.8 * run.height
        if not below or run.letters < _FEWEST_LETTERS:
            continue
        if _is_prose(run):
            break
        if run.capitals and abs(run.centre - 0.5) <= _OFF_CENTRE:
            lines.append(run)
    return lines


def _is_prose(run: Run) -> bool:
    if run.capitals:
        return False
    wide = run.box.width > _PROSE_WIDTH * run.page_width
    opening = re.match(r"(can cu |theo de nghi|xet de nghi|kinh gui)", run.folded)
    return bool(opening) or (
        wide and len(run.words) >= 2 * _PROSE_WORDS and not run.text.startswith("(")
    )


def _joins(upper: Run, lower: Run) -> bool:
    gap = lower.box.y - upper.box.bottom
    return (
        gap < 0.9 * max(upper.height, lower.height)
        and abs(upper.centre - lower.centre) < _SAME_CENTRE
    )


def _stacks(lines: Sequence[Run], at: int) -> list[tuple[Run, ...]]:
    stacks: list[tuple[Run, ...]] = [(lines[at],)]
    for follower in lines[at + 1 : at + _LONGEST_TITLE]:
        if not _joins(stacks[-1][-1], follower):
            break
        stacks.append((*stacks[-1], follower))
    return stacks


def _matches(
    lines: tuple[Run, ...], catalogue: Catalogue, symbol: DocumentType | None
) -> list[TitleMatch]:
    text = _bare(" ".join(run.text for run in lines))
    found = []
    for entry in catalogue.types:
        close = _CLOSE_WITH_SYMBOL if entry is symbol else _CLOSE
        for title in entry.titles:
            score, exact = _likeness(_bare(title), text)
            if score >= close:
                found.append(TitleMatch(entry, title, lines, score, exact))
    return found


def _bare(text: str) -> str:
    without_brackets = re.sub(r"\([^)]*\)?", " ", text)
    return re.sub(r"\s+", " ", re.sub(r"[^\w/ ]+", " ", without_brackets)).strip()


def _likeness(title: str, text: str) -> tuple[float, float]:
    whole = fuzz.ratio(fold(title), fold(text)) / 100
    exact = fuzz.ratio(title, text.upper()) / 100
    head = text[: len(title)]
    if len(text) > len(title) and text[len(title)] == " ":
        started = 0.98 * fuzz.ratio(fold(title), fold(head)) / 100
        if started >= _CLOSE + 0.05 and started > whole:
            return started, 0.98 * fuzz.ratio(title, head.upper()) / 100
    return whole, exact

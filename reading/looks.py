"""Reading a piece of a line again, and weighing what several readings of it say.

A piece is cut out and brought to the size that the engine was trained on. Readings that agree are
surer than one, readings that differ are a warning: what sure readings give differently gets a
confidence that asks a person.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from statistics import median
from typing import NamedTuple

from PIL import Image, ImageFilter

from reading.reading_order import RawWord

ReadLine = Callable[[Image.Image, float], list[RawWord]]
"""Reads a picture of one line at a resolution in dots per inch."""

_GAP = 1.6
"""White that parts the columns of a header, in heights of a word."""
_MARGIN = 0.45
"""White kept around the line, in its heights: tesseract loses letters that touch the border."""
_LOOKS = ((150.0, 0.7), (180.0, 0.0), (140.0, 0.0))
"""Dots per inch and blur (pixels) of the second, third and fourth reading. Letters of 13–14 pt are
then about 36 pixels high, the height that tesseract's network sees: larger ones it shrinks itself,
and badly. Of 558 drawn lines (days in italics, numbers; clean, worn, noisy) the figures came out
right in 558, 557 and 558, at 300 dpi in 539; of other 558, at 360 dpi with blur in 551."""
_UNSURE = 0.7
"""A reading below this contradicts nobody."""
DOUBTED = 0.4
"""What is left of the confidence of what another sure reading gives differently."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


class Look(NamedTuple):
    """One reading: its words, and what they say (None: nothing that could be compared)."""

    words: list[RawWord]
    key: str | None
    sure: float
    """0–1: the least confidence among the words that say it."""
    telling: str = ""
    """What no other sure reading may give differently; also of what cannot be right by itself."""


class Verdict(NamedTuple):
    """The reading that the looks leave, and the bounds that they set to its confidence."""

    look: Look
    at_least: float = 0.0
    at_most: float = 1.0

    def weighed(self, word: RawWord) -> RawWord:
        """A word that says what was weighed, as sure as the looks make it."""
        return word._replace(confidence=min(max(word.confidence, self.at_least), self.at_most))


def runs_of(words: Sequence[RawWord]) -> Iterator[list[RawWord]]:
    """The engine's lines, cut where white is wide."""
    for _, line in groupby(words, key=lambda word: word.line):
        run: list[RawWord] = []
        for word in line:
            if run and word.x - run[-1].right > _GAP * max(word.height, run[-1].height):
                yield run
                run = []
            run.append(word)
        yield run


def box_of(
    run: Sequence[RawWord], words: Sequence[RawWord], picture: Image.Image, reach: float = 0.0
) -> Box:
    """What is read again: the run with a margin, free of its neighbours among `words`.

    `reach`: how far behind its first word it goes where there is room, in heights of a word.
    """
    high = median(word.height for word in run)
    margin = round(_MARGIN * high)
    middle = median(word.y + word.height / 2 for word in run)
    top, bottom = round(middle - high / 2) - margin, round(middle + high / 2) + margin
    first, last = run[0].x, max(word.right for word in run)
    beside = [w for w in words if abs(w.y + w.height / 2 - middle) < high and w not in run]
    # Where boxes overlap, the engine placed them badly: both are in the picture.
    start = min((word.x for word in beside if word.x < first < word.right), default=first)
    left = max((word.right for word in beside if word.right <= start), default=0)
    right = min((word.x - margin for word in beside if word.x > first), default=picture.width)
    left = max(left, start - margin)
    right = min(max(right, last), max(last + margin, round(run[0].right + reach * high)))
    return max(left, 0), max(top, 0), min(right, picture.width), min(bottom, picture.height)


def looks_at(
    picture: Image.Image, box: Box, dpi: float, read_line: ReadLine, line: int
) -> Callable[[int], list[RawWord]]:
    """The readings of a piece of `picture` by their number, in pixels of `picture`."""
    crop = picture.crop(box).convert("L")

    def look(attempt: int) -> list[RawWord]:
        target, blur = _LOOKS[attempt]
        prepared = crop.filter(ImageFilter.GaussianBlur(blur)) if blur else crop
        scale = target / dpi
        size = (max(1, round(crop.width * scale)), max(1, round(crop.height * scale)))
        return [
            word._replace(
                x=round(word.x / scale) + box[0],
                y=round(word.y / scale) + box[1],
                width=max(1, round(word.width / scale)),
                height=max(1, round(word.height / scale)),
                line=line,
            )
            for word in read_line(prepared.resize(size, Image.Resampling.BICUBIC), target)
        ]

    return look


def weigh(
    first: Look, look: Callable[[int], Look], *, enough: float, firm: float = math.inf
) -> Verdict:
    """The reading that most looks agree on, with what that says of its confidence.

    Two that agree need no third when one of them is as sure as `enough`; a page that was as sure
    as `firm` is doubted where the looks agree against it, never overruled.
    """
    second = look(0)
    if first.key is not None and first.key == second.key and max(first.sure, second.sure) >= enough:
        return Verdict(first, at_least=second.sure)
    again = [second, look(1)]
    if second.key is not None and second.key == again[1].key and _contradicted(second, [first]):
        again.append(look(2))
    looks = [one for one in (first, *again) if one.key is not None]
    agreed = next((one for one in looks if sum(other.key == one.key for other in looks) > 1), None)
    if agreed is None:
        return Verdict(first, at_most=DOUBTED if _contradicted(first, again) else 1.0)
    chosen = first if agreed.key == first.key else agreed
    all_against = len(again) == len(_LOOKS) and all(one.key == agreed.key for one in again)
    judges = again if all_against else [first, *again]  # only three that agree overrule the page
    if _contradicted(agreed, judges):
        return Verdict(chosen, at_most=DOUBTED)
    if first.sure >= firm and _contradicted(agreed, [first]):
        return Verdict(first, at_most=DOUBTED)
    return Verdict(chosen, at_least=max(one.sure for one in looks if one.key == agreed.key))


def _contradicted(one: Look, others: Sequence[Look]) -> bool:
    """Whether another reading is sure of something else."""
    return any(
        other.sure >= _UNSURE and other.telling != one.telling for other in others if other.telling
    )

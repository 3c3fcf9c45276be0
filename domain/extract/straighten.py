"""Putting the words of a skewed page level, and boxes back onto the scan's own pixels."""

from __future__ import annotations

from math import cos, radians, sin

from domain.extract.layout import Run
from domain.words import Box, PageText


def straight(page: PageText) -> PageText:
    """The page with its words where they would stand without skew, so that rows are level.

    Inverts how reading maps boxes of a straightened picture back onto the page.
    """
    if not page.skew:
        return page
    cosine, sine = _turn(page)
    words = []
    for word in page.words:
        x, y = _about_middle(page, word.box)
        wide, high, spread = word.box.width, word.box.height, cosine * cosine - sine * sine
        width = max(1, round((wide * cosine - high * abs(sine)) / spread))
        height = max(1, round((high * cosine - wide * abs(sine)) / spread))
        left = round(x * cosine - y * sine + page.width / 2 - width / 2)
        top = round(y * cosine + x * sine + page.height / 2 - height / 2)
        box = Box(x=left, y=top, width=width, height=height)
        words.append(word.model_copy(update={"box": box}))
    return page.model_copy(update={"words": tuple(words)})


def box_on_scan(run: Run) -> Box:
    """The rectangle around words of a `straight` page, on the page as it was scanned."""
    page = run.sheet
    if not page.skew:
        return run.box
    cosine, sine = _turn(page)
    x, y = _about_middle(page, run.box)
    width = round(run.box.width * cosine + run.box.height * abs(sine))
    height = round(run.box.height * cosine + run.box.width * abs(sine))
    left = round(x * cosine + y * sine + page.width / 2 - width / 2)
    top = round(y * cosine - x * sine + page.height / 2 - height / 2)
    return Box(x=max(left, 0), y=max(top, 0), width=width, height=height)


def _turn(page: PageText) -> tuple[float, float]:
    return cos(radians(page.skew)), sin(radians(page.skew))


def _about_middle(page: PageText, box: Box) -> tuple[float, float]:
    return box.x + box.width / 2 - page.width / 2, box.y + box.height / 2 - page.height / 2

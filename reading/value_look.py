"""A second look at what a form says after its labels: names, addresses, other words.

The pass over the whole page now and then gives a letter the wrong mark, sure of itself: Đồng for
Đông, both of them names. So the value of a row ("Địa chỉ: …") is read again by itself, and each of
its words is weighed as number and day are (`reading/looks.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from PIL import Image

from reading.looks import Look, ReadLine, box_of, looks_at, runs_of, weigh
from reading.reading_order import RawWord

_MOST_ROWS = 16
"""Rows of a page that are read again, from the top: no form has many more."""
_LONGEST_LABEL = 60
"""Characters before a colon; more are a sentence."""
_FULL = 0.8
"""A value that ends right of this share of the page's width may go on in the row below."""
_NEXT_ROW = 2.2
"""How far below the row that goes on with it begins, in heights of a word."""
_POOR = 0.5
"""Mean confidence below which nothing printed was read: a pen, a seal."""
_ENOUGH = 0.9
"""Marks are misread more surely than figures: two readings that agree must be as sure as this.
Of 4 wrong words on 142 drawn forms one was noticed at 0.8, three at 0.9 (and no more at 0.95)."""
_FIRM = 0.9
"""What the page was as sure of is doubted, not replaced: three looks of one engine misread alike
(Đông, at 0.95 on the page, as Đồng). Below, on these forms, the looks were right each time."""
_ALIKE = 0.5
"""Least share of a word's width that the word of a look covers to be the same word."""
_LETTERS = re.compile(r"[^\W\d_]{2}")
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


def look_at_values(
    picture: Image.Image, words: Sequence[RawWord], dpi: float, read_line: ReadLine
) -> list[RawWord]:
    """The words of an upright, straightened page with the values of its form read again.

    Words are in pixels of `picture`; as many come back, in the same order. A word is replaced
    where the looks agree on another one, and is left unsure where they only disagree.
    """
    result: dict[RawWord, RawWord] = {}
    for value in list(_values(words, picture.width))[:_MOST_ROWS]:
        box = box_of(value, words, picture)
        again = cache(looks_at(picture, box, dpi, read_line, value[0].line))
        for word in value:
            if _core(word):
                verdict = weigh(
                    _look([word]), _looks(word, value, again), enough=_ENOUGH, firm=_FIRM
                )
                result[word] = verdict.weighed(_as_seen(word, verdict.look.words[0]))
    return [result.get(word, word) for word in words]


def _values(words: Sequence[RawWord], width: int) -> Iterator[list[RawWord]]:
    """What stands after labels, and the rows that it goes on in."""
    last: list[RawWord] = []
    open_ended = False
    for run in runs_of(words):
        label = _label(run)
        value = run[label:]
        goes_on = not label and open_ended and _below(run, last)
        if (label and _LETTERS.search(_text(value)) and _mean(value) >= _POOR) or goes_on:
            yield value
        open_ended = bool(label or goes_on) and (not value or value[-1].right > _FULL * width)
        last = run


def _label(run: Sequence[RawWord]) -> int:
    """How many words of a run are its label; 0 where it has none."""
    for place, word in enumerate(run, start=1):
        if word.text.endswith(":"):
            return place if len(_text(run[:place])) <= _LONGEST_LABEL else 0
    return 0


def _below(run: Sequence[RawWord], last: Sequence[RawWord]) -> bool:
    high = max(run[0].height, last[0].height)
    return -high < run[0].y - last[0].y < _NEXT_ROW * high and _mean(run) >= _POOR


def _text(run: Sequence[RawWord]) -> str:
    return " ".join(word.text for word in run)


def _mean(run: Sequence[RawWord]) -> float:
    return sum(word.confidence for word in run) / len(run)


def _core(word: RawWord) -> str:
    """The letters and figures of a word without the marks around them."""
    return _AROUND.sub("", unicodedata.normalize("NFC", word.text))


def _look(words: list[RawWord]) -> Look:
    key = _core(words[0]) if len(words) == 1 else ""
    return Look(words, key, words[0].confidence, key) if key else Look(words, None, 0.0)


def _looks(
    word: RawWord, value: Sequence[RawWord], again: Callable[[int], list[RawWord]]
) -> Callable[[int], Look]:
    """What stands in the looks at a row in the place of one of its words, and of it alone."""
    others = [other for other in value if other is not word]

    def look(attempt: int) -> Look:
        found = [seen for seen in again(attempt) if _same_place(word, seen)]
        joined = any(
            _shared(seen, other) >= _ALIKE * other.width for seen in found for other in others
        )
        return _look([] if joined else found)

    return look


def _same_place(word: RawWord, seen: RawWord) -> bool:
    return _shared(word, seen) >= _ALIKE * max(word.width, seen.width)


def _shared(word: RawWord, seen: RawWord) -> int:
    return min(word.right, seen.right) - max(word.x, seen.x)


def _as_seen(word: RawWord, seen: RawWord) -> RawWord:
    """The word where it stands and with the marks around it, spelled as a look has it."""
    text = unicodedata.normalize("NFC", word.text).replace(_core(word), _core(seen))
    return word._replace(text=text, confidence=seen.confidence)

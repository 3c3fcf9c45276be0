"""Comparing what was read with what is printed: characters and words."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from domain.extract.layout import runs_of
from domain.vietnamese import fold, nfc
from domain.words import PageText

_TONES = ("\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


class Count(NamedTuple):
    """Sums over pages; percentages are of what is printed, `precision` of what was read."""

    letters: int = 0
    wrong: int = 0
    wrong_folded: int = 0
    wrong_plain: int = 0
    words: int = 0
    words_read: int = 0
    words_found: int = 0

    def __add__(self, other: object) -> Count:
        """The sums of both."""
        if not isinstance(other, Count):
            return NotImplemented
        return Count(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def cer(self) -> float:
        """Character errors in percent, line by line."""
        return 100 * self.wrong / max(self.letters, 1)

    @property
    def cer_folded(self) -> float:
        """The same without diacritics and case."""
        return 100 * self.wrong_folded / max(self.letters, 1)

    @property
    def cer_plain(self) -> float:
        """Character errors in percent over the whole text, order of reading included."""
        return 100 * self.wrong_plain / max(self.letters, 1)

    @property
    def recall(self) -> float:
        """Printed words that were read, in percent."""
        return 100 * self.words_found / max(self.words, 1)

    @property
    def precision(self) -> float:
        """Read words that are printed, in percent; a signature read as words counts against."""
        return 100 * self.words_found / max(self.words_read, 1)


def compared(truth: str, page: PageText) -> Count:
    """How the page's words differ from the printed text, one printed line per line."""
    lines = [nfc(" ".join(line.split())) for line in truth.splitlines() if line.strip()]
    read = [line.text for line in page.lines]
    candidates = [*read, *(run.text for run in runs_of(page))]
    printed_words = Counter(" ".join(lines).split())
    words_read = Counter(" ".join(read).split())
    return Count(
        letters=sum(map(len, lines)),
        wrong=sum(_nearest(line, candidates) for line in lines),
        wrong_folded=_folded(lines, candidates),
        wrong_plain=Levenshtein.distance(" ".join(lines), " ".join(read)),
        words=printed_words.total(),
        words_read=words_read.total(),
        words_found=(printed_words & words_read).total(),
    )


def _folded(lines: Sequence[str], candidates: Sequence[str]) -> int:
    folded = [fold(text) for text in candidates]
    return sum(_nearest(fold(line), folded) for line in lines)


def _nearest(line: str, candidates: Sequence[str]) -> int:
    """Edits from the line to what is most like it; at most all of its letters."""
    distances = [Levenshtein.distance(line, text) for text in candidates]
    return min([len(line), *distances])


def spelled_alike(word: str) -> str:
    """The word in lower case with its tone at the end: "Uỷ" and "Ủy" are the same word."""
    letters = unicodedata.normalize("NFD", word.lower())
    tones = "".join(char for char in letters if char in _TONES)
    return "".join(char for char in letters if char not in _TONES) + tones

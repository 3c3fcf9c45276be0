"""How the paper itself spells a name, and letters that Vietnamese does not have.

A name of a person or a place that stands in two places is confirmed when both are spelled alike,
and doubted when not: OCR gives wrong marks without being unsure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from domain.extract.layout import Run
from domain.extract.person_names import corrected_name, plain
from domain.vietnamese import fold, nfc
from domain.words import Word

_MARKED = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz" + _MARKED)

_CONFIRMED = 0.95
"""How sure a word is at least that is spelled so twice."""

Spellings = Mapping[str, Counter[str]]
"""Letters of two words without marks → how often each spelling, in small letters, stands there."""


def strange_letters(text: str) -> tuple[str, ...]:
    """A doubt that names the letters that no Vietnamese word has (ø, Ï, Ð); empty without any."""
    found = {char for char in nfc(text).lower() if char.isalpha()} - _LETTERS
    return (f"có chữ lạ «{' '.join(sorted(found))}», có thể đọc sai",) if found else ()


def spellings_of(runs: Sequence[Run]) -> Spellings:
    """Every two words that follow each other on the paper."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for run in runs:
        for pair in pairwise(run.words):
            spelled = _spelled(*pair)
            if spelled is not None:
                seen[fold(spelled)][spelled] += 1
    return seen


def spelled_otherwise(words: Sequence[Word], paper: Spellings) -> tuple[str, ...]:
    """A doubt where the rest of the paper spells these words otherwise.

    Names are doubted when it does so as often, other words when it does so more often: there two
    different words may share their letters.
    """
    for pair in pairwise(words):
        spelled = _spelled(*pair)
        if spelled is None:
            continue
        votes = paper.get(fold(spelled), Counter())
        others = [(many, text) for text, many in votes.items() if text != spelled]
        count, other = max(others, default=(0, ""))
        name = all(word.text[:1].isupper() for word in pair)
        if count and count >= votes[spelled] + (not name):
            return (f"trên giấy có chỗ ghi «{other}», có chỗ «{spelled}»",)
    return ()


def confirmed(word: Word, words: Sequence[Word], paper: Spellings) -> bool:
    """Whether a word stands in a name that the paper spells the same way in another place."""
    pairs = [pair for pair in pairwise(words) if word in pair]
    spelled = [text for pair in pairs if (text := _spelled(*pair)) is not None]
    return any(paper.get(fold(text), Counter())[text] > 1 for text in spelled)


def weakest(words: Sequence[Word], paper: Spellings) -> float:
    """The least confidence (0–1) of a word that the paper does not spell so in another place.

    Single letters and signs do not count where there are longer words.
    """
    long = [word for word in words if sum(char.isalnum() for char in word.text) > 1]
    sure = [
        max(word.confidence, _CONFIRMED if confirmed(word, words, paper) else 0.0)
        for word in long or words
    ]
    return min(sure, default=0.0)


def _spelled(first: Word, second: Word) -> str | None:
    """Both words in small letters; None where a mark parts them or one has no letters."""
    if first.text[-1:] in ",.;:":
        return None
    parts = [nfc(word.text).strip(".,;:()“”\"'*") for word in (first, second)]
    if not all(part.isalpha() for part in parts):
        return None
    return " ".join(map(plain, corrected_name(" ".join(parts)).split()))

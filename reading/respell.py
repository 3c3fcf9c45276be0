"""Diacritics that the engine lost, restored where the neighbouring words leave no doubt.

Tesseract's Vietnamese model loses the tone of stacked letters: "tô chức" for "tổ chức", "triên
khai" for "triển khai". A word is respelled only when it makes no known pair with the word before
or after it, and exactly one word of the same letters does. Words that begin with a capital in a
line of small letters may be names and are never touched. What the engine read stays beside the
word (`Word.read_as`); its confidence is left as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from domain.vietnamese import fold, is_upper
from domain.words import Word

_DATA = Path(__file__).with_name("word_pairs.txt")
_COMPOUND = 2
"""What a pair of the list of compound words weighs, in times seen."""
_LEAST = 2
_CLEARER = 4
"""By how much the best spelling must be seen more often than the next."""
_RARER = 2
"""A word seen more often than its rival's pairs, divided by this, stands in any company."""
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STACKED = frozenset("âêôăơư")
_CORE = re.compile(r"^(?P<before>\W*)(?P<core>[^\W\d_]+)(?P<after>\W*)$")
_ARTICLE, _ONE = "điều", re.compile(r"^[lLI|](?P<after>[.:,]?)$")
"""'Điều 1' (Article 1) is often read as 'Điều l' or 'Điều L'."""


class Pairs(NamedTuple):
    """What is known of Vietnamese words: data of `word_pairs.txt`."""

    words: Mapping[str, int]
    """How often a word was seen in administrative texts."""
    seen: Mapping[tuple[str, str], int]
    """How often two words followed each other there."""
    compounds: frozenset[tuple[str, str]]
    """Neighbouring syllables of compound words."""
    spellings: Mapping[str, frozenset[str]]
    """Letters without marks → the words that are written with them."""


@cache
def known_pairs() -> Pairs:
    """The data of `word_pairs.txt`, read once per process."""
    words: dict[str, int] = {}
    seen: dict[tuple[str, str], int] = {}
    compounds: set[tuple[str, str]] = set()
    for line in _DATA.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        *parts, count = line.split()
        if len(parts) == 1:
            words[parts[0]] = int(count)
        elif int(count):
            seen[parts[0], parts[1]] = int(count)
        else:
            compounds.add((parts[0], parts[1]))
    spellings: dict[str, set[str]] = defaultdict(set)
    for word in {part for pair in (*seen, *compounds) for part in pair}:
        spellings[fold(word)].add(word)
    return Pairs(
        words, seen, frozenset(compounds), {key: frozenset(of) for key, of in spellings.items()}
    )


def respelled(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words of a page, those that can only be another word spelled as that."""
    lines = (tuple(line) for _, line in groupby(words, key=lambda word: word.line))
    return tuple(word for line in lines for word in _respelled_line(line))


def _respelled_line(line: tuple[Word, ...]) -> Iterator[Word]:
    capitals = is_upper(" ".join(word.text for word in line))
    cores = [_core(word.text) for word in line]
    for place, word in enumerate(line):
        before = cores[place - 1] if place and not _ends(line[place - 1].text) else None
        after = cores[place + 1] if place + 1 < len(line) and not _ends(word.text) else None
        text = _article_one(word.text, before) or _spelled(
            word.text, (before, after), capitals=capitals
        )
        changed = text is not None and not word.handwritten
        yield word.model_copy(update={"text": text, "read_as": word.text}) if changed else word


def _core(text: str) -> str | None:
    """The word in small letters without the marks around it; None where it is no word."""
    found = _CORE.match(text)
    return found["core"].lower() if found else None


def _ends(text: str) -> bool:
    return not text[-1:].isalnum()


def _article_one(text: str, before: str | None) -> str | None:
    found = _ONE.match(text) if before == _ARTICLE else None
    return f"1{found['after']}" if found else None


def _spelled(text: str, company: tuple[str | None, str | None], *, capitals: bool) -> str | None:
    """How the word is spelled in this company; None where it stays as it was read."""
    found = _CORE.match(text)
    if found is None or not (capitals or found["core"].islower()):
        return None
    core = found["core"].lower()
    better = _only_spelling(core, company, with_compounds=not capitals)
    if better is None:
        return None
    return found["before"] + (better.upper() if capitals else better) + found["after"]


def _only_spelling(
    word: str, company: tuple[str | None, str | None], *, with_compounds: bool
) -> str | None:
    """The one other word of the same letters that goes with its neighbours, where `word` does not.

    Compound words weigh only for a word that lost its tone: there the engine is known to fail.
    """
    pairs = known_pairs()
    if _weight(word, company, pairs, with_compounds=True):
        return None
    rivals = sorted(
        (
            (
                _weight(
                    rival, company, pairs, with_compounds=with_compounds and _lost(word, rival)
                ),
                rival,
            )
            for rival in pairs.spellings.get(fold(word), frozenset()) - {word}
        ),
        reverse=True,
    )
    best, spelling = rivals[0] if rivals else (0, "")
    next_best = rivals[1][0] if len(rivals) > 1 else 0
    clear = best >= max(_LEAST, _CLEARER * next_best, _RARER * pairs.words.get(word, 0))
    return spelling if clear else None


def _weight(
    word: str, company: tuple[str | None, str | None], pairs: Pairs, *, with_compounds: bool
) -> int:
    """How often the word was seen with its neighbours."""
    before, after = company
    both = [(before, word)] if before else []
    both += [(word, after)] if after else []
    return sum(
        pairs.seen.get(pair, _COMPOUND if with_compounds and pair in pairs.compounds else 0)
        for pair in both
    )


def _lost(read: str, rival: str) -> bool:
    """Whether `read` is `rival` with the tone of a stacked letter (â ê ô ă ơ ư) lost."""
    bare = [char for char in unicodedata.normalize("NFD", rival) if char not in _TONES]
    return bool(_STACKED & set(read)) and unicodedata.normalize("NFC", "".join(bare)) == read

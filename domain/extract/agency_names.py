"""Names of agencies: from capitals, perhaps misread, to ordinary case with all diacritics.

Words are compared folded with the catalogue's phrases and provinces; names of places that no
catalogue knows are confirmed by the same name in ordinary letters elsewhere on the paper.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from rapidfuzz import fuzz, process

from domain.catalogue import Catalogue
from domain.extract.layout import Run
from domain.vietnamese import fold
from domain.words import PageText, Word

_ABBREVIATIONS = {"ubnd": "Ủy ban nhân dân", "hdnd": "Hội đồng nhân dân", "tp": "thành phố"}
_LOWER = {
    fold(word): word
    for word in (
        "tỉnh",
        "thành phố",
        "huyện",
        "quận",
        "thị xã",
        "xã",
        "phường",
        "thị trấn",
        "đặc khu",
        "và",
        "các",
        "khu vực",
    )
}
_AREAS = frozenset(
    ("tỉnh", "thành phố", "huyện", "quận", "thị xã", "xã", "phường", "thị trấn", "đặc khu")
)
_AREA_START = re.compile(
    r"(?!(?:tinh|huyen|quan) uy\b)(?:tinh|thanh pho|huyen|quan|thi xa|xa|phuong|thi tran|dac khu)\b"
)
_ROMAN = re.compile(r"[IVX]+")
"""Numbers of regions (Chi cục Thuế khu vực XIII)."""
_CLOSE = 88.0
_CONFIRMED, _KNOWN, _CORRECTED, _UNCONFIRMED = 0.96, 0.97, 0.9, 0.7
_SURE_LETTERS, _UNSURE_LETTERS = 0.95, 0.9
"""A name in ordinary letters read so surely stands alone; capitals under the other lose to it."""
_LONGEST = 12
"""Words of the longest phrase that is looked up."""
_SHORTEST_FUZZY = 10
"""Letters under which one fault could turn one word into another."""


class OrdinaryName(NamedTuple):
    """A name in ordinary case, how sure it is (0–1), and why it is doubted."""

    value: str
    confidence: float
    doubts: tuple[str, ...]


def ordinary_name(run: Run, pages: Sequence[PageText], catalogue: Catalogue) -> OrdinaryName:
    """The agency that the run names, as running text would write it."""
    words = [word for word in run.words if any(char.isalnum() for char in word.text)]
    texts = [word.text for word in words]
    out: list[str] = []
    confidence, doubts, at = 1.0, [], 0
    while at < len(words):
        in_area = bool(out) and out[-1] in _AREAS
        phrase, taken = (None, 0) if in_area else _longest(texts[at:], catalogue)
        certainty = _KNOWN
        if phrase is None:
            taken = _name_length(texts[at:], catalogue, in_area=in_area)
            part = words[at : at + taken]
            after_province = in_area and out[-1] in {"tỉnh", "thành phố"}
            phrase, certainty = _place(part, after_province, pages, catalogue)
            if certainty < _CORRECTED:
                doubts.append(f"tên «{phrase}» chưa chắc: các chỗ trên giấy đọc không khớp nhau")
        confidence = min(confidence, certainty)
        out.append(phrase)
        at += taken
    if out and out[-1] in _LOWER.values():
        doubts.append("thiếu tên địa phương")
    value = " ".join(out).strip(" ,.-–")
    return OrdinaryName(value[:1].upper() + value[1:], confidence, tuple(doubts))


def starts_with_area(folded: str) -> bool:
    """Whether a folded line begins with the level of an area: "tinh hung yen"."""
    return bool(_AREA_START.match(folded))


def starts_agency(folded: str, catalogue: Catalogue) -> bool:
    """Whether a folded line begins with the name or kind of an agency."""
    words = folded.split()
    return any(
        _lookup(" ".join(words[:count]), catalogue.agency_phrases) is not None
        for count in range(min(len(words), _LONGEST), 0, -1)
        if " ".join(words[:count]) not in _LOWER
    ) and not starts_with_area(folded)


@cache
def _index(phrases: tuple[str, ...]) -> dict[str, str]:
    index = {_key(phrase): phrase for phrase in phrases}
    return {**index, **_ABBREVIATIONS, **_LOWER}


def _key(phrase: str) -> str:
    return re.sub(r"[^\w ]+", " ", fold(phrase)).replace("  ", " ").strip()


def _lookup(folded: str, phrases: tuple[str, ...]) -> tuple[str, float] | None:
    index = _index(phrases)
    key = _key(folded)
    if key in index:
        return index[key], 100.0
    if len(key) < _SHORTEST_FUZZY:
        return None
    near = process.extractOne(key, index.keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    if near is None or near[0] in _LOWER or abs(len(near[0]) - len(key)) > 1:
        return None
    return index[near[0]], near[1]


def _longest(texts: Sequence[str], catalogue: Catalogue) -> tuple[str | None, int]:
    for count in range(min(len(texts), _LONGEST), 0, -1):
        found = _lookup(" ".join(texts[:count]), catalogue.agency_phrases)
        if found is not None:
            return found[0], count
    return None, 0


def _name_length(texts: Sequence[str], catalogue: Catalogue, *, in_area: bool) -> int:
    """How many words belong to a name that no phrase begins.

    After the level of an area ("huyện") a word like VIỄN is a name and not the phrase "Viện",
    so only another level, with its own diacritics, ends the name.
    """
    taken = 1
    while taken < len(texts):
        if in_area and texts[taken].lower() in _AREAS:
            break
        if not in_area and _longest(texts[taken:], catalogue)[0] is not None:
            break
        taken += 1
    return taken


def _place(
    part: Sequence[Word], after_province: bool, pages: Sequence[PageText], catalogue: Catalogue
) -> tuple[str, float]:
    """The name with its diacritics, and how sure that is (0–1)."""
    provinces = {_key(name): name for name in catalogue.provinces}
    raw = " ".join(word.text for word in part)
    if _ROMAN.fullmatch(raw):
        return raw, min(word.confidence for word in part)
    key = _key(raw)
    if key in provinces:
        return provinces[key], _KNOWN
    if after_province:
        near = process.extractOne(key, provinces.keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE)
        if near is not None:
            return provinces[near[0]], _CORRECTED
    return _elected(part, key, pages, catalogue)


def _elected(
    part: Sequence[Word], key: str, pages: Sequence[PageText], catalogue: Catalogue
) -> tuple[str, float]:
    """The spelling that most places on the paper agree on: capitals lose marks, and so may text."""
    raw = " ".join(word.text for word in part)
    capitals = " ".join(word.text.capitalize() for word in part)
    seen = _seen_in_text(key, pages)
    votes = Counter({name: len(places) for name, places in seen.items()})
    sure = {name: max(places) for name, places in seen.items()}
    if raw.isupper() and (fold(raw) != raw.lower() or capitals in votes):
        votes[capitals] += 1
        sure.setdefault(capitals, min(word.confidence for word in part))
    for unit in catalogue.units:
        name = unit.name.split(" ", 1)[-1]
        votes[name] += int(_key(name) == key)
    ranked = (+votes).most_common()
    if not ranked:
        return capitals, _UNCONFIRMED
    name, count = max(ranked, key=lambda vote: (vote[1], sure.get(vote[0], 0.0)))
    others = [(other, many) for other, many in ranked if other != name]
    alone = name in seen and sure[name] >= _SURE_LETTERS
    if any(2 * many > count and sure.get(other, 1.0) >= _UNSURE_LETTERS for other, many in others):
        return name, _UNCONFIRMED
    return name, _CONFIRMED if alone or count > 1 else _UNCONFIRMED


def _seen_in_text(key: str, pages: Sequence[PageText]) -> dict[str, list[float]]:
    """Every spelling of the name in ordinary letters, and how sure each place was read."""
    length = len(key.split())
    seen: dict[str, list[float]] = defaultdict(list)
    for page in pages:
        texts = [word.text.strip(".,;:()“”\"'") for word in page.words]
        for at in range(len(texts) - length + 1):
            window = texts[at : at + length]
            ordinary = all(part.istitle() and len(part) > 1 for part in window)
            if ordinary and _key(" ".join(window)) == key:
                words = page.words[at : at + length]
                seen[" ".join(window)].append(min(word.confidence for word in words))
    return seen

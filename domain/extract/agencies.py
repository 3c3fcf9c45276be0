"""The issuing agency (cơ quan ban hành), from capitals of a letterhead to its ordinary name.

The letterhead names the parent above and the agency itself below; either may take two lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.catalogue import Catalogue
from domain.extract.agency_names import ordinary_name, starts_agency, starts_with_area
from domain.extract.layout import Header, Run
from domain.vietnamese import fold
from domain.words import PageText

_AREAS = ("tinh", "thanh pho", "huyen", "quan", "thi xa", "xa", "phuong", "thi tran", "dac khu")
_FEWEST_LETTERS = 2
_SPECKS = " _-–.,:;'*|"
_NAMELESS = frozenset(
    (
        "van phong",
        "thanh tra",
        "ban to chuc",
        "ban tuyen giao",
        "ban tuyen giao va dan van",
        "ban dan van",
        "ban noi chinh",
        "uy ban kiem tra",
    )
)
"""Parts of many agencies: which one, only the line above says."""
_OTHER_LINE = re.compile(r"so\W*[:;.]|so \d|v/v")
"""The number or the subject of a letter, read as capitals."""
_NUMBERING = r"^[\W_]*(?:\d{1,2}[.)]\W*)?"
_REGISTRARS = tuple(
    re.compile(_NUMBERING + label + r"\s*[:.]\s*")
    for label in (
        r"co quan (?:cap|dang ky)[\w ]*",
        r"da dang ky[\w ]* tai",
        r"noi dang ky (?!kham|kcb)[\w ]*",
        r"noi cap",
    )
)
"""Who issues says so first; where something was registered (an identity card, a birth) may be
another agency."""


@dataclass(frozen=True)
class AgencyRead:
    """An agency's name in ordinary case, where it stands, and why it is doubted."""

    value: str
    confidence: float
    run: Run
    doubts: tuple[str, ...] = ()


def read_issuer(
    runs: Sequence[Run],
    header: Header,
    below: float,
    pages: Sequence[PageText],
    catalogue: Catalogue,
) -> AgencyRead | None:
    """The agency left of the national name, else the one a form names as registrar.

    `below`: the y (pixels) under which the letterhead ends: the number's row, or the title.
    """
    block = [run for run in runs if run.page == runs[0].page and _in_letterhead(run, header, below)]
    agencies = _agencies(block, catalogue)
    if agencies:
        return _with_parent([_named(_joined(one), pages, catalogue) for one in agencies[-2:]])
    return _registrar(runs, pages, catalogue)


def _with_parent(named: Sequence[AgencyRead]) -> AgencyRead:
    """The last agency; the one above it belongs to names that say nothing alone (Văn phòng)."""
    own = named[-1]
    if fold(own.value) not in _NAMELESS:
        return own
    if len(named) == 1:
        return replace(own, doubts=(*own.doubts, f"không rõ «{own.value}» của cơ quan nào"))
    parent = named[0]
    return AgencyRead(
        value=f"{own.value} {parent.value}",
        confidence=min(own.confidence, parent.confidence),
        run=parent.run.part((*parent.run.words, *own.run.words)),
        doubts=(*own.doubts, *parent.doubts),
    )


def _joined(agency: Sequence[Run]) -> Run:
    return agency[0].part(tuple(word for run in agency for word in run.words))


def _in_letterhead(run: Run, header: Header, below: float) -> bool:
    if (
        header.divide <= 0
        or run.letters < _FEWEST_LETTERS
        or not run.capitals
        or _OTHER_LINE.match(run.folded)
    ):
        return False
    inside = header.top <= run.box.y + run.box.height / 2 and run.box.bottom <= below + 4
    return inside and run.box.x + run.box.width / 2 < header.divide


def _agencies(block: Sequence[Run], catalogue: Catalogue) -> list[list[Run]]:
    """The lines of each agency of a letterhead, the one that issues last."""
    agencies: list[list[Run]] = []
    for run in block:
        text = run.folded.lstrip(_SPECKS)
        area = starts_with_area(text)
        if starts_agency(text, catalogue):
            agencies.append([run])
        elif not agencies:
            agencies += [] if area else [[run]]
        elif not area or not _has_area(agencies[-1]):
            agencies[-1].append(run)
    return agencies


def _has_area(agency: Sequence[Run]) -> bool:
    """Bảo hiểm xã hội and Lao động – Xã hội speak of society (xã hội), not of a commune (xã)."""
    return any(re.search(rf"\b{area} (?!hoi\b)\w", run.folded) for run in agency for area in _AREAS)


def _named(run: Run, pages: Sequence[PageText], catalogue: Catalogue) -> AgencyRead:
    name = ordinary_name(run, pages, catalogue)
    known = starts_agency(fold(name.value), catalogue)
    doubts = () if known else (f"«{name.value}» không mở đầu như tên cơ quan: có thể thiếu dòng",)
    return AgencyRead(name.value, name.confidence, run, (*name.doubts, *doubts))


def _registrar(
    runs: Sequence[Run], pages: Sequence[PageText], catalogue: Catalogue
) -> AgencyRead | None:
    named = [
        (label, run)
        for pattern in _REGISTRARS
        for run in runs
        if (label := pattern.match(run.folded))
        and starts_agency(run.folded[label.end() :], catalogue)
    ]
    for label, run in named:
        rest = run.text[label.end() :]
        end = rest.find(",")
        words = run.covering(label.end(), label.end() + (end if end > 0 else len(rest)))
        if words:
            part = run.part(words)
            return _named(part, pages, catalogue)
    return None

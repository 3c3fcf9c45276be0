"""Full-text search over archived papers; who searched and what for stands in the audit chain."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from domain.access import Access
from domain.vietnamese import fold
from storage.registry import audit, search
from tasks.house import house

_BEFORE, _SHOWN = 60, 240


class Hit(BaseModel):
    """A page that holds all words of a query."""

    model_config = ConfigDict(frozen=True)

    place: int
    """Where it stands in the index; the next page of results begins after it."""
    paper: str
    page: int
    type: str | None
    title: str | None
    number: str | None
    issuer: str | None
    issue_date: date | None
    excerpt: str
    """Some 240 characters around the first word."""


def search_text(
    access: Access, query: str, *, before: int | None = None, limit: int = 20
) -> list[Hit]:
    """Pages that hold all words of the query, newest first; words in quotes stand together.

    Diacritics and case do not matter: `dang ky` finds "Đăng ký".
    """
    here = house()
    sought = here.keyed("query", fold(query))  # what was sought may be somebody's name
    with here.registry.read() as db:
        rows = search.find(db, query, before=before, limit=limit)
    with here.registry.begin() as db:
        audit.append(
            db,
            "store:searched",
            sought,
            actor=access.requester,
            at=here.now(),
            purpose=access.purpose,
            papers=[row["id"] for row in rows],
        )
    phrases = search.phrases_of(query)
    return [
        Hit(
            place=row["place"],
            paper=row["id"],
            page=row["page"],
            type=row["type_id"],
            title=row["title"],
            number=row["number"],
            issuer=row["issuer"],
            issue_date=row["issue_date"],
            excerpt=excerpt(row["text"], phrases),
        )
        for row in rows
    ]


def excerpt(text: str, phrases: list[list[str]]) -> str:
    """The part of a text around the first word sought, on one line."""
    line = " ".join(text.split())
    places = [line_place(line, " ".join(phrase)) for phrase in phrases]
    first = min((place for place in places if place >= 0), default=0)
    start = max(0, first - _BEFORE)
    shown = line[start : start + _SHOWN]
    return ("… " if start else "") + shown + (" …" if start + _SHOWN < len(line) else "")


def line_place(line: str, folded: str) -> int:
    """Where folded words begin in a line, as a place in the line itself; -1 where nowhere."""
    plain, places = [], []
    for place, char in enumerate(line):
        for letter in fold(char) or (" " if char.isspace() else ""):
            plain.append(letter)
            places.append(place)
    found = f" {''.join(plain)} ".find(f" {folded} ")
    return places[found] if found >= 0 else -1

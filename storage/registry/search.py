"""Full text (tìm toàn văn) of archived papers, page by page, with and without diacritics.

Words are folded and cut here (`tìm kiếm` → `tim kiem`), and both databases index those words as
they are, so they find the same: SQLite in an FTS5 table, PostgreSQL in a `tsvector`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    RowMapping,
    cast,
    delete,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from domain.states import PaperState
from domain.vietnamese import fold
from storage.registry.schema import paper_pages, papers

_WORD = re.compile(r"[a-z0-9]+")
_PHRASE = re.compile(r'"([^"]*)"')
_LONGEST_WORD = 60
MOST_WORDS = 16
"""Of a query; the rest is left out."""


def words_of(content: str) -> list[str]:
    """The folded words of a text, in order; what is longer than a word can be is noise."""
    return [word for word in _WORD.findall(fold(content)) if len(word) <= _LONGEST_WORD]


def phrases_of(query: str) -> list[list[str]]:
    """What must all be on a page: each word alone, and words in quotes one after another."""
    quoted = [words_of(part) for part in _PHRASE.findall(query)]
    single = [[word] for word in words_of(_PHRASE.sub(" ", query))]
    kept, left = [], MOST_WORDS
    for whole in (*quoted, *single):
        phrase = whole[:left]
        if phrase and phrase not in kept:
            kept.append(phrase)
            left -= len(phrase)
    return kept


def put(db: Connection, paper_id: str, pages: Sequence[str]) -> None:
    """Index the pages of a paper, in place of what was indexed before."""
    remove(db, paper_id)
    for page, content in enumerate(pages, start=1):
        _insert(db, paper_id, page, content)


def remove(db: Connection, paper_id: str) -> None:
    """Forget the words of a paper."""
    query = select(paper_pages.c.number, paper_pages.c.text).where(
        paper_pages.c.paper_id == paper_id
    )
    if db.dialect.name == "sqlite":  # FTS5 without content is told what it had indexed
        for number, content in db.execute(query).all():
            db.execute(
                text(
                    "INSERT INTO paper_words(paper_words, rowid, words) "
                    "VALUES ('delete', :number, :words)"
                ),
                {"number": number, "words": " ".join(words_of(content))},
            )
    db.execute(delete(paper_pages).where(paper_pages.c.paper_id == paper_id))


def _insert(db: Connection, paper_id: str, page: int, content: str) -> None:
    kept = content.replace("\x00", " ")  # which PostgreSQL does not store
    words = " ".join(words_of(kept))
    row: dict[str, Any] = {"paper_id": paper_id, "page": page, "text": kept}
    if db.dialect.name == "postgresql":
        row["words"] = cast(_vector(words_of(kept)), TSVECTOR)
    number = db.execute(
        paper_pages.insert().values(**row).returning(paper_pages.c.number)
    ).scalar_one()
    if db.dialect.name == "sqlite":
        db.execute(
            text("INSERT INTO paper_words(rowid, words) VALUES (:number, :words)"),
            {"number": number, "words": words},
        )


def find(
    db: Connection, query: str, *, before: int | None = None, limit: int = 20
) -> list[RowMapping]:
    """Pages of archived papers that hold all words of the query, newest first.

    `before` is the `place` of the last page that was seen. Empty for a query without a word.
    """
    phrases = phrases_of(query)
    if not phrases:
        return []
    pages: FromClause = paper_pages
    place: ColumnElement[int] = paper_pages.c.number
    match: ColumnElement[bool] = true()
    if db.dialect.name == "sqlite":
        hits = _on_sqlite(phrases)
        place = hits.c.rowid  # the index of words gives them newest first by itself
        pages = hits.join(paper_pages, paper_pages.c.number == place)
    else:
        match = _on_postgresql(phrases)
    order = place + 0 if _has_rare_word(db, phrases) else place
    found = (
        select(
            place.label("place"),
            *paper_pages.c["page", "text"],
            *papers.c["id", "code", "type_id", "number", "title", "issuer", "issue_date", "unit"],
        )
        .select_from(pages.join(papers, papers.c.id == paper_pages.c.paper_id))
        .where(match, papers.c.state == PaperState.ARCHIVED)
        .order_by(order.desc())
        .limit(limit)
    )
    if before is not None:
        found = found.where(place < before)
    return list(db.execute(found).mappings())


def _on_sqlite(phrases: list[list[str]]) -> FromClause:
    wanted = " AND ".join('"' + " ".join(phrase) + '"' for phrase in phrases)
    found = text("SELECT rowid FROM paper_words WHERE paper_words MATCH :wanted")
    return found.bindparams(wanted=wanted).columns(rowid=Integer).subquery("found")


def _on_postgresql(phrases: list[list[str]]) -> ColumnElement[bool]:
    wanted = " & ".join("(" + " <-> ".join(f"'{w}'" for w in phrase) + ")" for phrase in phrases)
    return paper_pages.c.words.op("@@", is_comparison=True)(cast(literal(wanted), TSQUERY))


def _has_rare_word(db: Connection, phrases: list[list[str]]) -> bool:
    """Whether PostgreSQL must be kept from reading all pages backwards for a word on few of them.

    Its planner takes every word that its statistics do not name for one that stands on thousands
    of pages. An order that no index gives makes it look such a word up; what is then sorted is
    little. Common words it finds soonest where it reads the newest pages first.
    """
    if db.dialect.name != "postgresql":
        return False
    common = text(
        "SELECT CAST(CAST(most_common_elems AS text) AS text[]) FROM pg_stats "
        "WHERE schemaname = current_schema() "
        "AND tablename = 'paper_pages' AND attname = 'words'"
    )
    known = db.execute(common).scalar()
    return not {word for phrase in phrases for word in phrase} <= set(known or ())


def _vector(words: Sequence[str]) -> str:
    """The words with their places, as PostgreSQL reads a `tsvector`; its own parser is left out."""
    return " ".join(f"'{word}':{place}" for place, word in enumerate(words, start=1))

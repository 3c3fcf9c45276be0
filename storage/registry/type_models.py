"""Versions of the classifier that was learnt, each with the figures it was judged by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, select

from storage.registry.schema import papers, reviews, type_models


def add(db: Connection, **values: Any) -> None:
    """Keep one version; versions are never removed."""
    db.execute(type_models.insert().values(**values))


def in_use(db: Connection) -> RowMapping | None:
    """The version promoted last, or None."""
    newest = (
        select(type_models).where(type_models.c.promoted).order_by(type_models.c.version.desc())
    )
    return db.execute(newest.limit(1)).mappings().first()


def decided(db: Connection) -> list[RowMapping]:
    """Every accepted review with its paper's scan, pages and state, oldest first."""
    columns = (
        reviews.c.after,
        papers.c.id,
        papers.c.scan_id,
        papers.c.pages,
        papers.c.state,
        papers.c.archive_digest,
    )
    query = (
        select(*columns)
        .join(papers, papers.c.id == reviews.c.paper_id)
        .where(reviews.c.after.is_not(None))
        .order_by(reviews.c.number)
    )
    return [row for row in db.execute(query).mappings() if row["after"]]

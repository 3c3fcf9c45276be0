"""What is counted: figures brought from outside, and digitized dossiers by query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from domain.progress import Figure
from domain.states import PaperState
from storage.registry.schema import figures, papers


def import_figures(db: Connection, rows: Iterable[Figure]) -> int:
    """Write figures; one that is there already is replaced, so an import may be repeated."""
    count = 0
    for row in rows:
        key = (
            (figures.c.unit == row.unit)
            & (figures.c.level == row.level)
            & (figures.c.year == row.year)
            & (figures.c.indicator == row.indicator)
        )
        db.execute(figures.delete().where(key))
        db.execute(figures.insert().values(**row.model_dump()))
        count += 1
    return count


def figures_of(db: Connection, year: int, indicator: str) -> list[Figure]:
    """All figures of one indicator and year."""
    query = select(figures).where(figures.c.year == year, figures.c.indicator == indicator)
    return [Figure.model_validate(dict(row)) for row in db.execute(query).mappings()]


def digitized_by_unit(db: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """Dossiers per unit with at least one paper digitized, signed and archived in [since, until).

    The plans count dossiers, never papers: a paper without a dossier is in no rate. Counted by
    query, never by incremented counters.
    """
    query = (
        select(papers.c.unit, func.count(papers.c.dossier.distinct()))
        .where(*_archived(since, until), papers.c.dossier.is_not(None))
        .group_by(papers.c.unit)
    )
    return {row[0] or "": row[1] for row in db.execute(query)}


def papers_without_dossier(db: Connection, since: datetime, until: datetime) -> int:
    """Archived papers that belong to no dossier and therefore count in no rate."""
    query = select(func.count()).where(*_archived(since, until), papers.c.dossier.is_(None))
    return int(db.execute(query).scalar_one())


def _archived(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        papers.c.state == PaperState.ARCHIVED,
        papers.c.archived_at >= since,
        papers.c.archived_at < until,
        papers.c.signed.is_not(None),
    )

"""Which papers count at a moment, whatever became of them later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from domain.states import PaperState
from storage.registry.schema import disposals, papers

GONE = (PaperState.SUPERSEDED, PaperState.WITHDRAWN, PaperState.REJECTED)


KEPT = (PaperState.ARCHIVED, PaperState.SUPERSEDED, PaperState.DISPOSED)
"""In the archive, or there until its time was over: what counts in the years before."""


def had(fact: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a paper has this, or had it when it was disposed of (`disposals`)."""
    of_tombstone = (
        select(disposals.c.paper_id)
        .where(disposals.c.paper_id == papers.c.id, disposals.c[fact].is_(True))
        .correlate(papers)
        .exists()
    )
    tombstone = papers.c.state == PaperState.DISPOSED
    return or_(column.is_not(None), and_(tombstone, of_tombstone))


def standing(until: datetime) -> ColumnElement[bool]:
    """Papers that are not gone at `until`; one counts until its successor is archived.

    So a dossier keeps its year when a better paper comes in the next. What was withdrawn or
    rejected was wrong from the beginning.
    """
    successor = papers.alias("successor")
    later = (
        select(successor.c.id)
        .where(successor.c.id == papers.c.replaced_by, successor.c.archived_at >= until)
        .correlate(papers)
        .exists()
    )
    kept = papers.c.state.not_in(GONE)
    return or_(kept, and_(papers.c.state == PaperState.SUPERSEDED, later))

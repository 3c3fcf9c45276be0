"""Which papers count at a moment, whatever became of them later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from domain.states import PaperState
from storage.registry.schema import papers

GONE = (PaperState.SUPERSEDED, PaperState.WITHDRAWN, PaperState.REJECTED)


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

"""Papers by themselves, apart from dossiers: how far they are, how long they took, who scanned."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, func, or_, select

from domain.states import PaperState, ScanState
from storage.registry.counting import Span, in_basis, paper_tests
from storage.registry.schema import dossiers, papers, scans
from storage.registry.standing import GONE, standing


def lacking(db: Connection, since: datetime, limit: int | None) -> list[RowMapping]:
    """Papers made since then that are not archived yet, or that belong to no dossier: oldest first.

    A paper that counts nowhere is named here with its state, so that a person can act on it.
    """
    query = (
        select(
            papers.c.id,
            papers.c.scan_id,
            papers.c.dossier,
            papers.c.type_id,
            papers.c.state,
            papers.c.code,
            papers.c.signed,
            papers.c.detached,
            papers.c.owner_hash,
            papers.c.archived_at,
            func.coalesce(dossiers.c.competent_unit, papers.c.unit, "").label("unit"),
            scans.c.name.label("scan"),
        )
        .select_from(
            papers.join(scans, scans.c.id == papers.c.scan_id).outerjoin(
                dossiers, dossiers.c.code == papers.c.dossier
            )
        )
        .where(
            papers.c.created_at >= since,
            papers.c.state.not_in((*GONE, PaperState.DISPOSED)),
            or_(papers.c.state != PaperState.ARCHIVED, papers.c.dossier.is_(None)),
        )
        .order_by(papers.c.created_at, papers.c.id)
        .limit(limit)
    )
    return list(db.execute(query).mappings())


def dossiers_without_papers(db: Connection, span: Span, limit: int | None) -> list[RowMapping]:
    """Dossiers solved in the span of which no paper has come, by code."""
    query = (
        select(dossiers.c.code, dossiers.c.competent_unit.label("unit"), dossiers.c.procedure)
        .where(
            in_basis("dossiers_resolved", span),
            dossiers.c.code.not_in(
                select(papers.c.dossier).where(
                    papers.c.dossier.is_not(None), papers.c.state.not_in(GONE)
                )
            ),
        )
        .order_by(dossiers.c.code)
        .limit(limit)
    )
    return list(db.execute(query).mappings())


def paper_figures(db: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """Papers, not dossiers: made in [since, until), by how far each has come."""
    made = and_(papers.c.created_at >= since, papers.c.created_at < until)
    one = func.coalesce(papers.c.likeness, papers.c.id)
    query = select(
        *(
            func.count(case((and_(made, *paper_tests((name,), until)), one)).distinct())
            for name in ("digitized", "signed", "archived", "reusable")
        ),
        func.count(case((made, one)).distinct()),
    ).where(standing(until))
    counted = [int(value) for value in db.execute(query).one()]
    return dict(
        zip(("digitized", "signed", "archived", "reusable", "papers"), counted, strict=True)
    )


def pipeline_seconds(db: Connection, since: datetime, until: datetime) -> list[float]:
    """Seconds from a scan's receipt to its papers' archiving, ascending."""
    query = (
        select(scans.c.received_at, papers.c.archived_at)
        .select_from(papers.join(scans, scans.c.id == papers.c.scan_id))
        .where(papers.c.archived_at >= since, papers.c.archived_at < until)
    )
    return sorted((end - start).total_seconds() for start, end in db.execute(query))


class OfficerWork(NamedTuple):
    """What an officer has scanned: scans, papers, of them archived and rejected, days with work."""

    officer: str
    scans: int
    papers: int
    archived: int
    rejected: int
    days: int


def officers(db: Connection, since: datetime, until: datetime) -> list[OfficerWork]:
    """Work per officer (`officer` of lot.json; "" where none is named), most papers first.

    Days are those of Việt Nam: work that begins before seven there is of the day before in UTC.
    """
    name = func.coalesce(scans.c.facts["officer"].as_string(), "")
    paper = papers.c.id

    def of(state: PaperState) -> ColumnElement[int]:
        return func.count(case((papers.c.state == state, paper)).distinct())

    kept = and_(papers.c.scan_id == scans.c.id, papers.c.state != PaperState.SUPERSEDED)
    query = (
        select(
            name,
            func.count(scans.c.id.distinct()),
            func.count(paper.distinct()),
            of(PaperState.ARCHIVED),
            of(PaperState.REJECTED),
            func.count(_day_in_vietnam(db, scans.c.received_at).distinct()),
        )
        .select_from(scans.outerjoin(papers, kept))
        .where(scans.c.received_at >= since, scans.c.received_at < until)
        .group_by(name)
        .order_by(func.count(paper.distinct()).desc(), name)
    )
    return [OfficerWork(who, *map(int, counts)) for who, *counts in db.execute(query)]


def _day_in_vietnam(db: Connection, moment: ColumnElement[datetime]) -> ColumnElement[date]:
    if db.dialect.name == "postgresql":
        return func.date(func.timezone("Asia/Ho_Chi_Minh", moment))
    return func.date(moment, "+7 hours")  # SQLite keeps UTC


class OperatorWork(NamedTuple):
    """What an organization that scans has brought: scans, set aside, papers rejected."""

    operator: str
    scans: int
    set_aside: int
    papers: int
    faulty: int


def operators(db: Connection, since: datetime, until: datetime) -> list[OperatorWork]:
    """Volumes and faults per scanning organization (`operator` of lot.json; "" is the unit itself).

    Faulty: papers that a reviewer rejected.
    """
    name = func.coalesce(scans.c.facts["operator"].as_string(), "")
    span = and_(scans.c.received_at >= since, scans.c.received_at < until)
    brought = (
        select(
            name,
            func.count(),
            func.sum(case((scans.c.state == ScanState.SET_ASIDE, 1), else_=0)),
        )
        .where(span)
        .group_by(name)
    )
    bad = papers.c.state == PaperState.REJECTED
    made = (
        select(name, func.count(papers.c.id), func.sum(case((bad, 1), else_=0)))
        .select_from(papers.join(scans, scans.c.id == papers.c.scan_id))
        .where(span, papers.c.state != PaperState.SUPERSEDED)
        .group_by(name)
    )
    per_paper = {row[0]: (int(row[1]), int(row[2])) for row in db.execute(made)}
    return [
        OperatorWork(who, int(count), int(aside), *per_paper.get(who, (0, 0)))
        for who, count, aside in db.execute(brought)
    ]

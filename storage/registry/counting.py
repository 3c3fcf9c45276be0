"""Counting by query: what dossiers, results and papers have reached, never incremented counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from domain.indicators import DOSSIER_FLAGS, PAPER_CONDITIONS, PaperRule
from domain.states import PaperState
from storage.registry.schema import dossiers, figures, papers, valid_results

GONE = (PaperState.SUPERSEDED, PaperState.WITHDRAWN, PaperState.REJECTED)
_CODED = (PaperState.CODED, PaperState.SIGNED, PaperState.ARCHIVED)
_BATCH = 500
RESULTS = frozenset({"valid_results", "results_within_competence"})
RECEIVED = frozenset({"dossiers_within_competence", "dossiers_received", "dossiers_at_centre"})
DOSSIERS = RECEIVED | {"dossiers_resolved", "dossiers_circulated"}
_TABLES: Mapping[str, Table] = {
    "dossiers": dossiers,
    "results": valid_results,
    "figures": figures,
}


class Cell(NamedTuple):
    """A unit's count in a field: `met` of `total` (rows about which the condition is known)."""

    unit: str
    field: str
    total: int
    met: int


class Span(NamedTuple):
    """The first and last day counted, and the moment up to which papers count (exclusive)."""

    first: date
    last: date
    until: datetime


def put(db: Connection, kind: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write imported rows; one that is there already is replaced. How many rows were written."""
    table = _TABLES[kind]
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    keys = [column.name for column in table.primary_key.columns]
    for start in range(0, len(rows), _BATCH):
        insert = dialect.insert(table)
        others = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in keys}
        statement = insert.on_conflict_do_update(index_elements=keys, set_=others)
        db.execute(statement, [dict(row) for row in rows[start : start + _BATCH]])
    return len(rows)


def cells(
    db: Connection, basis: str, span: Span, conditions: Sequence[str], rule: PaperRule
) -> list[Cell]:
    """Per competent unit and field: rows of the basis, and those that meet every condition."""
    if basis in RESULTS:
        return _result_cells(db, basis, span, conditions)
    flags = [dossiers.c[DOSSIER_FLAGS[name]] for name in conditions if name in DOSSIER_FLAGS]
    known = and_(True, *(flag.is_not(None) for flag in flags))
    wanted = [name for name in conditions if name in PAPER_CONDITIONS]
    source: Any = dossiers
    tests: list[ColumnElement[bool]] = [flag.is_(True) for flag in flags]
    if wanted:
        made = _papers_per_dossier(wanted, span.until)
        source = dossiers.outerjoin(made, made.c.dossier == dossiers.c.code)
        enough = func.coalesce(made.c.met, 0) >= 1
        if rule == "all":
            enough = and_(
                made.c.met == made.c.papers, made.c.met >= func.coalesce(dossiers.c.components, 1)
            )
        tests.append(enough)
    met = func.sum(case((and_(*tests), 1), else_=0))
    field = func.coalesce(dossiers.c.field, "")
    query = (
        select(dossiers.c.competent_unit, field, func.count(), met)
        .select_from(source)
        .where(in_basis(basis, span), known)
        .group_by(dossiers.c.competent_unit, field)
    )
    return [
        Cell(unit, name, int(count), int(reached))
        for unit, name, count, reached in db.execute(query)
    ]


def has_rows(db: Connection, basis: str) -> bool:
    """Whether row-level data of this basis was ever imported."""
    table = valid_results if basis in RESULTS else dossiers
    return db.execute(select(table.c.code).limit(1)).first() is not None


def loose_dossiers(
    db: Connection, span: Span, conditions: Sequence[str], since: datetime
) -> dict[str, int]:
    """Dossiers that only papers name, per receiving unit, with a paper that meets the conditions.

    For installations without row-level dossiers; the paper must be archived in [since, until)
    where archiving is a condition, made in it otherwise. A paper without a dossier is in no rate.
    """
    moment = papers.c.archived_at if "archived" in conditions else papers.c.created_at
    query = (
        select(papers.c.unit, func.count(papers.c.dossier.distinct()))
        .where(
            papers.c.dossier.is_not(None),
            papers.c.dossier.not_in(select(dossiers.c.code)),
            papers.c.state.not_in(GONE),
            moment >= since,
            and_(*paper_tests(conditions, span.until)),
        )
        .group_by(papers.c.unit)
    )
    return {row[0] or "": int(row[1]) for row in db.execute(query)}


def paper_tests(conditions: Sequence[str], until: datetime) -> list[ColumnElement[bool]]:
    """What a paper must fulfil for the conditions, as it was at the moment `until`."""
    tests: dict[str, ColumnElement[bool]] = {
        "digitized": and_(papers.c.state.in_(_CODED), papers.c.created_at < until),
        "signed": or_(papers.c.signed.is_not(None), papers.c.detached.is_not(None)),
        "archived": and_(papers.c.state == PaperState.ARCHIVED, papers.c.archived_at < until),
        "reusable": and_(
            papers.c.state == PaperState.ARCHIVED,
            papers.c.owner_hash.is_not(None),
            papers.c.type_id.is_not(None),
        ),
    }
    return [tests[name] for name in conditions if name in tests]


def _papers_per_dossier(conditions: Sequence[str], until: datetime) -> Any:
    one = func.coalesce(papers.c.likeness, papers.c.id)  # the same paper scanned twice is one
    good = and_(*paper_tests(conditions, until))
    return (
        select(
            papers.c.dossier,
            func.count(one.distinct()).label("papers"),
            func.count(case((good, one)).distinct()).label("met"),
        )
        .where(papers.c.dossier.is_not(None), papers.c.state.not_in(GONE))
        .group_by(papers.c.dossier)
        .subquery("made")
    )


def in_basis(basis: str, span: Span) -> ColumnElement[bool]:
    """Which dossiers the basis counts: received in the span, or solved successfully in it."""
    if basis in RECEIVED:
        return dossiers.c.received_on.between(span.first, span.last)
    return and_(
        dossiers.c.outcome == "resolved", dossiers.c.resolved_on.between(span.first, span.last)
    )


def _result_cells(db: Connection, basis: str, span: Span, conditions: Sequence[str]) -> list[Cell]:
    stock = valid_results.c.issued_on <= span.last
    if basis == "valid_results":
        until = valid_results.c.valid_until
        stock = and_(stock, or_(until.is_(None), until >= span.last))
    linked = or_(
        papers.c.dossier == valid_results.c.code, papers.c.number == valid_results.c.number
    )
    found = (
        select(papers.c.id)
        .where(linked, papers.c.state.not_in(GONE), *paper_tests(conditions, span.until))
        .correlate(valid_results)
        .exists()
    )
    tests: list[ColumnElement[bool]] = [found]
    if "shared" in conditions:
        tests.append(valid_results.c.shared.is_(True))
    field = func.coalesce(valid_results.c.field, "")
    query = (
        select(
            valid_results.c.competent_unit,
            field,
            func.count(),
            func.sum(case((and_(*tests), 1), else_=0)),
        )
        .where(stock)
        .group_by(valid_results.c.competent_unit, field)
    )
    return [Cell(unit, name, int(count), int(met)) for unit, name, count, met in db.execute(query)]

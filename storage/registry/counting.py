"""Counting by query: what dossiers, results and papers have reached, never incremented counters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    SelectBase,
    Table,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from domain.indicators import DOSSIER_FLAGS, PAPER_CONDITIONS, PaperRule
from domain.states import PaperState
from storage.registry.evidence import Proof, any_proof, proofs
from storage.registry.schema import dossiers, figures, papers, valid_results
from storage.registry.standing import KEPT, had, standing

_CODED = (PaperState.CODED, PaperState.SIGNED, *KEPT)
_BATCH = 500
RESULTS = frozenset({"valid_results", "results_within_competence"})
RECEIVED = frozenset({"dossiers_within_competence", "dossiers_received", "dossiers_at_centre"})
PERSONS = frozenset({"persons"})
DOSSIERS = RECEIVED | PERSONS | {"dossiers_resolved", "dossiers_circulated"}
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
    db: Connection,
    basis: str,
    span: Span,
    conditions: Sequence[str],
    rule: PaperRule,
    *,
    units: Collection[str] | None = None,
) -> list[Cell]:
    """Per competent unit and field: rows of the basis, and those that meet every condition.

    Of dossiers, `units` are the competent units that are wanted; None: all.

    A condition is met by the imported flag or by what the registry itself proves (`evidence`);
    a dossier of which neither says anything is not among the rows. Persons are counted once in
    each unit, whatever the field, and meet a condition when one of their dossiers does; over
    several units `persons` counts them.
    """
    if basis in RESULTS:
        return _result_cells(db, basis, span, conditions)
    mine = in_basis(basis, span)
    if units is not None:
        mine = and_(mine, dossiers.c.competent_unit.in_(units))
    source, known, met = _dossier_tests(db, span, conditions, rule, mine)
    if basis in PERSONS:
        field: ColumnElement[str] = literal("")
        total, reached = _persons(met)
    else:
        field = func.coalesce(dossiers.c.field, "")
        total, reached = func.count(), func.sum(case((met, 1), else_=0))
    query = (
        select(dossiers.c.competent_unit, field, total, reached)
        .select_from(source)
        .where(mine, known)
        .group_by(dossiers.c.competent_unit, field)
    )
    return [
        Cell(unit, name, int(count), int(done)) for unit, name, count, done in db.execute(query)
    ]


def persons(
    db: Connection,
    basis: str,
    span: Span,
    conditions: Sequence[str],
    rule: PaperRule,
    units: Collection[str],
) -> Cell:
    """The persons of several units together, each once however many units they came to."""
    mine = and_(in_basis(basis, span), dossiers.c.competent_unit.in_(units))
    source, known, met = _dossier_tests(db, span, conditions, rule, mine)
    total, reached = db.execute(select(*_persons(met)).select_from(source).where(mine, known)).one()
    return Cell("", "", int(total), int(reached))


def _persons(met: ColumnElement[bool]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """How many persons, and how many of them meet the conditions by one of their dossiers."""
    reached = case((met, dossiers.c.applicant_hash))
    return func.count(dossiers.c.applicant_hash.distinct()), func.count(reached.distinct())


def proven(db: Connection, conditions: Sequence[str], until: datetime) -> dict[str, Proof]:
    """The conditions that facts of the registry meet beside imported flags, with the facts.

    Which they are is part of the question: once there are facts, their silence means no.
    """
    return {n: proof for n, proof in proofs(conditions, until).items() if any_proof(db, proof)}


def _dossier_tests(
    db: Connection,
    span: Span,
    conditions: Sequence[str],
    rule: PaperRule,
    mine: ColumnElement[bool],
) -> tuple[Any, ColumnElement[bool], ColumnElement[bool]]:
    """What to read from, of which dossiers the conditions are known, and which meet them all.

    `mine`: the dossiers asked for, so that papers of no others are read.
    """
    source: Any = dossiers
    known: list[ColumnElement[bool]] = [true()]
    tests: list[ColumnElement[bool]] = [true()]
    facts = proven(db, conditions, span.until)
    for name in conditions:
        if name not in DOSSIER_FLAGS:
            continue
        flag = dossiers.c[DOSSIER_FLAGS[name]]
        if name in facts:
            there = facts[name].subquery(f"proof_{name}")
            source = source.outerjoin(there, there.c.dossier == dossiers.c.code)
            tests.append(or_(flag.is_(True), there.c.dossier.is_not(None)))
        else:
            known.append(flag.is_not(None))
            tests.append(flag.is_(True))
    wanted = [name for name in conditions if name in PAPER_CONDITIONS]
    if wanted:
        made = _papers_per_dossier(wanted, span.until, select(dossiers.c.code).where(mine))
        source = source.outerjoin(made, made.c.dossier == dossiers.c.code)
        enough = func.coalesce(made.c.met, 0) >= 1
        if rule == "all":
            enough = and_(
                made.c.met == made.c.papers, made.c.met >= func.coalesce(dossiers.c.components, 1)
            )
        tests.append(enough)
    return source, and_(*known), and_(*tests)


def has_rows(db: Connection, basis: str) -> bool:
    """Whether row-level data of this basis was ever imported."""
    column = valid_results.c.code if basis in RESULTS else dossiers.c.code
    if basis in PERSONS:
        column = dossiers.c.applicant_hash
    return db.execute(select(column).where(column.is_not(None)).limit(1)).first() is not None


def units(db: Connection, basis: str, span: Span) -> set[str]:
    """The competent units of the dossiers of a basis."""
    query = select(dossiers.c.competent_unit).where(in_basis(basis, span)).distinct()
    return set(db.execute(query).scalars())


def received_at(db: Connection, span: Span) -> dict[str, int]:
    """Imported dossiers received in the span, per unit that received them."""
    query = (
        select(dossiers.c.receiving_unit, func.count())
        .where(in_basis("dossiers_received", span))
        .group_by(dossiers.c.receiving_unit)
    )
    return {unit: int(count) for unit, count in db.execute(query)}


def loose_dossiers(
    db: Connection,
    span: Span,
    conditions: Sequence[str],
    since: datetime,
    among: SelectBase | None = None,
) -> dict[str, int]:
    """Dossiers that only papers name, per receiving unit, with a paper that meets the conditions.

    `among`: codes of which all others are known to have been imported.

    For installations without row-level dossiers; the first such paper must be archived in [since,
    until) where archiving is a condition, made in it otherwise: a dossier counts once, whatever
    comes later or at another unit. A paper without a dossier is in no rate.
    """
    moment = papers.c.archived_at if "archived" in conditions else papers.c.created_at
    good = and_(
        papers.c.dossier.is_not(None) if among is None else papers.c.dossier.in_(among),
        *paper_tests(conditions, span.until),
    )
    earlier = select(papers.c.dossier).where(good, moment < since)
    once = (
        select(func.min(papers.c.unit).label("unit"))
        .where(
            good,
            moment >= since,
            papers.c.dossier.not_in(select(dossiers.c.code)),
            papers.c.dossier.not_in(earlier),
        )
        .group_by(papers.c.dossier)
        .subquery("once")
    )
    query = select(once.c.unit, func.count()).group_by(once.c.unit)
    return {row[0] or "": int(row[1]) for row in db.execute(query)}


def paper_tests(conditions: Sequence[str], until: datetime) -> list[ColumnElement[bool]]:
    """What a paper must fulfil to count for the conditions, as it was at the moment `until`."""
    tests: dict[str, ColumnElement[bool]] = {
        "digitized": and_(papers.c.state.in_(_CODED), papers.c.created_at < until),
        "signed": and_(
            or_(papers.c.signed.is_not(None), papers.c.detached.is_not(None)),
            or_(papers.c.signed_at.is_(None), papers.c.signed_at < until),
        ),
        "archived": and_(papers.c.state.in_(KEPT), papers.c.archived_at < until),
        "reusable": and_(
            papers.c.state.in_(KEPT),
            papers.c.archived_at < until,
            had("had_owner", papers.c.owner_hash),
            papers.c.type_id.is_not(None),
        ),
    }
    return [standing(until), *(tests[name] for name in conditions if name in tests)]


def _papers_per_dossier(
    conditions: Sequence[str], until: datetime, mine: Select[tuple[str]]
) -> Any:
    one = func.coalesce(papers.c.likeness, papers.c.id)  # the same paper scanned twice is one
    good = and_(*paper_tests(conditions, until))
    return (
        select(
            papers.c.dossier,
            func.count(one.distinct()).label("papers"),
            func.count(case((good, one)).distinct()).label("met"),
        )
        .where(
            papers.c.dossier.in_(mine),
            standing(until),
            papers.c.created_at < until,
        )
        .group_by(papers.c.dossier)
        .subquery("made")
    )


def in_basis(basis: str, span: Span) -> ColumnElement[bool]:
    """Which dossiers the basis counts: received in the span, or solved successfully in it."""
    received = dossiers.c.received_on.between(span.first, span.last)
    if basis in RECEIVED:
        return received
    if basis in PERSONS:
        return and_(received, dossiers.c.applicant_hash.is_not(None))
    return and_(
        dossiers.c.outcome == "resolved", dossiers.c.resolved_on.between(span.first, span.last)
    )


def _result_cells(db: Connection, basis: str, span: Span, conditions: Sequence[str]) -> list[Cell]:
    stock = valid_results.c.issued_on <= span.last
    if basis == "valid_results":
        until = valid_results.c.valid_until
        stock = and_(stock, or_(until.is_(None), until >= span.last))
    linked = or_(
        papers.c.dossier == valid_results.c.code,
        and_(  # a number alone is given anew by every unit and in every year
            papers.c.number == valid_results.c.number,
            papers.c.issue_date == valid_results.c.issued_on,
        ),
    )
    found = (
        select(papers.c.id)
        .where(linked, *paper_tests(conditions, span.until))
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

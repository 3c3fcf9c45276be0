"""What the registry itself proves about dossiers, beside the flags that the one-stop system sends.

A reuse that was recorded, a result that the portal has, a result paper that was archived: each
meets a condition of an indicator without anybody importing it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, not_, or_, select, union

from domain.dossiers import parse_dossier_code
from domain.states import PaperState
from storage.registry.schema import certified_copies, dossiers, outbox, papers, reuses
from storage.registry.standing import KEPT, had, standing

Proof = Select[Any]
"""Codes of dossiers, each once, in one column `dossier`."""


def proofs(conditions: Iterable[str], until: datetime) -> dict[str, Proof]:
    """Per condition that the registry can prove: the dossiers that met it before `until`."""
    made = {
        "not_asked_again": _reused,
        "data_reused": _reused,
        "shared": _shared,
        "result_synced": _synced,
        "electronic_result": _with_result,
        "result_file": _with_result,
        "component_files": _with_component,
    }
    return {name: made[name](until) for name in conditions if name in made}


def any_proof(db: Connection, proof: Proof) -> bool:
    """Whether the registry keeps such facts at all: then its silence about a dossier means no."""
    return db.execute(proof.limit(1)).first() is not None


def loose(db: Connection, proof: Proof, first: date, last: date) -> dict[str, int]:
    """Proven dossiers that were not imported, per unit, by the unit and day that their codes name.

    Only dossiers received from `first` to `last`: the code says when.
    """
    query = proof.where(proof.selected_columns.dossier.not_in(select(dossiers.c.code)))
    counts: dict[str, int] = {}
    for (code,) in db.execute(query):
        parsed = parse_dossier_code(code)
        if parsed and first <= parsed.received <= last:
            counts[parsed.unit] = counts.get(parsed.unit, 0) + 1
    return counts


def persons_reusing(db: Connection, since: datetime, until: datetime) -> dict[str, set[str]]:
    """Owners whose papers served in place of new ones in [since, until), per unit of the dossier.

    By their hashes: one who was at several units is one. The unit is the competent one of an
    imported dossier, else the one that its code names.
    """
    query = (
        select(reuses.c.dossier, papers.c.owner_hash, dossiers.c.competent_unit)
        .select_from(
            reuses.join(papers, papers.c.id == reuses.c.paper_id).outerjoin(
                dossiers, dossiers.c.code == reuses.c.dossier
            )
        )
        .where(reuses.c.at >= since, reuses.c.at < until, papers.c.owner_hash.is_not(None))
        .distinct()
    )
    owners: dict[str, set[str]] = {}
    for code, owner, unit in db.execute(query):
        owners.setdefault(unit or _unit_of(code), set()).add(owner)
    return owners


def running_units(db: Connection, until: datetime) -> set[str]:
    """Units that run the process: a paper of theirs was archived before `until`."""
    query = (
        select(papers.c.unit)
        .where(papers.c.state.in_(KEPT), standing(until), papers.c.archived_at < until)
        .distinct()
    )
    return {unit for unit in db.execute(query).scalars() if unit}


def copies(db: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """Certified copies archived in [since, until), per unit of the paper that was copied."""
    query = (
        select(func.coalesce(papers.c.unit, ""), func.count())
        .select_from(certified_copies.join(papers, papers.c.id == certified_copies.c.source_id))
        .where(certified_copies.c.archived_at >= since, certified_copies.c.archived_at < until)
        .group_by(papers.c.unit)
    )
    return {unit: int(count) for unit, count in db.execute(query)}


def _reused(until: datetime) -> Proof:
    return select(reuses.c.dossier.label("dossier")).where(reuses.c.at < until).distinct()


def _synced(until: datetime) -> Proof:
    """Every archived paper of the dossier is with the portal: "đồng bộ đầy đủ"."""
    there = and_(outbox.c.state == "sent", outbox.c.sent_at < until)
    return (
        select(papers.c.dossier.label("dossier"))
        .select_from(papers.outerjoin(outbox, outbox.c.paper_id == papers.c.id))
        .where(
            papers.c.dossier.is_not(None),
            papers.c.state.in_(KEPT),
            standing(until),
            papers.c.archived_at < until,
        )
        .group_by(papers.c.dossier)
        .having(func.count() == func.sum(case((there, 1), else_=0)))
    )


def _shared(until: datetime) -> Proof:
    both = union(_reused(until), _synced(until)).subquery("either")
    return select(both.c.dossier)


def _with_result(until: datetime) -> Proof:
    result = had("had_result", papers.c.result_code)
    return _with_paper(until, result, papers.c.archived_at < until)


def _with_component(until: datetime) -> Proof:
    coded = or_(papers.c.code.is_not(None), papers.c.state == PaperState.DISPOSED)
    return _with_paper(until, not_(had("had_result", papers.c.result_code)), coded)


def _with_paper(until: datetime, *tests: ColumnElement[bool]) -> Proof:
    query = select(papers.c.dossier.label("dossier")).where(
        papers.c.dossier.is_not(None), standing(until), papers.c.created_at < until
    )
    return query.where(*tests).distinct()


def _unit_of(code: str) -> str:
    parsed = parse_dossier_code(code)
    return parsed.unit if parsed else ""

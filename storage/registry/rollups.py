"""Monthly counts kept from one report to the next, so that millions of papers are not read again.

A block is what `counting.cells` gave for one question in one calendar month, no more and no
less: nothing here counts by itself. Triggers of the database mark what is written; a block whose
month a mark touches is stale for that unit, and its unit is counted from rows until it is made
anew. So an answer never depends on whether anything was kept, or when; `forget` loses nothing.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    union,
    union_all,
    update,
)

from domain.indicators import PaperRule
from storage.registry import counting
from storage.registry.counting import Cell, Span
from storage.registry.database import Registry
from storage.registry.schema import (
    dossiers,
    papers,
    progress_blocks,
    progress_cells,
    progress_loose,
    progress_marks,
    progress_stale,
)

SUMMED = counting.DOSSIERS - counting.PERSONS
"""What is counted month by month; a person counts once in the whole span."""
_ONE_DAY = timedelta(days=1)


class Question(NamedTuple):
    """What is counted: the arguments of `counting.cells`."""

    basis: str
    span: Span
    conditions: tuple[str, ...]
    rule: PaperRule

    def text(self, db: Connection) -> str:
        """The question without its days, and which facts of the registry answer it too."""
        facts = counting.proven(db, self.conditions, self.span.until)
        return "|".join((self.basis, self.rule, ",".join(self.conditions), ",".join(sorted(facts))))

    def rows(self, db: Connection, first: date, last: date, units: Any = None) -> list[Cell]:
        """The answer for these days from the rows themselves."""
        span = Span(first, last, self.span.until)
        return counting.cells(db, self.basis, span, self.conditions, self.rule, units=units)


def cells(db: Connection, question: Question) -> list[Cell]:
    """The same as `counting.cells`, from what is kept wherever that is up to date."""
    basis, span, conditions, rule = question
    kept = _kept(db, question) if basis in SUMMED else {}
    if not kept:
        return counting.cells(db, basis, span, conditions, rule)
    stale = _stale(db, kept)
    parts = _kept_cells(db, kept, stale)
    for number, units in stale.items():
        parts += question.rows(db, kept[number].first, kept[number].last, units)
    for first, last in _gaps(span, sorted(kept.values())):
        parts += question.rows(db, first, last)
    if _kept(db, question) != kept:  # some were thrown away meanwhile
        return counting.cells(db, basis, span, conditions, rule)
    totals: Counter[tuple[str, str]] = Counter()
    reached: Counter[tuple[str, str]] = Counter()
    for cell in parts:
        totals[cell.unit, cell.field] += cell.total
        reached[cell.unit, cell.field] += cell.met
    return [Cell(*place, total, reached[place]) for place, total in totals.items()]


def loose_dossiers(
    db: Connection, span: Span, conditions: Sequence[str], since: datetime
) -> dict[str, int]:
    """The same as `counting.loose_dossiers`, without a look at dossiers that were imported."""
    marked = select(progress_marks.c.dossier).where(progress_marks.c.dossier.is_not(None))
    among = union(select(progress_loose.c.dossier), marked)
    return counting.loose_dossiers(db, span, conditions, since, select(among.subquery().c.dossier))


def keep(registry: Registry, question: Question) -> None:
    """Make the blocks of a question that are missing or stale, each in a transaction of its own."""
    if question.basis not in SUMMED:
        return
    for first, last in _months(question.span):
        with registry.begin() as db:
            _take_turns(db)
            _settle(db)
            _make(db, question, first, last)


def settle(registry: Registry, *, above: int) -> None:
    """Turn marks into stale units where there are more than so many; few are cheaper as they are.

    Where nothing is ever kept, nothing else would take them away.
    """
    with registry.read() as db:
        some = select(progress_marks.c.number).limit(above + 1).subquery()
        if db.execute(select(func.count()).select_from(some)).scalar_one() <= above:
            return
    with registry.begin() as db:
        _take_turns(db)
        _settle(db)


def forget(db: Connection) -> int:
    """Throw away every block; the next reports make them anew. How many there were."""
    db.execute(delete(progress_cells))
    db.execute(delete(progress_stale))
    return db.execute(delete(progress_blocks)).rowcount


def differences(db: Connection) -> list[str]:
    """Blocks that are up to date by their marks and yet not what the rows say; the first day each.

    Always empty, unless rows were written behind the triggers' back.
    """
    wrong = []
    for block in db.execute(select(progress_blocks)).mappings().all():
        basis, rule, conditions, _ = block["question"].split("|")
        names = tuple(conditions.split(",")) if conditions else ()
        days = _Days(block["first_day"], block["last_day"])
        question = Question(basis, Span(*days, block["until"]), names, rule)
        if question.text(db) != block["question"]:
            continue  # facts have come since; nobody asks it like this any more
        stale = _stale(db, {block["number"]: days})
        spared = stale.get(block["number"], set())
        kept = _kept_cells(db, {block["number"]: days}, stale)
        real = [cell for cell in question.rows(db, *days) if cell.unit not in spared]
        if sorted(kept) != sorted(real):
            wrong.append(f"{days.first:%m/%Y}: {block['question']}")
    return wrong


class _Days(NamedTuple):
    first: date
    last: date


def _kept(db: Connection, question: Question) -> dict[int, _Days]:
    """The blocks that answer whole months of the question, by number."""
    blocks = progress_blocks.c
    query = select(blocks.number, blocks.first_day, blocks.last_day).where(
        blocks.until == question.span.until,
        blocks.first_day >= question.span.first,
        blocks.last_day <= question.span.last,
    )
    if db.execute(query.limit(1)).first() is None:
        return {}
    query = query.where(blocks.question == question.text(db))
    return {number: _Days(first, last) for number, first, last in db.execute(query)}


def _kept_cells(
    db: Connection, kept: Mapping[int, _Days], stale: Mapping[int, set[str]]
) -> list[Cell]:
    found = progress_cells.c
    query = select(found.block, found.unit, found.field, found.total, found.met)
    return [
        Cell(unit, field, total, met)
        for block, unit, field, total, met in db.execute(query.where(found.block.in_(list(kept))))
        if unit not in stale.get(block, ())
    ]


def _stale(db: Connection, kept: Mapping[int, _Days]) -> dict[int, set[str]]:
    """Per block the units that were written to since: by what was settled, and by fresh marks."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    touched = _touched().subquery()  # before the stale ones, for marks turn into those
    for unit, *days in db.execute(
        select(touched.c.unit, touched.c.received_on, touched.c.resolved_on).distinct()
    ):
        for block, month in kept.items():
            if any(day is not None and month.first <= day <= month.last for day in days):
                found[block].add(unit)
    query = select(progress_stale.c.block, progress_stale.c.unit)
    for block, unit in db.execute(query.where(progress_stale.c.block.in_(list(kept)))):
        found[block].add(unit)
    return dict(found)


def _touched(*, taken: bool = False) -> Any:
    """Unit and days of every marked dossier, as it was and as it is."""
    marks = progress_marks.c
    wanted = marks.taken.is_(True) if taken else marks.number.is_not(None)
    told = select(marks.unit, marks.received_on, marks.resolved_on)
    of_papers = (
        select(dossiers.c.competent_unit, dossiers.c.received_on, dossiers.c.resolved_on)
        .join(progress_marks, marks.dossier == dossiers.c.code)
        .where(wanted)
    )
    return union_all(told.where(wanted, marks.unit.is_not(None)), of_papers)


def _take_turns(db: Connection) -> None:
    """One at a time makes blocks, so that no older answer is laid over a newer one."""
    if db.dialect.name == "postgresql":  # SQLite has one writer anyway
        db.execute(text("LOCK TABLE progress_blocks IN SHARE ROW EXCLUSIVE MODE"))


def _settle(db: Connection) -> None:
    """Turn the marks that are there now into stale units and loose dossiers.

    A mark that comes while this runs is not taken: its change may not have been seen yet.
    """
    marks = progress_marks.c
    if db.execute(update(progress_marks).values(taken=True)).rowcount == 0:
        return
    touched = _touched(taken=True).subquery()
    blocks = progress_blocks.c
    days = (touched.c.received_on, touched.c.resolved_on)
    known = exists().where(
        progress_stale.c.block == blocks.number, progress_stale.c.unit == touched.c.unit
    )
    old = (
        select(blocks.number, touched.c.unit)
        .join(touched, or_(*(day.between(blocks.first_day, blocks.last_day) for day in days)))
        .where(~known)
        .distinct()
    )
    db.execute(insert(progress_stale).from_select(["block", "unit"], old))
    named = select(marks.dossier).where(marks.taken.is_(True), marks.dossier.is_not(None))
    imported = exists().where(dossiers.c.code == papers.c.dossier)
    db.execute(delete(progress_loose).where(progress_loose.c.dossier.in_(named)))
    loose = select(papers.c.dossier).where(papers.c.dossier.in_(named), ~imported).distinct()
    db.execute(insert(progress_loose).from_select(["dossier"], loose))
    db.execute(delete(progress_marks).where(marks.taken.is_(True)))


def _make(db: Connection, question: Question, first: date, last: date) -> None:
    """Count the month from its rows: all of it, or the units whose cells are stale."""
    blocks = progress_blocks.c
    values = {"question": question.text(db), "until": question.span.until, "first_day": first}
    same = [blocks[name] == value for name, value in values.items()]
    number = db.execute(select(blocks.number).where(*same)).scalar()
    units: set[str] | None = None
    if number is None:
        made = insert(progress_blocks).values(**values, last_day=last).returning(blocks.number)
        number = db.execute(made).scalar_one()
    else:
        mine = progress_stale.c.block == number
        units = set(db.execute(select(progress_stale.c.unit).where(mine)).scalars())
        if not units:
            return
        old = progress_cells.c.block == number
        db.execute(delete(progress_cells).where(old, progress_cells.c.unit.in_(units)))
        db.execute(delete(progress_stale).where(mine))
    rows = [cell._asdict() for cell in question.rows(db, first, last, units)]
    if rows:
        db.execute(insert(progress_cells), [{"block": number, **row} for row in rows])


def _months(span: Span) -> Iterator[_Days]:
    """The calendar months that lie in the span from their first to their last day."""
    first = span.first if span.first.day == 1 else _after(span.first)
    while (last := _after(first) - _ONE_DAY) <= span.last:
        yield _Days(first, last)
        first = last + _ONE_DAY


def _after(day: date) -> date:
    """The first day of the next month."""
    return day.replace(day=monthrange(day.year, day.month)[1]) + _ONE_DAY


def _gaps(span: Span, kept: Sequence[_Days]) -> Iterator[_Days]:
    """The days of the span that no block holds."""
    first = span.first
    for month in kept:
        if first < month.first:
            yield _Days(first, month.first - _ONE_DAY)
        first = month.last + _ONE_DAY
    if first <= span.last:
        yield _Days(first, span.last)

"""Which archive objects there must be, when each was last read whole, which have a second copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    String,
    and_,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from domain.identity import paper_object_id, scan_object_id
from domain.states import PaperState
from storage.registry.once import insert_new
from storage.registry.schema import archive_objects as objects
from storage.registry.schema import certified_copies, papers

_PAPER, _SCAN = paper_object_id(""), scan_object_id("")


def enter_expected(db: Connection) -> None:
    """Enter every object that the registry says is archived: papers, their scans, copies."""
    archived = and_(papers.c.archived_at.is_not(None), papers.c.state != PaperState.DISPOSED)
    copied = certified_copies.c.archived_at.is_not(None)
    _enter(db, _PAPER, papers.c.id, papers, and_(archived, papers.c.archive_version.is_not(None)))
    _enter(db, _SCAN, papers.c.scan_id, papers, archived)
    _enter(db, _PAPER, certified_copies.c.id, certified_copies, copied)
    for table in (papers, certified_copies):
        own = literal(_PAPER, String) + table.c.id == objects.c.object_id
        now = select(table.c.archive_digest).where(own).scalar_subquery()
        # Only what has a newer version: an object seldom changes.
        later = select(table.c.id).where(own, table.c.archive_digest.is_distinct_from(_DIGEST))
        db.execute(
            update(objects)
            .where(later.where(table.c.archive_digest.is_not(None)).correlate(objects).exists())
            .values(digest=now)
        )


_DIGEST = objects.c.digest


def _enter(
    db: Connection,
    prefix: str,
    column: ColumnElement[str],
    table: FromClause,
    condition: ColumnElement[bool],
) -> None:
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    name = literal(prefix, String) + column
    known = select(objects.c.object_id).where(objects.c.object_id == name).correlate(table)
    wanted = select(name).select_from(table).where(condition, ~known.exists()).distinct()
    statement = dialect.insert(objects).from_select(["object_id"], wanted)
    db.execute(statement.on_conflict_do_nothing())


def enter(db: Connection, object_id: str, digest: str) -> None:
    """Enter one object, or the digest of its newest root inventory (hex SHA-512)."""
    if not insert_new(db, objects, object_id=object_id, digest=digest):
        db.execute(update(objects).where(objects.c.object_id == object_id).values(digest=digest))


def enter_all(db: Connection, digests: Mapping[str, str]) -> None:
    """The same for many objects at once, by their ids."""
    if not digests:
        return
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(objects)
    newer = statement.on_conflict_do_update(
        index_elements=["object_id"], set_={"digest": statement.excluded.digest}
    )
    db.execute(newer, [{"object_id": name, "digest": digest} for name, digest in digests.items()])


def forget(db: Connection, object_id: str) -> None:
    """Expect this object no more; quiet where nobody did."""
    db.execute(objects.delete().where(objects.c.object_id == object_id))


def of(db: Connection, object_id: str) -> RowMapping | None:
    """What is known of an object, or None."""
    return db.execute(select(objects).where(objects.c.object_id == object_id)).mappings().first()


def oldest_checked(db: Connection, *, before: datetime, limit: int) -> list[RowMapping]:
    """Objects not checked since `before`, the longest unchecked first."""
    at = objects.c.checked_at
    query = select(objects).where(or_(at.is_(None), at < before))
    return list(
        db.execute(query.order_by(at.nulls_first(), objects.c.object_id).limit(limit)).mappings()
    )


def checked(
    db: Connection, object_id: str, *, problems: Sequence[str], digest: str | None, at: datetime
) -> None:
    """Write down what reading every byte of an object has shown."""
    values = {"checked_at": at, "problems": list(problems)}
    if digest is not None:
        values["digest"] = digest
    db.execute(update(objects).where(objects.c.object_id == object_id).values(values))


def uncopied(db: Connection, *, after: str, limit: int) -> list[str]:
    """Objects whose newest version is not in the second copy, by id behind `after`."""
    query = (
        select(objects.c.object_id)
        .where(
            objects.c.object_id > after,
            or_(
                objects.c.copied_digest.is_(None),
                and_(_DIGEST.is_not(None), objects.c.copied_digest != _DIGEST),
            ),
        )
        .order_by(objects.c.object_id)
        .limit(limit)
    )
    return list(db.execute(query).scalars())


def copied(db: Connection, object_id: str, digest: str, *, at: datetime) -> None:
    """Write down that the second copy holds this version, proven by reading it back."""
    values = {"copied_digest": digest, "digest": digest, "copied_at": at}
    db.execute(update(objects).where(objects.c.object_id == object_id).values(values))


def damaged(db: Connection) -> list[RowMapping]:
    """Objects in which the last reading found problems."""
    found = objects.c.problems.cast(String).not_in(("[]", "null"))
    query = select(objects).where(objects.c.checked_at.is_not(None), found)
    return list(db.execute(query.order_by(objects.c.object_id)).mappings())


def counts(db: Connection) -> tuple[int, int, int]:
    """How many objects there are, how many were ever checked, how many are copied."""
    query = select(
        func.count(), func.count(objects.c.checked_at), func.count(objects.c.copied_digest)
    )
    total, seen, copies = db.execute(query).one()
    return int(total), int(seen), int(copies)

"""A registry as large as a province's after some years, made by the database itself.

The rows are invented, their spread is not even: few people own many papers, dossiers hold one to
five papers, most papers are archived, some are still under way. Nothing of the real code writes
them, all of it reads them.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

OWNERS_OF = 3
"""Papers per owner on average."""
PER_DOSSIER = 3
SCANS_PER_LOT = 100
_BATCH = 500_000
_DESCRIPTION = (
    '{"type": {"id": "quyet-dinh", "name": "Quyết định", "confidence": 0.98}, "fields": {'
    '"title": {"value": "Quyết định về việc trợ giúp xã hội hằng tháng", "confidence": 0.97}, '
    '"number": {"value": "123/QĐ-UBND", "confidence": 0.99}, "issuer": {"value": "UBND xã Mẫu", '
    '"confidence": 0.98}, "issue_date": {"value": "2026-03-12", "confidence": 0.99}}}'
)


def owner_hash(owner: int) -> str:
    """The hash under which this owner's papers are found."""
    return _md5(f"o{owner}") + _md5(f"p{owner}")


def fill_scans(db: Connection, count: int) -> None:
    """`count` waiting scans in lots of a hundred."""
    _begin(db)
    day = _moment(db, "i % 1000")
    _run(
        db,
        "INSERT INTO lots (id, manifest, created_at) SELECT 'lot-' || i, "
        f"""'{{"lot": "x"}}', {day} FROM {_series(db, 0, count // SCANS_PER_LOT)}""",
    )
    for start in range(0, count, _BATCH):
        rows = _series(db, start, min(start + _BATCH, count))
        _run(
            db,
            "INSERT INTO scans (id, lot_id, name, key, size_bytes, facts, state, split, epoch, "
            f"received_at) SELECT {_hash('i')}, 'lot-' || (i / {SCANS_PER_LOT}), "
            "'scan-' || i || '.pdf', 'lot/scan-' || i || '.pdf', 700000, "
            f"""'{{"name": "a"}}', 'received', 1, 0, {_moment(db, "i / 100")} FROM {rows}""",
        )


def finish_scans(db: Connection) -> None:
    """Of the scans that are there nine of ten are done, of two pages; each was uploaded once."""
    _run(
        db,
        "UPDATE scans SET state = 'done', pages = 2, opened = id, words = id, finished_at = "
        "received_at WHERE substr(id, 1, 1) > '1'",
    )
    no = "0" if _is_sqlite(db) else "false"
    _run(
        db,
        "INSERT INTO uploads (lot_id, name, scan_id, duplicate, received_at) "
        f"SELECT lot_id, name, id, {no}, received_at FROM scans",
    )


def fill_papers(db: Connection, count: int, scans: int, *, described: bool) -> None:
    """`count` papers, nine of ten archived, in `count / 3` dossiers and of as many owners."""
    _begin(db)
    description = f"'{_DESCRIPTION}'" if described else "NULL"
    for start in range(0, count, _BATCH):
        rows = _series(db, start, min(start + _BATCH, count))
        owner = f"(i * 7919 % {max(1, count // OWNERS_OF)})"
        archived = "i % 10 > 0"
        made = _moment(db, "i * 13 % 500000")
        state = f"CASE WHEN {archived} THEN 'archived' ELSE 'in_review' END"
        _run(
            db,
            "INSERT INTO papers (id, scan_id, split, position, pages, state, unit, dossier, signed,"
            " officer_signed, description, type_id, number, issue_date, owner_hash, likeness, "
            "code, archive_version, archived_at, created_at, updated_at) SELECT "
            f"md5('paper' || i), {_hash(f'(i % {scans})')}, 1, i / {scans}, '[1]', {state}, "
            f"'H31.' || (i % 40), 'D-' || (i / {PER_DOSSIER}), {_hash('-i')}, "
            f"{_hash('-i - 7')}, {description}, "
            "CASE i % 4 WHEN 0 THEN 'giay-khai-sinh' ELSE 'quyet-dinh' END, i || '/QĐ-UBND', "
            f"{_day(db, 'i % 900')}, md5('o' || {owner}) || md5('p' || {owner}), "
            f"{_hash('i + 7')}, 'ma.' || i || '.01', CASE WHEN {archived} THEN 1 END, "
            f"CASE WHEN {archived} THEN {made} END, {made}, {made} FROM {rows}",
        )


def fill_dossiers(db: Connection, count: int) -> None:
    """`count` solved dossiers over thirty months, forty units, twelve fields."""
    _begin(db)
    yes = "1" if _is_sqlite(db) else "true"
    for start in range(0, count, _BATCH):
        rows = _series(db, start, min(start + _BATCH, count))
        _run(
            db,
            "INSERT INTO dossiers (code, procedure, field, components, receiving_unit, "
            "competent_unit, received_on, resolved_on, outcome, online) SELECT 'D-' || i, "
            f"'1.00' || (i % 300), 'F' || (i % 12), 1 + i % 3, 'H31.' || (i % 40), "
            f"'H31.' || (i % 40), {_day(db, 'i % 900')}, {_day(db, 'i % 900 + 5')}, 'resolved', "
            f"CASE WHEN i % 3 > 0 THEN {yes} END FROM {rows}",
        )


def archive_a_lot(db: Connection, count: int) -> None:
    """`count` papers of one office that waited in review are archived, as by a run of the line."""
    _run(
        db,
        "UPDATE papers SET state = 'archived', archived_at = created_at WHERE id IN (SELECT id "
        f"FROM papers WHERE state = 'in_review' AND unit = 'H31.0' LIMIT {count})",
    )


@contextmanager
def without_triggers(db: Connection) -> Iterator[None]:
    """Rows that are filled in mark nothing: what triggers would say of millions is "all is new"."""
    if not _is_sqlite(db):
        yield  # `_begin` has told PostgreSQL
        return
    made = db.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    mine = [(name, sql) for name, sql in made if name.startswith("mark_")]
    for name, _ in mine:
        db.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in mine:
        db.exec_driver_sql(sql)


def _run(db: Connection, statement: str) -> None:
    """Run a statement as it stands; PostgreSQL's driver wants a percent sign doubled."""
    db.exec_driver_sql(statement if _is_sqlite(db) else statement.replace("%", "%%"))


def _is_sqlite(db: Connection) -> bool:
    return db.dialect.name == "sqlite"


def _begin(db: Connection) -> None:
    """Take what every loader of a database takes: functions, no checks row by row."""
    if _is_sqlite(db):
        raw = db.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - for the type checker
        raw.create_function("md5", 1, _md5, deterministic=True)
    else:
        db.exec_driver_sql("SET session_replication_role = replica")


def _md5(text: object) -> str:
    return hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest()


def _series(db: Connection, start: int, end: int) -> str:
    if _is_sqlite(db):
        return (
            f"(WITH RECURSIVE n(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM n "
            f"WHERE i + 1 < {end}) SELECT i FROM n)"
        )
    return f"generate_series({start}::bigint, {end - 1}::bigint) AS n(i)"


def _hash(what: str) -> str:
    return f"md5('a' || ({what})) || md5('b' || ({what}))"


def _moment(db: Connection, minutes: str) -> str:
    if _is_sqlite(db):
        return f"datetime('2025-12-01', '+' || ({minutes}) || ' minutes') || '.000000'"
    return f"timestamptz '2025-12-01 00:00Z' + ({minutes}) * interval '1 minute'"


def _day(db: Connection, days: str) -> str:
    if _is_sqlite(db):
        return f"date('2024-06-01', '+' || ({days}) || ' days')"
    return f"date '2024-06-01' + ({days})::int"

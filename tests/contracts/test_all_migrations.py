"""Every migration goes up and down on a filled database, on SQLite and PostgreSQL."""

from datetime import UTC, date, datetime
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Boolean, Date, Float, Integer, MetaData, func, insert, inspect, select

import storage
from storage.registry.database import SCHEMA_VERSION
from storage.registry.schema import Instant, metadata

NOW = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
VERSIONS = [f"{number:04}" for number in range(int(SCHEMA_VERSION), 0, -1)]
UNMAPPED = ("alembic_version", "paper_words")  # Alembic's own, and the words' FTS5 tables
WORDS_INDEX = "ix_paper_pages_words"  # PostgreSQL only: on SQLite FTS5 holds the words
MARKS = metadata.tables["progress_marks"]
KINDS = {Instant: NOW, Date: date(2026, 1, 1), JSON: [1], Boolean: True, Float: 1.5, Integer: 1}


def _move(registry, how, version):
    config = Config()
    config.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
    with registry.begin() as db:
        config.attributes["connection"] = db
        how(config, version)


def _value(column):
    if (column.table.name, column.name) == ("figures", "month"):
        return 0  # the figures of months have no place before 0007
    return next((value for kind, value in KINDS.items() if isinstance(column.type, kind)), "x")


def _fill(registry):
    """One row in every table, in an order that foreign keys allow."""
    with registry.begin() as db:
        for table in metadata.sorted_tables:
            if table.name in {"audit_head", MARKS.name}:
                continue  # the first migration wrote its only row; triggers write these
            columns = [c for c in table.columns if (table.name, c.name) != ("paper_pages", "words")]
            db.execute(insert(table).values({c.name: _value(c) for c in columns}))
        assert db.execute(select(func.count()).select_from(MARKS)).scalar_one() > 1
        db.execute(MARKS.delete())
        db.execute(insert(MARKS).values(dossier="x", taken=False))


def _counts(registry):
    with registry.read() as db:
        found = MetaData()
        names = [name for name in inspect(db).get_table_names() if not name.startswith(UNMAPPED)]
        found.reflect(db, only=names)
        return {
            name: db.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in found.tables.items()
        }


def _differences(registry):
    def ours(name, kind, _parents):
        return kind != "table" or not (name or "").startswith(UNMAPPED)

    with registry.read() as db:
        context = MigrationContext.configure(db, opts={"include_name": ours})
        found = compare_metadata(context, metadata)
    return [
        change
        for change in found
        if not (registry.url.startswith("sqlite") and getattr(change[1], "name", "") == WORDS_INDEX)
    ]


def test_every_step_down_keeps_the_rows_of_the_tables_that_stay(registry):
    assert _differences(registry) == []
    _fill(registry)
    before = _counts(registry)
    assert set(before) == set(metadata.tables)
    assert set(before.values()) == {1}
    for version in VERSIONS[1:]:
        _move(registry, command.downgrade, version)
        assert registry.version() == version
        assert set(_counts(registry).values()) == {1}
    survived = _counts(registry)
    registry.migrate()
    after = _counts(registry)
    assert {name: after[name] for name in survived} == survived
    assert set(after) == set(metadata.tables)
    assert _differences(registry) == []


def test_down_to_nothing_and_up_again(registry):
    _fill(registry)
    _move(registry, command.downgrade, "base")
    assert _counts(registry) == {}
    registry.migrate()
    assert _differences(registry) == []

"""Monthly counts that are kept, and triggers that say which of them a change has made old.

The triggers stand in the database, so that no way of writing can forget them. A later migration
that makes `papers`, `dossiers`, `reuses` or `outbox` anew must make their triggers anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.registry.schema import Instant

revision = "0013"
down_revision = "0012"

_PAPER = (
    "state",
    "dossier",
    "unit",
    "code",
    "result_code",
    "signed",
    "detached",
    "type_id",
    "owner_hash",
    "likeness",
    "replaced_by",
    "created_at",
    "archived_at",
)
_OUTBOX = ("paper_id", "state", "sent_at")
_OF_PAPER = "SELECT dossier FROM papers WHERE id = {row}.paper_id AND dossier IS NOT NULL"
_REPLACED = "SELECT dossier FROM papers WHERE replaced_by = {row}.id AND dossier IS NOT NULL"
_OWN = "SELECT {row}.dossier WHERE {row}.dossier IS NOT NULL"
_IMPORTED = "SELECT {row}.code, {row}.competent_unit, {row}.received_on, {row}.resolved_on"
_DOSSIER, _WHOLE = "dossier", "dossier, unit, received_on, resolved_on"
_MARKS: dict[str, list[tuple[str, str]]] = {
    "papers": [(_DOSSIER, _OWN), (_DOSSIER, _REPLACED)],
    "dossiers": [(_WHOLE, _IMPORTED)],
    "reuses": [(_DOSSIER, _OWN)],
    "outbox": [(_DOSSIER, _OF_PAPER)],
}
"""Table → what a row of it, before and after a change, marks: columns and query."""
_WATCHED = {"papers": _PAPER, "outbox": _OUTBOX}
"""Of these tables only changes of some columns matter: a paper is written to a dozen times."""
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def upgrade() -> None:
    """Make tables, indexes and triggers; every dossier that papers name is marked once."""
    _make_tables()
    op.create_index("ix_papers_dossier", "papers", ["dossier"])
    for name, column, where in (
        ("ix_papers_without_dossier", "archived_at", "dossier IS NULL"),
        ("ix_papers_replaced", "replaced_by", "replaced_by IS NOT NULL"),
    ):
        op.create_index(
            name,
            "papers",
            [column],
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
        )
    op.execute(
        "INSERT INTO progress_loose (dossier) SELECT DISTINCT dossier FROM papers "
        "WHERE dossier IS NOT NULL AND dossier NOT IN (SELECT code FROM dossiers)"
    )
    for table in _MARKS:
        if op.get_bind().dialect.name == "postgresql":
            _postgresql_triggers(table)
        else:
            _sqlite_triggers(table)


def downgrade() -> None:
    """Remove them."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in _MARKS:
        for change in _ROWS:
            on = f" ON {table}" if postgresql else ""
            op.execute(f"DROP TRIGGER {_name(table, change)}{on}")
        if postgresql:
            op.execute(f"DROP FUNCTION mark_{table}()")
    for index in ("ix_papers_replaced", "ix_papers_without_dossier", "ix_papers_dossier"):
        op.drop_index(index, "papers")
    for name in ("marks", "loose", "stale", "cells", "blocks"):
        op.drop_table(f"progress_{name}")


def _make_tables() -> None:
    op.create_table(
        "progress_blocks",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("question", sa.String(400), nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_progress_blocks"),
        sa.UniqueConstraint(
            "question", "until", "first_day", name="uq_progress_blocks_question_until_first_day"
        ),
    )
    op.create_table(
        "progress_cells",
        sa.Column("block", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("field", sa.String(120), nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("met", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("block", "unit", "field", name="pk_progress_cells"),
    )
    op.create_table(
        "progress_stale",
        sa.Column("block", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("block", "unit", name="pk_progress_stale"),
    )
    op.create_table(
        "progress_loose",
        sa.Column("dossier", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("dossier", name="pk_progress_loose"),
    )
    op.create_table(
        "progress_marks",
        sa.Column("number", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("dossier", sa.String(80)),
        sa.Column("unit", sa.String(40)),
        sa.Column("received_on", sa.Date),
        sa.Column("resolved_on", sa.Date),
        sa.Column("taken", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("number", name="pk_progress_marks"),
    )
    op.create_index("ix_progress_marks_dossier", "progress_marks", ["dossier"])


def _name(table: str, change: str) -> str:
    return f"mark_{table}_{change.lower()}"


def _inserts(table: str, change: str) -> str:
    """What the change of a row writes, as statements."""
    return " ".join(
        f"INSERT INTO progress_marks ({columns}) {query.format(row=row)};"
        for row in _ROWS[change]
        for columns, query in _MARKS[table]
    )


def _sqlite_triggers(table: str) -> None:
    for change in _ROWS:
        watched = _WATCHED.get(table, ()) if change == "UPDATE" else ()
        differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in watched)
        when = f"WHEN {differs} " if differs else ""
        op.execute(
            f"CREATE TRIGGER {_name(table, change)} AFTER {change} ON {table} "
            f"{when}BEGIN {_inserts(table, change)} END"
        )


def _postgresql_triggers(table: str) -> None:
    branches = " ELSE".join(
        f"IF TG_OP = '{change}' THEN {_inserts(table, change)}" for change in _ROWS
    )
    body = f"BEGIN {branches.replace(' ELSEIF', ' ELSIF')} END IF; RETURN NULL; END"
    op.execute(f"CREATE FUNCTION mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    for change in _ROWS:
        watched = _WATCHED.get(table, ()) if change == "UPDATE" else ()
        before, after = (", ".join(f"{row}.{name}" for name in watched) for row in ("OLD", "NEW"))
        when = f"WHEN (ROW({before}) IS DISTINCT FROM ROW({after})) " if watched else ""
        op.execute(
            f"CREATE TRIGGER {_name(table, change)} AFTER {change} ON {table} "
            f"FOR EACH ROW {when}EXECUTE FUNCTION mark_{table}()"
        )

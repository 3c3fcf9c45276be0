"""The review station: who reviews, what waits, on which form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.registry.schema import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "reviewers",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("pin_hash", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", Instant),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_reviewers"),
    )
    op.create_table(
        "review_sheets",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("fault", sa.Text),
        sa.Column("run_id", sa.String(40)),
        sa.Column("runs", sa.Integer, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("closed_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_review_sheets"),
    )
    op.create_index("ix_review_sheets_closed_at", "review_sheets", ["closed_at"])
    op.create_table(
        "review_tasks",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("field", sa.String(40)),
        sa.Column("unit", sa.String(40)),
        sa.Column("sheet_id", sa.String(80)),
        sa.Column("position", sa.Integer),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("escalated_at", Instant),
        sa.Column("decided_at", Instant),
        sa.Column("decision", sa.String(20)),
        sa.Column("wrong", sa.JSON),
        sa.PrimaryKeyConstraint("number", name="pk_review_tasks"),
        sa.UniqueConstraint("paper_id", "purpose", name="uq_review_tasks_paper_id_purpose"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_review_tasks_paper_id_papers"
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["review_sheets.id"], name="fk_review_tasks_sheet_id_review_sheets"
        ),
    )
    op.create_index(
        "ix_review_tasks_decided_at_sheet_id", "review_tasks", ["decided_at", "sheet_id"]
    )
    op.create_index("ix_review_tasks_sheet_id", "review_tasks", ["sheet_id"])
    op.create_table(
        "type_models",
        sa.Column("version", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("examples", sa.Integer, nullable=False),
        sa.Column("right", sa.Integer, nullable=False),
        sa.Column("held_out", sa.Integer, nullable=False),
        sa.Column("right_before", sa.Integer),
        sa.Column("promoted", sa.Boolean, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_type_models"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("type_models")
    op.drop_table("review_tasks")
    op.drop_table("review_sheets")
    op.drop_table("reviewers")

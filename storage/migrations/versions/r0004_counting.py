"""Counting and reuse: what G adds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.registry.schema import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "dossiers",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("procedure", sa.String(40), nullable=False),
        sa.Column("field", sa.String(120)),
        sa.Column("components", sa.Integer),
        sa.Column("receiving_unit", sa.String(40), nullable=False),
        sa.Column("competent_unit", sa.String(40), nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("resolved_on", sa.Date),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("online", sa.Boolean),
        sa.Column("component_files", sa.Boolean),
        sa.Column("result_file", sa.Boolean),
        sa.Column("data_reused", sa.Boolean),
        sa.Column("shared", sa.Boolean),
        sa.Column("identity_verified", sa.Boolean),
        sa.Column("not_asked_again", sa.Boolean),
        sa.Column("result_synced", sa.Boolean),
        sa.Column("status_synced", sa.Boolean),
        sa.Column("circulated_electronically", sa.Boolean),
        sa.PrimaryKeyConstraint("code", name="pk_dossiers"),
    )
    op.create_index("ix_dossiers_received_on", "dossiers", ["received_on"])
    op.create_index("ix_dossiers_resolved_on", "dossiers", ["resolved_on"])
    op.create_table(
        "valid_results",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("procedure", sa.String(40), nullable=False),
        sa.Column("field", sa.String(120)),
        sa.Column("competent_unit", sa.String(40), nullable=False),
        sa.Column("number", sa.String(200)),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("shared", sa.Boolean),
        sa.PrimaryKeyConstraint("code", name="pk_valid_results"),
    )
    op.create_table(
        "closings",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("plan", sa.String(80), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("closed_by", sa.String(120), nullable=False),
        sa.Column("closed_at", Instant, nullable=False),
        sa.Column("report", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_closings"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("closings")
    op.drop_table("valid_results")
    op.drop_table("dossiers")

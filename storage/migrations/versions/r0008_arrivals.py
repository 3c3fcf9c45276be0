"""Notices of objects that came into the intake store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.registry.schema import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "arrivals",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("lot_id", sa.String(80), nullable=False),
        sa.Column("key", sa.String(1024), nullable=False),
        sa.Column("mark", sa.String(200), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("noticed_at", Instant, nullable=False),
        sa.Column("announced_at", Instant),
        sa.Column("taken_at", Instant),
        sa.PrimaryKeyConstraint("number", name="pk_arrivals"),
        sa.UniqueConstraint("key", "mark", name="uq_arrivals_key_mark"),
    )
    op.create_index("ix_arrivals_taken_at_lot_id", "arrivals", ["taken_at", "lot_id"])
    op.create_index("ix_arrivals_lot_id_noticed_at", "arrivals", ["lot_id", "noticed_at"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("arrivals")

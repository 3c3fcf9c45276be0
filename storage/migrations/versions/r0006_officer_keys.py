"""Officers are known by their keys: two of the same name never sign for each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.registry.schema import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the register of keys; papers that wait already are bound to nobody yet."""
    op.create_table(
        "officer_keys",
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("officer_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("not_after", Instant, nullable=False),
        sa.Column("registered_at", Instant, nullable=False),
        sa.Column("withdrawn_at", Instant),
        sa.PrimaryKeyConstraint("key_sha256", name="pk_officer_keys"),
    )
    op.create_index("ix_officer_keys_officer_id", "officer_keys", ["officer_id"])
    op.add_column("officer_requests", sa.Column("officer_id", sa.String(40)))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("officer_requests", "officer_id")
    op.drop_table("officer_keys")

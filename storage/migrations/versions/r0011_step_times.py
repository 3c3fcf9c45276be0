"""How long steps take, summed over all hosts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "step_times",
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("bucket", sa.Integer, nullable=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("step", "outcome", "bucket", name="pk_step_times"),
    )


def downgrade() -> None:
    """Remove the table; the figures are a view and are lost."""
    op.drop_table("step_times")

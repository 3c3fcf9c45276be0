"""How long certified copies prove themselves: they are renewed as papers are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.registry.schema import Instant

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table; copies from before get their row by `sohoa rebuild`, out of their files."""
    op.create_table(
        "copy_protections",
        sa.Column("copy_id", sa.String(80), nullable=False),
        sa.Column("level", sa.String(5), nullable=False),
        sa.Column("wanted", sa.String(5), nullable=False),
        sa.Column("shortfall", sa.Text),
        sa.Column("until", Instant),
        sa.Column("algorithms", sa.String(80), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("behind", sa.Boolean, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("copy_id", name="pk_copy_protections"),
        sa.ForeignKeyConstraint(
            ["copy_id"],
            ["certified_copies.id"],
            name="fk_copy_protections_copy_id_certified_copies",
        ),
    )
    op.create_index("ix_copy_protections_until", "copy_protections", ["until"])
    op.create_index("ix_copy_protections_sha256", "copy_protections", ["sha256"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("copy_protections")

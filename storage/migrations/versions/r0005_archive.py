"""Archive and copies: what was checked, what was copied, whose registry this is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.registry.schema import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "installation",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_installation"),
    )
    op.create_table(
        "archive_objects",
        sa.Column("object_id", sa.String(120), nullable=False),
        sa.Column("digest", sa.String(128)),
        sa.Column("checked_at", Instant),
        sa.Column("problems", sa.JSON),
        sa.Column("copied_digest", sa.String(128)),
        sa.Column("copied_at", Instant),
        sa.PrimaryKeyConstraint("object_id", name="pk_archive_objects"),
    )
    op.create_index("ix_archive_objects_checked_at", "archive_objects", ["checked_at"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("archive_objects")
    op.drop_table("installation")

"""After archiving: holds, replaced codes, disposal; claims where a server keeps no put-once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.registry.schema import Instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "put_claims",
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("claimed_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_put_claims"),
    )
    op.create_table(
        "legal_holds",
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("placed_by", sa.String(200), nullable=False),
        sa.Column("placed_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", name="pk_legal_holds"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_legal_holds_paper_id"),
    )
    op.create_table(
        "former_codes",
        sa.Column("code", sa.String(400), nullable=False),
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_former_codes"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_former_codes_paper_id"),
    )
    op.create_index("ix_former_codes_paper_id", "former_codes", ["paper_id"])
    op.create_table(
        "disposals",
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.Column("kept_until", sa.Date, nullable=False),
        sa.Column("proposed_by", sa.String(200), nullable=False),
        sa.Column("proposed_at", Instant, nullable=False),
        sa.Column("approved_by", sa.String(200)),
        sa.Column("approved_at", Instant),
        sa.Column("disposed_at", Instant),
        sa.PrimaryKeyConstraint("paper_id", name="pk_disposals"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_disposals_paper_id"),
    )
    op.create_index("ix_disposals_disposed_at", "disposals", ["disposed_at"])
    op.add_column("papers", sa.Column("replaced_by", sa.String(80)))


def downgrade() -> None:
    """Remove them."""
    op.drop_column("papers", "replaced_by")
    for table in ("disposals", "former_codes", "legal_holds", "put_claims"):
        op.drop_table(table)

"""Signatures that last: what D adds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.registry.schema import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "officer_requests",
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.Column("officer", sa.String(120), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("prepared", sa.String(64)),
        sa.Column("prepared_at", Instant),
        sa.Column("digest", sa.String(64)),
        sa.Column("reserved_from", sa.Integer),
        sa.Column("reserved_to", sa.Integer),
        sa.PrimaryKeyConstraint("paper_id", name="pk_officer_requests"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_officer_requests_paper_id_papers"
        ),
    )
    op.create_index("ix_officer_requests_officer", "officer_requests", ["officer"])
    op.create_table(
        "protections",
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.Column("level", sa.String(5), nullable=False),
        sa.Column("wanted", sa.String(5), nullable=False),
        sa.Column("shortfall", sa.Text),
        sa.Column("until", Instant),
        sa.Column("algorithms", sa.String(80), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("behind", sa.Boolean, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", name="pk_protections"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_protections_paper_id_papers"),
    )
    op.create_index("ix_protections_behind_paper_id", "protections", ["behind", "paper_id"])
    op.create_index("ix_protections_until", "protections", ["until"])
    op.create_index("ix_protections_sha256", "protections", ["sha256"])
    op.create_table(
        "certified_copies",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("source_id", sa.String(80), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("certifier", sa.String(120), nullable=False),
        sa.Column("words", sa.String(120), nullable=False),
        sa.Column("requested_at", Instant, nullable=False),
        sa.Column("signed", sa.String(64)),
        sa.Column("package", sa.JSON),
        sa.Column("archive_version", sa.Integer),
        sa.Column("archive_digest", sa.String(128)),
        sa.Column("archived_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_certified_copies"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["papers.id"], name="fk_certified_copies_source_id_papers"
        ),
        sa.UniqueConstraint("number", name="uq_certified_copies_number"),
    )
    op.create_index("ix_certified_copies_source_id", "certified_copies", ["source_id"])
    op.create_index("ix_certified_copies_signed", "certified_copies", ["signed"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("certified_copies")
    op.drop_table("officer_requests")
    op.drop_table("protections")

"""Figures of a month, and who handed a dossier in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
_KEY = ["unit", "level", "year", "month", "indicator"]


def upgrade() -> None:
    """Add the columns; figures that are there are of whole years."""
    op.add_column("dossiers", sa.Column("applicant_hash", sa.String(64)))
    with op.batch_alter_table("figures", recreate="always") as table:
        table.add_column(sa.Column("month", sa.Integer, nullable=False, server_default="0"))
        table.drop_constraint("pk_figures", type_="primary")
        table.create_primary_key("pk_figures", _KEY)
    with op.batch_alter_table("figures") as table:
        table.alter_column("month", server_default=None)


def downgrade() -> None:
    """Remove them; figures of months go."""
    op.execute("DELETE FROM figures WHERE month <> 0")
    with op.batch_alter_table("figures", recreate="always") as table:
        table.drop_constraint("pk_figures", type_="primary")
        table.drop_column("month")
        table.create_primary_key("pk_figures", [name for name in _KEY if name != "month"])
    with op.batch_alter_table("dossiers") as table:
        table.drop_column("applicant_hash")

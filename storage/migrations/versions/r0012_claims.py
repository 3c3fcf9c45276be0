"""Claims among millions of waiting scans: the next one, and those that a worker holds, by index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
_HELD = sa.text("claimed_by IS NOT NULL")


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("ix_scans_state_received_at_id", "scans", ["state", "received_at", "id"])
    op.create_index(
        "ix_scans_held", "scans", ["claimed_by"], postgresql_where=_HELD, sqlite_where=_HELD
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_scans_held", "scans")
    op.drop_index("ix_scans_state_received_at_id", "scans")

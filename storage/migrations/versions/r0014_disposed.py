"""What a paper that was disposed of counted as; a dossier that comes again unchanged marks nothing.

A tombstone keeps nothing of an owner, yet the years in which the paper was of use stay as they
were: a disposal remembers whether it had an owner and a result code, not which.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_COLUMNS = (
    "code procedure field components receiving_unit competent_unit applicant_hash received_on "
    "due_on resolved_on outcome online component_files result_file data_reused shared "
    "identity_verified not_asked_again result_synced status_synced circulated_electronically"
).split()
_MARKS = " ".join(
    "INSERT INTO progress_marks (dossier, unit, received_on, resolved_on) "
    f"SELECT {row}.code, {row}.competent_unit, {row}.received_on, {row}.resolved_on;"
    for row in ("OLD", "NEW")
)


def upgrade() -> None:
    """Add the two facts; let only a dossier that is another now be marked."""
    op.add_column("disposals", sa.Column("had_owner", sa.Boolean))
    op.add_column("disposals", sa.Column("had_result", sa.Boolean))
    _make_trigger(only_what_differs=True)


def downgrade() -> None:
    """Remove them."""
    _make_trigger(only_what_differs=False)
    op.drop_column("disposals", "had_result")
    op.drop_column("disposals", "had_owner")


def _make_trigger(*, only_what_differs: bool) -> None:
    """Of migration 0013, anew."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER mark_dossiers_update" + " ON dossiers" * postgresql)
    if postgresql:
        when = "WHEN (OLD.* IS DISTINCT FROM NEW.*) " * only_what_differs
        does = f"FOR EACH ROW {when}EXECUTE FUNCTION mark_dossiers()"
    else:
        differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _COLUMNS)
        when = f"WHEN {differs} " * only_what_differs
        does = f"{when}BEGIN {_MARKS} END"
    op.execute(f"CREATE TRIGGER mark_dossiers_update AFTER UPDATE ON dossiers {does}")

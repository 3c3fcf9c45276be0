"""Counting and reuse: what G adds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.registry.schema import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "dossiers",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("procedure", sa.String(40), nullable=False),
        sa.Column("field", sa.String(120)),
        sa.Column("components", sa.Integer),
        sa.Column("receiving_unit", sa.String(40), nullable=False),
        sa.Column("competent_unit", sa.String(40), nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("resolved_on", sa.Date),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("online", sa.Boolean),
        sa.Column("component_files", sa.Boolean),
        sa.Column("result_file", sa.Boolean),
        sa.Column("data_reused", sa.Boolean),
        sa.Column("shared", sa.Boolean),
        sa.Column("identity_verified", sa.Boolean),
        sa.Column("not_asked_again", sa.Boolean),
        sa.Column("result_synced", sa.Boolean),
        sa.Column("status_synced", sa.Boolean),
        sa.Column("circulated_electronically", sa.Boolean),
        sa.PrimaryKeyConstraint("code", name="pk_dossiers"),
    )
    op.create_index("ix_dossiers_received_on", "dossiers", ["received_on"])
    op.create_index("ix_dossiers_resolved_on", "dossiers", ["resolved_on"])
    op.create_table(
        "valid_results",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("procedure", sa.String(40), nullable=False),
        sa.Column("field", sa.String(120)),
        sa.Column("competent_unit", sa.String(40), nullable=False),
        sa.Column("number", sa.String(200)),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("shared", sa.Boolean),
        sa.PrimaryKeyConstraint("code", name="pk_valid_results"),
    )
    op.create_table(
        "closings",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("plan", sa.String(80), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("closed_by", sa.String(120), nullable=False),
        sa.Column("closed_at", Instant, nullable=False),
        sa.Column("report", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_closings"),
    )
    _make_reuse()
    _make_search()
    _make_outbox()


def _make_reuse() -> None:
    op.create_table(
        "holdings",
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("shelved_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", name="pk_holdings"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_holdings_paper_id_papers"),
    )
    op.create_table(
        "reuses",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.Column("dossier", sa.String(80), nullable=False),
        sa.Column("procedure", sa.String(80)),
        sa.Column("component", sa.String(80), nullable=False),
        sa.Column("requester", sa.String(200), nullable=False),
        sa.Column("purpose", sa.String(300), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reuses"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_reuses_paper_id_papers"),
    )
    for column in ("dossier", "paper_id", "at"):
        op.create_index(f"ix_reuses_{column}", "reuses", [column])
    op.create_table(
        "api_clients",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("per_minute", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_api_clients"),
        sa.UniqueConstraint("token_hash", name="uq_api_clients_token_hash"),
    )


def _make_search() -> None:
    """Words of every page: a GIN index on PostgreSQL, an FTS5 table without content on SQLite.

    The words are folded and cut by us, so that both find the same; FTS5 keeps no copy of the text.
    """
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "paper_pages",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql")),
        sa.PrimaryKeyConstraint("number", name="pk_paper_pages"),
        sa.UniqueConstraint("paper_id", "page", name="uq_paper_pages_paper_id_page"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_paper_pages_paper_id_papers"),
    )
    if postgresql:
        op.create_index("ix_paper_pages_words", "paper_pages", ["words"], postgresql_using="gin")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE paper_words USING fts5(words, content='', tokenize='ascii')"
        )


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("paper_id", sa.String(80), nullable=False),
        sa.Column("lane", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("next_at", Instant, nullable=False),
        sa.Column("claimed_until", Instant),
        sa.Column("claim", sa.String(40)),
        sa.Column("fault", sa.Text),
        sa.Column("receipt", sa.String(200)),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("sent_at", Instant),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("message_id", name="uq_outbox_message_id"),
        sa.UniqueConstraint("paper_id", name="uq_outbox_paper_id"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_outbox_paper_id_papers"),
    )
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"])
    op.create_index("ix_outbox_lane_number", "outbox", ["lane", "number"])


def downgrade() -> None:
    """Remove them."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE paper_words")
    for name in ("outbox", "api_clients", "reuses", "paper_pages", "holdings"):
        op.drop_table(name)
    op.drop_table("closings")
    op.drop_table("valid_results")
    op.drop_table("dossiers")

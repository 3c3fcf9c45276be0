"""The data store of archived papers: found, reused, and told to others."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.registry.schema.columns import Instant, identifier, metadata

holdings = Table(
    "holdings",
    metadata,
    Column("paper_id", String(80), ForeignKey("papers.id"), primary_key=True),
    Column("verdict", String(12), nullable=False),  # of all signatures, when it was archived
    Column("shelved_at", Instant, nullable=False),  # its text is searchable since
)

paper_pages = Table(
    "paper_pages",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("paper_id", String(80), ForeignKey("papers.id"), nullable=False),
    Column("page", Integer, nullable=False),  # of the paper, from 1
    Column("text", Text, nullable=False),  # as it was read, headed by the title on page 1
    Column("words", Text().with_variant(TSVECTOR(), "postgresql")),  # none on SQLite: FTS5 has them
    UniqueConstraint("paper_id", "page"),
    Index(None, "words", postgresql_using="gin").ddl_if(dialect="postgresql"),
)

reuses = Table(
    "reuses",
    metadata,
    identifier(),  # UUIDv5 of dossier, component and paper
    Column("paper_id", String(80), ForeignKey("papers.id"), nullable=False),
    Column("dossier", String(80), nullable=False),
    Column("procedure", String(80)),
    Column("component", String(80), nullable=False),
    Column("requester", String(200), nullable=False),
    Column("purpose", String(300), nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "dossier"),
    Index(None, "paper_id"),
    Index(None, "at"),
)

api_clients = Table(
    "api_clients",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),  # SHA-256 of 256 random bits
    Column("per_minute", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(40), nullable=False, unique=True),  # UUIDv5 of the paper
    Column("paper_id", String(80), ForeignKey("papers.id"), nullable=False, unique=True),
    Column("lane", String(80), nullable=False),  # sent in order: its dossier, or the paper alone
    Column("state", String(10), nullable=False),  # waiting, sent, dead
    Column("attempts", Integer, nullable=False),
    Column("uncertain", Boolean, nullable=False),  # an attempt whose outcome nobody knows
    Column("next_at", Instant, nullable=False),
    Column("claimed_until", Instant),
    Column("claim", String(40)),  # of the one attempt under way
    Column("fault", Text),
    Column("receipt", String(200)),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Index(None, "state", "next_at"),
    Index(None, "lane", "number"),
)

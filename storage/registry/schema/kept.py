"""The archive as the registry knows it, and what may never be altered."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from storage.registry.schema.columns import Instant, metadata

archive_objects = Table(
    "archive_objects",
    metadata,
    Column("object_id", String(120), primary_key=True),  # OCFL object id
    Column("digest", String(128)),  # SHA-512 of the root inventory as last entered or seen
    Column("checked_at", Instant),  # when every byte was last read; none: never
    Column("problems", JSON),  # what was found then
    Column("copied_digest", String(128)),  # of the root inventory in the second copy
    Column("copied_at", Instant),
    Index(None, "checked_at"),
)

put_claims = Table(
    "put_claims",
    metadata,
    Column("place", String(64), primary_key=True),  # SHA-256 of server, bucket and key
    Column("digest", String(64), nullable=False),  # of the bytes that may be put there
    Column("claimed_at", Instant, nullable=False),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("paper_id", String(80), ForeignKey("papers.id"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("placed_by", String(200), nullable=False),
    Column("placed_at", Instant, nullable=False),
)

former_codes = Table(
    "former_codes",
    metadata,
    Column("code", String(400), primary_key=True),  # given once, replaced by a correction
    Column("paper_id", String(80), ForeignKey("papers.id"), nullable=False),
    Index(None, "paper_id"),
)

disposals = Table(
    "disposals",
    metadata,
    Column("paper_id", String(80), ForeignKey("papers.id"), primary_key=True),
    Column("kept_until", Date, nullable=False),  # the end of its retention
    Column("proposed_by", String(200), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("approved_by", String(200)),
    Column("approved_at", Instant),
    Column("disposed_at", Instant),
    Column("had_owner", Boolean),  # what its tombstone, which has neither, still counts as
    Column("had_result", Boolean),
    Index(None, "disposed_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index(None, "subject"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)

installation = Table(
    "installation",
    metadata,
    Column("name", String(40), primary_key=True),  # a fact that belongs to this registry
    Column("value", String(200), nullable=False),
)

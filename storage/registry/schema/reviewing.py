"""What people decide about papers, and what is learnt from it."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
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

from storage.registry.schema.columns import Instant, identifier, metadata

reviews = Table(
    "reviews",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("paper_id", String(80), ForeignKey("papers.id"), nullable=False),
    Column("decision", String(20), nullable=False),
    Column("reviewer", String(120), nullable=False),
    Column("reason", Text),
    Column("before", JSON),
    Column("after", JSON),
    Column("decided_at", Instant, nullable=False),
    Index(None, "paper_id"),
)

reviewers = Table(
    "reviewers",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("pin_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),  # wrong PINs since the last right one
    Column("locked_until", Instant),
    Column("created_at", Instant, nullable=False),
)

review_sheets = Table(
    "review_sheets",
    metadata,
    identifier(),
    Column("attempt", Integer, nullable=False),  # how often the form has been shown
    Column("fault", Text),  # why the last answer was refused
    Column("run_id", String(40)),  # the flow run that shows the form
    Column("runs", Integer, nullable=False),  # how many runs the sheet has had
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index(None, "closed_at"),
)

review_tasks = Table(
    "review_tasks",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("paper_id", String(80), ForeignKey("papers.id"), nullable=False),
    Column("purpose", String(10), nullable=False),  # domain.review.Purpose
    Column("field", String(40)),  # the one doubted field; none: a form of its own
    Column("unit", String(40)),
    Column("sheet_id", String(80), ForeignKey("review_sheets.id")),  # none: not opened yet
    Column("position", Integer),  # on the form, from 1
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("escalated_at", Instant),
    Column("decided_at", Instant),
    Column("decision", String(20)),
    Column("wrong", JSON),  # names of the fields that a sampled paper had wrong
    UniqueConstraint("paper_id", "purpose"),
    Index(None, "decided_at", "sheet_id"),
    Index(None, "sheet_id"),
)

type_models = Table(
    "type_models",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False),  # of its bytes in the quarantine store
    Column("examples", Integer, nullable=False),
    Column("right", Integer, nullable=False),  # of the held-out corrections
    Column("held_out", Integer, nullable=False),
    Column("right_before", Integer),  # what the model then in use got right of the same
    Column("promoted", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
)

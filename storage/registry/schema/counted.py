"""Figures from outside, and the roll-ups that plans are counted by."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from storage.registry.schema.columns import Instant, metadata

figures = Table(
    "figures",
    metadata,
    Column("unit", String(40), primary_key=True),
    Column("level", String(20), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("month", Integer, primary_key=True),  # 1 to 12; 0: the whole year
    Column("indicator", String(60), primary_key=True),
    Column("value", Float, nullable=False),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("code", String(80), primary_key=True),  # domain.outside.Dossier
    Column("procedure", String(40), nullable=False),
    Column("field", String(120)),
    Column("components", Integer),
    Column("receiving_unit", String(40), nullable=False),
    Column("competent_unit", String(40), nullable=False),
    Column("applicant_hash", String(64)),  # as papers.owner_hash: who handed it in
    Column("received_on", Date, nullable=False),
    Column("due_on", Date),
    Column("resolved_on", Date),
    Column("outcome", String(20), nullable=False),
    Column("online", Boolean),
    Column("component_files", Boolean),
    Column("result_file", Boolean),
    Column("data_reused", Boolean),
    Column("shared", Boolean),
    Column("identity_verified", Boolean),
    Column("not_asked_again", Boolean),
    Column("result_synced", Boolean),
    Column("status_synced", Boolean),
    Column("circulated_electronically", Boolean),
    Index(None, "received_on"),
    Index(None, "resolved_on"),
)

valid_results = Table(
    "valid_results",
    metadata,
    Column("code", String(80), primary_key=True),  # domain.outside.ValidResult
    Column("procedure", String(40), nullable=False),
    Column("field", String(120)),
    Column("competent_unit", String(40), nullable=False),
    Column("number", String(200)),
    Column("issued_on", Date, nullable=False),
    Column("valid_until", Date),
    Column("shared", Boolean),
)

progress_blocks = Table(
    "progress_blocks",  # what one question had for an answer in one month: see `rollups`
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("question", String(400), nullable=False),
    Column("until", Instant, nullable=False),  # papers and facts before it were counted
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    UniqueConstraint("question", "until", "first_day"),
)

progress_cells = Table(
    "progress_cells",
    metadata,
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("unit", String(40), primary_key=True),
    Column("field", String(120), primary_key=True),
    Column("total", Integer, nullable=False),
    Column("met", Integer, nullable=False),
)

progress_stale = Table(
    "progress_stale",  # a unit of a block whose cells are older than its rows
    metadata,
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("unit", String(40), primary_key=True),
)

progress_loose = Table(
    "progress_loose",  # dossiers that only papers name
    metadata,
    Column("dossier", String(80), primary_key=True),
)

progress_marks = Table(
    "progress_marks",  # written by triggers: what was changed since the blocks were made
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("dossier", String(80)),
    Column("unit", String(40)),  # of an imported dossier, as it was and as it is
    Column("received_on", Date),
    Column("resolved_on", Date),
    Column("taken", Boolean, nullable=False, server_default=text("false")),
    Index(None, "dossier"),
)

closings = Table(
    "closings",
    metadata,
    Column("name", String(120), primary_key=True),  # a closed period (chốt số liệu)
    Column("plan", String(80), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("closed_by", String(120), nullable=False),
    Column("closed_at", Instant, nullable=False),
    Column("report", JSON, nullable=False),  # domain.progress.PlanReport as it was
    Column("digest", String(64), nullable=False),
)

"""Scans and the papers they hold, on their way along the line."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.registry.schema.columns import Instant, identifier, metadata

lots = Table(
    "lots",
    metadata,
    identifier(),
    Column("manifest", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
)

scans = Table(
    "scans",
    metadata,
    identifier(),  # hex SHA-256 of the bytes
    Column("lot_id", String(80), ForeignKey("lots.id"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("key", String(1024), nullable=False),  # in the intake store
    Column("size_bytes", BigInteger, nullable=False),
    Column("facts", JSON, nullable=False),  # UploadFacts
    Column("state", String(20), nullable=False),
    Column("reason", String(40)),
    Column("message", Text),
    Column("kind", String(20)),  # scan, signed, born_digital
    Column("media_type", String(80)),
    Column("pages", Integer),
    Column("split", Integer, nullable=False, default=1),
    Column("opened", String(64)),  # work store: OpenedScan and the page images
    Column("words", String(64)),  # work store: PageText of every page
    Column("claimed_by", String(200)),
    Column("lease_until", Instant),
    Column("epoch", Integer, nullable=False, default=0),
    Column("received_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Index(None, "state", "lot_id", "received_at"),
    Index(None, "state", "received_at", "id"),  # the next one of all lots
    Index(
        "ix_scans_held",  # a few among millions: heartbeats look at these only
        "claimed_by",
        postgresql_where=text("claimed_by IS NOT NULL"),
        sqlite_where=text("claimed_by IS NOT NULL"),
    ),
)

uploads = Table(
    "uploads",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("lot_id", String(80), ForeignKey("lots.id"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("scan_id", String(64), ForeignKey("scans.id"), nullable=False),
    Column("duplicate", Boolean, nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("lot_id", "name", "scan_id"),
    Index(None, "scan_id"),
)

arrivals = Table(
    "arrivals",  # notices of objects in the intake store: hints, each kept once
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("lot_id", String(80), nullable=False),  # as the key says; the lot may not exist yet
    Column("key", String(1024), nullable=False),  # in the intake store
    Column("mark", String(200), nullable=False),  # which write of the key
    Column("size_bytes", BigInteger, nullable=False),  # as the notice says
    Column("noticed_at", Instant, nullable=False),
    Column("announced_at", Instant),  # when the server took the event of this row
    Column("taken_at", Instant),  # when a run began to look into the store
    UniqueConstraint("key", "mark"),
    Index(None, "taken_at", "lot_id"),
    Index(None, "lot_id", "noticed_at"),
)

papers = Table(
    "papers",
    metadata,
    identifier(),  # UUIDv5 of scan, split and position
    Column("scan_id", String(64), ForeignKey("scans.id"), nullable=False),
    Column("split", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("pages", JSON, nullable=False),  # page numbers in the scan, from 1
    Column("state", String(20), nullable=False),
    Column("unit", String(40)),
    Column("dossier", String(80)),
    Column("composed", String(64)),  # work store digests, each set once
    Column("officer_signed", String(64)),
    Column("officer_signed_at", Instant),
    Column("signed", String(64)),
    Column("signed_at", Instant),
    Column("detached", String(64)),  # signature beside a file that permits none inside
    Column("verification", String(64)),  # work store: verdict on all signatures
    Column("package", String(64)),  # work store: what goes into the archive
    Column("description", JSON),  # domain.record.Description
    Column("type_id", String(80)),
    Column("number", String(200)),
    Column("title", String(300)),
    Column("issuer", String(300)),
    Column("issue_date", Date),
    Column("valid_until", Date),
    Column("owner_hash", String(64)),
    Column("likeness", String(64)),  # same type, number, issuer, date and owner
    Column("code", String(400), unique=True),
    Column("result_code", String(120), unique=True),
    Column("archive_version", Integer),
    Column("archive_digest", String(128)),
    Column("archived_at", Instant),
    Column("replaced_by", String(80)),  # the paper that superseded it after it was archived
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("scan_id", "split", "position"),
    Index(None, "owner_hash", "type_id"),
    Index(None, "likeness"),
    Index(None, "state"),
    Index(None, "signed"),
    Index(None, "officer_signed"),
    Index(None, "archived_at"),
    Index(None, "dossier"),
    Index(
        "ix_papers_without_dossier",  # they count in no rate, and every report says how many
        "archived_at",
        postgresql_where=text("dossier IS NULL"),
        sqlite_where=text("dossier IS NULL"),
    ),
    Index(
        "ix_papers_replaced",
        "replaced_by",
        postgresql_where=text("replaced_by IS NOT NULL"),
        sqlite_where=text("replaced_by IS NOT NULL"),
    ),
)

counters = Table(
    "counters",
    metadata,
    Column("prefix", String(400), primary_key=True),
    Column("last", Integer, nullable=False),
)

likenesses = Table(
    "likenesses",
    metadata,
    Column("likeness", String(64), primary_key=True),
    Column("paper_id", String(80), ForeignKey("papers.id"), nullable=False),
)

step_times = Table(
    "step_times",
    metadata,
    Column("step", String(40), primary_key=True),
    Column("outcome", String(10), primary_key=True),  # ok, set_aside, error
    Column("bucket", Integer, primary_key=True),  # tasks.step_times.BOUNDS_SECONDS
    Column("calls", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
)

"""Tables of the registry. Migrations under `storage/migrations` build exactly these."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A point in time: aware datetimes in, UTC datetimes out, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; a naive datetime is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give back UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id(name: str = "id", **options: Any) -> Column[str]:
    return Column(name, String(80), primary_key=True, **options)


lots = Table(
    "lots",
    metadata,
    _id(),
    Column("manifest", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
)

scans = Table(
    "scans",
    metadata,
    _id(),  # hex SHA-256 of the bytes
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

papers = Table(
    "papers",
    metadata,
    _id(),  # UUIDv5 of scan, split and position
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
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("scan_id", "split", "position"),
    Index(None, "owner_hash", "type_id"),
    Index(None, "likeness"),
    Index(None, "state"),
    Index(None, "signed"),
    Index(None, "officer_signed"),
    Index(None, "archived_at"),
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

figures = Table(
    "figures",
    metadata,
    Column("unit", String(40), primary_key=True),
    Column("level", String(20), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("indicator", String(60), primary_key=True),
    Column("value", Float, nullable=False),
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

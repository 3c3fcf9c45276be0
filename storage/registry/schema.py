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
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
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

protections = Table(
    "protections",
    metadata,
    Column("paper_id", String(80), ForeignKey("papers.id"), primary_key=True),
    Column("level", String(5), nullable=False),  # what the agency's signature reached
    Column("wanted", String(5), nullable=False),
    Column("shortfall", Text),  # why less than wanted; none: nothing to catch up
    Column("until", Instant),  # when the weakest proof in use ends; none: nothing to renew
    Column("algorithms", String(80), nullable=False),  # what it rests on: " sha256 rsa2048 "
    Column("sha256", String(64), nullable=False),  # the newest paper.pdf
    Column("behind", Boolean, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index(None, "behind", "paper_id"),
    Index(None, "until"),
    Index(None, "sha256"),
)

officer_requests = Table(
    "officer_requests",
    metadata,
    Column("paper_id", String(80), ForeignKey("papers.id"), primary_key=True),
    Column("officer", String(120), nullable=False),  # as the lot names the person
    Column("officer_id", String(40)),  # in `officer_keys`; none: not certain who it is
    Column("asked_at", Instant, nullable=False),
    Column("prepared", String(64)),  # work store: the file with an empty signature
    Column("prepared_at", Instant),
    Column("digest", String(64)),  # what the officer signs (SHA-256)
    Column("reserved_from", Integer),  # the signature's place in the file, bytes
    Column("reserved_to", Integer),
    Index(None, "officer"),
)

officer_keys = Table(
    "officer_keys",
    metadata,
    Column("key_sha256", String(64), primary_key=True),  # of the SubjectPublicKeyInfo (DER)
    Column("officer_id", String(40), nullable=False),
    Column("name", String(120), nullable=False),
    Column("subject", Text, nullable=False),  # of the certificate that was shown
    Column("not_after", Instant, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Index(None, "officer_id"),
)

certified_copies = Table(
    "certified_copies",
    metadata,
    _id(),  # UUIDv5 of the source and the number in the register of certifications
    Column("source_id", String(80), ForeignKey("papers.id"), nullable=False),
    Column("number", String(60), nullable=False, unique=True),  # in the register, as written
    Column("certifier", String(120), nullable=False),
    Column("words", String(120), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("signed", String(64)),  # work store, set once
    Column("package", JSON),  # content path → work store digest, set once
    Column("archive_version", Integer),
    Column("archive_digest", String(128)),
    Column("archived_at", Instant),
    Index(None, "source_id"),
    Index(None, "signed"),
)

copy_protections = Table(
    "copy_protections",
    metadata,
    Column("copy_id", String(80), ForeignKey("certified_copies.id"), primary_key=True),
    Column("level", String(5), nullable=False),  # as in `protections`
    Column("wanted", String(5), nullable=False),
    Column("shortfall", Text),
    Column("until", Instant),
    Column("algorithms", String(80), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("behind", Boolean, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index(None, "until"),
    Index(None, "sha256"),
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
    _id(),
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
    _id(),  # UUIDv5 of dossier, component and paper
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
    Index(None, "disposed_at"),
)

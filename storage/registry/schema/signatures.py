"""Who signs, what is signed, and until when the proof holds."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from storage.registry.schema.columns import Instant, identifier, metadata

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
    identifier(),  # UUIDv5 of the source and the number in the register of certifications
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

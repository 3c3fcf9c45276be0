"""Tables that hold rows are taken back and brought up again; what is older stays."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from domain.lot import LotManifest, UploadFacts
from storage.registry import copies, officers, papers, protections, uploads

NOW = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
MIGRATIONS = Path(papers.__file__).parents[1] / "migrations"
TABLES = {"copy_protections", "officer_keys", "officer_requests", "protections", "certified_copies"}


@pytest.fixture
def registry(registry):
    """A registry with a paper that has a row in every table of the signing part."""
    with registry.begin() as db:
        _fill(db)
    return registry


def _fill(db):
    uploads.open_lot(db, LotManifest(lot="lot"), at=NOW)
    uploads.register_upload(
        db,
        "lot",
        UploadFacts(name="a.pdf"),
        scan_id="1" * 64,
        key="lot/a.pdf",
        size_bytes=7,
        at=NOW,
    )
    papers.add(
        db,
        paper_id="p1",
        scan_id="1" * 64,
        split=1,
        position=0,
        pages=[1],
        unit="H31",
        dossier=None,
        at=NOW,
    )
    _fill_signing(db)


def _fill_signing(db):
    officers.request(db, "p1", "Nguyễn Văn An", at=NOW)
    protections.enter(
        db,
        "p1",
        level="B-LT",
        wanted="B-LTA",
        shortfall="thử",
        until=NOW,
        algorithms=("rsa2048", "sha256"),
        sha256="2" * 64,
        behind=True,
        updated_at=NOW,
    )
    copies.enter(
        db, "c1", source_id="p1", number="12/2026", certifier="Lê Văn Chính", words="Sao y", at=NOW
    )


def _to(registry, version, move):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with registry.begin() as db:
        config.attributes["connection"] = db
        move(config, version)


def _tables(registry):
    with registry.read() as db:
        return set(inspect(db).get_table_names())


def test_the_signing_tables_go_and_come_again_and_the_papers_stay(registry):
    assert _tables(registry) >= TABLES
    _to(registry, "0002", command.downgrade)
    assert not _tables(registry) & TABLES
    with registry.read() as db:
        assert db.execute(text("select id from papers")).scalars().all() == ["p1"]
    registry.migrate()
    with registry.begin() as db:
        _fill_signing(db)
        assert protections.of(db, "p1")["algorithms"].split() == ["rsa2048", "sha256"]
        assert papers.paper(db, "p1")["id"] == "p1"

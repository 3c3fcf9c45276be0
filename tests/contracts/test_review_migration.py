"""The review station's tables, filled, are taken back and brought up again; papers stay."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, update

from domain.lot import LotManifest, UploadFacts
from domain.review import Purpose
from domain.states import PaperState
from storage.registry import papers, review, reviewers, uploads
from storage.registry.schema import papers as paper_table
from storage.registry.schema import review_tasks

NOW = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
MIGRATIONS = Path(papers.__file__).parents[1] / "migrations"
TABLES = {"reviewers", "review_sheets", "review_tasks", "type_models"}


@pytest.fixture
def registry(registry):
    """A registry with a paper in review, on a sheet that a reviewer may decide."""
    with registry.begin() as db:
        uploads.open_lot(db, LotManifest(lot="lot"), at=NOW)
        facts = UploadFacts(name="a.pdf")
        scan = {"scan_id": "1" * 64, "key": "lot/a.pdf", "size_bytes": 7}
        uploads.register_upload(db, "lot", facts, **scan, at=NOW)
        place = {"split": 1, "position": 0, "pages": [1], "unit": "H31", "dossier": None}
        papers.add(db, paper_id="p1", scan_id="1" * 64, **place, at=NOW)
        db.execute(update(paper_table).values(state=PaperState.IN_REVIEW, description={}))
        _fill(db)
    return registry


def _fill(db):
    reviewers.put(db, "thu.ha", name="Thu Hà", pin_hash="x$y", at=NOW)
    review.enter(db, "p1", Purpose.DOUBT, field="number", unit="H31", at=NOW, due=NOW)
    numbers = list(db.execute(select(review_tasks.c.number)).scalars())
    review.add_sheet(db, "s1", numbers, at=NOW)


def _downgrade(registry, version):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with registry.begin() as db:
        config.attributes["connection"] = db
        command.downgrade(config, version)


def _tables(registry):
    with registry.read() as db:
        return set(inspect(db).get_table_names())


def test_the_review_tables_go_and_come_again_and_the_papers_stay(registry):
    assert _tables(registry) >= TABLES
    _downgrade(registry, "0001")
    assert not _tables(registry) & TABLES
    with registry.read() as db:  # no other column: those of later versions are gone
        state = select(paper_table.c.state).where(paper_table.c.id == "p1")
        assert db.execute(state).scalar_one() == PaperState.IN_REVIEW
    registry.migrate()
    with registry.begin() as db:
        assert review.open_sheets(db) == []
        _fill(db)
        assert review.open_sheets(db)[0]["left"] == 1

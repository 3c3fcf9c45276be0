"""Records for analysis: every archived paper once, owners masked, nothing that runs in a cell."""

import csv
import json

import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from deployments.cli.main import app
from domain.access import Access
from domain.errors import AlreadyExists, Undecided
from domain.spreadsheet import neutral
from storage.registry import audit
from tasks.amend import correct, withdraw
from tasks.export_records import COLUMNS, export_records
from tasks.house import house
from tasks.shelf import paper_row
from tests.flows.archived import archive_papers, owner_of

WHO = Access(requester="Phòng phân tích", purpose="báo cáo quý")


@pytest.fixture
def here(office):
    archive_papers(house(), 3)
    return house()


def _read(file, form):
    if form == "csv":
        with file.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))
    if form == "jsonl":
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return parquet.read_table(file).to_pylist()


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_archived_paper_is_one_row(here, tmp_path, form):
    """The same rows in every form, withdrawn papers among them; the file is the owner's alone."""
    ids = sorted(row["id"] for row in _all(here))
    withdraw(ids[0], by="Trần Thị Bình", reason="thu hồi")
    file = tmp_path / f"records.{form}"
    assert export_records(file, form, WHO).rows == 3
    rows = _read(file, form)
    assert [row["id"] for row in rows] == ids
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["state"] == "withdrawn"
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(AlreadyExists):
        export_records(file, form, WHO)


def _all(here):
    with here.registry.read() as db:
        from storage.registry import papers

        return papers.listed(db)


def test_owners_are_masked_unless_they_are_asked_for(here, tmp_path):
    """Neither identifier nor code tells the owner; with a purpose both do, and it is audited."""
    hidden, clear = tmp_path / "hidden.jsonl", tmp_path / "clear.jsonl"
    export_records(hidden, "jsonl", WHO)
    owners = {owner_of(number) for number in range(3)}
    assert not any(owner in hidden.read_text(encoding="utf-8") for owner in owners)
    export_records(clear, "jsonl", WHO, owners=True)
    assert {row["owner_id"] for row in _read(clear, "jsonl")} == owners
    with here.registry.read() as db:
        told = [row for row in audit.of(db, "jsonl") if row["action"] == "exported:records"]
    assert [row["detail"]["owners"] for row in told] == [False, True]
    assert {row["detail"]["purpose"] for row in told} == {WHO.purpose}


def test_owners_need_a_purpose_on_the_command_line(here, tmp_path):
    words = ["export", "csv", "-o", str(tmp_path / "x.csv"), "--owners"]
    assert isinstance(CliRunner().invoke(app, words).exception, Undecided)
    assert not (tmp_path / "x.csv").exists()


def test_what_a_spreadsheet_would_run_is_made_text(here, tmp_path):
    """A number that begins as a formula, as somebody may write it on a paper."""
    paper = next(row["id"] for row in _all(here) if row["type_id"] == "quyet-dinh")
    evil = "=HYPERLINK(1)"
    correct(paper, {"number": evil}, by="Trần Thị Bình", reason="thử")
    assert paper_row(paper)["number"] == evil
    export_records(tmp_path / "x.csv", "csv", WHO)
    (row,) = [row for row in _read(tmp_path / "x.csv", "csv") if row["id"] == paper]
    assert row["number"] == f"'{evil}"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "\u00a0=1", "＝1"])
def test_formulas_are_neutral(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "12/QĐ-UBND", "a=1", "Nguyễn - Trần"])
def test_other_text_stays(text):
    assert neutral(text) == text

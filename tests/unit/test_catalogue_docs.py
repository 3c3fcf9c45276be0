"""The province's folder of docs/catalogue.md works as written; the commands too."""

from __future__ import annotations

import json
import re
import shlex
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalogues import load_catalogue
from catalogues.loader import check_catalogue
from deployments.cli.catalogue import app

PAGE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```toml (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "danh-muc-cua-tinh"
    own.mkdir()
    for name, text in FILES:
        (own / name).write_text(text, encoding="utf-8")
    return own


def test_the_folder_of_the_page_is_free_of_mistakes_and_does_what_the_page_says(folder):
    assert len(FILES) == 5
    assert check_catalogue(folder).faults == ()
    ours, own = load_catalogue(), load_catalogue(folder)
    added = own.type("giay-xac-nhan-nguon-goc-nong-san")
    assert added.validity.last_day(date(2026, 8, 31)) == date(2027, 2, 28)
    assert len(own.types) == len(ours.types) + 1
    assert own.unit("H31.14").remote
    assert {unit.id for unit in own.successors("H31.5.21")} == {"H31.12", "H31.14"}
    assert own.retention_of(added.id).lock_until(date(2026, 1, 1)) == date(2027, 1, 1)
    assert ours.retention_of("the-bao-hiem-y-te").lock_years == 5
    permit = ("cap-giay-phep-xay-dung-nha-o-rieng-le", "ban-ve")
    assert ours.ruling(*permit, "compared_photo", date(2026, 1, 1)).rule == "may"
    assert own.ruling(*permit, "compared_photo", date(2026, 1, 1)).rule == "must"
    assert own.ruling(*permit, "compared_photo", date(2025, 12, 31)).rule == "may"
    assert own.ruling(*permit, "certified_copy", date(2026, 1, 1)).rule == "must_not"


def test_the_commands_of_the_page_run(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    lines = re.findall(r"^sohoa catalogue (.+)$", PAGE, re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        result = CliRunner().invoke(app, shlex.split(line))
        assert result.exit_code == 0, result.output


def test_check_names_every_mistake_and_ends_with_6(folder):
    (folder / "units.toml").write_text('[[unit]]\nid = "31"\nlevel = "xa"\n', encoding="utf-8")
    said = CliRunner().invoke(app, ["check", str(folder)])
    told = CliRunner().invoke(app, ["check", str(folder), "--json"])
    assert (said.exit_code, told.exit_code) == (6, 6)
    faults = json.loads(told.stdout)["faults"]
    assert sorted(fault["line"] for fault in faults) == [1, 2, 3]
    assert all(f"units.toml:{line}" in said.stdout for line in (1, 2, 3))


def test_the_configured_folder_is_the_one_that_is_shown(folder, monkeypatch):
    monkeypatch.setenv("SOHOA_CATALOGUE", str(folder))
    (entry,) = json.loads(CliRunner().invoke(app, ["show", "H31.14", "--json"]).stdout)
    assert (entry["kind"], entry["file"], entry["line"]) == ("units", str(folder / "units.toml"), 1)
    types = json.loads(CliRunner().invoke(app, ["list", "types", "--json"]).stdout)
    assert "giay-xac-nhan-nguon-goc-nong-san" in {found["id"] for found in types}

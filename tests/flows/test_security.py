"""What must never leave the registry and the archive, and what no name from outside can do."""

import io
import json
import os
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from domain.errors import DocumentFault, SohoaError
from domain.lot import LotManifest
from tasks.backup import back_up
from tasks.house import house
from tasks.shelf import listed
from tasks.upload import Overrides, upload
from tests.flows import papers as drawn
from tests.flows.archived import archive_papers

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("giay-khai-sinh", "trich-luc-khai-tu")
MAY_HOLD_PERSONS = (
    "registry.db",
    "store/archive",
    "store/intake",
    "store/work",
    "store/quarantine",
)


def _sohoa(*words):
    """A command as an operator types it; everything it writes."""
    done = subprocess.run(
        [sys.executable, "-c", "from deployments.cli.main import main; main()", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400"}
        | {"PREFECT_LOGGING_LEVEL": "DEBUG"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.stdout + done.stderr


def _persons():
    """Identifiers and names on the drawn papers, as printed and as one word."""
    found = set()
    for kind in KINDS:
        truth = drawn.paper(kind).truth
        found |= {truth.fields.owner_id, *truth.details.values()}
        if truth.fields.subject:
            found.add(truth.fields.subject)
    names = {text for text in found if text and " " in text and not any(map(str.isdigit, text))}
    return names | {text for text in found if text and text.isdigit() and len(text) == 12}


@pytest.fixture
def run(office, tmp_path, monkeypatch):
    """All that a digitized lot with faults in it has written anywhere."""
    lot = tmp_path / "lot"
    lot.mkdir()
    for kind in KINDS:
        (lot / f"{kind}.pdf").write_bytes(drawn.pdf(kind))
    (lot / "hong.pdf").write_bytes(drawn.truncated())
    said = _sohoa("digitize", str(lot), "--unit", "H31")
    assert listed()
    return said + _sohoa("papers", "--json")


def test_no_person_of_the_papers_stands_in_keys_logs_or_output(run):
    """Everything but the registry and the stores' contents: names of files, logs, tables, JSON."""
    persons = _persons()
    assert len(persons) >= 2
    home = house().settings.home
    files = [file for file in home.rglob("*") if file.is_file()]
    keys = "\n".join(str(file.relative_to(home)) for file in files)
    assert [text for text in persons if text in keys or text in run] == []
    for file in files:
        name = str(file.relative_to(home))
        if not name.startswith(MAY_HOLD_PERSONS):
            content = file.read_bytes()
            assert [text for text in persons if text.encode() in content] == [], name
    archived = b"".join(
        house().archive.objects.get(key)
        for key in house().archive.objects.keys()  # noqa: SIM118 - a store is no dict
    )  # or the persons would not be those of the papers
    assert any(text.encode() in archived for text in persons)


def test_nobody_else_on_the_machine_can_read_the_embedded_installation(office):
    home = house().settings.home
    archive_papers(house(), 1)
    back_up(house(), house().settings.backup_folder)
    open_ones = [
        f"{path.relative_to(home)} {path.stat().st_mode & 0o777:o}"
        for path in home.rglob("*")
        if path.stat().st_mode & 0o077
    ]
    assert open_ones == []


HOSTILE = [
    "../../etc/passwd",
    "..",
    "a/../../b.pdf",
    "/etc/cron.d/x",
    "a\\..\\b.pdf",
    "tên\nxấu.pdf",
    "null\0.pdf",
    "%2e%2e%2fx.pdf",
    "\u202efdp.exe",
    "a" * 300 + ".pdf",
    "inventory.json",
    ".part-x",
    "-rf",
    "=cmd|' /C calc'!A0.pdf",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_from_outside_stays_a_name(office, name):
    """As an object's key, in a manifest, as a lot: refused with a reason, or kept inside."""
    here = house()
    here.prepare()
    outside = {path for path in here.settings.home.parent.rglob("*") if path.is_file()}
    for key in (name, f"lo-1/{name}"):
        try:
            here.intake.put(key, b"x")
        except DocumentFault:
            continue
        assert here.intake.get(key) == b"x"
    for claim in ({"lot": name}, {"lot": "lo-1", "files": [name]}):
        try:
            LotManifest.model_validate(claim)
        except ValueError:
            continue
        assert "/" not in name
    for made in {p for p in here.settings.home.parent.rglob("*") if p.is_file()} - outside:
        assert made.is_relative_to(here.settings.home / "store/intake")


def test_a_zip_cannot_write_outside_its_folder(office, tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("lot.json", json.dumps({"lot": "zip", "files": ["a.pdf"]}))
        archive.writestr("../../../outside.pdf", b"%PDF-1.4 x")
        archive.writestr("/tmp/sohoa-outside.pdf", b"%PDF-1.4 x")  # noqa: S108 - must not be
    bad = tmp_path / "inbox" / "lot.zip"
    bad.write_bytes(held.getvalue())
    with suppress(SohoaError):  # refused as a whole, or taken under plain names
        upload([bad], Overrides())
    written = [path for path in tmp_path.rglob("*outside.pdf") if path.is_file()]
    assert all(path.parent == house().settings.home / "store/intake/zip" for path in written)
    assert not Path("/tmp/sohoa-outside.pdf").exists()  # noqa: S108


def test_secrets_stand_in_no_settings_shown_and_no_error(office, tmp_path, monkeypatch):
    secret = "bi-mat-8f31c0"
    file = tmp_path / "secret"
    file.write_text(secret)
    file.chmod(0o600)
    monkeypatch.setenv("SOHOA_REGISTRY__URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("SOHOA_REGISTRY__PASSWORD_FILE", str(file))
    monkeypatch.setenv("SOHOA_OUTBOX__TOKEN_FILE", str(file))
    house.cache_clear()
    here = house()
    shown = [repr(here.settings), here.settings.model_dump_json(), repr(here.registry)]
    with pytest.raises(SohoaError) as caught:
        here.registry.version()
    shown += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    from storage.registry.database import _engine

    shown += [repr(_engine(here.registry)), str(_engine(here.registry).url)]
    assert [text for text in shown if secret in text] == []
    house.cache_clear()

"""A watched folder: whole files only, each once, in order; a bad one never stops the rest."""

import json
import os
import threading
import time

import pytest
from sqlalchemy import select

from deployments.watcher import watcher
from domain.errors import ConfigurationFault
from domain.lot import MANIFEST_NAME
from domain.watching import DONE, FAULTY, is_passing, lot_of
from storage.registry import uploads
from storage.registry.schema import scans as scans_table
from storage.registry.schema import uploads as uploads_table
from tasks import spool
from tasks.house import house
from tasks.inbox import is_being_written
from tasks.spool import SPOOL, Facts, entries
from tests.store import installed

STABLE, QUIET = 0.1, 0.3


@pytest.fixture
def place(tmp_path, monkeypatch, test_keys):
    with installed(tmp_path, monkeypatch, test_keys) as here:
        yield here


@pytest.fixture
def folder(place, tmp_path):
    (tmp_path / "may-quet").mkdir()
    return tmp_path / "may-quet"


@pytest.fixture
def told():
    return []


@pytest.fixture
def watching(folder, told):
    made = _watching(folder, told)
    yield made
    made.inbox.close()


def _watching(folder, told=None):
    tell = (told if told is not None else []).append
    return watcher(folder, Facts(unit="H31"), tell, stable_seconds=STABLE, quiet_seconds=QUIET)


def _write(file, content=b"%PDF-1.4 scan"):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content + file.name.encode())
    return file


def _registered():
    """(lot, name) of every upload that the registry knows, in the order they came."""
    with house().registry.read() as db:
        query = select(uploads_table.c.lot_id, uploads_table.c.name).order_by(
            uploads_table.c.number
        )
        return [tuple(row) for row in db.execute(query)]


def test_a_sub_folder_is_a_lot_and_is_put_away_when_the_store_has_it(watching, folder):
    for name in ("b.pdf", "a.pdf"):
        _write(folder / "lo-1" / name)
    done = watching.run_once()
    assert (done.sent, done.put_aside) == (2, 0)
    assert _registered() == [("lo-1", "a.pdf"), ("lo-1", "b.pdf")]
    assert sorted(file.name for file in (folder / DONE / "lo-1").iterdir()) == ["a.pdf", "b.pdf"]
    assert list((folder / "lo-1").iterdir()) == []
    with house().registry.read() as db:
        assert {row["unit"] for row in _facts(db)} == {"H31"}


def _facts(db):
    return list(db.execute(select(scans_table.c.facts)).scalars())


def test_files_of_deeper_folders_with_names_that_run_together_are_both_sent(watching, folder):
    """`a/b.pdf` and `a_b.pdf` have one name in the spool."""
    _write(folder / "lo-1" / "a" / "b.pdf", b"deeper ")
    _write(folder / "lo-1" / "a_b.pdf")
    assert watching.run_once().sent == 2
    assert [lot for lot, _ in _registered()] == ["lo-1", "lo-1"]


def test_the_manifest_of_a_sub_folder_is_followed(watching, folder):
    manifest = {"lot": "ho-so-7", "unit": "H31.12", "officer": {"name": "An"}, "files": ["a.pdf"]}
    _write(folder / "thu muc" / "a.pdf")
    (folder / "thu muc" / MANIFEST_NAME).write_text(json.dumps(manifest))
    watching.run_once()
    assert _registered() == [("ho-so-7", "a.pdf")]
    with house().registry.read() as db:
        assert uploads.lot_manifest(db, "ho-so-7").officer.name == "An"
        assert [facts["unit"] for facts in _facts(db)] == ["H31.12"]


def test_a_lot_is_closed_by_its_manifest_without_waiting(folder, told):
    made = watcher(folder, Facts(), told.append, stable_seconds=STABLE, quiet_seconds=3600)
    _write(folder / "lo-1" / "a.pdf")
    _write(folder / "lo-2" / "a.pdf")
    manifest = {"lot": "lo-1", "files": ["a.pdf"]}
    (folder / "lo-1" / MANIFEST_NAME).write_text(json.dumps(manifest))
    made.look()
    time.sleep(STABLE)
    made.look()
    made.inbox.close()
    assert [lot.lot for lot in told] == ["lo-1"]


def test_files_beside_the_sub_folders_are_the_lot_of_the_day(watching, folder, told):
    _write(folder / "a.pdf")
    watching.run_once()
    assert [lot.lot for lot in told] == [f"may-quet-{house().today():%Y%m%d}"]


def test_a_file_that_grows_is_left_until_it_is_whole(watching, folder):
    file = _write(folder / "a.pdf")
    for _part in range(3):
        watching.look()
        time.sleep(STABLE / 2)
        with file.open("ab") as stream:
            stream.write(b"more")
    assert file.exists()
    watching.run_once()
    assert (folder / DONE).exists()


def test_a_file_that_a_program_holds_open_is_left_though_it_does_not_grow(watching, folder):
    """A file server keeps it open while the client on the other side thinks."""
    file = _write(folder / "a.pdf")
    with file.open("ab"):
        assert is_being_written(file)
        watching.look()
        time.sleep(2 * STABLE)
        watching.look()
        assert file.exists()
    assert not is_being_written(file)
    assert watching.run_once().sent == 1


@pytest.mark.parametrize("name", ["~$a.pdf", ".a.pdf", "a.pdf.part", "a.TMP", "Thumbs.db"])
def test_names_of_passing_files_are_left_alone(name):
    assert is_passing(name)
    assert not is_passing("a.pdf")


def test_a_bad_file_is_put_aside_with_a_reason_and_the_rest_goes_on(watching, folder, tmp_path):
    _write(folder / "lo-1" / "a.pdf")
    (folder / "lo-1" / "b.pdf").write_bytes(b"")
    (tmp_path / "secret").write_text("x")
    (folder / "lo-1" / "c.pdf").symlink_to(tmp_path / "secret")
    done = watching.run_once()
    assert (done.sent, done.put_aside) == (1, 2)
    assert _registered() == [("lo-1", "a.pdf")]
    reasons = {file.name: file.read_text() for file in (folder / FAULTY / "lo-1").glob("*.txt")}
    assert set(reasons) == {"b.pdf.ly-do.txt", "c.pdf.ly-do.txt"}
    assert "rỗng" in reasons["b.pdf.ly-do.txt"]


def test_a_wrong_manifest_puts_its_lot_aside_and_no_other(watching, folder):
    _write(folder / "lo-1" / "a.pdf")
    (folder / "lo-1" / MANIFEST_NAME).write_text("{")
    _write(folder / "lo-2" / "a.pdf")
    watching.run_once()
    assert _registered() == [("lo-2", "a.pdf")]
    put_aside = {file.name for file in (folder / FAULTY / "lo-1").iterdir()}
    assert put_aside == {"a.pdf", "a.pdf.ly-do.txt", MANIFEST_NAME}


def test_a_name_that_a_scanner_uses_again_is_a_scan_of_its_own(watching, folder):
    _write(folder / "lo-1" / "scan1.pdf")
    watching.run_once()
    (folder / "lo-1" / "scan1.pdf").write_bytes(b"%PDF-1.4 another")
    watching.run_once()
    assert _registered() == [("lo-1", "scan1.pdf")] * 2
    kept = sorted(file.name for file in (folder / DONE / "lo-1").iterdir())
    assert kept == ["scan1.2.pdf", "scan1.pdf"]


def test_what_was_sent_before_a_kill_is_not_handled_twice(folder, monkeypatch):
    """Killed between the store's answer and the move: sent again, known again."""
    for name in ("a.pdf", "b.pdf"):
        _write(folder / "lo-1" / name)
    first = _watching(folder)
    with monkeypatch.context() as patch:
        patch.setattr(spool, "move", _killed)
        with pytest.raises(KeyboardInterrupt):
            first.run_once()
    first.inbox.close()
    assert len(entries(folder)) == 1
    again = _watching(folder)
    assert again.run_once().sent == 2
    again.inbox.close()
    assert _registered() == [("lo-1", "a.pdf"), ("lo-1", "b.pdf")]


def _killed(*_args):
    raise KeyboardInterrupt


def test_what_was_half_taken_before_a_kill_is_sent(folder, monkeypatch):
    for name in ("a.pdf", "b.pdf"):
        _write(folder / "lo-1" / name)
    begun = folder / SPOOL / ".dang-chuyen-00000000000000000001-lo-1"
    begun.mkdir(parents=True)
    (folder / "lo-1" / "a.pdf").rename(begun / "a.pdf")
    made = _watching(folder)
    assert made.run_once().sent == 2
    made.inbox.close()
    assert _registered() == [("lo-1", "a.pdf"), ("lo-1", "b.pdf")]


def test_a_folder_that_is_away_for_a_while_does_not_stop_the_watcher(folder, told):
    """A share that is unmounted and mounted again."""
    made, over = _watching(folder, told), threading.Event()
    thread = threading.Thread(target=made.run, args=(over,))
    thread.start()
    try:
        folder.rename(folder.with_name("away"))
        time.sleep(3 * STABLE)
        folder.with_name("away").rename(folder)
        _write(folder / "lo-1" / "a.pdf")
        deadline = time.monotonic() + 30
        while not told and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        over.set()
        thread.join()
        made.inbox.close()
    assert [lot.sent for lot in told] == [1]


def test_two_watchers_do_not_share_a_folder(watching, folder):
    with pytest.raises(ConfigurationFault, match="khác"):
        _watching(folder)


def test_facts_that_no_lot_can_say_are_refused_before_a_file_is_touched(folder):
    for facts in (Facts(unit="x" * 41), Facts(officer="x" * 121)):
        with pytest.raises(ConfigurationFault, match="dài quá"):
            watcher(folder, facts, print, stable_seconds=STABLE, quiet_seconds=QUIET)
    assert not (folder / SPOOL).exists()


def test_the_lots_of_two_folders_are_never_the_same():
    names = ["lo-1", "Lô 1", "Lo 1", "lô-1", "", "đợt 2/3", "x" * 200, os.fsdecode(b"\xff")]
    lots = [lot_of(name) for name in names]
    assert len(set(lots)) == len(names)
    assert lots[0] == "lo-1"

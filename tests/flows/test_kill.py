"""Killed at every step boundary and run again: nothing lost, nothing doubled."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import DocumentFault, IntegrityFault, Unavailable
from domain.states import PaperState
from tasks.house import house
from tasks.shelf import listed
from tasks.verify import verify_paper
from tests.flows import papers as drawn
from tests.invariants import violations

STEPS = (
    "open_pages",
    "recognise",
    "compose",
    "sign_as_officer",
    "describe",
    "assign_codes",
    "sign_as_agency",
    "archive",
    "register",
)
KILLED = -9

# Runs the line and is killed (SIGKILL, no clean-up of any kind) right after the named step.
VICTIM = """
import os, signal, sys
from flows import digitize as line
step = getattr(line, sys.argv[1])
real = step.fn
def then_die(*args):
    real(*args)
    os.kill(os.getpid(), signal.SIGKILL)
step.fn = then_die
line.digitize.fn("lo-1")
"""


def _run_and_die(step):
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-c", VICTIM, step],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_a_run_killed_after_each_step_in_turn_ends_with_every_paper_archived_once(office):
    office.bring(
        {
            "a.pdf": drawn.pdf("giay-khai-sinh"),
            "bad.pdf": drawn.truncated(),
            "b.jpg": drawn.jpeg("trich-luc-khai-tu"),
        }
    )
    for step in STEPS:
        victim = _run_and_die(step)
        assert victim.returncode == KILLED, victim.stderr.decode()[-2000:]
    summary = office.run()
    assert summary.unfinished == ()
    scans = summary.scans
    assert scans.total == scans.done + scans.already + scans.set_aside == 3
    rows = listed()
    assert [row["state"] for row in rows] == [PaperState.ARCHIVED] * 2
    assert len({row["code"] for row in rows}) == 2
    assert {row["code"].rpartition(".")[2] for row in rows} == {"01"}
    assert {row["archive_version"] for row in rows} == {1}
    assert all(verify_paper(row["id"]).sound for row in rows)
    archive = house().archive
    assert len(list(archive.object_ids())) == 4


def test_what_a_killed_process_left_in_its_private_folder_is_removed(office):
    """Pages and words of people must not stay on the disk of a worker that died."""
    here = house()
    here.prepare()
    living = here.settings.home / "scratch" / f"{here.worker.replace('/', '~')}~x"
    dead = living.with_name(living.name.replace(f"~{os.getpid()}~", "~999999999~"))
    foreign = living.with_name(f"other-host~1~2~3~{living.name[-1]}")
    for folder in (living, dead, foreign):
        folder.mkdir(parents=True)
        (folder / "page.png").write_bytes(b"a page")
    here.prepare()
    assert [folder.exists() for folder in (living, dead, foreign)] == [True, False, True]


def test_a_full_disk_is_not_the_documents_fault(office, monkeypatch):
    """Libraries that cannot write call the document damaged."""
    here = house()
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))
    for fault in (DocumentFault("damaged", "hỏng"), OSError(28, "No space left on device")):
        with pytest.raises(Unavailable), here.scratch():
            raise fault
    with pytest.raises(IntegrityFault), here.scratch():
        raise IntegrityFault


@pytest.mark.parametrize("then", ["done", "set_aside"])
def test_a_release_that_was_cut_off_is_ended_by_the_next_run(office, monkeypatch, then):
    """Killed behind the last transaction: pages and upload do not stay behind."""
    content = drawn.pdf("giay-khai-sinh") if then == "done" else drawn.truncated()
    office.bring({"a.pdf": content})

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("storage.content.ContentStore.clear", die)
        with pytest.raises(KeyboardInterrupt):
            office.run()
    assert "lo-1/a.pdf" in house().intake.keys()  # noqa: SIM118 - a store is no dict
    office.run()
    assert violations(house()) == []

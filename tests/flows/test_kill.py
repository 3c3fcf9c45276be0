"""Killed at every step boundary and run again: nothing lost, nothing doubled."""

import os
import subprocess
import sys
from pathlib import Path

from domain.states import PaperState
from tasks.house import house
from tasks.shelf import listed
from tasks.verify import verify_paper
from tests.flows import papers as drawn

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

"""A run from the nursery is for its worker what a run of its own would be, only sooner."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.warm import start
from tests.integration.conftest import wait_for

SLEEPER = "tests.servers.sleeper"
ROOT = Path(__file__).parents[2]
SECONDS = 60


def _asking(socket, asked, folder):
    """The worker's side: the command that it runs for one flow run."""
    command = [sys.executable, "-I", "-S", start.__file__, str(socket), SLEEPER]
    env = {**os.environ, "ASKED": asked, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=env, cwd=folder, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def nursery(tmp_path_factory):
    """A nursery of the tests' own: its socket and its process."""
    home = tmp_path_factory.mktemp("w")
    env = {**os.environ, "SOHOA_HOME": str(home), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-m", "deployments.cli", "warm"], env=env)
    socket = home / "run/warm.sock"
    try:
        wait_for(socket.is_socket, "the nursery's socket", SECONDS)
        yield socket, process
    finally:
        process.terminate()
        process.wait(SECONDS)
    assert not socket.exists()


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _first_line(process):
    run, keeper, asked, folder = process.stdout.readline().split()
    return int(run), int(keeper), asked, folder


def test_a_run_has_the_environment_folder_and_outputs_of_who_asks(nursery, tmp_path):
    asking = _asking(nursery[0], "this", tmp_path)
    _run, _keeper, asked, folder = _first_line(asking)
    assert (asked, folder) == ("this", str(tmp_path))
    assert asking.wait(SECONDS) == 7


def test_a_run_is_a_fork_of_the_nursery(nursery, tmp_path):
    asking = _asking(nursery[0], "wait", tmp_path)
    run, keeper, *_ = _first_line(asking)
    parent = Path(f"/proc/{keeper}/stat").read_text().rpartition(")")[2].split()[1]
    assert int(parent) == nursery[1].pid
    asking.terminate()
    asking.wait(SECONDS)
    wait_for(lambda: not _alive(run), "the end of the run", SECONDS)


def test_a_signal_for_the_run_reaches_it_and_its_end_is_told(nursery, tmp_path):
    asking = _asking(nursery[0], "wait", tmp_path)
    run, *_ = _first_line(asking)
    asking.terminate()
    assert asking.wait(SECONDS) == -signal.SIGTERM
    assert not _alive(run)


def test_a_run_does_not_outlive_who_asked_for_it(nursery, tmp_path):
    """A worker that must kill a run kills the process that it knows."""
    asking = _asking(nursery[0], "wait", tmp_path)
    run, keeper, *_ = _first_line(asking)
    asking.kill()
    asking.wait(SECONDS)
    wait_for(lambda: not _alive(run) and not _alive(keeper), "the end of the run", SECONDS)


def test_a_run_that_is_killed_is_told_as_killed(nursery, tmp_path):
    asking = _asking(nursery[0], "wait", tmp_path)
    run, *_ = _first_line(asking)
    os.kill(run, signal.SIGKILL)
    assert asking.wait(SECONDS) == -signal.SIGKILL


def test_the_children_that_read_are_warm_as_well(nursery, tmp_path):
    asking = _asking(nursery[0], "children", tmp_path)
    _first_line(asking)
    assert {"tesserocr", "pikepdf", "reading.recognise"} <= set(asking.stdout.readline().split())
    assert asking.wait(SECONDS) == 7


def test_without_a_nursery_a_run_starts_cold(tmp_path):
    asking = _asking(tmp_path / "none.sock", "this", tmp_path)
    run, *_ = _first_line(asking)
    assert run == asking.pid
    assert asking.wait(SECONDS) == 7

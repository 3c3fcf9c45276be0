"""Child processes: whatever a document does to one, the caller gets an answer and goes on."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.errors import ConfigurationFault, DocumentFault, Unavailable
from reading.limits import Limits
from reading.pool import ReadingPool


@pytest.fixture(scope="module")
def pool():
    with ReadingPool(Limits(memory_bytes=512 << 20), processes=2) as running:
        yield running


def double(number):
    return 2 * number


def own_process():
    time.sleep(0.05)
    return os.getpid()


def refuse(reason):
    raise DocumentFault(reason, "Thông báo cho cán bộ.")


def misconfigured():
    raise ConfigurationFault("cài lại")


def hang():
    time.sleep(600)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def abort():
    os.abort()


def devour():
    return len(bytearray(2 << 30))


def environment():
    return os.environ["OMP_THREAD_LIMIT"], os.environ["OPENBLAS_NUM_THREADS"]


def reason_of(pool, function, *args, seconds=20.0):
    with pytest.raises(DocumentFault) as caught:
        pool.run(function, *args, timeout_seconds=seconds)
    return caught.value.reason


def test_results_come_in_order_from_other_processes(pool):
    """All pages of a scan are spread over the children."""
    assert pool.map(double, [(n,) for n in range(20)], 10) == [2 * n for n in range(20)]
    children = set(pool.map(own_process, [()] * 12, 10))
    assert len(children) == 2
    assert os.getpid() not in children


def test_a_refusal_keeps_reason_and_message(pool):
    """DocumentFault arrives as it was raised."""
    with pytest.raises(DocumentFault, match="Thông báo cho cán bộ") as caught:
        pool.run(refuse, "truncated", timeout_seconds=10)
    assert caught.value.reason == "truncated"


def test_other_errors_keep_their_class(pool):
    """What is not the document's fault is not blamed on it."""
    with pytest.raises(ConfigurationFault):
        pool.run(misconfigured, timeout_seconds=10)


def test_a_child_that_hangs_is_killed_in_time(pool):
    """The time-out is a refusal, and it comes when it should."""
    began = time.monotonic()
    assert reason_of(pool, hang, seconds=1.0) == "timeout"
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("function", [die, abort])
def test_a_child_that_dies_costs_one_task(pool, function):
    """The next task finds a fresh child."""
    assert reason_of(pool, function) == "crashed"
    assert pool.run(double, 4, timeout_seconds=20) == 8


def kill_self():
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_pool_whose_children_all_die_at_once_is_made_anew(pool):
    """Killed at rest or at the very start of a task: the next scans are read all the same."""
    children = set(pool.map(own_process, [()] * 12, 10))
    for child in children:
        os.kill(child, signal.SIGKILL)
    time.sleep(1)
    assert pool.run(double, 4, timeout_seconds=20) == 8
    assert reason_of(pool, kill_self) == "crashed"
    assert pool.run(double, 5, timeout_seconds=20) == 10


def test_memory_is_bounded(pool):
    """Two gibibytes are refused by a child that may have half of one."""
    assert reason_of(pool, devour) == "too_large"
    assert pool.run(double, 4, timeout_seconds=20) == 8


def test_a_crash_does_not_disturb_the_tasks_of_other_threads(pool):
    """Several scans use the pool at once; one bad page is one bad page."""

    def scan(number):
        if number == 2:
            return reason_of(pool, die)
        return pool.map(double, [(number,)] * 5, 20)

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(scan, range(4)))
    assert results == [[0] * 5, [2] * 5, "crashed", [6] * 5]


def test_libraries_in_a_child_use_one_thread(pool):
    """Parallelism is one process per core, never threads within them."""
    assert pool.run(environment, timeout_seconds=10) == ("1", "1")


def test_children_end_with_a_parent_that_is_killed(tmp_path):
    """A killed worker leaves no process behind."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, time\n"
        "from reading.pool import ReadingPool\n"
        "if __name__ == '__main__':\n"
        "    pool = ReadingPool(processes=2)\n"
        "    print(pool.run(os.getpid, timeout_seconds=20), flush=True)\n"
        "    time.sleep(60)\n"
    )
    environment_ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment_
    ) as parent:
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the child outlived its parent")


def nap():
    time.sleep(1)
    return "rested"


def test_a_clock_that_is_set_forward_stops_no_task(pool, monkeypatch):
    """The library goes by the wall clock: a jump of an hour is not an hour of work."""
    real = time.time
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(pool.run, nap, timeout_seconds=30)
        time.sleep(0.4)
        monkeypatch.setattr(time, "time", lambda: real() + 3600)
        assert waiting.result(30) == "rested"


def test_a_pool_that_cannot_be_started_is_the_machines_fault(monkeypatch):
    with ReadingPool(Limits(), processes=1) as pool:

        def refuse_all(*_args, **_options):
            raise RuntimeError("Unexpected error within the Pool")

        monkeypatch.setattr("pebble.ProcessPool.schedule", refuse_all)
        with pytest.raises(Unavailable):
            pool.run(double, 2, timeout_seconds=5)


MAIN = """
import turtledemo  # stands for what the parent needs and a child does not
from reading.pool import ReadingPool

if __name__ == "__main__":
    with ReadingPool(processes=1) as pool:
        loaded = "'turtledemo' in __import__('sys').modules"
        print(eval(loaded), pool.run(eval, loaded, timeout_seconds=60))
"""


def test_a_child_does_not_run_its_parents_main_module(tmp_path):
    """That of a flow run is Prefect: seconds and megabytes in each child, and its settings."""
    (tmp_path / "parents_main.py").write_text(MAIN)
    paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    done = subprocess.run(
        [sys.executable, "-m", "parents_main"],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.split() == ["True", "False"]

"""A cursor that nobody closed stops no thread but the collector's."""

import subprocess
import sys

import pytest

BUSY_SECONDS = 6
SCRIPT = """
import gc, sqlite3, sys, threading, time
from deployments.sqlite_server import collect_aside

if sys.argv[1] == "aside":
    collect_aside(every=0.01)

def connect():
    return sqlite3.connect(sys.argv[2], timeout=float(sys.argv[3]), check_same_thread=False,
                           isolation_level=None)

writer, waiter = connect(), connect()
writer.execute("CREATE TABLE paper (code TEXT)")

class Forgotten:
    def __init__(self):
        self.cursor = waiter.execute("VALUES (1), (2)")
        self.cursor.fetchone()  # one is left: the statement is under way
        self.itself = self

forgotten = Forgotten()
writer.execute("BEGIN IMMEDIATE")
refused = []
moments = []
gc.callbacks.append(lambda phase, _: moments.append((phase, time.monotonic())))

def wait():
    try:
        waiter.execute("INSERT INTO paper VALUES ('c')")
    except sqlite3.OperationalError as error:
        refused.append(error)

waiting = threading.Thread(target=wait)
waiting.start()
time.sleep(0.5)
del forgotten
began = time.monotonic()
while time.monotonic() - began < 1:  # as a server's event loop does: objects in plenty
    [[] for _ in range(2000)]
held_up = time.monotonic() - began
writer.execute("COMMIT")
waiting.join()
time.sleep(0.1)
starts = [moment for phase, moment in moments if phase == "start"]
ends = [moment for phase, moment in moments if phase == "stop"]
print(held_up, max(end - start for start, end in zip(starts, ends)), len(refused))
"""


@pytest.mark.parametrize("how", ["aside", "as Python does"])
def test_whoever_holds_the_lock_goes_on_while_a_cursor_is_collected(tmp_path, how):
    """The holder is held up until the waiter gives up, but for `collect_aside`.

    In both, a collection waits for the connection.
    """
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how, str(tmp_path / "papers.db"), str(BUSY_SECONDS)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    held_up, collection, refused = map(float, done.stdout.split())
    assert collection > 0.5
    if how == "aside":
        assert held_up < BUSY_SECONDS / 2
        assert not refused
    else:
        assert held_up > BUSY_SECONDS / 2
        assert refused == 1

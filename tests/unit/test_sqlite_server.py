"""A cursor that nobody closed stops no thread but the collector's."""

import subprocess
import sys

import pytest

BUSY_SECONDS = 6
SCRIPT = """
import gc, sqlite3, sys, threading, time
from deployments.sqlite_server import collect_aside

if sys.argv[1] == "aside":
    collect_aside(every=0.05)

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

Forgotten()
writer.execute("BEGIN IMMEDIATE")
refused = []

def wait():
    try:
        waiter.execute("INSERT INTO paper VALUES ('c')")
    except sqlite3.OperationalError as error:
        refused.append(error)

waiting = threading.Thread(target=wait)
waiting.start()
time.sleep(0.5)
began = time.monotonic()
while time.monotonic() - began < 1:  # as a server's event loop does: objects in plenty
    [[] for _ in range(2000)]
longest = time.monotonic() - began
writer.execute("COMMIT")
waiting.join()
print(longest, len(refused))
"""


@pytest.mark.parametrize("how", ["aside", "as Python does"])
def test_whoever_holds_the_lock_goes_on_while_a_cursor_is_collected(tmp_path, how):
    """The holder is held up until the waiter gives up, but for `collect_aside`."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how, str(tmp_path / "papers.db"), str(BUSY_SECONDS)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    seconds, refused = done.stdout.split()
    if how == "aside":
        assert (float(seconds) < BUSY_SECONDS / 2, refused) == (True, "0")
    else:
        assert (float(seconds) > BUSY_SECONDS / 2, refused) == (True, "1")

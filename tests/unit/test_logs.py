"""Lines of JSON: what a collector needs to find a scan, and nothing of what was read."""

import json
import logging
import os
import subprocess
import sys

from tasks.logs import PREFECT_VARIABLES, JsonLines, about_scan


def _line(message, **extra):
    record = logging.LogRecord("sohoa.x", logging.WARNING, __file__, 1, message, (), None)
    vars(record).update(extra)
    return json.loads(JsonLines().format(record))


def test_a_line_says_when_where_and_about_which_scan():
    with about_scan("ab" * 32):
        said = _line("để riêng\nhai dòng", paper="0f0e")
    assert said["message"] == "để riêng\nhai dòng"
    assert (said["level"], said["logger"], said["scan"]) == ("warning", "sohoa.x", "ab" * 32)
    assert said["paper"] == "0f0e"
    assert said["time"].endswith("+07:00")


def test_outside_a_scan_none_is_named():
    with about_scan("ab" * 32):
        pass
    assert "scan" not in _line("x")


def test_prefect_writes_the_same_lines():
    """Its console handler is replaced by the variables that server, worker and runs are given."""
    code = (
        "import logging; from tasks.logs import about_scan\n"
        "from prefect.logging.configuration import setup_logging; setup_logging()\n"
        "with about_scan('cd' * 32): logging.getLogger('prefect.x').warning('có tin')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **PREFECT_VARIABLES},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    (said,) = map(json.loads, done.stderr.splitlines())
    assert (said["message"], said["scan"]) == ("có tin", "cd" * 32)

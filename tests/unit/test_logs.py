"""Lines of JSON: what a collector needs to find a scan, and nothing of what was read."""

import json
import logging
import os
import subprocess
import sys
from contextlib import suppress

from tasks.logs import PREFECT_VARIABLES, JsonLines, about_paper, about_scan, each_paper


def _line(message):
    record = logging.LogRecord("sohoa.x", logging.WARNING, __file__, 1, message, (), None)
    return json.loads(JsonLines().format(record))


def test_a_line_says_when_where_and_about_which_scan():
    with about_scan("ab" * 32), about_paper("0f0e"):
        said = _line("để riêng\nhai dòng")
    assert said["message"] == "để riêng\nhai dòng"
    assert (said["level"], said["logger"], said["scan"]) == ("warning", "sohoa.x", "ab" * 32)
    assert said["paper"] == "0f0e"
    assert said["time"].endswith("+07:00")


def test_outside_a_scan_none_is_named():
    with about_scan("ab" * 32):
        pass
    assert "scan" not in _line("x")


def test_papers_of_a_scan_are_named_one_after_the_other():
    """After an error the paper at fault is named up to the end of its scan, and no longer."""
    with about_scan("ab" * 32):
        assert [_line("x")["paper"] for _ in each_paper(("1", "2"))] == ["1", "2"]
        assert "paper" not in _line("x")
        with suppress(ValueError):
            for _ in each_paper(("3", "4")):
                raise ValueError
        assert _line("để riêng")["paper"] == "3"
    assert "paper" not in _line("x")


def test_a_scan_held_for_one_of_its_papers_names_it():
    """A paper named outside stays named inside."""
    with about_scan("ab" * 32, "0f0e"):
        assert _line("x")["paper"] == "0f0e"
    with about_paper("0a"), about_scan("ab" * 32):
        assert _line("x")["paper"] == "0a"


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

"""Lines of the log while a lot is worked on: which scan and which paper each one is about."""

import json
import logging

import pytest

from tasks.amend import correct
from tasks.house import house
from tasks.logs import JsonLines
from tasks.shelf import listed
from tests.flows import papers as drawn


@pytest.fixture
def lines(office):
    """What the database driver logs, statement by statement, as a collector gets it."""
    found = []

    class Collector(logging.Handler):
        def emit(self, record):
            found.append(json.loads(JsonLines().format(record)))

    logger, handler = logging.getLogger("sqlalchemy.engine.Engine"), Collector()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    house.cache_clear()
    yield found
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def _writes(lines):
    """Of the lines that tell of a change to a paper: (scan, paper)."""
    changes = [line for line in lines if line["message"].startswith("UPDATE papers")]
    return [(line.get("scan"), line.get("paper")) for line in changes]


def test_what_is_done_to_a_paper_is_logged_with_its_id(office, lines):
    """In every step of the line, of two scans that are worked on at once."""
    office.digitize({f"{n}.jpg": drawn.jpeg("giay-khai-sinh", n) for n in (1, 2)})
    ours = {(row["scan_id"], row["id"]): row["state"] for row in listed()}
    assert len(ours) == 2
    assert set(_writes(lines)) == set(ours)
    # composed, signed by both, described, coded, archived, registered; the other waits in review
    assert all(
        _writes(lines).count(one) >= (6 if state == "archived" else 3)
        for one, state in ours.items()
    )


def test_a_correction_is_logged_with_the_paper_s_id(office, lines):
    office.digitize({"a.jpg": drawn.jpeg("giay-khai-sinh", 1)})
    (row,) = listed()
    lines.clear()
    correct(row["id"], {"number": "77/QĐ-UBND"}, by="Trần Thị Bình", reason="nhầm")
    assert set(_writes(lines)) == {(row["scan_id"], row["id"])}

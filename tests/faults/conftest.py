"""How long the fault tests run, and the installation they harm."""

import os

import pytest

from tests.faults.site import opened

KILLS = int(os.environ.get("FAULT_KILLS", "10"))
SEED = int(os.environ.get("FAULT_SEED") or int.from_bytes(os.urandom(4), "big"))


def pytest_report_header():
    """Printed before the tests: with this seed the same kills happen again."""
    return f"faults: {KILLS} kills, FAULT_SEED={SEED}"


@pytest.fixture
def site(tmp_path, monkeypatch, test_keys):
    """An installation in a folder, on SQLite."""
    with opened(tmp_path, monkeypatch, test_keys) as site:
        yield site

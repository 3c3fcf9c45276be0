"""Papers that wait for a person, read once and shared: each test gets its own copy of the home."""

import json
import shutil

import pytest

from domain.states import PaperState
from flows import preserve as flow
from tasks.house import house
from tasks.preserve import time_stamp_archived
from tasks.shelf import listed
from tests.flows import papers as drawn
from tests.flows.counted import counting_province
from tests.flows.protected import authority_settings, forget_services
from tests.office import opened


@pytest.fixture(scope="session")
def letter_read(tmp_path_factory, reading_pool, test_keys):
    """The home of an installation that has read one letter of no known type."""
    folder = tmp_path_factory.mktemp("letter")
    with (
        pytest.MonkeyPatch.context() as patch,
        opened(folder, patch, reading_pool, test_keys) as office,
    ):
        office.digitize({"letter.jpg": drawn.unknown()})
    return folder / "home"


@pytest.fixture
def waiting(office, tmp_path, letter_read):
    """The id of a paper in review."""
    shutil.copytree(letter_read, tmp_path / "home", dirs_exist_ok=True)
    house.cache_clear()
    return listed(PaperState.IN_REVIEW)[0]["id"]


@pytest.fixture
def province(tmp_path, monkeypatch, test_keys):
    """The folder of an installation with invented units of both generations, for counting."""
    with counting_province(tmp_path, monkeypatch) as folder:
        yield folder


@pytest.fixture
def settings(monkeypatch):
    """Change settings: `settings(SIGNATURES__LEVEL="B-T")`."""

    def change(**values):
        for name, value in values.items():
            text = value if isinstance(value, str) else json.dumps(value)
            monkeypatch.setenv(f"SOHOA_{name}", text)
        house.cache_clear()

    return change


@pytest.fixture
def stamped(office, pki, monkeypatch):
    """An office with keys of one authority, and two that stamp times."""
    for name, value in authority_settings(pki).items():
        monkeypatch.setenv(name, value)
    house.cache_clear()
    # A step waits forty seconds for what may come back by itself; these tests know better.
    monkeypatch.setattr(flow, "time_stamp_archived", time_stamp_archived.fn)
    forget_services()
    yield office
    forget_services()

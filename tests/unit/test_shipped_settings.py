"""The settings file that we ship for many hosts is one that this software reads."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deployments import server
from tasks.house import House
from tasks.settings import CONFIG_VARIABLE, load_settings
from tests.servers.installation import SHIPPED


@pytest.fixture
def house(monkeypatch):
    """A house built from the shipped file; nothing in it is opened."""
    monkeypatch.delenv("SOHOA_HOME", raising=False)
    monkeypatch.setenv(CONFIG_VARIABLE, str(SHIPPED / "sohoa.toml"))
    return House(load_settings())


def test_all_that_steps_leave_for_each_other_is_shared_by_the_hosts(house):
    stores = [house.settings.store(name) for name in ("intake", "work", "archive", "quarantine")]
    assert {store.kind for store in stores} == {"s3"}
    assert len({store.bucket for store in stores}) == len(stores)
    assert house.registry.url.startswith("postgresql")


def test_every_secret_is_a_file_of_one_folder(house):
    keys = house.settings.keys
    files = [
        house.owner_key_file,
        house.registry.password_file,
        house.settings.store("intake").credentials_file,
        house.settings.listen.secret_file,
        keys.agency.passphrase_file,
        keys.officer.passphrase_file,
    ]
    assert {file.parent for file in files} == {Path("/etc/sohoa/secrets")}


def test_the_archive_is_locked(house):
    assert house.settings.store("archive").lock == "COMPLIANCE"


_RETENTION_OF = """
import json
from prefect.settings import get_current_settings
server = get_current_settings().server
vacuum = server.services.db_vacuum
periods = (server.events.retention_period, vacuum.retention_period)
days = [period.total_seconds() / 86_400 for period in periods]
print(json.dumps([*days, sorted(vacuum.enabled), vacuum.batch_size]))
"""


def _retention(folder, env):
    """How long Prefect keeps events and runs, which kinds it clears away, how many at once."""
    done = subprocess.run(
        [sys.executable, "-c", _RETENTION_OF],
        cwd=folder,
        env={**env, "PREFECT_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def test_one_host_and_many_throw_runs_and_events_away_at_the_same_age(tmp_path, monkeypatch):
    """As Prefect itself reads the environment of `make server`, and the file for many hosts."""
    monkeypatch.delenv("SOHOA_HOME", raising=False)
    one, many = tmp_path / "one", tmp_path / "many"
    for folder in (one, many):
        folder.mkdir()
    shutil.copyfile(SHIPPED / "prefect-server.toml", many / "prefect.toml")
    expected = [3, 30, ["events", "flow_runs"], 1000]
    assert _retention(one, server.environment(one, 4200)) == expected
    assert _retention(many, dict(os.environ)) == expected

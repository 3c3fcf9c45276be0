"""The settings file that we ship for many hosts is one that this software reads."""

from pathlib import Path

import pytest

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

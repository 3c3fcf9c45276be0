"""The audit chain, the owners' key and the registry's backup: nothing changes unseen."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from deployments.cli.main import app
from domain.errors import AlreadyExists, ConfigurationFault, IntegrityFault
from flows.backup import backup
from storage.registry import audit
from storage.registry.database import Registry
from tasks.audit import parse_head, verify_audit
from tasks.backup import back_up, check_backup, restore_backup
from tasks.checks import run_checks
from tasks.house import House, house
from tasks.settings import load_settings
from tests.flows.archived import archive_papers


def _sql(here, *statements):
    with here.registry.begin() as db:
        for statement in statements:
            db.exec_driver_sql(statement)


def _fresh(monkeypatch, home):
    monkeypatch.setenv("SOHOA_HOME", str(home))
    house.cache_clear()
    return House(load_settings())


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE audit SET actor = 'ai đó' WHERE seq = 5",
        "UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE seq = 5",
        "UPDATE audit SET at = 'hôm qua' WHERE seq = 5",
        "UPDATE audit SET detail = '{hỏng' WHERE seq = 5",
        "UPDATE audit SET digest = previous WHERE seq = 5",
        "DELETE FROM audit WHERE seq = 5",
        "DELETE FROM audit WHERE seq >= 5",
        "UPDATE audit SET seq = -5 WHERE seq = 5",
    ],
)
def test_an_altered_or_removed_audit_row_is_found_and_named(office, harm):
    here = house()
    archive_papers(here, 2)
    assert verify_audit(here).sound
    _sql(here, harm)
    found = verify_audit(here)
    assert not found.sound
    assert found.broken_at in {1, 5}  # a row before the first shows at the first
    result = CliRunner().invoke(app, ["audit", "verify"])
    assert isinstance(result.exception, IntegrityFault)
    checks = {check.part: check for check in run_checks(here)}
    assert checks["nhật ký"].fatal


def test_a_chain_rewritten_to_its_end_is_given_away_by_a_head_noted_before(office):
    here = house()
    archive_papers(here, 2)
    noted = parse_head(verify_audit(here).head)
    last = noted.seq
    _sql(
        here,
        "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
        "UPDATE audit_head SET (seq, digest) = "
        "(SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1)",
    )
    assert verify_audit(here).sound  # in itself
    assert verify_audit(here, anchor=noted).broken_at == last
    with here.registry.begin() as db:
        audit.append(db, "other", "x", actor="a", at=here.now())
    assert verify_audit(here).sound
    assert verify_audit(here, anchor=noted).broken_at == last


def test_a_removed_head_is_found(office):
    here = house()
    archive_papers(here, 1)
    _sql(here, "DELETE FROM audit_head")
    assert not verify_audit(here).sound


def test_a_missing_or_other_owner_key_stops_and_no_new_one_is_made(office):
    here = house()
    archive_papers(here, 1)
    file = here.owner_key_file
    kept = file.read_bytes()
    file.unlink()
    with pytest.raises(ConfigurationFault, match=r"owner\.key.*sao lưu"):
        House(load_settings()).prepare()
    assert not file.exists()
    file.write_bytes(bytes(32))
    with pytest.raises(ConfigurationFault, match="không phải khóa"):
        House(load_settings()).owner_hash("001")
    file.write_bytes(kept[:31])
    with pytest.raises(ConfigurationFault, match="31 byte"):
        House(load_settings()).prepare()
    file.write_bytes(kept)
    House(load_settings()).prepare()


def test_a_registry_from_before_fingerprints_takes_only_the_key_that_made_its_hashes(office):
    here = house()
    archive_papers(here, 1)
    kept = here.owner_key_file.read_bytes()
    _sql(here, "DELETE FROM installation")
    here.owner_key_file.write_bytes(bytes(32))
    with pytest.raises(ConfigurationFault, match="không phải khóa"):
        House(load_settings()).prepare()
    here.owner_key_file.unlink()
    with pytest.raises(ConfigurationFault, match="Thiếu khóa"):
        House(load_settings()).prepare()
    here.owner_key_file.write_bytes(kept)
    House(load_settings()).prepare()


def test_a_second_host_without_the_key_is_stopped(office, tmp_path, monkeypatch):
    first = house()
    first.prepare()
    shutil.copytree(first.settings.home / "keys", tmp_path / "second/keys")
    (tmp_path / "second/keys/owner.key").unlink()
    monkeypatch.setenv("SOHOA_REGISTRY__URL", first.registry.url)
    second = _fresh(monkeypatch, tmp_path / "second")
    with pytest.raises(ConfigurationFault, match="máy đầu tiên"):
        second.prepare()


def test_a_backup_brings_back_registry_and_key_on_another_machine(office, tmp_path, monkeypatch):
    here = house()
    ids = archive_papers(here, 2)
    made, manifest = back_up(here, tmp_path / "backups")
    assert check_backup(made) == manifest
    assert manifest.papers == len(ids)
    assert {file.stat().st_mode & 0o777 for file in made.iterdir()} == {0o600}
    assert made.stat().st_mode & 0o777 == 0o700
    with pytest.raises(AlreadyExists):
        restore_backup(here, made)
    other = _fresh(monkeypatch, tmp_path / "new")
    restore_backup(other, made)
    assert other.owner_key_file.read_bytes() == here.owner_key_file.read_bytes()
    assert verify_audit(other).sound
    with here.registry.read() as old, other.registry.read() as new:
        query = "SELECT * FROM papers ORDER BY id"
        assert old.exec_driver_sql(query).all() == new.exec_driver_sql(query).all()
        assert audit.of(new, manifest.taken_at.isoformat())[0]["action"] == "registry_restored"
    other.close()


def _spoil(made, name):
    file = made / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("name", ["registry.db", "owner.key", "manifest.json"])
def test_a_spoilt_backup_is_refused_before_anything_is_restored(office, tmp_path, name):
    here = house()
    archive_papers(here, 1)
    made, _ = back_up(here, tmp_path / "backups")
    if name == "manifest.json":
        (made / name).write_text("{}")
    else:
        _spoil(made, name)
    with pytest.raises(IntegrityFault):
        check_backup(made)


def test_a_backup_whose_audit_was_altered_is_refused_although_its_digests_were_mended(
    office, tmp_path
):
    here = house()
    archive_papers(here, 1)
    made, manifest = back_up(here, tmp_path / "backups")
    with closing(sqlite3.connect(made / "registry.db")) as db:
        db.execute("UPDATE audit SET actor = 'x' WHERE seq = 3")
        db.commit()
    from storage.streams import blocks_of, digest_of

    digest = digest_of(blocks_of(made / "registry.db"), "sha256")
    mended = json.loads(manifest.model_dump_json())
    mended["sha256"]["registry.db"] = digest
    (made / "manifest.json").write_text(json.dumps(mended))
    with pytest.raises(IntegrityFault, match="dòng 3"):
        check_backup(made)


@pytest.mark.integration
def test_postgresql_is_dumped_and_restored(office, postgres_server, tmp_path, monkeypatch):
    from tests.servers.postgres import fresh_database

    monkeypatch.setenv("SOHOA_REGISTRY__URL", fresh_database(postgres_server))
    house.cache_clear()
    here = house()
    archive_papers(here, 2)
    made, _ = back_up(here, tmp_path / "backups")
    check_backup(made)
    monkeypatch.setenv("SOHOA_REGISTRY__URL", fresh_database(postgres_server))
    other = _fresh(monkeypatch, tmp_path / "new")
    restore_backup(other, made)
    query = "SELECT * FROM papers ORDER BY id"
    with here.registry.read() as old, other.registry.read() as new:
        assert old.exec_driver_sql(query).all() == new.exec_driver_sql(query).all()
    assert verify_audit(other).sound
    _spoil(made, "registry.dump")
    with pytest.raises(IntegrityFault):
        check_backup(made)
    for one in (here, other):
        Registry(url=one.registry.url).close()


def test_the_nightly_backup_keeps_the_newest_and_removes_only_behind_a_sound_one(
    office, tmp_path, monkeypatch
):
    monkeypatch.setenv("SOHOA_BACKUPS", str(tmp_path / "backups"))
    house.cache_clear()
    here = house()
    archive_papers(here, 1)
    for day in range(1, 5):  # earlier nights
        made, _ = back_up(here, tmp_path / "backups")
        made.rename(made.with_name(f"registry-2026010{day}T000000+0700"))
    (tmp_path / "backups" / "notes").mkdir()
    done = backup.fn(keep=3)
    assert len(done.removed) == 2
    left = sorted(folder.name for folder in (tmp_path / "backups").iterdir())
    assert left[1:] == ["registry-20260103T000000+0700", "registry-20260104T000000+0700", done.name]
    assert parse_head(done.audit_head) == parse_head(verify_audit(here).head)
    kept = tmp_path / "backups" / done.name  # a folder is named by the second
    kept.rename(kept.with_name("registry-20260105T000000+0700"))
    monkeypatch.setattr("flows.backup.check_backup", _refuse)
    with pytest.raises(IntegrityFault):
        backup.fn(keep=2)
    assert (tmp_path / "backups" / "registry-20260103T000000+0700").is_dir()


def _refuse(folder):
    raise IntegrityFault(str(folder))


def test_a_restore_that_could_not_place_the_key_can_be_run_again(office, tmp_path, monkeypatch):
    """A registry without its key looks restored, and is not: nothing may say that it is."""
    here = house()
    archive_papers(here, 1)
    folder, _ = back_up(here, tmp_path / "backups")
    empty = _fresh(monkeypatch, tmp_path / "empty")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "keys").write_text("a file where the folder must be")
    with pytest.raises(OSError):
        restore_backup(empty, folder)
    (tmp_path / "empty" / "keys").unlink()
    assert restore_backup(empty, folder).papers == 1


def test_backups_of_a_clock_that_ran_ahead_push_out_no_later_ones(office, tmp_path, monkeypatch):
    here = house()
    archive_papers(here, 1)
    monkeypatch.setenv("SOHOA_BACKUPS", str(tmp_path / "backups"))
    house.cache_clear()
    real = House.now
    with monkeypatch.context() as patch:
        for days in (3000, 3001):
            patch.setattr(House, "now", lambda self, days=days: real(self) + timedelta(days=days))
            backup.fn(keep=2)
    made = backup.fn(keep=2)
    assert (made.removed, (tmp_path / "backups" / made.name).is_dir()) == ((), True)


@pytest.mark.parametrize("url", ["nonsense:secret", "xyz://a", "mysql://user@host/x"])
def test_an_address_that_is_none_is_said_without_being_shown(url):
    with pytest.raises(ConfigurationFault, match="SOHOA_REGISTRY__URL") as caught:
        Registry(url=url).migrate()
    assert url not in str(caught.value)


def test_a_file_that_is_no_registry_is_said_to_be_damaged(tmp_path):
    file = tmp_path / "registry.db"
    file.write_text("this was a registry once " * 100)
    with pytest.raises(IntegrityFault, match="sohoa registry restore"):
        Registry(url=f"sqlite:///{file}").migrate()

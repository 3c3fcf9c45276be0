"""`sohoa doctor` on S3: buckets made right, and stores that lie found out."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from deployments.cli.main import app
from domain.errors import ConfigurationFault, IntegrityFault
from storage import S3Store
from storage.registry import audit
from storage.s3_bucket import bucket_state, make_bucket
from storage.s3_worm import TEST_KEY, broken_promises
from tasks.buckets import default_lock_years
from tasks.checks import run_checks
from tasks.house import house
from tasks.worm import worm_self_test
from tests.store import installed

NOW = datetime.now(UTC)
NAMES = ("INTAKE", "WORK", "ARCHIVE", "QUARANTINE")


def _configure(monkeypatch, credentials, endpoint=None, *, lock="COMPLIANCE"):
    mark = uuid.uuid4().hex[:8]
    for name in NAMES:
        monkeypatch.setenv(f"SOHOA_{name}__KIND", "s3")
        monkeypatch.setenv(f"SOHOA_{name}__BUCKET", f"{name.lower()}-{mark}")
        monkeypatch.setenv(f"SOHOA_{name}__CREDENTIALS_FILE", str(credentials))
        if endpoint:
            monkeypatch.setenv(f"SOHOA_{name}__ENDPOINT_URL", endpoint)
    monkeypatch.setenv("SOHOA_ARCHIVE__LOCK", lock)


@pytest.fixture
def on_rgw(rgw, rgw_credentials, tmp_path, monkeypatch, test_keys):
    """An installation whose stores are to be on a real server."""
    _configure(monkeypatch, rgw_credentials, rgw.endpoint)
    with installed(tmp_path, monkeypatch, test_keys) as here:
        yield here


@pytest.fixture
def on_moto(simulated_s3, tmp_path, monkeypatch, test_keys):
    """The same on a simulated server, which lets a lock be shortened."""
    _configure(monkeypatch, simulated_s3)
    with installed(tmp_path, monkeypatch, test_keys) as here:
        yield here


def _doctor(*words):
    done = CliRunner().invoke(app, ["doctor", "--json", *words])
    return json.loads(done.stdout), done


def _states(checks):
    return {check["part"]: check["state"] for check in checks}


@pytest.mark.integration
def test_init_makes_buckets_that_the_doctor_finds_right(on_rgw):
    """Twice is once; without it the same checks find every bucket missing."""
    checks, _ = _doctor()
    assert _states(checks)["bucket S3"] == "missing"
    for created in (True, False):
        found, _ = _doctor("--init")
        assert [bucket["created"] for bucket in found["buckets"]] == [created] * 4
        states = _states(found["checks"])
        assert {states[part] for part in ("bucket S3", "ghi một lần", "khóa WORM")} == {"ok"}
    state = bucket_state(on_rgw.settings.store("archive"))
    assert (state.versioned, state.lock_enabled, state.default_mode) == (True, True, "COMPLIANCE")
    assert state.default_days == 365 * default_lock_years(on_rgw)
    assert not bucket_state(on_rgw.settings.store("work")).versioned


@pytest.mark.integration
def test_encryption_is_said_as_it_can_be_known(on_rgw):
    """RGW takes the SSE-S3 header and stores plain text: nothing is claimed for it."""
    found, _ = _doctor("--init")
    (said,) = [check for check in found["checks"] if check["part"] == "mã hóa kho"]
    assert said["state"] == "warning"
    assert "không xác nhận được" in said["detail"]
    assert "SSE-S3 không có" in said["detail"]


@pytest.mark.integration
def test_an_archive_bucket_without_locks_is_refused(on_rgw):
    """Object Lock cannot be had afterwards: another bucket must be taken."""
    archive = on_rgw.settings.store("archive")
    archive.client().create_bucket(Bucket=archive.bucket)
    done = CliRunner().invoke(app, ["doctor", "--init"])
    assert isinstance(done.exception, ConfigurationFault)
    assert "Object Lock" in str(done.exception)


@pytest.mark.integration
def test_all_users_or_none(on_rgw):
    done = CliRunner().invoke(app, ["doctor", "--init", "--scanner", "arn:aws:iam:::user/s"])
    assert isinstance(done.exception, ConfigurationFault)


@pytest.mark.integration
def test_the_self_test_leaves_nothing_to_be_seen(on_rgw):
    _doctor("--init")
    assert worm_self_test(on_rgw) == 1
    assert TEST_KEY not in list(on_rgw.archive.objects.keys())


def test_a_store_that_lets_go_raises_the_alarm(on_moto):
    """An integrity fault, an audit row, and a doctor that says what was possible."""
    _doctor("--init")
    with pytest.raises(IntegrityFault, match="rút ngắn"):
        worm_self_test(on_moto)
    bucket = on_moto.settings.store("archive").bucket
    with on_moto.registry.read() as db:
        assert "worm_broken" in {row["action"] for row in audit.of(db, bucket)}
    (check,) = [check for check in run_checks(on_moto) if check.part == "khóa WORM"]
    assert check.fatal


LIES = {
    "deletes what is locked": (
        lambda patch: patch.setattr(
            "moto.s3.models.FakeKey.is_locked", lambda *_args, **_more: False
        ),
        "xóa được phiên bản đang khóa",
    ),
    "takes lock headers and locks nothing": (
        lambda patch: patch.setattr(
            "moto.s3.models.FakeKey.lock_mode",
            property(lambda _: None, lambda *_: None),
            raising=False,
        ),
        "không ghi khóa",
    ),
    "keeps no versions": (
        lambda patch: patch.setattr("moto.s3.models.FakeBucket.is_versioned", False),
        "không giữ phiên bản",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_every_kind_of_lie_is_found_out(simulated_s3, monkeypatch, lie):
    """Servers that answer as if they locked: only trying shows that they do not."""
    store = S3Store(bucket="liar", credentials_file=simulated_s3, lock="COMPLIANCE")
    make_bucket(store, lock_years=5)
    tell, found = LIES[lie]
    tell(monkeypatch)
    assert any(found in said for said in broken_promises(store, NOW))


def test_a_folder_is_named_as_what_it_is(tmp_path, monkeypatch, test_keys):
    with installed(tmp_path, monkeypatch, test_keys):
        house.cache_clear()
        (check,) = [check for check in run_checks(house()) if check.part == "khóa WORM"]
        assert (check.state, "không phải WORM" in check.detail) == ("warning", True)

"""S3 and PostgreSQL that fail under a working line: it waits, tries again, and loses nothing."""

import os
import time
import uuid

import pytest

from domain.states import PaperState
from storage.s3_client import client_of
from tasks.house import house
from tasks.shelf import listed
from tests.faults.conftest import KILLS, SEED
from tests.faults.scans import lot
from tests.faults.site import opened
from tests.servers.postgres import fresh_database, restart_postgres, start_postgres
from tests.servers.rgw import start_rgw
from tests.servers.toxic import HARMS, start_toxic

pytestmark = pytest.mark.integration
STALL_SECONDS = float(os.environ.get("FAULT_STALL_SECONDS", "3"))
LONG = KILLS >= 40
SCANS = 30 if LONG else 6
RATE = 0.1


@pytest.fixture(scope="module")
def rgw(tmp_path_factory):
    """A real S3 server that these tests may harm, or a visible skip."""
    with start_rgw(tmp_path_factory.mktemp("rgw")) as server:
        if server is None:
            pytest.skip("Ceph RGW is not installed (ceph-mon ceph-osd radosgw ceph-common)")
        yield server


@pytest.fixture
def toxic(rgw):
    """The proxy between the line and the S3 server; harmless until it is told otherwise."""
    with start_toxic(rgw.endpoint, seed=SEED, rate=0, stall_seconds=STALL_SECONDS) as toxic:
        yield toxic


@pytest.fixture
def s3_site(rgw, toxic, tmp_path, monkeypatch, test_keys):
    """All four stores in buckets behind the proxy; the archive's keeps every version."""
    credentials = rgw.write_credentials(tmp_path / "credentials")
    client = client_of(rgw.endpoint, "us-east-1", credentials, None)
    settings = {}
    for store in ("intake", "work", "archive", "quarantine"):
        bucket = f"{store}-{uuid.uuid4().hex[:12]}"
        client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=store == "archive")
        settings |= {
            f"SOHOA_{store.upper()}__KIND": "s3",
            f"SOHOA_{store.upper()}__BUCKET": bucket,
            f"SOHOA_{store.upper()}__ENDPOINT_URL": toxic.endpoint,
            f"SOHOA_{store.upper()}__CREDENTIALS_FILE": str(credentials),
        }
    with opened(tmp_path, monkeypatch, test_keys, **settings) as site:
        yield site


def _all_archived(site, count):
    assert site.violations() == [], f"FAULT_SEED={SEED}"
    assert [row["state"] for row in listed()] == [PaperState.ARCHIVED] * count


def test_s3_that_errs_resets_halves_and_stalls_loses_nothing(s3_site, toxic):
    s3_site.bring(lot(SCANS))
    toxic.rate = RATE
    s3_site.work()
    toxic.rate = 0
    _all_archived(s3_site, SCANS)
    assert set(toxic.seen) >= set(HARMS) - {"stall"} if LONG else len(toxic.seen) > 3


def test_a_gateway_killed_and_restarted_loses_nothing(s3_site, rgw):
    s3_site.bring(lot(SCANS))
    worker = s3_site.start("worker", "lo-1")
    for _ in range(4 if LONG else 2):
        time.sleep(3)
        rgw.kill_gateway()
        time.sleep(1)
        rgw.restart_gateway()
    s3_site.finish(worker)
    _all_archived(s3_site, SCANS)


@pytest.fixture
def postgres_site(tmp_path, tmp_path_factory, monkeypatch, test_keys):
    """The registry on a PostgreSQL server of its own; with the folder that restarts it."""
    folder = tmp_path_factory.mktemp("postgres-faults")
    with start_postgres(folder) as url:
        if url is None:
            pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
        registry = fresh_database(url)
        with opened(tmp_path, monkeypatch, test_keys, SOHOA_REGISTRY__URL=registry) as site:
            yield site, folder


def test_a_database_restarted_under_the_line_loses_nothing(postgres_site):
    site, folder = postgres_site
    site.bring(lot(SCANS))
    worker = site.start("worker", "lo-1")
    for _ in range(5 if LONG else 3):
        time.sleep(1.5)
        restart_postgres(folder)
    house().registry.close()
    site.finish(worker)
    _all_archived(site, SCANS)


def test_a_worker_killed_on_postgresql_leaves_nothing_half_done(postgres_site):
    site, _ = postgres_site
    site.bring(lot(SCANS))
    for number in range(KILLS // 2 if LONG else 2):
        worker = site.start("worker", "lo-1")
        time.sleep(0.7 + number % 3)
        site.kill(worker)
    site.work()
    _all_archived(site, SCANS)

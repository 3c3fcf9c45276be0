"""What several kinds of tests share: where the samples are, real servers started on demand."""

import logging
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


@pytest.fixture(autouse=True)
def log_level():
    """Commands that are run inside the tests' process set the level of all logs; not for others."""
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)


@pytest.fixture(scope="session")
def samples():
    """The folder of foreign samples beside the project; tests that need it are skipped without."""
    if not SAMPLES.is_dir():
        pytest.skip("../shared/samples is not here")
    return SAMPLES


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory):
    """A real PostgreSQL of the tests' own, or a visible skip."""
    from tests.servers.postgres import start_postgres

    with start_postgres(tmp_path_factory.mktemp("postgres")) as url:
        if url is None:
            pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
        yield url


@pytest.fixture
def postgres_registry(postgres_server):
    """An empty registry database on the tests' PostgreSQL."""
    from storage.registry.database import Registry
    from tests.servers.postgres import fresh_database

    return Registry(url=fresh_database(postgres_server))


@pytest.fixture(scope="session")
def reading_pool():
    """The child processes, shared: they keep nothing between two scans."""
    from reading.limits import Limits
    from reading.pool import ReadingPool

    with ReadingPool(Limits(), processes=2) as pool:
        yield pool


@pytest.fixture(scope="session")
def test_keys(tmp_path_factory):
    """Throw-away keys, made once: making RSA keys takes longer than a test."""
    from signing.demo_authority import make_demo_keys

    folder = tmp_path_factory.mktemp("keys") / "keys"
    make_demo_keys(folder, agency_name="UBND tỉnh Hưng Yên", officer_name="Nguyễn Văn An")
    return folder


@pytest.fixture
def office(tmp_path, monkeypatch, reading_pool, test_keys):
    """A fresh installation with its own home, registry and stores, and no Prefect server."""
    from tests.office import opened

    with opened(tmp_path, monkeypatch, reading_pool, test_keys) as office:
        yield office


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    """The tests' own CA, OCSP, CRL and time stamps over HTTP: see tests/servers/pki.py."""
    from tests.servers.pki import start_pki

    with start_pki(tmp_path_factory.mktemp("pki")) as pki:
        yield pki


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory):
    """Tokens in software (SoftHSM 2), or a visible skip."""
    from tests.servers.softhsm import start_softhsm

    with start_softhsm(tmp_path_factory.mktemp("softhsm")) as hsm:
        if hsm is None:
            pytest.skip("SoftHSM is not installed (Debian: softhsm2)")
        yield hsm


@pytest.fixture(scope="session")
def rgw(tmp_path_factory):
    """A real S3 server of the tests' own, or a visible skip."""
    from tests.servers.rgw import start_rgw

    with start_rgw(tmp_path_factory.mktemp("rgw")) as server:
        if server is None:
            pytest.skip("Ceph RGW is not installed (ceph-mon ceph-osd radosgw ceph-common)")
        yield server


@pytest.fixture(scope="session")
def rgw_credentials(rgw, tmp_path_factory):
    """The server's keys as an AWS ini file."""
    return rgw.write_credentials(tmp_path_factory.mktemp("keys") / "credentials")


@pytest.fixture
def simulated_s3(tmp_path):
    """Keys for moto, which answers S3 calls inside this process.

    For one test only: while it is on, no real server can be reached.
    """
    from moto import mock_aws

    file = tmp_path / "simulated_s3_keys"
    file.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    with mock_aws():
        yield file

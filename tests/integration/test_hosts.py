"""Four hosts: one worker host loses its power, the other its network; every paper is archived once.

Long (a quarter of an hour and more): `make test-hosts`, by hand. Hosts are namespaces
(`tests.servers.hosts`), what runs on them is started from the shipped units and settings. Only
recognition is played back (`benchmarks.recorded`): two cores would read 200 pages for minutes.
"""

import json
import os
import time

import pytest

from benchmarks.recorded import ENGINE, RECORD_VARIABLE, record, scan_of
from tests.integration.conftest import measured, wait_for
from tests.servers.hosts import hosts_can_be_made, made_hosts
from tests.servers.installation import installation

SCANS = int(os.environ.get("HOSTS_SCANS", "0"))
LOTS = 5
CUT_SECONDS = int(os.environ.get("HOSTS_CUT_SECONDS", "60"))
LEASE_SECONDS = 30
SWEEP_SECONDS = 600
"""The sweep that finds what a dead host held runs every ten minutes."""

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not SCANS, reason="long: make test-hosts"),
]


@pytest.fixture
def many_hosts(tmp_path):
    """Data and server on one host, S3 on another, two worker hosts; all up."""
    reason = hosts_can_be_made()
    if reason:
        pytest.skip(reason)
    for folder in (tmp_path, *tmp_path.parents):
        if str(folder).startswith("/tmp/"):  # noqa: S108 - PostgreSQL runs as another user
            folder.chmod(folder.stat().st_mode | 0o011)
    played = {
        "SOHOA_OCR_ENGINE": ENGINE,
        RECORD_VARIABLE: str(record(tmp_path)),
        "SOHOA_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    with (
        made_hosts("may-chu", "may-s3", "worker-1", "worker-2") as hosts,
        installation(tmp_path, hosts["may-chu"], hosts["may-s3"], hosts["may-chu"]) as one,
    ):
        if one is None:
            pytest.skip("PostgreSQL, Redis or Ceph RGW is not installed")
        server = one.node(hosts["may-chu"])
        one.prepare(server)
        one.start("server", server)
        one.wait_for_server(server)
        one.start("services", server)
        one.deploy(server)
        for name in ("worker-1", "worker-2"):
            one.start("worker", one.node(hosts[name]), **played)
        yield one


def _upload(node, folder):
    """Several lots, as several offices send them."""
    for lot in range(LOTS):
        (folder / f"lo-{lot}").mkdir()
        for number in range(lot, SCANS, LOTS):
            (folder / f"lo-{lot}" / f"scan-{number:05}.jpg").write_bytes(scan_of(number))
        told = node.sohoa(
            "upload", str(folder / f"lo-{lot}"), "--lot", f"lo-{lot}", "--unit", "H31"
        )
        assert told["announced"]


def test_every_paper_is_archived_once_whatever_happens_to_worker_hosts(many_hosts, tmp_path):
    """Power cut on one worker host, a minute without network on the other, ≥ 200 scans in lots."""
    one = many_hosts
    office = one.nodes["may-chu"]
    began = time.monotonic()

    def at():
        return f"{time.monotonic() - began:.0f} s"

    def holds(host):
        """The scans that this host's runs have claimed."""
        one.restart_ended()
        rows = one.ask("SELECT string_agg(id || '@' || claimed_by, ' ') FROM scans")
        pairs = (row.partition("@") for row in rows.split())
        return {scan for scan, _, by in pairs if by.startswith(f"{host}/")}

    def archived():
        one.restart_ended()
        return int(one.ask("SELECT count(*) FROM papers WHERE state = 'archived'"))

    _upload(office, tmp_path)
    measured(f"{SCANS} scans in {LOTS} lots uploaded after {at()}")
    wait_for(lambda: archived() >= SCANS // 10 and holds("worker-1"), "work on worker-1", 900, 0.5)
    one.forget("worker-1").host.kill()
    interrupted = holds("worker-1")
    measured(f"worker-1 killed at {at()}: {archived()} archived, it held {len(interrupted)}")
    assert interrupted, "it was killed at rest: nothing is shown"
    wait_for(lambda: holds("worker-2"), "work on worker-2", 900, 0.5)
    cut = one.nodes["worker-2"].host
    cut.cut()
    held = holds("worker-2")
    measured(f"worker-2 cut off at {at()}: {archived()} archived, it held {len(held)}")
    interrupted |= held
    time.sleep(CUT_SECONDS)
    assert not cut.answers(f"http://{one.server.address}:4200/api/health")
    cut.mend()
    measured(f"worker-2 back at {at()}: {archived()} archived")

    wait_for(lambda: archived() == SCANS, "the rest", SWEEP_SECONDS + 20 * SCANS, 2)

    measured(f"all archived after {at()}; units started again: {one.restarts}")
    found = json.loads(office.run("tests.servers.ledger", "--check", seconds=1800))
    # Whoever dies or is cut off between the last step and tidying up leaves that scan's files.
    left = set(found.pop("left_between"))
    measured(f"files between the steps are left of {len(left)} scans")
    assert left <= interrupted
    assert found == {
        "uploads": SCANS,
        "scans": {"done": SCANS},
        "papers": {"archived": SCANS},
        "versions": {"1": SCANS},
        "without_code": 0,
        "codes_twice": [],
        "missing": [],
        "unknown": [],
        "damaged": [],
        "objects": 2 * SCANS,
        "left_in_intake": LOTS,  # each lot's own lot.json
    }
    expired = office.sohoa("expire", SOHOA_EXPIRY__WORK_DAYS="0")
    assert (expired["work"], expired["unknown"]) == (len(left), 0)
    assert json.loads(office.run("tests.servers.ledger"))["left_between"] == []

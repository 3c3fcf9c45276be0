"""From a real S3 server's notice to an archived paper; few runs; a line that breaks."""

import time
import uuid
from collections import Counter

import pytest

from deployments.watcher import watcher
from domain.states import PaperState, ScanState
from storage import S3Store
from storage.registry import papers, uploads
from tasks.house import house
from tasks.spool import SPOOL, Facts, entries
from tests.integration.conftest import Office, draw_scans, local_server, measured, wait_for
from tests.servers.line import line_to
from tests.servers.postgres import free_port
from tests.store import installed

pytestmark = pytest.mark.integration

STORES = ("intake", "work", "archive", "quarantine")
FEW_RUNS = 5


def _store(rgw, credentials, name):
    store = S3Store(
        bucket=f"{name}-{uuid.uuid4().hex[:12]}",
        endpoint_url=rgw.endpoint,
        credentials_file=credentials,
    )
    store.client().create_bucket(Bucket=store.bucket, ObjectLockEnabledForBucket=name == "archive")
    return store


@pytest.fixture(scope="module")
def s3_office(rgw, rgw_credentials, tmp_path_factory):
    """An installation on S3: `make server`, with the listener registered before."""
    home = tmp_path_factory.mktemp("s3")
    with pytest.MonkeyPatch.context() as patch:
        stores = {name: _store(rgw, rgw_credentials, name) for name in STORES}
        for name, store in stores.items():
            for field, value in store.model_dump(exclude_defaults=True, mode="json").items():
                patch.setenv(f"SOHOA_{name.upper()}__{field.upper()}", str(value))
            patch.setenv(f"SOHOA_{name.upper()}__KIND", "s3")
        patch.setenv("SOHOA_HOME", str(home))
        patch.setenv("SOHOA_UNIT", "H31")
        patch.setenv("SOHOA_LISTEN__PUBLIC_URL", f"http://127.0.0.1:{free_port()}")
        house.cache_clear()
        with local_server(home, free_port(together=2)) as env:
            office = Office(env)
            office.stores = stores
            (topic,) = office.sohoa("listen", "--register")["topics"]
            assert topic["events"] == ["s3:ObjectCreated:*"]
            office.pause_schedules()
            yield office
        house.cache_clear()


def _put(office, lot, name, content):
    """Upload as a foreign program does: it knows nothing but the bucket."""
    store = office.stores["intake"]
    store.client().put_object(Bucket=store.bucket, Key=f"{lot}/{name}", Body=content)


def _scans(lot):
    with house().registry.read() as db:
        return uploads.uploads_of(db, None, lot)


def test_a_foreign_upload_is_archived_by_itself(s3_office, tmp_path):
    """PUT → notice → row → event → run → archive commit, with nobody's help."""
    (file,) = draw_scans(tmp_path, [("trich-luc-khai-tu", 1)])
    started = time.monotonic()
    _put(s3_office, "lo-la", file.name, file.read_bytes())

    def finished():
        rows = _scans("lo-la")
        return rows if rows and rows[0]["state"] != ScanState.RECEIVED else None

    (row,) = wait_for(finished, "the scan at the end of the line", 180)
    measured(f"PUT → {row['state']}: {time.monotonic() - started:.1f} s")
    with house().registry.read() as db:
        (paper,) = papers.listed(db, scan_ids={row["scan_id"]})
    assert paper["state"] in {PaperState.ARCHIVED, PaperState.IN_REVIEW}
    # A run that was under way may have taken the scan before its own run came.
    run = wait_for(lambda: s3_office.run_of_lot("digitize/upload", "lo-la"), "its run", 60)
    assert s3_office.finished(run.id).state.is_completed()


def test_many_notices_start_few_runs_and_none_is_missed(s3_office):
    """Fifty files in five seconds: the first at once, the others when they pause."""
    for number in range(50):
        _put(s3_office, "lo-nhieu", f"{number}.txt", f"no scan {number}".encode())
        time.sleep(0.1)

    def all_done():
        rows = _scans("lo-nhieu")
        ended = Counter(row["state"] for row in rows)
        return ended if ended[ScanState.SET_ASIDE] == 50 else None

    wait_for(all_done, "50 scans set aside", 180)
    runs = [
        run
        for name in ("digitize/upload", "digitize/lot")
        for run in s3_office.runs_of(name)
        if run.parameters.get("lot") == "lo-nhieu"
    ]
    measured(f"50 notices → {len(runs)} runs")
    assert 1 <= len(runs) <= FEW_RUNS


def test_a_line_that_breaks_keeps_the_order_and_sends_nothing_twice(
    rgw, rgw_credentials, tmp_path, monkeypatch, test_keys
):
    """A commune with a bad line: cut while a file is on its way, cut for a while, mended."""
    store = _store(rgw, rgw_credentials, "intake")
    for field, value in (
        ("kind", "s3"),
        ("bucket", store.bucket),
        ("credentials_file", str(rgw_credentials)),
    ):
        monkeypatch.setenv(f"SOHOA_INTAKE__{field.upper()}", value)
    folder = tmp_path / "quet"
    with line_to(int(rgw.endpoint.rpartition(":")[2])) as line:
        monkeypatch.setenv("SOHOA_INTAKE__ENDPOINT_URL", f"http://127.0.0.1:{line.port}")
        with installed(tmp_path, monkeypatch, test_keys):
            sent = []
            folder.mkdir()
            watching = watcher(folder, Facts(), sent.append, stable_seconds=0.1, quiet_seconds=0.1)
            line.cut_after(400_000)  # in the middle of the second file
            for lot in range(3):
                for number in range(3):
                    _write(folder / f"lo-{lot}" / f"{number}.pdf", bytes([lot, number]) * 150_000)
                _until(lambda wanted=lot + 1: _taken(watching) >= wanted)
            assert watching.fault is not None
            assert len(entries(folder)) == 3
            line.mend()
            _until(lambda: _taken(watching) == 0)
            watching.inbox.close()
    assert [lot.lot for lot in sent] == ["lo-0", "lo-1", "lo-2"]
    written = list(store.keys())
    assert written == [f"lo-{lot}/{number}.pdf" for lot in range(3) for number in range(3)]
    for key in written:
        assert len(store.get(key)) == 300_000
    assert not [one for one in (folder / SPOOL).iterdir() if one.is_dir()]


def _write(file, content):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _taken(watching):
    """Look once more, without the pause between two attempts; how many lots were taken so far."""
    watching._again_at = 0.0
    watching.look()
    return len(entries(watching.inbox.root))


def _until(look):
    wait_for(look, "the watcher", 120, every=0.15)

"""The listener: who may speak, what is written before it is answered, how few runs start."""

import base64
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi.testclient import TestClient
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from sqlalchemy import select

from deployments.cli import line as command
from deployments.listener.announcer import Announcer
from deployments.listener.app import app
from deployments.listener.guard import (
    CLOCK_SECONDS,
    SECRET_HEADER,
    SIGNATURE_HEADER,
    TIME_HEADER,
    shared_secret,
    signature,
)
from domain.errors import ConfigurationFault
from flows.digitize import digitize
from storage.registry.schema import arrivals
from tasks.announce import INTAKE_WAITING, LOT_WAITING, UPLOAD_COMPLETED
from tasks.arrivals import announce_due
from tasks.house import house
from tests.flows import papers as drawn
from tests.integration.conftest import wait_for
from tests.servers.postgres import free_port
from tests.store import installed
from tests.unit.test_notices import RGW


@pytest.fixture
def place(tmp_path, monkeypatch, test_keys):
    """An installation whose intake is a bucket; nothing here asks the bucket anything."""
    monkeypatch.setenv("SOHOA_INTAKE__KIND", "s3")
    monkeypatch.setenv("SOHOA_INTAKE__BUCKET", "kho")
    monkeypatch.setenv("SOHOA_INTAKE__PREFIX", "vao")
    with installed(tmp_path, monkeypatch, test_keys) as here:
        shared_secret.cache_clear()
        yield here
        shared_secret.cache_clear()


@pytest.fixture
def client(place):
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def known(place):
    """The headers of one who knows the secret."""
    return {"Authorization": f"Bearer {shared_secret()}"}


def _record(key, bucket="kho", mark="1", **more):
    written = {"key": key, "size": 5, "sequencer": mark}
    return {**RGW, "s3": {"bucket": {"name": bucket}, "object": written}, **more}


def _body(*records):
    return json.dumps({"Records": records}).encode()


def _rows():
    with house().registry.read() as db:
        return list(db.execute(select(arrivals).order_by(arrivals.c.number)).mappings())


@contextmanager
def _prefect(status=204, port=0, asks=None):
    """What stands in for the server's address of events; the lists of events that it got.

    With `asks` it takes them only from who knows that "name:password".
    """
    got = []
    wanted = asks and "Basic " + base64.b64encode(asks.encode()).decode()

    class Events(BaseHTTPRequestHandler):
        def do_POST(self):
            if self.headers["Authorization"] != wanted:
                self.send_error(401)
                return
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Events) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", got
        finally:
            server.shutdown()


def test_a_notice_has_its_row_when_it_is_answered(client, known):
    answer = client.post("/notices", content=_body(_record("vao/lo-1/a b.pdf")), headers=known)
    assert (answer.status_code, answer.json()) == (200, {"new": 1, "known": 0, "passed_over": 0})
    (row,) = _rows()
    assert (row["lot_id"], row["key"], row["size_bytes"]) == ("lo-1", "lo-1/a b.pdf", 5)


def test_a_server_behind_a_password_is_told_too(client, known):
    client.post("/notices", content=_body(_record("vao/lo-1/a.pdf")), headers=known)
    with (
        _prefect(asks="sohoa:mật:khẩu") as (url, got),
        temporary_settings({PREFECT_API_URL: url, PREFECT_API_AUTH_STRING: "sohoa:mật:khẩu"}),
    ):
        time.sleep(house().settings.listen.quiet_seconds)
        assert announce_due() == 0
    assert len(got) == 1


def test_a_notice_that_comes_three_times_is_one(client, known):
    body = _body(_record("vao/lo-1/a.pdf"))
    counts = [
        client.post("/notices", content=body, headers=known).json()["new"] for _time in range(3)
    ]
    assert counts == [1, 0, 0]
    assert len(_rows()) == 1


@pytest.mark.parametrize(
    ("key", "bucket"),
    [
        ("vao/lo-1/a.pdf", "khac"),
        ("khac/lo-1/a.pdf", "kho"),
        ("vao/a.pdf", "kho"),
        ("vao/lô một/a.pdf", "kho"),
        ("vao/lo-1/", "kho"),
    ],
)
def test_what_lies_in_no_lot_of_the_intake_is_passed_over(client, known, key, bucket):
    answer = client.post("/notices", content=_body(_record(key, bucket)), headers=known)
    assert answer.json()["new"] == 0
    assert _rows() == []


def _basic(secret):
    return "Basic " + base64.b64encode(f"s3:{secret}".encode()).decode()


@pytest.mark.parametrize(
    "headers",
    [
        lambda secret: {SECRET_HEADER: secret},
        lambda secret: {"Authorization": f"Bearer {secret}"},
        lambda secret: {"Authorization": _basic(secret)},
    ],
    ids=["header", "bearer", "basic"],
)
def test_the_secret_may_come_in_any_of_its_forms(client, headers):
    body = _body(_record("vao/lo-1/a.pdf"))
    good, wrong = headers(shared_secret()), headers(shared_secret()[:-1] + "?")
    assert client.post("/notices", content=body, headers=wrong).status_code == 401
    assert _rows() == []
    assert client.post("/notices", content=body, headers=good).status_code == 200


def test_the_secret_may_come_in_the_notice_itself(client):
    """Ceph RGW sends what its topic holds, and takes no password over plain HTTP."""
    good = _record("vao/lo-1/a.pdf", opaqueData=shared_secret())
    wrong = _record("vao/lo-1/b.pdf", opaqueData="")
    assert client.post("/notices", content=_body(good, wrong)).status_code == 401
    assert client.post("/notices", content=_body(good)).status_code == 200


def test_a_signed_body_is_taken_while_it_is_fresh(client):
    body, now = _body(_record("vao/lo-1/a.pdf")), int(time.time())

    def signed(at, content):
        made = signature(shared_secret(), str(at), content)
        return {TIME_HEADER: str(at), SIGNATURE_HEADER: made}

    for headers in (signed(now - CLOCK_SECONDS - 5, body), signed(now, body + b" ")):
        assert client.post("/notices", content=body, headers=headers).status_code == 401
    assert client.post("/notices", content=body, headers=signed(now, body)).status_code == 200


def test_whoever_has_no_secret_learns_nothing_of_his_body(client):
    assert client.post("/notices", content=b"?").status_code == 401


def test_a_body_that_is_no_notice_is_refused(client, known):
    assert client.post("/notices", content=b"?", headers=known).status_code == 400


def test_a_body_that_is_too_long_is_refused(client, known, monkeypatch):
    monkeypatch.setenv("SOHOA_LISTEN__MAX_BODY_KIB", "16")
    house.cache_clear()
    body = _body(*[_record(f"vao/lo-1/{n}.pdf") for n in range(100)])
    assert client.post("/notices", content=body, headers=known).status_code == 413
    assert _rows() == []


def test_a_topic_is_never_confirmed_by_the_listener(client, known, caplog):
    """Whoever sends a confirmation could have the listener fetch any address."""
    with _prefect() as (url, got):
        asked = {"Type": "SubscriptionConfirmation", "TopicArn": "arn:x", "SubscribeURL": url}
        answer = client.post("/notices", content=json.dumps(asked), headers=known)
        assert answer.status_code == 200
        assert got == []
    assert "arn:x" in caplog.text


def test_a_notice_that_cannot_be_written_is_not_answered_with_200(client, known, monkeypatch):
    """The S3 server then repeats it."""
    monkeypatch.setenv("SOHOA_REGISTRY__URL", f"postgresql+psycopg://x@127.0.0.1:{free_port()}/x")
    house.cache_clear()
    answer = client.post("/notices", content=_body(_record("vao/lo-1/a.pdf")), headers=known)
    assert answer.status_code == 503
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200


def test_a_secret_that_is_too_short_is_a_fault_of_the_configuration(place, monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("123456\n")
    monkeypatch.setenv("SOHOA_LISTEN__SECRET_FILE", str(tmp_path / "secret"))
    house.cache_clear()
    with pytest.raises(ConfigurationFault, match="ngắn"):
        shared_secret()


def _settle():
    time.sleep(0.55)


def test_many_notices_are_one_event_until_a_run_looks(client, known):
    """The event names the batch: told twice, the server starts one run."""
    with _prefect() as (url, got), temporary_settings({PREFECT_API_URL: url}):
        for number in range(5):
            record = _record(f"vao/lo-1/{number}.pdf")
            client.post("/notices", content=_body(record), headers=known)
            assert announce_due() == (1 if number < 2 else 0)
            if number == 1:
                _settle()
    ((event,),) = got
    assert event["event"] == UPLOAD_COMPLETED
    assert event["payload"] == {"lot": "lo-1"}


def test_a_batch_has_the_same_event_whoever_tells_of_it(client, known, monkeypatch):
    """Two listeners, or one that dies before it could note that the server knows."""
    client.post("/notices", content=_body(_record("vao/lo-1/a.pdf")), headers=known)
    _settle()
    with _prefect() as (url, got), temporary_settings({PREFECT_API_URL: url}):
        with monkeypatch.context() as patch:
            patch.setattr("tasks.arrivals.arrivals.mark_announced", lambda *_args, **_more: None)
            announce_due()
        announce_due()
    first, second = (events[0]["id"] for events in got)
    assert first == second


def test_many_files_go_into_the_slow_lane(client, known):
    records = [_record(f"vao/lo-1/{number}.pdf") for number in range(11)]
    client.post("/notices", content=_body(*records), headers=known)
    _settle()
    with _prefect() as (url, got), temporary_settings({PREFECT_API_URL: url}):
        announce_due()
    assert got[0][0]["event"] == LOT_WAITING


def test_a_server_that_is_down_is_told_when_it_is_back(client, known, monkeypatch):
    """The notice is answered all the same; the row waits for the server."""
    monkeypatch.setattr("deployments.listener.announcer._AGAIN_SECONDS", 0.1)
    announcer, port = Announcer(), free_port()
    settings = {PREFECT_API_URL: f"http://127.0.0.1:{port}"}
    with temporary_settings(settings):
        announcer.start()
        try:
            body = _body(_record("vao/lo-1/a.pdf"))
            assert client.post("/notices", content=body, headers=known).status_code == 200
            announcer.wake()
            time.sleep(0.3)
            assert not announcer.heard
            with _prefect(port=port) as (_url, got):

                def names():
                    return {event["event"] for events in got for event in events}

                wait_for(lambda: UPLOAD_COMPLETED in names(), "the event", 10)
                assert announcer.heard
        finally:
            announcer.stop()
    assert _rows()[0]["announced_at"] is not None


@pytest.mark.parametrize(
    ("lot", "limit", "events"),
    [("lo-1", 1, [LOT_WAITING]), (None, 1, [INTAKE_WAITING]), ("lo-1", 2, []), ("lo-1", 3, [])],
)
def test_a_run_that_hits_its_limit_calls_the_next_for_the_rest(office, lot, limit, events):
    """Two scans wait, which cannot be read; where none is left, no run is called for nothing."""
    for number in range(2):
        house().intake.put(f"lo-1/{number}.txt", f"no scan {number}".encode())
    with _prefect() as (url, got), temporary_settings({PREFECT_API_URL: url}):
        digitize.fn(lot, limit=limit)
    assert [event["event"] for batch in got for event in batch] == events
    assert all(event["payload"] == {"lot": lot} for batch in got for event in batch)


def test_an_upload_is_told_where_a_scan_waits_new_or_left_over(office, tmp_path, capsys):
    """Uploaded once more it starts a run if an earlier one never came; done, it starts none."""
    file = tmp_path / "hong.pdf"
    file.write_bytes(drawn.truncated())

    def upload_again():
        command.upload([file], lot="lo-1", json=True)
        said = json.loads(capsys.readouterr().out)
        return said["new"], said["announced"]

    with _prefect(status=503) as (url, _), temporary_settings({PREFECT_API_URL: url}):
        assert upload_again() == (1, False)
    with _prefect() as (url, got), temporary_settings({PREFECT_API_URL: url}):
        assert upload_again() == (0, True)
        ((event,),) = got
        assert (event["event"], event["payload"]) == (UPLOAD_COMPLETED, {"lot": "lo-1"})
        digitize.fn("lo-1")
        assert upload_again() == (0, False)
        command.upload([file], lot="lo-1")
        assert "chờ xử lý" in capsys.readouterr().out
        assert len(got) == 1

"""The doctor finds what is wrong, says so, and says what to do."""

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import text

from tasks.checks import PARTS, run_checks
from tasks.house import House, house
from tests.flows import papers as drawn


def _check(name):
    return next(check for check in run_checks(house()) if check.name == name)


@pytest.fixture
def server_ahead(office, monkeypatch):
    """A time-stamping address whose server's clock is ahead by the seconds last set."""
    ahead = {"seconds": 0}

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response_only(404)
            moment = datetime.now(UTC) + timedelta(seconds=ahead["seconds"])
            self.send_header("Date", format_datetime(moment, usegmt=True))
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("SOHOA_SIGNATURES__TSA", f'["http://127.0.0.1:{server.server_port}/tsa"]')
    house.cache_clear()
    yield ahead
    server.shutdown()
    server.server_close()


def test_every_part_has_a_name_of_its_own_and_a_remedy(office):
    """And a new installation has no part that does not work."""
    found = list(run_checks(house()))
    assert [check.name for check in found] == [part.name for part in PARTS]
    assert len({part.name for part in PARTS}) == len(PARTS)
    assert all(check.remedy for check in found)
    assert [check for check in found if check.fatal] == []


@pytest.mark.parametrize(("seconds", "state"), [(0, "ok"), (-20, "warning"), (300, "missing")])
def test_a_clock_that_is_not_the_servers_is_told(server_ahead, seconds, state):
    server_ahead["seconds"] = seconds
    assert _check("clock").state == state


def test_a_responder_that_answers_is_asked_at_every_examination(stamped, pki):
    """For the certificate of every key."""
    asked = pki.hits["ocsp"]
    found = [_check("revocation") for _ in range(2)]
    assert [check.state for check in found] == ["ok", "ok"]
    assert pki.hits["ocsp"] >= asked + 6
    assert found[0].detail.count("còn hiệu lực") == 3
    assert "CRL" not in found[0].detail


@pytest.mark.parametrize("fault", ["down", "error", "garbage", "stale", "unknown"])
def test_a_responder_that_says_nothing_of_use_is_told(stamped, pki, fault):
    """A warning as long as the authority's list can be had: signing goes on."""
    with pki.fault("ocsp", fault):
        found = _check("revocation")
    assert (found.state, found.detail.count("OCSP không trả lời được")) == ("warning", 3)


def test_a_responder_that_answers_for_another_authority_is_told(stamped, pki):
    """Its answer says «good» and proves nothing of our certificates."""
    with pki.fault("ocsp", "other_issuer"):
        found = _check("revocation")
    assert (found.state, found.detail.count("cơ quan cấp khác")) == ("missing", 3)


def test_neither_responder_nor_list_is_told(stamped, pki):
    with pki.fault("ocsp", "down"), pki.fault("crl", "down"):
        found = _check("revocation")
    assert (found.state, found.detail.count("không hỏi được trạng thái")) == ("missing", 3)


def test_a_revoked_certificate_is_told(stamped, pki):
    with pki.fault("ocsp", "revoked"):
        found = _check("revocation")
    assert (found.state, found.detail.count("đã bị thu hồi")) == ("missing", 3)


def test_a_scan_that_waits_too_long_for_a_machine_is_told(office, monkeypatch):
    """Not after half an hour, but after two."""
    office.bring({"a.jpg": drawn.jpeg("giay-khai-sinh")})
    came = datetime.now(UTC).astimezone(house().now().tzinfo)
    for minutes, state in ((30, "ok"), (120, "missing")):
        monkeypatch.setattr(House, "now", lambda _, m=minutes: came + timedelta(minutes=m))
        assert _check("queue").state == state
    assert "bản quét cũ nhất chờ 120 phút" in _check("queue").detail


def test_a_disk_that_fills_up_is_told(office, monkeypatch):
    monkeypatch.setenv("SOHOA_HEALTH__DISK_GIB", "1000000")
    house.cache_clear()
    assert _check("disk").state == "warning"


def test_a_registry_of_a_newer_software_is_told_not_touched(office):
    house().prepare()
    with house().registry.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    found = _check("registry")
    assert found.state == "missing"
    assert "phiên bản khác" in found.detail
    assert house().registry.version() == "r9999"


def test_a_server_that_is_down_is_told(office, monkeypatch):
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert (_check("server").state, _check("workers").state) == ("missing", "missing")

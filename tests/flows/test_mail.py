"""Alarms by mail: what the listener takes, what arrives, and what is told when it cannot."""

import ssl
import subprocess
import time

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from deployments.listener import app as listener
from deployments.listener import postman
from deployments.listener.guard import shared_secret
from domain.alarms import UNHEALTHY
from domain.errors import ConfigurationFault, Unavailable
from tasks.house import house
from tasks.mail import Alarmed, send
from tasks.settings_groups import Mail
from tests.servers.mailbox import mailbox
from tests.servers.postgres import free_port
from tests.store import installed

ALARM = Alarmed(
    alarm=UNHEALTHY.event,
    about="sohoa.part.queue",
    text="hàng đợi: HỎNG\nBcc: ke-gian@vi-du.vn",
    remedy="thêm worker",
)


def _mail(port, **more):
    given = {"security": "none", "recipients": ("truc@vi-du.vn", "quan-tri@vi-du.vn"), **more}
    return Mail(host="127.0.0.1", port=port, timeout_seconds=10, **given)


def test_whoever_is_on_duty_reads_what_happened_and_what_to_do():
    with mailbox() as (port, mails):
        send(_mail(port), [ALARM])
    (mail,) = mails
    assert mail["Subject"] == "[sohoa] hàng đợi: HỎNG Bcc: ke-gian@vi-du.vn"
    assert mail["To"] == "truc@vi-du.vn, quan-tri@vi-du.vn"
    assert mail["Bcc"] is None
    assert "Việc phải làm: thêm worker" in mail.get_content()


def test_a_server_that_asks_for_a_password_gets_the_one_in_the_file(tmp_path):
    file = tmp_path / "password"
    file.write_text("dung\n", encoding="utf-8")
    with mailbox(user="sohoa", password="dung") as (port, mails):
        send(_mail(port, user="sohoa", password_file=file), [ALARM])
        assert len(mails) == 1
        file.write_text("sai", encoding="utf-8")
        with pytest.raises(ConfigurationFault, match="tên hoặc mật khẩu") as refused:
            send(_mail(port, user="sohoa", password_file=file), [ALARM])
    assert "sai" not in str(refused.value)
    file.unlink()
    with pytest.raises(ConfigurationFault, match="PASSWORD_FILE"):
        send(_mail(port, user="sohoa", password_file=file), [ALARM])


def test_a_server_without_a_trusted_certificate_gets_no_mail(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["-keyout", key, "-out", certificate, "-subj", "/CN=127.0.0.1", "-days", "1"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made], check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with (
        mailbox(tls=context) as (port, mails),
        pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        send(_mail(port, security="starttls"), [ALARM])
    assert mails == []


def test_a_server_that_is_away_is_named():
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1"):
        send(_mail(free_port()), [ALARM])


def test_mail_without_a_reader_is_refused_before_anything_runs():
    with pytest.raises(ValidationError, match="RECIPIENTS"):
        Mail(host="thu.vi-du.vn")


def test_a_password_does_not_cross_the_network_in_clear(tmp_path):
    login = {"user": "sohoa", "password_file": tmp_path / "password", "recipients": ("a@vi-du.vn",)}
    with pytest.raises(ValidationError, match="starttls"):
        Mail(host="thu.vi-du.vn", security="none", **login)
    assert Mail(host="thu.vi-du.vn", **login).security == "starttls"


@pytest.fixture
def told(tmp_path, monkeypatch, test_keys):
    """Post to a listener that mails to a server that comes up late: status, and what came."""
    port = free_port()
    monkeypatch.setenv("SOHOA_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("SOHOA_MAIL__PORT", str(port))
    monkeypatch.setenv("SOHOA_MAIL__SECURITY", "none")
    monkeypatch.setenv("SOHOA_MAIL__RECIPIENTS", '["truc@vi-du.vn"]')
    with installed(tmp_path, monkeypatch, test_keys):
        shared_secret.cache_clear()
        yield port, TestClient(listener.app)
        shared_secret.cache_clear()


def _post(client, secret, content):
    headers = {"Authorization": f"Bearer {secret}"}
    return client.post("/alarms", headers=headers, content=content).status_code


def test_only_who_knows_the_secret_may_have_mails_sent(told):
    _, client = told
    assert _post(client, "doan-mo-thoi-ma-dai", ALARM.model_dump_json()) == 401


def test_what_is_no_alarm_is_refused(told):
    _, client = told
    assert _post(client, shared_secret(), '{"alarm": 1}') == 400


def test_alarms_wait_for_a_mail_server_that_is_away_and_come_as_one_mail(told, monkeypatch):
    """Meanwhile the listener answers whoever else asks."""
    port, client = told
    monkeypatch.setattr(postman, "_AGAIN_SECONDS", (0.2,))
    with client:
        for _ in range(60):
            assert _post(client, shared_secret(), ALARM.model_dump_json()) == 202
        assert client.get("/health").status_code == 200
        with mailbox(port=port) as (_, mails):
            wait_for(lambda: sum(mail.get_content().count("Về:") for mail in mails) == 60)
            assert len(mails) < 10
    assert "cảnh báo: hàng đợi: HỎNG" in mails[-1]["Subject"]


def test_an_alarm_that_nobody_can_be_told_of_ends_as_an_error_line(told, caplog):
    """And a listener that stops does not wait for its mail server."""
    _, client = told
    with client:
        assert _post(client, shared_secret(), ALARM.model_dump_json()) == 202
        wait_for(lambda: "chưa gửi được" in caplog.text)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    (lost,) = (record for record in caplog.records if record.levelname == "ERROR")
    assert "bỏ cảnh báo" in lost.getMessage()
    assert ALARM.about in lost.getMessage()


def test_a_wrong_password_is_tried_once(told, monkeypatch, tmp_path, caplog):
    """More often, and the mail server would lock the account."""
    port, client = told
    monkeypatch.setattr(postman, "_AGAIN_SECONDS", (0.1,))
    file = tmp_path / "password"
    file.write_text("mật khẩu có dấu", encoding="utf-8")
    monkeypatch.setenv("SOHOA_MAIL__USER", "sohoa")
    monkeypatch.setenv("SOHOA_MAIL__PASSWORD_FILE", str(file))
    house.cache_clear()
    with mailbox(port=port, user="sohoa", password="dung") as (_, mails), client:
        for content in ("mật khẩu có dấu", "sai"):
            caplog.clear()
            file.write_text(content, encoding="utf-8")
            assert _post(client, shared_secret(), ALARM.model_dump_json()) == 202
            wait_for(lambda: "bỏ cảnh báo" in caplog.text)
            assert caplog.text.count("chưa gửi được") == 1
            assert content not in caplog.text
    assert mails == []


def test_one_refused_address_has_nobody_else_told_twice():
    with mailbox(refused=("quan-tri@vi-du.vn",)) as (port, mails):
        send(_mail(port), [ALARM])
    assert len(mails) == 1


def wait_for(look, seconds=20):
    """Until it is so; fails when it is not in time."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.05)

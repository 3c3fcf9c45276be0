"""Keys of an installation: who is told that one expires or that a PIN was refused."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from deployments.cli.main import app
from signing import pin as pins
from signing.keys import Pkcs12Signer
from tasks.checks import run_checks
from tasks.house import House, house
from tasks.keys import key_states
from tests.servers.csc import PIN, start_csc


def _doctor():
    return next(check for check in run_checks(house()) if check.part == "khóa ký")


def test_a_key_that_expires_within_thirty_days_is_named(office, monkeypatch):
    """By the check and by the doctor; a day earlier it is not."""
    until = min(state.not_after for state in key_states(house()))
    for days, state in ((31, "ok"), (29, "expiring")):
        monkeypatch.setattr(House, "now", lambda _, days=days: until - timedelta(days=days))
        assert {key.state for key in key_states(house())} == {state}
    assert "hết hạn sau 29 ngày" in _doctor().detail


def test_the_key_of_who_certifies_copies_is_named_as_the_others_are(office, monkeypatch, pki):
    """In `sohoa keys`, and by the doctor in the last 30 days of its certificate alone."""
    certifier = pki.signer("certifier")
    monkeypatch.setenv("SOHOA_KEYS__CERTIFIER__PATH", str(certifier.path))
    monkeypatch.setenv("SOHOA_KEYS__CERTIFIER__PASSPHRASE_FILE", str(certifier.passphrase_file))
    house.cache_clear()
    (state,) = (state for state in key_states(house()) if state.role == "chứng thực")
    assert "hết hạn" not in _doctor().detail
    others = max(other.not_after for other in key_states(house()) if other != state)
    ends = house().now() + timedelta(days=29)
    real = Pkcs12Signer.certificate

    def ending(signer):
        found = real(signer)
        return found.model_copy(update={"not_after": ends}) if signer == certifier else found

    assert others > ends
    monkeypatch.setattr(Pkcs12Signer, "certificate", ending)
    assert {key.role for key in key_states(house()) if key.state == "expiring"} == {"chứng thực"}
    assert "chứng thực" in _doctor().detail
    assert "hết hạn sau 2" in _doctor().detail


@pytest.fixture
def remote(office, monkeypatch, pki, tmp_path):
    """An installation whose agency key is held by a remote service; its PIN is wrong."""
    with start_csc(pki, tmp_path / "csc") as service:
        signer = service.signer("agency-p256", pin="000000")
        for name in ("kind", "url", "credential", "pin_file", "token_file"):
            monkeypatch.setenv(f"SOHOA_KEYS__AGENCY__{name.upper()}", str(getattr(signer, name)))
        officer = pki.signer("officer")
        monkeypatch.setenv("SOHOA_KEYS__OFFICER__PATH", str(officer.path))
        monkeypatch.setenv("SOHOA_KEYS__OFFICER__PASSPHRASE_FILE", str(officer.passphrase_file))
        monkeypatch.setenv("SOHOA_KEYS__TRUST_ROOTS", json.dumps([str(pki.roots[0])]))
        house.cache_clear()
        yield service, signer
    pins.forgive(signer.pin_file)


def test_the_keys_and_where_they_are_are_listed(remote):
    """Without the PIN or the passphrase."""
    service, _ = remote
    done = CliRunner().invoke(app, ["keys", "--json"])
    assert done.exit_code == 0, done.output
    agency, officer = json.loads(done.stdout)
    assert (agency["kind"], officer["kind"]) == ("csc", "pkcs12")
    assert "UBND xã Hoa Sen" in agency["subject"]
    assert "000000" not in done.stdout
    assert not service.wrong_pins


def test_a_refused_pin_is_named_by_the_doctor_until_it_is_unlocked(remote):
    """The doctor does not try it again."""
    service, signer = remote
    pins.refuse(signer.pin_file, signer.where)
    assert _doctor().state == "missing"
    assert "keys unlock" in _doctor().detail
    assert CliRunner().invoke(app, ["keys"]).exit_code == 6
    assert not service.wrong_pins
    signer.pin_file.write_text(PIN, encoding="utf-8")
    assert CliRunner().invoke(app, ["keys", "unlock"]).exit_code == 0
    assert _doctor().state == "ok"

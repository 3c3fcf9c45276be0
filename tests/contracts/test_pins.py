"""A PIN is tried once; one process owns the token; what happens when it is pulled out."""

import asyncio
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pkcs11
import pytest
from pkcs11 import TokenFlag

from domain.errors import ConfigurationFault, Unavailable
from signing import pin as pins
from signing import pkcs11 as pkcs11_keys
from signing.pin import PinRefused, marker
from tests.servers.csc import PIN as CSC_PIN
from tests.servers.csc import start_csc
from tests.servers.softhsm import MODULE, PIN

NAME = "agency-p256"


@pytest.fixture
def token(softhsm, pki, request):
    """A token of the test's own; its label."""
    label = f"t{abs(hash(request.node.name)) % 10**8}"
    softhsm.token(label, pki, NAME)
    pkcs11_keys._tokens.clear()  # a new process
    yield label
    pkcs11_keys._tokens.clear()


@pytest.fixture
def remote(pki, tmp_path):
    """A remote signing service of the test's own."""
    with start_csc(pki, tmp_path / "csc") as service:
        yield service


def _new_process():
    """Forget what only this process knows."""
    pkcs11_keys._tokens.clear()
    pins._refused_here.clear()


def _once_wrong(label):
    flags = pkcs11.lib(str(MODULE)).get_token(token_label=label).flags
    return bool(flags & TokenFlag.USER_PIN_COUNT_LOW)


def _sign(signer, data=b"content"):
    return asyncio.run(signer.pyhanko().async_sign_raw(data, "sha256"))


def test_a_wrong_pin_is_tried_once_and_not_by_the_next_process(softhsm, token):
    """The alarm says what to do; the second process does not even ask the token."""
    signer = softhsm.signer(token, NAME, pin="000000")
    with pytest.raises(PinRefused, match="keys unlock"):
        signer.pyhanko()
    assert marker(signer.pin_file).exists()
    _new_process()
    signer.pin_file.write_text(PIN, encoding="utf-8")  # the right one is not tried unasked either
    with pytest.raises(PinRefused):
        signer.pyhanko()


def test_after_the_pin_was_mended_unlock_tries_it_and_signing_goes_on(softhsm, token):
    """A wrong one at unlock stops signing again."""
    signer = softhsm.signer(token, NAME, pin="000000")
    with pytest.raises(PinRefused):
        signer.pyhanko()
    with pytest.raises(PinRefused):
        signer.unlock()
    assert marker(signer.pin_file).exists()
    signer.pin_file.write_text(PIN, encoding="utf-8")
    assert signer.unlock()
    assert not marker(signer.pin_file).exists()
    assert _sign(signer)


def test_a_process_killed_before_it_wrote_the_marker_is_remembered_by_the_token(softhsm, token):
    """The token's own flag (PKCS #11: CKF_USER_PIN_COUNT_LOW) stops the next login."""
    signer = softhsm.signer(token, NAME, pin="000000")
    with pytest.raises(PinRefused):
        signer.pyhanko()
    marker(signer.pin_file).unlink()
    _new_process()
    assert _once_wrong(token)
    with pytest.raises(PinRefused):
        signer.pyhanko()
    assert marker(signer.pin_file).exists()


def test_a_place_that_cannot_be_written_does_not_lose_the_alarm(softhsm, token, monkeypatch):
    """Secrets are often mounted read-only."""
    signer = softhsm.signer(token, NAME, pin="000000")
    marker(signer.pin_file).mkdir()  # writing it fails
    monkeypatch.setattr(pins, "marker", lambda path: path / "absent" / "refused")
    for _ in range(2):
        with pytest.raises(PinRefused):
            signer.pyhanko()


def test_the_pin_is_in_no_message(softhsm, token):
    """Neither the right nor the wrong one."""
    signer = softhsm.signer(token, NAME, pin="000000")
    with pytest.raises(PinRefused) as caught:
        signer.pyhanko()
    assert "000000" not in str(caught.value) + repr(caught.value)


def test_many_papers_one_login(softhsm, token, monkeypatch):
    """Threads share one session; signatures are made one after the other."""
    signer = softhsm.signer(token, NAME)
    signer.pyhanko()
    owner = pkcs11_keys._tokens[MODULE, token]
    session = owner._session
    at_once, most = set(), []
    made = owner._sign

    def watched(*arguments):
        at_once.add(threading.get_ident())
        most.append(len(at_once))
        try:
            return made(*arguments)
        finally:
            at_once.discard(threading.get_ident())

    monkeypatch.setattr(owner, "_sign", watched)
    with ThreadPoolExecutor(8) as threads:
        raw = list(threads.map(lambda number: _sign(signer, b"%d" % number), range(40)))
    assert len(set(raw)) == 40
    assert max(most) == 1
    assert owner._session is session


def test_a_rate_limit_is_kept(softhsm, token):
    """600 a minute: ten take at least 0.9 s."""
    signer = softhsm.signer(token, NAME, signatures_per_minute=600)
    begun = time.monotonic()
    for _ in range(10):
        _sign(signer)
    assert time.monotonic() - begun >= 0.9


def test_a_token_pulled_out_between_two_papers_is_unavailable_and_comes_back(softhsm, token):
    """Trying again helps once it is plugged in; the PIN is not held to be wrong."""
    signer = softhsm.signer(token, NAME)
    assert _sign(signer)
    library = pkcs11.lib(str(MODULE))
    kept = softhsm.folder / "pulled-out"
    shutil.move(softhsm.tokens, kept)
    softhsm.tokens.mkdir()
    library.reinitialize()
    try:
        for _ in range(2):
            with pytest.raises(Unavailable, match="hiết bị"):
                _sign(signer)
    finally:
        softhsm.tokens.rmdir()
        shutil.move(kept, softhsm.tokens)
        library.reinitialize()
    assert _sign(signer)
    assert not marker(signer.pin_file).exists()


def test_two_processes_may_use_the_token(softhsm, token):
    """Each logs in once for itself."""
    signer = softhsm.signer(token, NAME)
    assert _sign(signer)
    program = (
        "import asyncio, sys; from signing.keys import Pkcs11Signer;"
        "s = Pkcs11Signer.model_validate_json(sys.argv[1]);"
        "print(len(asyncio.run(s.pyhanko().async_sign_raw(b'x', 'sha256'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, signer.model_dump_json()],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert int(done.stdout) > 60, done.stderr


@pytest.mark.parametrize(
    ("change", "fault", "says"),
    [
        ({"module": "/absent.so"}, ConfigurationFault, "PKCS#11"),
        ({"token_label": "không-có"}, Unavailable, "cắm"),
        ({"key_label": "không-có"}, ConfigurationFault, "key_label"),
        ({"pin_file": "/absent/pin"}, ConfigurationFault, "bí mật"),
    ],
)
def test_a_wrong_address_is_refused_with_what_to_do(softhsm, token, change, fault, says):
    """The administrator reads the cause."""
    right = softhsm.signer(token, NAME).model_dump()
    with pytest.raises(fault, match=says):
        type(softhsm.signer(token, NAME))(**right | change).pyhanko()


# -- the remote service -------------------------------------------------------


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_remote_pin_is_tried_once(remote, api):
    """The service counts wrong PINs and locks the credential at three."""
    signer = remote.signer(NAME, api=api, pin="000000")
    for _ in range(3):
        with pytest.raises(PinRefused):
            _sign(signer)
    assert remote.wrong_pins == 1
    signer.pin_file.write_text(CSC_PIN, encoding="utf-8")
    assert signer.unlock()
    assert _sign(signer)


@pytest.mark.parametrize(("status", "fault"), [(503, Unavailable), (429, Unavailable)])
def test_a_service_that_is_down_is_tried_again_and_its_pin_not_blamed(remote, status, fault):
    """Only what the service says of the PIN is held against the PIN."""
    signer = remote.signer(NAME)
    signer.pyhanko()
    remote.answer = status
    with pytest.raises(fault):
        _sign(signer)
    assert not marker(signer.pin_file).exists()
    remote.answer = None
    assert _sign(signer)


def test_a_refused_account_is_a_configuration_fault(remote):
    """A wrong access token; the PIN is not blamed."""
    signer = remote.signer(NAME, access="sai")
    with pytest.raises(ConfigurationFault, match="token_file"):
        signer.pyhanko()
    assert not marker(signer.pin_file).exists()


def test_nobody_listens(remote):
    """A wrong port is unavailable, not a crash."""
    signer = remote.signer(NAME).model_copy(update={"url": "http://127.0.0.1:9"})
    with pytest.raises(Unavailable):
        signer.pyhanko()


def test_a_service_far_away_must_be_https(remote):
    """The PIN goes over the line."""
    data = remote.signer(NAME).model_dump() | {"url": "http://ky.example"}
    with pytest.raises(ValueError, match="https"):
        type(remote.signer(NAME)).model_validate(data)

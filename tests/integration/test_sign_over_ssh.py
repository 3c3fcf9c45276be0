"""An officer's PC and the server, over a real SSH session: `sohoa sign --as … --server …`."""

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tasks import officer_register as register
from tasks.house import house
from tasks.shelf import listed
from tests.flows import papers as drawn
from tests.office import opened, own_token_settings
from tests.servers.sshd import start_sshd

pytestmark = pytest.mark.integration
COMMAND_SECONDS = 120
PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def waiting(tmp_path_factory, reading_pool, test_keys, pki):
    """The home of an installation with two papers that wait for officer CB001."""
    folder = tmp_path_factory.mktemp("waiting")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own_token_settings(pki).items():
            patch.setenv(name, value)
        with opened(folder, patch, reading_pool, test_keys) as office:
            house().registry.migrate()
            register.add("CB001", pki.pem("officer"), None, actor="qt")
            register.add("CB002", pki.pem("officer2"), None, actor="qt")
            scans = {"a.pdf": drawn.pdf("giay-khai-sinh"), "b.pdf": drawn.pdf("cong-van", seed=9)}
            summary = office.digitize(scans, officer="Nguyễn Văn An")
            assert summary.papers.awaiting_officer == 2
    return folder / "home"


@pytest.fixture
def server(tmp_path, waiting, pki, monkeypatch, reading_pool):
    """A copy of that installation behind sshd, and this process looking at it."""
    home = tmp_path / "home"
    shutil.copytree(waiting, home)
    env = {**own_token_settings(pki), "SOHOA_HOME": str(home)}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    house.cache_clear()
    folder = tmp_path / "sshd"
    folder.mkdir()
    path = f"{PROGRAMS}:{os.environ['PATH']}"
    with start_sshd(folder, {**env, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}) as running:
        if running is None:
            pytest.skip("sshd is not installed (Debian: openssh-server)")
        yield running
    house().close()
    house.cache_clear()


class Pc:
    """The officer's PC: a home of its own, a key, no setting of the installation."""

    def __init__(self, folder, words):
        self.folder, self.words = folder, words
        folder.mkdir()

    def sign(self, session, officer="CB001"):
        """The finished command, with the officer's key."""
        return self.run("sign", "--as", officer, "--server", session, "--json", *self.words)

    def run(self, *words):
        """The finished command."""
        env = {
            "PATH": f"{PROGRAMS}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "SOFTHSM2_CONF": os.environ.get("SOFTHSM2_CONF", ""),
        }
        return subprocess.run(
            ["sohoa", *words],
            env=env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )


@pytest.fixture
def pc(tmp_path, pki):
    """A PC with the officer's key in a file."""
    key = pki.signer("officer")
    words = ["--key", str(key.path), "--pin-file", str(key.passphrase_file)]
    return Pc(tmp_path / "pc", words)


def _states():
    return [row["state"] for row in listed()]


def test_two_papers_are_signed_with_a_token_and_archived(server, tmp_path, pki, softhsm):
    """One command at the PC, under a key that may only sign: the line goes on by itself."""
    softhsm.token("can-bo-ssh", pki, "officer")
    key = softhsm.signer("can-bo-ssh", "officer")
    pc = Pc(
        tmp_path / "pc",
        [
            *("--module", str(key.module), "--token", "can-bo-ssh", "--label", "officer"),
            *("--pin-file", str(key.pin_file)),
        ],
    )
    session = server.allow("an", 'restrict,command="sohoa sign serve CB001"')
    done = pc.sign(session, "Nguyễn Văn An")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["accepted"]) == 2
    assert _states() == ["archived", "archived"]
    again = pc.sign(session)
    assert (again.returncode, json.loads(again.stdout)["accepted"]) == (0, [])


def test_a_key_that_may_only_sign_does_nothing_else(server, pc):
    """Neither another command nor another officer's papers; nor does the wrong person's key."""
    session = server.allow("binh", 'restrict,command="sohoa sign serve CB002"')
    refused = pc.sign(session, "CB001")
    assert (refused.returncode, "CB002" in refused.stderr) == (5, True), refused.stderr
    shell = subprocess.run(
        [*session.split(), "id"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (shell.returncode, shell.stdout) == (6, "")
    assert _states() == ["awaiting_officer"] * 2


@pytest.mark.parametrize("lost", ["fetch", "return", "answer"])
def test_a_lost_line_loses_nothing(server, pc, lost):
    """Cut before the digests come, before the signatures arrive, before the answer comes back."""
    session = server.allow("an")
    with _line(server.port, lost) as port:
        cut = pc.sign(server.command(server.folder / "an", port))
    assert cut.returncode == 5, (cut.stdout, cut.stderr)
    kept = pc.folder / "chua-gui-CB001.json"
    assert kept.is_file() == (lost != "fetch")
    if lost == "fetch":
        assert _states() == ["awaiting_officer"] * 2
        return
    assert "sohoa sign return" in cut.stderr
    sent = pc.run("sign", "return", str(kept), "--server", session, "--json")
    assert sent.returncode == 0, sent.stderr
    assert len(json.loads(sent.stdout)["accepted"]) == 2
    deadline = time.monotonic() + COMMAND_SECONDS
    while _states() != ["archived", "archived"]:  # the session that was lost works on by itself
        assert time.monotonic() < deadline, _states()
        time.sleep(0.2)


@contextmanager
def _line(target, lost):
    """A port that leads to sshd and loses one session: the first one, or the second."""
    over, sessions = threading.Event(), 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def serve():
            nonlocal sessions
            while not over.is_set():
                with suppress(TimeoutError):
                    near, _ = listener.accept()
                    sessions += 1
                    _carry(near, target, lost if sessions == _LOSES[lost] else None)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()
    assert sessions == _LOSES[lost]


_LOSES = {"fetch": 1, "return": 2, "answer": 2}
_HANDSHAKE_BYTES = 6_000
"""What goes to the server before the session's own data, at least roughly."""


def _carry(near, target, lost):
    """Carry one session to its end, or lose it as `lost` says."""
    with near, socket.create_connection(("127.0.0.1", target)) as far:
        carried = 0
        while True:
            ready, _, _ = select.select([near, far], [], [], 0.1)
            if lost == "fetch" and carried:
                return
            if lost == "return" and carried > _HANDSHAKE_BYTES:
                return
            if lost == "answer" and "awaiting_officer" not in _states():
                return
            for end, other in ((near, far), (far, near)):
                if end not in ready:
                    continue
                data = end.recv(1024)
                if not data:
                    return
                other.sendall(data)
                carried += len(data) if end is near else 0

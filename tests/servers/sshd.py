"""An SSH server of the tests' own: OpenSSH's sshd on a free loopback port, as the current user."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from tests.servers.postgres import free_port

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
_NEEDED_BY_ROOT = Path("/run/sshd")


class SshServer:
    """Its address, and keys that may come in."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.allowed = folder / "authorized_keys"

    def allow(self, name, options="restrict"):
        """Let a new key in, restricted as `authorized_keys` says; the command that uses it."""
        key = self.folder / name
        _make_key(key)
        with self.allowed.open("a") as lines:
            lines.write(f"{options} {key.with_suffix('.pub').read_text()}")
        return self.command(key)

    def command(self, key, port=None):
        """`ssh …` with this key, through this port; asks nobody anything."""
        options = {
            "BatchMode": "yes",
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": self.folder / "known_hosts",
            "HostKeyAlias": "office",
        }
        said = " ".join(f"-o {name}={value}" for name, value in options.items())
        user = getpass.getuser()
        return f"ssh -F none -i {key} -p {port or self.port} {said} {user}@127.0.0.1"


def _make_key(path):
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(words, check=True, timeout=60)


@contextmanager
def start_sshd(folder: Path, env: dict[str, str]):
    """Serve commands with these variables in their environment; None where sshd is absent."""
    if SSHD is None or shutil.which("ssh-keygen") is None:
        yield None
        return
    server = SshServer(folder, free_port())
    _make_key(folder / "host")
    server.allowed.touch(mode=0o600)
    variables = " ".join(f'"{name}={_quoted(value)}"' for name, value in env.items())
    configuration = folder / "sshd_config"
    configuration.write_text(
        f"""Port {server.port}
ListenAddress 127.0.0.1
HostKey {folder / "host"}
AuthorizedKeysFile {server.allowed}
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
SetEnv {variables}
"""
    )
    if os.geteuid() == 0:
        _NEEDED_BY_ROOT.mkdir(mode=0o755, exist_ok=True)
    log = (folder / "sshd.log").open("wb")
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(configuration)], stderr=log)
    try:
        _wait(server.port, process)
        yield server
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _quoted(value):
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _wait(port, process):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("sshd is not up; see sshd.log in its folder")

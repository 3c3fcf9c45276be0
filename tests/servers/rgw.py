"""A real S3 server (Ceph RGW) from Debian's packages, in memory, in a folder of its own.

Packages: `ceph-mon ceph-osd radosgw ceph-common`, with `--no-install-recommends`. One monitor,
one object store daemon that keeps objects in memory, one gateway; all on loopback, all
children of the tests, ended by their own process ids.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.hosts import LOOPBACK, Host
from tests.servers.postgres import free_port

_PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool", "radosgw")
_ADMIN = "radosgw-admin"
_START_SECONDS = 60

_CONFIGURATION = """\
[global]
fsid = {fsid}
mon host = v2:{address}:{monitor}/0
mon initial members = a
keyring = {folder}/keyring
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
public addr = {address}
cluster addr = {address}
ms bind msgr1 = false
ms bind ipv6 = false
run dir = {folder}
crash dir = {folder}
pid file =
admin socket =
log file = {folder}/$name.log
mon cluster log file = {folder}/cluster.log
# by default the daemons gather more than they log, for the case of a crash
debug ms = 0/0
debug rgw = 1/1
debug osd = 0/0
debug objecter = 0/0
debug monc = 0/0
debug mon = 0/0
debug auth = 0/0
# one copy on one daemon
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 500
[mon]
mon data = {folder}/mon
mon data avail crit = 1
# every pool that the gateway makes waits for a commit: once a second would be slow
paxos propose interval = 0.02
paxos min wait = 0.01
[osd]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 8589934592
osd crush initial weight = 1
crush location = root=default host=tests
[client.rgw]
rgw frontends = beast endpoint={address}:{gateway} tcp_nodelay=1
rgw thread pool size = 32
rgw override bucket index max shards = 1
rgw dynamic resharding = false
"""

_CAPABILITIES = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *", "mgr": "allow profile osd"},
    "client.rgw": {"mon": "allow rw", "osd": "allow rwx", "mgr": "allow rw"},
}


@dataclass(frozen=True)
class Rgw:
    """Where the server is, and one user's keys."""

    endpoint: str
    access_key: str
    secret_key: str
    configuration: Path | None = None
    host: Host = LOOPBACK
    _server: "_Server | None" = field(default=None, repr=False, compare=False)

    def add_user(self, name: str) -> "Rgw":
        """The same server with the keys of another user, whose ARN is `arn:aws:iam:::user/NAME`."""
        made = Rgw(self.endpoint, secrets.token_hex(10).upper(), secrets.token_hex(20))
        _add_user(self.host, self.configuration, name, made)
        return made

    def kill_gateway(self) -> None:
        """SIGKILL of the gateway; what it had acknowledged is with the object daemon."""
        self._server.kill_gateway()

    def restart_gateway(self) -> None:
        """Start the gateway again, on the same address and the same data."""
        self._server.run_gateway()

    def write_credentials(self, file: Path) -> Path:
        """The keys as an AWS ini file."""
        file.write_text(
            "[default]\n"
            f"aws_access_key_id = {self.access_key}\n"
            f"aws_secret_access_key = {self.secret_key}\n",
            encoding="ascii",
        )
        file.chmod(0o600)
        return file


def rgw_is_installed() -> bool:
    """Whether all programs of the server are there."""
    return all(map(shutil.which, (*_PROGRAMS, _ADMIN)))


@contextmanager
def start_rgw(folder: Path, host: Host = LOOPBACK):
    """Start the server; give its `Rgw`, or None where it is not installed."""
    if not rgw_is_installed():
        yield None
        return
    with ExitStack() as stack:
        server = _Server(folder, stack, host)
        server.make_keys()
        server.start_monitor()
        server.start_object_daemon()
        yield server.start_gateway()


class _Server:
    def __init__(self, folder: Path, stack: ExitStack, host: Host) -> None:
        self.host = host
        self.folder = folder
        self.stack = stack
        self.monitor, self.gateway = free_port(), free_port()
        self.fsid = str(uuid.uuid4())
        self.configuration = folder / "ceph.conf"
        self.configuration.write_text(
            _CONFIGURATION.format(
                folder=folder,
                fsid=self.fsid,
                address=host.address,
                monitor=self.monitor,
                gateway=self.gateway,
            )
        )
        for name in ("mon", "osd"):
            (folder / name).mkdir()

    def make_keys(self) -> None:
        ring = str(self.folder / "keyring")
        create = ["--create-keyring"]
        for name, allowed in _CAPABILITIES.items():
            caps = [word for item in allowed.items() for word in ("--cap", *item)]
            _run("ceph-authtool", *create, ring, "--gen-key", "-n", name, *caps)
            create = []

    def start_monitor(self) -> None:
        plan = str(self.folder / "monmap")
        where = f"[v2:{self.host.address}:{self.monitor}]"
        _run("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a", where, plan)
        ring = str(self.folder / "keyring")
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", plan, "--keyring", ring)
        self._daemon("ceph-mon", "-i", "a")

    def start_object_daemon(self) -> None:
        # The monitor marks a daemon "up" only under the uuid that it was told.
        identity = str(uuid.uuid4())
        self._run(
            "ceph", "-n", "client.admin", "--connect-timeout", "30", "osd", "new", identity, "0"
        )
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", identity)
        self._daemon("ceph-osd", "-i", "0")

    def start_gateway(self) -> Rgw:
        self.run_gateway()
        keys = secrets.token_hex(10).upper(), secrets.token_hex(20)
        rgw = Rgw(self.endpoint, *keys, self.configuration, self.host, self)
        _add_user(self.host, self.configuration, "tests", rgw)
        return rgw

    @property
    def endpoint(self) -> str:
        return f"http://{self.host.address}:{self.gateway}"

    def run_gateway(self) -> None:
        self.gateway_process = self._daemon("radosgw", "-n", "client.rgw")
        _wait_for(self.host, self.endpoint)

    def kill_gateway(self) -> None:
        self.gateway_process.kill()
        self.gateway_process.wait()

    def _run(self, program: str, *words: str) -> None:
        _run(*self.host.command(program, "-c", str(self.configuration), *words))

    def _daemon(self, program: str, *words: str) -> subprocess.Popen:
        command = (program, "-c", str(self.configuration), "-f", *words)
        log = self.folder / f"{program}.out"
        process = self.host.start(*command, log=log, env=_environment())
        self.stack.callback(_end, process)
        return process


def _add_user(host: Host, configuration: Path, name: str, keys: Rgw) -> None:
    words = ("-c", str(configuration), "-n", "client.admin", "user", "create", f"--uid={name}")
    given = (f"--access-key={keys.access_key}", f"--secret-key={keys.secret_key}")
    _run(*host.command(_ADMIN, *words, f"--display-name={name}", *given))


def _environment() -> dict[str, str]:
    foreign = ("CEPH", "SOHOA")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def _run(*words: str) -> None:
    subprocess.run(
        words, check=True, capture_output=True, timeout=_START_SECONDS, env=_environment()
    )


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(host: Host, endpoint: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if host.answers(endpoint):
            return
        time.sleep(0.2)
    raise TimeoutError(f"{endpoint} does not answer")


def settings_of(rgw: Rgw, folder: Path) -> str:
    """Shell lines that put all stores of an installation on this server, the archive locked."""
    credentials = rgw.write_credentials(folder / "credentials")
    lines = []
    for name in ("INTAKE", "WORK", "ARCHIVE", "QUARANTINE"):
        own = f"SOHOA_{name}__"
        facts = {
            "KIND": "s3",
            "BUCKET": f"demo-{name.lower()}",
            "ENDPOINT_URL": rgw.endpoint,
            "CREDENTIALS_FILE": credentials,
        }
        lines += [f"export {own}{key}={value}" for key, value in facts.items()]
    return "\n".join([*lines, "export SOHOA_ARCHIVE__LOCK=COMPLIANCE", ""])


def _main() -> None:
    """`python -m tests.servers.rgw FOLDER`: serve until told to end, print the settings."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the daemons end too
    folder = Path(sys.argv[1]).resolve()
    with start_rgw(folder) as rgw:
        if rgw is None:
            sys.exit("Ceph RGW is not installed")
        sys.stdout.write(settings_of(rgw, folder))
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    _main()

"""An installation on several hosts, made of the files that we ship in `deployments/systemd`.

Settings and units are read from there; only addresses, passwords and folders are put in. A unit
is started with the command, environment and working directory that it names. PostgreSQL and
Redis stand on one host, the Prefect server on another or the same, Ceph RGW on a third.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from signing.demo_authority import make_demo_keys
from tests.servers.hosts import Host
from tests.servers.postgres import free_port, start_postgres
from tests.servers.redis import RedisServer, start_redis
from tests.servers.rgw import Rgw, start_rgw

SHIPPED = Path(__file__).resolve().parents[2] / "deployments" / "systemd"
PREFECT_FILE = SHIPPED.parent / "prefect.yaml"
_USER = "sohoa"
_BLANK = "ĐỔI-MẬT-KHẨU"
_UP_SECONDS = 180

_MAKE_DATABASES = """
import os, psycopg
with psycopg.connect(os.environ["PLACE"], autocommit=True) as db:
    for name in ("prefect", "sohoa"):
        if name != "sohoa":
            db.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{os.environ['PGPASSWORD']}'")
        db.execute(f"CREATE DATABASE {name} OWNER {name}")
"""


@dataclass(frozen=True)
class Node:
    """A host with its own settings, secrets and working folder."""

    host: Host
    folder: Path
    """Its files, as seen from this machine."""
    place: Path
    """The same folder as the host sees it: at one and the same place on all of them."""

    @property
    def etc(self) -> Path:
        """What is `/etc/sohoa` in the shipped files, as the host sees it."""
        return self.place / "etc"

    @property
    def home(self) -> Path:
        """What is `/var/lib/sohoa` there."""
        return self.place / "home"

    def environment(self, **more: str) -> dict[str, str]:
        """For a command of an administrator on this host."""
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SOHOA_", "PREFECT_", "PG", "AWS_"))
        }
        return {
            **clean,
            "PREFECT_HOME": str(self.home / "prefect"),
            "SOHOA_CONFIG": str(self.etc / "sohoa.toml"),
            "PYTHONPATH": str(SHIPPED.parents[1]),
            **more,
        }

    def run(self, *words: str, seconds: float = 300, may_fail: bool = False, **more: str) -> str:
        """What a Python module's command prints, run on this host as a client of the server."""
        done = subprocess.run(
            self.host.command(sys.executable, "-m", *words, cwd=self.etc / "client"),
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode and not may_fail:
            raise AssertionError(f"{words} on {self.host.name}: {done.stdout}{done.stderr}")
        return done.stdout

    def sohoa(self, *words: str, seconds: float = 300, **more: str):
        """What a command prints as JSON."""
        return json.loads(self.run("deployments.cli", *words, "--json", seconds=seconds, **more))


@dataclass
class Installation:
    """What is up: addresses and passwords, and one `Node` per host."""

    folder: Path
    database: str
    redis: RedisServer
    s3: Rgw
    password: str
    """Of every account: each installation of the tests has one of its own."""
    server: Host
    ports: dict[str, int]
    """Ports in the shipped files, and where the servers listen here."""
    nodes: dict[str, Node] = field(default_factory=dict)
    units: dict[tuple[str, str], subprocess.Popen] = field(default_factory=dict)
    restarts: list[str] = field(default_factory=list)
    """Units that ended by themselves and were started again, as systemd does."""
    _given: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def node(self, host: Host) -> Node:
        """Install sohoa on a host: its settings and its copy of the secrets."""
        folder = self.folder / "hosts" / host.name
        place = self.folder / "here" if host.enter else folder
        made = Node(host, folder, place)
        for part in ("home", "etc/server", "etc/client"):
            (folder / part).mkdir(parents=True, mode=0o700)
        if host.enter:
            place.mkdir(exist_ok=True)
            host.run("mount", "--bind", str(folder), str(place))
        shutil.copytree(self.folder / "secrets", folder / "etc/secrets")
        for shipped, target in {
            "prefect-server": "server/prefect",
            "prefect-client": "client/prefect",
            "sohoa": "sohoa",
        }.items():
            text = (SHIPPED / f"{shipped}.toml").read_text(encoding="utf-8")
            (folder / f"etc/{target}.toml").write_text(self._filled(made, text), encoding="utf-8")
        self.nodes[host.name] = made
        return made

    def start(self, unit: str, node: Node, **more: str) -> subprocess.Popen:
        """Start a shipped unit on a node."""
        lines = (SHIPPED / f"sohoa-{unit}.service").read_text(encoding="utf-8").splitlines()
        said = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
        given = [line.removeprefix("Environment=") for line in lines if line[:12] == "Environment="]
        environment = dict(word.split("=", 1) for line in given for word in line.split())
        command = (
            self._filled(node, said["ExecStart"])
            .replace("/opt/sohoa/bin/prefect", f"{sys.executable} -m prefect")
            .replace("/opt/sohoa/bin/sohoa", f"{sys.executable} -m deployments.cli")
        )
        env = {name: self._filled(node, text) for name, text in environment.items()}
        process = node.host.start(
            *command.split(),
            log=node.folder / f"{unit}.log",
            env=node.environment(**env, **more),
            cwd=Path(self._filled(node, said["WorkingDirectory"])),
            start_new_session=True,
        )
        self.units[unit, node.host.name] = process
        self._given[unit, node.host.name] = more
        return process

    def restart_ended(self) -> None:
        """What the units say: `Restart=always`."""
        for (unit, name), process in list(self.units.items()):
            if process.poll() is not None:
                self.restarts.append(f"{unit} on {name}")
                self.start(unit, self.nodes[name], **self._given[unit, name])

    def forget(self, name: str) -> Node:
        """A host that nobody starts again: its units are no longer looked after."""
        for unit in [one for one in self.units if one[1] == name]:
            del self.units[unit]
        return self.nodes.pop(name)

    def ask(self, query: str) -> str:
        """The one value that a query to the registry gives."""
        url = self.database.replace("+psycopg", "").rpartition("/")[0] + "/sohoa"
        asked = self.server.command("psql", "-At", url, "-c", query)
        env = {**os.environ, "PGPASSWORD": self.password}
        done = subprocess.run(
            asked, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise AssertionError(f"{query}: {done.stderr}")
        return done.stdout.strip()

    def prepare(self, node: Node) -> None:
        """Databases: what an administrator makes first."""
        place = self.database.replace("+psycopg", "")
        node.host.run(
            sys.executable, "-c", _MAKE_DATABASES,
            env=node.environment(PLACE=place, PGPASSWORD=self.password),
        )  # fmt: skip

    def make_secrets(self) -> None:
        """One set of secrets for all hosts."""
        place = self.folder / "secrets"
        place.mkdir(mode=0o700)
        made = make_demo_keys(place, agency_name="UBND tỉnh", officer_name="Nguyễn Văn An")
        shutil.copyfile(made.root_certificate, place / "ca.pem")
        for name in ("agency", "officer"):
            for kind in ("p12", "passphrase"):
                shutil.move(place / "demo" / f"{name}.{kind}", place / f"{name}.{kind}")
        shutil.rmtree(place / "demo")
        (place / "owner.key").write_bytes(secrets.token_bytes(32))
        (place / "registry.password").write_text(self.password)
        (place / "listen.secret").write_text(self.password)
        self.s3.write_credentials(place / "s3.ini")

    def wait_for_server(self, node: Node) -> None:
        """Until the API answers whoever knows the password."""
        deadline = time.monotonic() + _UP_SECONDS
        url = f"http://{self.server.address}:{self.ports[':4200']}/api/health"
        while not node.host.answers(url, f"{_USER}:{self.password}"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{url} does not answer: see {node.folder}/server.log")
            time.sleep(0.5)

    def deploy(self, node: Node) -> None:
        """Work pool, deployments and buckets, as an administrator makes them."""
        node.run("deployments.work_pool")
        node.run("prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(PREFECT_FILE))
        # It makes the buckets, and then tells that no worker is up yet.
        node.run("deployments.cli", "doctor", "--init", may_fail=True)

    def _filled(self, node: Node, text: str) -> str:
        data, s3 = urlsplit(self.database), urlsplit(self.s3.endpoint)
        cache = f":{self.redis.password}@{self.redis.address}"
        put = {
            "/etc/sohoa": str(node.etc),
            "/var/lib/sohoa": str(node.home),
            "%H": node.host.name,
            f":{_BLANK}@may-du-lieu:6379": cache,
            "may-du-lieu:5432": f"{data.hostname}:{data.port}",
            "http://may-s3:7480": f"http://{s3.hostname}:{s3.port}",
            "may-chu": self.server.address,
            "0.0.0.0": self.server.address,  # noqa: S104 - what the shipped file says
            _BLANK: self.password,
            "port = 4200": f"port = {self.ports[':4200']}",
            "--port 4203": f"--port {self.ports[':4203']}",
            **{port: f":{ours}" for port, ours in self.ports.items()},
        }
        for shipped, ours in put.items():
            text = text.replace(shipped, ours)
        return text

    def end(self) -> None:
        """End the units, the newest first."""
        for process in reversed(self.units.values()):
            process.terminate()
        for process in self.units.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def installation(folder: Path, data: Host, s3: Host, server: Host):
    """PostgreSQL, Redis and RGW are up, secrets are made; None where one is not installed."""
    password = secrets.token_hex(16)
    with ExitStack() as stack:
        places = [folder / name for name in ("postgres", "redis", "rgw")]
        for place in places:
            place.mkdir()
        database = stack.enter_context(start_postgres(places[0], data, password))
        redis = stack.enter_context(start_redis(places[1], data))
        store = stack.enter_context(start_rgw(places[2], s3))
        if database is None or redis is None or store is None:
            yield None
            return
        made = Installation(folder, database, redis, store, password, server, _ports(server))
        made.make_secrets()
        stack.callback(made.end)
        yield made


def _ports(server: Host) -> dict[str, int]:
    """On a host of its own a server has its usual port, on this machine a free one."""
    usual = (4200, 4201, 4202, 4203)
    first = free_port(together=len(usual))
    return {f":{port}": port if server.enter else first + place for place, port in enumerate(usual)}

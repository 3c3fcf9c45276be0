"""Unit files, compose file, Kubernetes manifest: other people's linters accept them.

What cannot be started on every machine is at least what its own tool calls valid. That the
units' commands and settings work is shown where they are started: tests/integration/test_hosts.py.
"""

import re
import shutil
import subprocess

import pytest
import typer
import yaml

from deployments.cli.main import app
from tests.servers.installation import SHIPPED

pytestmark = pytest.mark.conformance

DEPLOYMENTS = SHIPPED.parent
UNITS = sorted(SHIPPED.glob("*.service"))
COMPOSE = DEPLOYMENTS / "container/compose.yaml"
MANIFEST = DEPLOYMENTS / "kubernetes/sohoa.yaml"
SECRET_WORDS = re.compile("password|auth_string|secret|passphrase", re.IGNORECASE)
ONLY_ON_HOSTS = {("sohoa", "watch", "%f"), ("sohoa", "warm")}
"""A scanner's share is no container's; in a container a run starts cold."""
EXPOSURE = 30
"""Tenths of systemd's measure of what a service may do: 100 is everything."""


def _program(*commands):
    """The first of the programs that tells its version, as a command; a visible skip without."""
    for *words, asked in map(str.split, commands):
        if shutil.which(words[0]):
            done = subprocess.run([*words, asked], check=False, capture_output=True)
            if done.returncode == 0:
                return words
    pytest.skip(f"not installed: {commands[0]}")
    return None


def _installed(folder):
    """The units in `folder`, with programs where they expect them."""
    programs = folder / "bin"
    programs.mkdir()
    for name in ("prefect", "sohoa"):
        (programs / name).symlink_to("/bin/true")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/sohoa/bin", str(programs))
        (folder / unit.name).write_text(text, encoding="utf-8")
    return folder


def _verify(unit):
    done = subprocess.run(
        [*_program("systemd-analyze --version"), "verify", "--man=no", str(unit)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("unit", [unit.name for unit in UNITS])
def test_systemd_accepts_the_unit(unit, tmp_path):
    assert _verify(_installed(tmp_path) / unit) == (0, "")


def test_systemd_refuses_what_is_no_unit(tmp_path):
    """The judge is awake: a word that means nothing is told."""
    unit = _installed(tmp_path) / "sohoa-api.service"
    unit.write_text(unit.read_text().replace("Restart=always", "Restart=sometimes"))
    assert "sometimes" in _verify(unit)[1]


@pytest.mark.parametrize("unit", [unit.name for unit in UNITS])
def test_a_unit_may_do_little(unit, tmp_path):
    """The measure is systemd's own."""
    options = ("security", "--offline=yes", f"--threshold={EXPOSURE}", "--no-pager")
    done = subprocess.run(
        [*_program("systemd-analyze --version"), *options, str(_installed(tmp_path) / unit)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout[-400:]


def _compose(file):
    program = _program("docker compose version", "docker-compose version")
    return subprocess.run(
        [*program, "-f", str(file), "config", "-q"],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_compose_accepts_its_file():
    done = _compose(COMPOSE)
    assert done.returncode == 0, done.stderr


def test_compose_refuses_a_file_with_a_word_of_our_own(tmp_path):
    text = COMPOSE.read_text(encoding="utf-8").replace("restart: unless", "restrt: unless")
    (tmp_path / "compose.yaml").write_text(text, encoding="utf-8")
    assert _compose(tmp_path / "compose.yaml").returncode != 0


def _documents():
    return list(yaml.safe_load_all(MANIFEST.read_text(encoding="utf-8")))


def test_kubernetes_accepts_every_object():
    """Against the schemas of Kubernetes' own API, unknown fields refused."""
    judge = pytest.importorskip("kubernetes_validate")
    for document in _documents():
        judge.validate(document, judge.latest_version(), strict=True)


def test_kubernetes_refuses_a_field_of_our_own():
    judge = pytest.importorskip("kubernetes_validate")
    document = next(one for one in _documents() if one["kind"] == "Deployment")
    document["spec"]["replica"] = 1
    with pytest.raises(judge.ValidationError):
        judge.validate(document, judge.latest_version(), strict=True)


def _commands():
    """Where → the set of commands that are started there, without names and folders."""
    units = set()
    for unit in UNITS:
        words = re.search("^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)[1].split()
        units.add(_plain([words[0].removeprefix("/opt/sohoa/bin/"), *words[1:]]))
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"].values()
    compose = {_plain(one["command"]) for one in services if one["image"] == "sohoa"}
    pods = [one["spec"]["template"]["spec"] for one in _documents() if one["kind"] == "Deployment"]
    return {
        "units": units,
        "compose": compose,
        "kubernetes": {_plain(pod["containers"][0]["command"]) for pod in pods},
    }


def _plain(words):
    joined = re.sub(r" --(name|host) \S+", "", " ".join(words))
    return tuple(joined.split())


def test_all_three_start_the_same_commands():
    commands = _commands()
    assert commands["units"] - ONLY_ON_HOSTS == commands["compose"] == commands["kubernetes"]


def test_every_command_of_ours_takes_its_options():
    """An option that the command no longer has would show on an operator's machine only."""
    line = typer.main.get_command(app)
    ours = {words[1:] for group in _commands().values() for words in group if words[0] == "sohoa"}
    assert ours
    for name, *options in ours:
        command = line.get_command(None, name)
        command.make_context(name, list(options))


def test_no_secret_stands_in_the_environment():
    """Secrets are files: what is in the environment shows in process lists and crash reports."""
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"].values()
    given = [name for one in services for name in one.get("environment", {})]
    given += [
        entry["name"]
        for document in _documents()
        if document["kind"] == "Deployment"
        for container in document["spec"]["template"]["spec"]["containers"]
        for entry in container.get("env", [])
    ]
    for unit in UNITS:
        lines = re.findall("^Environment=(.*)$", unit.read_text(), re.MULTILINE)
        given += [word.partition("=")[0] for line in lines for word in line.split()]
    assert given
    assert [n for n in given if SECRET_WORDS.search(n) and not n.endswith("_FILE")] == []

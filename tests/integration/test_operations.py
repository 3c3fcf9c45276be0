"""The handbook, tried word by word: its commands in their order, on an empty installation."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.readme_tables import OPERATIONS
from tests.integration.conftest import draw_scans, wait_for
from tests.servers.duty import on_duty

pytestmark = pytest.mark.integration

COMMANDS = re.findall(r"^```sh\n(.*?)^```", OPERATIONS.read_text("utf-8"), re.DOTALL | re.MULTILINE)
SECONDS = 300


@pytest.fixture
def duty():
    """The address of whoever is on duty, and what came there."""
    with on_duty() as there:
        yield there


def test_every_command_of_the_handbook_does_what_it_says(office, tmp_path, duty):
    """Only folders, ports and the address of whoever is on duty are others than in the text."""
    address, received = duty
    draw_scans(tmp_path / "thu", [("giay-khai-sinh", 1)])
    places = {
        "/etc/sohoa": str(tmp_path / "etc"),
        "/var/lib/sohoa": str(tmp_path / "home"),
        "/srv/sao-luu": str(tmp_path / "sao-luu"),
        "/srv/thu": str(tmp_path / "thu"),
        "http://127.0.0.1:4200/api": office.env["PREFECT_API_URL"],
        "https://truc.example.gov.vn/canh-bao": address,
        # The server at hand has another password than the one that the text makes.
        "export PREFECT_API_URL=": f"export PREFECT_API_AUTH_STRING={office.auth}\n"
        "export PREFECT_API_URL=",
    }
    script = "\n".join(("set -euo pipefail", *COMMANDS))
    for said, here in places.items():
        assert said in script
        script = script.replace(said, here)
    done = subprocess.run(
        ["bash", "-c", script],
        env=_clean_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    assert "0 hỏng" in done.stdout or "nguyên vẹn" in done.stdout
    wait_for(lambda: received, "the trial alarm", 30)
    assert "sohoa_papers_archived_total 1.0" in (tmp_path / "home/so-do.txt").read_text("utf-8")
    listed = _sohoa(tmp_path, "papers", "--json")
    assert [paper["state"] for paper in json.loads(listed)] == ["archived"]


def _clean_environment(folder):
    """What a new administrator has: the programs on the path, nothing of ours."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    program = bin_folder / "sohoa"
    program.write_text(
        f"#!/bin/sh\ncd {Path(__file__).parents[2]}\n"
        f'exec {sys.executable} -m deployments.cli "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    path = f"{bin_folder}:{Path(shutil.which('tesseract')).parent}:/usr/bin:/bin"
    return {**kept, "PATH": path, "PREFECT_HOME": str(folder / "prefect"), "PYTHONUTF8": "1"}


def _sohoa(folder, *words):
    env = {**os.environ, "SOHOA_CONFIG": str(folder / "etc/sohoa.toml")}
    command = [sys.executable, "-m", "deployments.cli", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

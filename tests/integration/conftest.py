"""A real Prefect server with a worker, and small lots to send through it."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from deployments.samples.degradation import Degradation
from deployments.samples.files import as_jpeg
from deployments.samples.papers import draw_paper
from deployments.server import environment, local_server
from tests.servers.postgres import free_port

DPI = 200
LIGHT_WEAR = Degradation(noise=1, shade=0.02, blur=0.2, colour="grey")
COMMAND_LINE = "from deployments.cli.main import main; main()"
COMMAND_SECONDS = 120
RUN_SECONDS = 240
PASSWORD = "sohoa:chi-de-thu-thoi"


class Office:
    """An installation of sohoa with a server: its command line and its server's records."""

    def __init__(self, env):
        from prefect.client.orchestration import SyncPrefectClient

        self.env = env
        self.home = Path(env["SOHOA_HOME"])
        self.auth = env.get("PREFECT_API_AUTH_STRING")
        self.client = SyncPrefectClient(env["PREFECT_API_URL"], auth_string=self.auth)

    def sohoa(self, *words, server=True):
        """What a command prints as JSON; without `server` it knows of none.

        It reads the server's password from the file, as an operator's command does.
        """
        env = {name: value for name, value in self.env.items() if "AUTH_STRING" not in name}
        if not server:
            del env["PREFECT_API_URL"]
        done = subprocess.run(
            [sys.executable, "-c", COMMAND_LINE, *words, "--json"],
            env=env,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def registry(self):
        """A connection to the registry, which commits at the end of its block."""
        return sqlite3.connect(self.home / "registry.db")

    def deployment(self, name):
        """The server's record of a deployment."""
        return self.client.read_deployment_by_name(name)

    def start(self, name, **parameters):
        """Start a deployment as its button in the UI does; the flow run."""
        return self.client.create_flow_run_from_deployment(
            self.deployment(name).id, parameters=parameters
        )

    def run(self, name, **parameters):
        """Run a deployment to its end; the flow run in its last state."""
        return self.finished(self.start(name, **parameters).id)

    def flow_run(self, flow_run_id):
        """The flow run as it is now."""
        return self.client.read_flow_run(flow_run_id)

    def is_running(self, flow_run_id):
        """Whether the flow's code is being run now."""
        return self.flow_run(flow_run_id).state.is_running()

    def finished(self, flow_run_id):
        """The flow run when it is in its last state."""

        def look():
            run = self.flow_run(flow_run_id)
            return run if run.state.is_final() else None

        return wait_for(look, f"flow run {flow_run_id}", RUN_SECONDS)

    def pause_schedules(self):
        """No run by schedule takes the scans, or opens the forms, of another test."""
        for deployment in self.client.read_deployments(limit=200):
            for schedule in deployment.schedules:
                self.client.update_deployment_schedule(deployment.id, schedule.id, active=False)

    def runs_of(self, deployment):
        """The flow runs of a deployment, scheduled ones too."""
        from prefect.client.schemas.filters import (
            FlowRunFilter,
            FlowRunFilterDeploymentId,
        )

        of_deployment = FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[self.deployment(deployment).id])
        )
        return self.client.read_flow_runs(flow_run_filter=of_deployment)

    def run_of_lot(self, deployment, lot):
        """The flow run that a trigger made for a lot, or None as long as there is none."""
        runs = self.runs_of(deployment)
        return next((run for run in runs if run.parameters.get("lot") == lot), None)

    def task_runs(self, flow_run_id):
        """All task runs of a flow run that the server knows, when all have ended.

        Task runs are recorded from events: they come a moment after the flow run's end.
        """
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

        of_run = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))

        before = 0

        def look():
            nonlocal before
            runs = self.client.read_task_runs(flow_run_filter=of_run, limit=200)
            settled = len(runs) == before and all(run.state.is_final() for run in runs)
            before = len(runs)
            return runs if settled else None

        return wait_for(look, "task runs", 60, every=1.0)

    def artifacts(self, flow_run_id):
        """Key → artifact of a flow run."""
        from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

        of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run_id]))
        return {found.key: found for found in self.client.read_artifacts(artifact_filter=of_run)}

    def log(self, flow_run_id, *expected):
        """What an operator reads in the run's log, once it holds what is expected.

        Lines are sent in batches: the last ones come a moment after the flow run's end.
        """
        from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId

        of_run = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id]))

        def look():
            lines = self.client.read_logs(log_filter=of_run, limit=200)
            text = "\n".join(line.message for line in lines)
            return text if all(words in text for words in expected) else None

        return wait_for(look, f"{expected} in the run's log", 30)


def wait_for(look, what, seconds, every=0.2):
    """The first true answer of `look`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = look()
        if answer:
            return answer
        time.sleep(every)
    raise AssertionError(f"{what}: not there after {seconds} s")


def process_of(run):
    """The pid of the process that runs a flow run now, or None."""
    sought = f"PREFECT__FLOW_RUN_ID={run.id}".encode()
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and sought in (folder / "environ").read_bytes().split(b"\0"):
                return int(folder.name)
        except OSError:  # it has ended, or is not ours
            continue
    return None


def living_processes_of(home):
    """The processes, other than this one, that were started with this SOHOA_HOME."""
    sought = f"SOHOA_HOME={home}".encode()
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if sought in (folder / "environ").read_bytes().split(b"\0"):
                found.add(int(folder.name))
        except OSError:  # it has ended, or is not ours
            continue
    return found


def measured(text):
    """Say what was measured; shown with `pytest -s`."""
    print(f"\n{text}")  # noqa: T201 - the figure is for people


@contextmanager
def server_command(home, port):
    """`make server` as an operator starts it: its process, and the office it serves."""
    env = {**os.environ, "SOHOA_HOME": str(home), "PREFECT_PORT": str(port)}
    env.pop("PREFECT_API_URL", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "deployments.server"],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        printed = iter(process.stdout.readline, "")
        assert any("Ctrl-C" in line for line in printed), "it ended before it was up"
        yield process, Office(environment(home, port))
    finally:
        process.terminate()  # nothing where it has ended; else it ends what it started
        process.wait(COMMAND_SECONDS)


def draw_scans(folder, kinds_and_seeds):
    """One-page scans of results, quick to read; the files in the order asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for kind, seed in kinds_and_seeds:
        paper = draw_paper(kind, seed=seed, dpi=DPI, degrade=LIGHT_WEAR)
        file = folder / f"{kind}-{seed}.jpg"
        file.write_bytes(as_jpeg(paper.pages[0], 80))
        files.append(file)
    return files


@pytest.fixture(scope="session")
def office(tmp_path_factory):
    """A server, a worker and the deployments, every schedule paused; ended afterwards."""
    home = tmp_path_factory.mktemp("office")
    password = tmp_path_factory.mktemp("secrets") / "prefect"
    password.write_text(PASSWORD + "\n", encoding="ascii")
    started = time.monotonic()
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:  # for this server only, not for later ones
            patch.setenv("SOHOA_SERVER_AUTH_FILE", str(password))
            env = running.enter_context(local_server(home, free_port(together=2)))
        measured(f"server, worker and deployments up after {time.monotonic() - started:.1f} s")
        office = Office(env)
        office.pause_schedules()
        yield office
    assert not living_processes_of(home)

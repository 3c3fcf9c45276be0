"""A local Prefect server with one work pool, one worker and our deployments.

For one machine, for trying out and for tests: `make server`. It listens on the loopback address
only. Everything it keeps is under `$SOHOA_HOME/prefect`. It needs Linux: `/proc` tells which
processes it started.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

import httpx

from deployments.access import password_variables
from deployments.work_pool import INTERACTIVE, POOL
from domain.errors import ConfigurationFault, SohoaError, Unavailable
from tasks.logs import PREFECT_VARIABLES
from tasks.settings import CONFIG_VARIABLE, load_settings

_WORKERS = {
    "sohoa-1": ("--limit", "2"),
    # Priority does not pre-empt: this one keeps a slot free for whoever waits.
    "sohoa-nhanh": ("--limit", "1", "--work-queue", INTERACTIVE),
}
_RETENTION = {
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P3D",  # hints: the registry is the truth
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "P30D",  # with logs and artifacts
    "PREFECT_SERVER_SERVICES_DB_VACUUM_BATCH_SIZE": "1000",
}
"""When Prefect throws away what it keeps of runs; as `systemd/prefect-server.toml` for many hosts.

Without it a server keeps runs for ever: 40 KB a paper (docs/scale.md). The administrator's own
variables go before these.
"""
_BATCHES = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
}
"""What Prefect writes of steps and events goes in batches, as `systemd/prefect-server.toml` says.

One by one, each state of each step is a transaction of its own, for which SQLite's writers queue.
"""
_MARK = "SOHOA_STARTED_FOR"
"""Set in what we start and inherited by what that starts: so nothing of ours outlives us."""
_PREFECT_FILE = Path(__file__).with_name("prefect.yaml")
_PROCESSES = Path("/proc")
_START_SECONDS = 120
_DEPLOY_SECONDS = 180
_FINISH_SECONDS = 15
"""How long a worker may finish the runs under way; their scans are taken up again later."""
_STOP_SECONDS = 10


def environment(home: Path, port: int) -> dict[str, str]:
    """The environment that server, worker and clients share; all paths absolute."""
    return {
        **_RETENTION,
        **_BATCHES,
        **os.environ,
        "SOHOA_HOME": str(home),
        "SOHOA_REVIEW__URL": _preview_url(port),
        **_settings_file(),
        **password_variables(),
        **(PREFECT_VARIABLES if load_settings().log_format == "json" else {}),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # The V1 UI has the Resume button in sight and the pictures beside the fields of a form.
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_CLI_PROMPT": "false",
        # An upload should not wait: look for scheduled and triggered runs every other second.
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        # Nor for a request that a busy server has left without an answer: ask again, not after
        # Prefect's minute (seen: a run that stood in Pending for 63 s).
        "PREFECT_API_REQUEST_TIMEOUT": "20",
        # What our own code warns of is read beside the run in the UI.
        "PREFECT_LOGGING_EXTRA_LOGGERS": "sohoa",
    }


def _preview_url(port: int) -> str:
    """Where forms find the preview: as configured, or the port after the server's."""
    review = load_settings().review
    return review.url if "url" in review.model_fields_set else f"http://127.0.0.1:{port + 1}"


def _settings_file() -> dict[str, str]:
    """A worker runs in an empty folder: name the settings file of this one by its full path."""
    file = Path(os.environ.get(CONFIG_VARIABLE, "sohoa.toml")).resolve()
    return {CONFIG_VARIABLE: str(file)} if file.is_file() else {}


@contextmanager
def local_server(home: Path, port: int) -> Iterator[dict[str, str]]:
    """Start server, pool, deployments, worker and preview; give clients' environment; end all.

    Raises ConfigurationFault when the port is taken, and Unavailable when one of them does not
    come up in time; what it wrote is in `$SOHOA_HOME/prefect/*.log`. Runs under way at the end
    get a few seconds to finish; what is then left ends as Crashed and is taken up by the next
    run.
    """
    _refuse_taken(port)
    env = environment(home, port)
    logs = home / "prefect"
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as running:
        start = ("server", "start", "--host", "127.0.0.1", "--port", str(port))
        server = running.enter_context(
            _running(start, env, logs / "server.log", module="deployments.sqlite_server")
        )
        _wait_for(server, f"{env['PREFECT_API_URL']}/health", logs / "server.log")
        _python(env, "deployments.work_pool")
        running.enter_context(
            _running(("warm",), env, logs / "worker.log", module="deployments.cli")
        )
        for name, options in _WORKERS.items():
            worker = ("worker", "start", "--pool", POOL, "--name", name, *options)
            running.enter_context(_running(worker, env, logs / "worker.log"))
        _serve_here(running, env, "preview", env["SOHOA_REVIEW__URL"])
        deploy = ("--no-prompt", "deploy", "--all", "--prefect-file", str(_PREFECT_FILE))
        _python(env, "prefect", *deploy)
        settings = load_settings()
        if (
            settings.store("intake").kind == "s3" or settings.mail.host
        ):  # notices, or alarms to mail
            _serve_here(running, env, "listen", settings.listen.public_url)
        yield env


def _serve_here(running: ExitStack, env: dict[str, str], command: str, url: str) -> None:
    """Start one of our own services at its address, unless that is on another machine."""
    seen_at = urlsplit(url)
    if seen_at.hostname not in {"127.0.0.1", "localhost"}:  # it runs behind a proxy
        return
    port = seen_at.port or 0
    _refuse_taken(port)
    log = Path(env["PREFECT_HOME"]) / f"{command}.log"
    serve = (command, "--port", str(port))
    process = running.enter_context(_running(serve, env, log, module="deployments.cli"))
    _wait_for(process, f"http://127.0.0.1:{port}/health", log)


def _refuse_taken(port: int) -> None:
    """Another program's answer on this port would be mistaken for our server's."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigurationFault(
                f"Cổng {port} đang có chương trình khác dùng. Dừng chương trình đó, hoặc đặt "
                "PREFECT_PORT thành một cổng còn trống."
            ) from error


@contextmanager
def _running(
    command: tuple[str, ...], env: dict[str, str], log: Path, module: str = "prefect"
) -> Iterator[subprocess.Popen[bytes]]:
    mark = str(uuid.uuid4())
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *command],
            env={**env, _MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us: we end them in order
        )
    try:
        yield process
    finally:
        _end(process, mark)


def _end(process: subprocess.Popen[bytes], mark: str) -> None:
    """End the process, then whatever it has started (flow runs have sessions of their own)."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_FINISH_SECONDS)
    for how in (signal.SIGTERM, signal.SIGKILL):
        for pid in _marked(mark):
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        deadline = time.monotonic() + _STOP_SECONDS
        while _marked(mark) and time.monotonic() < deadline:
            process.poll()  # a child that has ended stays in the table until it is asked for
            time.sleep(0.1)
    process.wait()


def _marked(mark: str) -> list[int]:
    """The living processes that carry the mark in the environment they were started with."""
    sought = f"{_MARK}={mark}".encode()
    found = []
    for folder in _PROCESSES.iterdir():
        with suppress(OSError):  # ended meanwhile, or another user's
            if folder.name.isdigit() and sought in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def _wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5).is_success:
                return
        time.sleep(0.3)
    raise Unavailable(f"Máy chủ không lên trong {_START_SECONDS} giây; xem {log}.")


def _python(env: dict[str, str], module: str, *words: str) -> None:
    """Run a module to its end; Unavailable with its last words where it fails."""
    told = " ".join((module, *words))
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_DEPLOY_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{told} không xong trong {_DEPLOY_SECONDS} giây; chạy lại.") from error
    if done.returncode:
        raise Unavailable(f"{told}: {done.stdout[-800:]}{done.stderr[-800:]}")


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """The first Ctrl-C or SIGTERM ends everything in order; more of them change nothing."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _serve() -> None:
    home = load_settings().home
    port = int(os.environ.get("PREFECT_PORT", "4200"))
    print("Đang khởi động máy chủ Prefect…", flush=True)  # noqa: T201 - this is a command
    with local_server(home, port) as env:
        print(  # noqa: T201
            f"Giao diện Prefect: http://127.0.0.1:{port}\n"
            f"Trang xem giấy tờ cho người duyệt: {env['SOHOA_REVIEW__URL']}\n"
            f"Để các lệnh sohoa dùng máy chủ này:\n"
            f"  export SOHOA_HOME={home} PREFECT_API_URL={env['PREFECT_API_URL']}\n"
            "Ctrl-C để dừng.",
            flush=True,
        )
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)  # server or worker: neither should end
        raise Unavailable(f"Máy chủ hoặc worker đã tự dừng; xem {home}/prefect/*.log rồi chạy lại.")


def main() -> None:
    """Run until Ctrl-C or SIGTERM, then end everything that was started."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        _serve()
    except KeyboardInterrupt:
        print("Đã dừng.", flush=True)  # noqa: T201
    except SohoaError as error:
        print(f"sohoa: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()

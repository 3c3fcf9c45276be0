"""The nursery: a process that has imported all that runs need, and forks a child for each.

It runs nothing itself: one thread, no connections, no settings read, so that a fork is safe and
its memory stays flat. Each run has two children: a keeper, which waits for the run and for what
the worker says, and the run. When the worker's side of the line is gone, the run is killed, as
it would have been without the nursery.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from deployments.warm.reading import keep_warm_children
from domain.errors import ConfigurationFault

_READ_SECONDS = 5.0
_REAP_SECONDS = 1.0
_LONGEST_REQUEST = 1 << 22
_MODULES = (
    *("prefect.flow_engine", "prefect.task_engine", "prefect.artifacts", "prefect.bundles"),
    *("prefect.events.clients", "prefect.deployments", "prefect.runner.runner", "tzlocal"),
    *("boto3", "psycopg", "sqlite3", "sqlalchemy.dialects.sqlite", "alembic.command"),
    *("flows.digitize", "flows.review", "flows.review_queue", "flows.requeue", "pebble"),
    *("reading.recognise", "reading.compose", "reading.opening", "lxml.etree", "PIL.Image"),
    *("tesserocr", "pypdfium2", "zxingcpp", "numpy.random"),
    *("pikepdf", "uharfbuzz", "fontTools.subset", "multiprocessing.popen_forkserver"),
    *("signing.pdf", "signing.verify", "signing.stamp", "signing.timestamps", "signing.pkcs12"),
    *("signing.long_term", "signing.validation_data", "signing.software_key", "requests"),
)
"""What runs import sooner or later; a module that is not there is left to the run."""


class _Run(NamedTuple):
    module: str
    environment: dict[str, str]
    folder: str
    outputs: list[int]


def keep_warm(socket_file: Path) -> None:
    """Serve runs until SIGTERM or SIGINT; raises ConfigurationFault where the place is bad.

    Returns also in every run's own process, when the run has ended.
    """
    _preload()
    listener = _listen(socket_file)
    run = _serve(listener)
    if run is None:
        socket_file.unlink(missing_ok=True)
        return
    listener.close()
    _become(run)


def _preload() -> None:
    from PIL import Image

    for module in _MODULES:
        with suppress(ImportError):
            importlib.import_module(module)
    Image.init()
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        # No logger here: Prefect's would start a thread.
        print(f"sohoa warm: có luồng riêng khi nạp ({names})", file=sys.stderr)  # noqa: T201


def _listen(file: Path) -> socket.socket:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    file.unlink(missing_ok=True)
    mask = os.umask(0o177)
    try:
        listener.bind(str(file))
    except OSError as error:
        raise ConfigurationFault(f"Không mở được {file}: {error}. Đặt SOHOA_HOME ngắn hơn.") from (
            error
        )
    finally:
        os.umask(mask)
    listener.listen(64)
    listener.setblocking(False)
    return listener


def _serve(listener: socket.socket) -> _Run | None:
    """Fork for everyone who asks; in a run's own process, what was asked; None at the end."""
    over: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        over.append(number)

    old = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        while not over:
            ready = selector.select(_REAP_SECONDS)
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if not ready:
                continue
            with suppress(BlockingIOError):
                line, _ = listener.accept()
                with line:
                    if os.fork() == 0:
                        for number, handler in old.items():
                            signal.signal(number, handler)
                        return _keep(line)
    return None


def _keep(line: socket.socket) -> _Run:
    """In the keeper: read what is asked and fork the run; only the run returns."""
    line.settimeout(_READ_SECONDS)
    try:
        run = _asked(line)
    except (OSError, ValueError):
        os._exit(1)
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(woken)
        os.close(wakes)
        line.close()
        return run
    for output in run.outputs:
        os.close(output)
    with suppress(OSError):
        line.sendall(b"+")
    line.settimeout(None)
    code = _wait(pid, line, woken)
    with suppress(OSError):
        line.sendall(code.to_bytes(4, "big", signed=True))
    os._exit(0)


def _wait(pid: int, line: socket.socket, woken: int) -> int:
    """The run's exit code; signals for it come over the line, whose end means: kill it."""
    with selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            if any(key.fileobj is line for key, _ in selector.select()):
                said = _said(line)
                os.kill(pid, said[0] if said else signal.SIGKILL)
                if not said:
                    selector.unregister(line)


def _said(line: socket.socket) -> bytes:
    try:
        return line.recv(1)
    except OSError:
        return b""


def _asked(line: socket.socket) -> _Run:
    head, outputs, _flags, _address = socket.recv_fds(line, 4, 2)
    length = int.from_bytes(head, "big")
    if len(outputs) != 2 or not 0 < length <= _LONGEST_REQUEST:  # noqa: PLR2004 - stdout, stderr
        raise ValueError("no request")
    content = bytearray()
    while len(content) < length:
        part = line.recv(length - len(content))
        if not part:
            raise ValueError("the request breaks off")
        content += part
    module, environment, folder = json.loads(content)
    return _Run(module, environment, folder, list(outputs))


def _become(run: _Run) -> None:
    """Be the process that the worker would have started: its environment, folder and outputs."""
    from prefect.context import refresh_global_settings_context
    from prefect.logging.configuration import setup_logging

    for number, output in enumerate(run.outputs, start=1):
        os.dup2(output, number)
        os.close(output)
    os.environ.clear()
    os.environ.update(run.environment)
    os.chdir(run.folder)
    refresh_global_settings_context()
    logging.getLogger().handlers.clear()  # the command line's, which keep Prefect from its own
    setup_logging(incremental=False)
    keep_warm_children()
    sys.argv = [run.module]
    sys.modules.pop(run.module, None)  # it is run now, not imported
    runpy.run_module(run.module, run_name="__main__", alter_sys=True)

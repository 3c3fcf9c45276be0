"""How child processes start: with nothing of what their parent runs as its main module.

Python would run that module again in every child, for functions that it may define. Ours never
do, and the main module of a flow run is Prefect: importing it takes a child two seconds and
46 MiB, and puts its settings beside foreign bytes.
"""

from __future__ import annotations

import sys
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.popen_forkserver import Popen
from multiprocessing.process import BaseProcess
from threading import Lock
from types import ModuleType
from typing import Any

_LAUNCHING = Lock()


class _BarePopen(Popen):
    def _launch(self, process_obj: Any) -> None:
        with _LAUNCHING:
            main = sys.modules["__main__"]
            sys.modules["__main__"] = ModuleType("__main__")  # of no file and no name to run
            try:
                super()._launch(process_obj)  # type: ignore[misc]  # typeshed leaves it out
            finally:
                sys.modules["__main__"] = main


class BareProcess(ForkServerProcess):
    """A child of the fork server that imports only what its task needs."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802 - the library's name
        return _BarePopen(process_obj)


class BareContext(ForkServerContext):
    """A multiprocessing context whose processes are bare."""

    Process = BareProcess

"""Work beside the listener's requests, in a thread of its own: it never holds up a notice."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextvars import copy_context

_STOP_SECONDS = 15.0


class Beside(ABC):
    """A thread that works until the listener ends; `wake` says that there is something to do."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self.over.clear()
        run = copy_context().run  # the thread knows the server that the caller knows
        self._thread = threading.Thread(
            target=run, args=(self.work,), name=type(self).__name__, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End, within a quarter of a minute."""
        self.over.set()
        self.woken.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def wake(self) -> None:
        """There is something to do."""
        self.woken.set()

    @abstractmethod
    def work(self) -> None:
        """Work until `over` is set."""

"""Beside the requests: tell the Prefect server of batches that are due, until it has heard."""

from __future__ import annotations

import logging
import threading
from contextvars import copy_context

from domain.errors import SohoaError
from tasks.arrivals import announce_due, announce_intake

LOG = logging.getLogger("sohoa.listen")
_SOON_SECONDS = 0.25
"""Between two looks while files wait for a pause of their lot."""
_IDLE_SECONDS = 5.0
"""Between two looks when nothing waits; another listener may have written rows and died."""
_STOP_SECONDS = 15.0
_AGAIN_SECONDS = 2.0
"""Before the server or the registry is asked again."""


class Announcer:
    """A thread that starts runs for what has come. A slow Prefect never holds up a notice."""

    def __init__(self) -> None:
        self.heard = False
        self._swept = False
        self._woken = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; what came before, noticed or not, is announced first."""
        run = copy_context().run  # the thread knows the server that the caller knows
        self._thread = threading.Thread(
            target=run, args=(self._run,), name="sohoa-announcer", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End; what is not announced yet is announced by the next listener, or found by a sweep."""
        self._over.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)

    def wake(self) -> None:
        """There are new rows."""
        self._woken.set()

    def _run(self) -> None:
        pause = 0.0
        while not self._over.is_set():
            self._woken.wait(pause)
            if pause == _AGAIN_SECONDS:  # what is down is not asked again for every notice
                self._over.wait(_AGAIN_SECONDS)
            self._woken.clear()
            pause = self._look()

    def _look(self) -> float:
        try:
            self._swept = self._swept or announce_intake()
            later = announce_due()
        except SohoaError as error:
            LOG.warning("%s", error)
            return _AGAIN_SECONDS
        self.heard = self._swept and later is not None
        if later is None or not self._swept:
            return _AGAIN_SECONDS
        return _SOON_SECONDS if later else _IDLE_SECONDS

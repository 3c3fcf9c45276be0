"""Beside the requests: tell the Prefect server of batches that are due, until it has heard."""

from __future__ import annotations

import logging

from deployments.listener.beside import Beside
from domain.errors import SohoaError
from tasks.arrivals import announce_due, announce_intake

LOG = logging.getLogger("sohoa.listen")
_SOON_SECONDS = 0.25
"""Between two looks while files wait for a pause of their lot."""
_IDLE_SECONDS = 5.0
"""Between two looks when nothing waits; another listener may have written rows and died."""
_AGAIN_SECONDS = 2.0
"""Before the server or the registry is asked again."""


class Announcer(Beside):
    """Starts runs for what has come; what came before, noticed or not, is announced first.

    What is not announced at the end is announced by the next listener, or found by a sweep.
    """

    def __init__(self) -> None:
        super().__init__()
        self.heard = False
        self._swept = False

    def work(self) -> None:
        """Look, and wait for as long as the last look says."""
        pause = 0.0
        while not self.over.is_set():
            self.woken.wait(pause)
            if pause == _AGAIN_SECONDS:  # what is down is not asked again for every notice
                self.over.wait(_AGAIN_SECONDS)
            self.woken.clear()
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

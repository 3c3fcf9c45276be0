"""A circuit breaker: a service that keeps failing is left alone for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_FAILURES = 3
_PAUSE_SECONDS = 60.0


class CircuitBreaker:
    """Closed: calls pass. Open: none do, for `pause_seconds`. Then one call may try again.

    Without it every paper of a lot would wait for the time limit of a dead service.
    """

    def __init__(
        self,
        *,
        failures: int = _FAILURES,
        pause_seconds: float = _PAUSE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._allowed, self._pause, self._clock = failures, pause_seconds, clock
        self._failures = 0
        self._closed_again_at = 0.0
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether calls are pointless now; asking changes nothing."""
        return self._failures >= self._allowed and self._clock() < self._closed_again_at

    def may_call(self) -> bool:
        """Whether to call now; when the pause is over, only the first caller may."""
        with self._lock:
            if self._failures < self._allowed:
                return True
            if self._clock() < self._closed_again_at:
                return False
            self._closed_again_at = self._clock() + self._pause
            return True

    def succeeded(self) -> None:
        """The service answered as it should."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """It did not; after the third time in a row the circuit opens."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._allowed:
                self._closed_again_at = self._clock() + self._pause

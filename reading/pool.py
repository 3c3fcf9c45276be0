"""Child processes in which foreign bytes are opened, read and composed, within limits.

One pool per worker process, shared by its threads. A child that hangs is killed after its time,
one that dies or runs out of memory costs one page or scan; the next task gets a fresh child.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from domain.errors import DocumentFault, Unavailable
from reading.child_start import BareContext
from reading.faults import fault
from reading.limits import Limits

T = TypeVar("T")

_TASKS_PER_CHILD = 400
"""A child is replaced after so many tasks: what C libraries leak stays small."""
_WELL_SECONDS = 60.0
_DIE_WITH_PARENT = 1
_SINGLE_THREAD = ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class _Refused(NamedTuple):
    """A DocumentFault on its way from the child: exceptions with two arguments do not pickle."""

    reason: str
    message: str


class ReadingPool:
    """N persistent child processes for `reading`'s functions; a context manager, thread-safe.

    Children start with the first task. `processes` defaults to the cores this process may use.
    """

    def __init__(self, limits: Limits | None = None, processes: int | None = None) -> None:
        self.limits = limits or Limits()
        self.processes = processes or len(os.sched_getaffinity(0))
        self._renewing = threading.Lock()
        self._pool: Any = self._fresh()

    def _fresh(self) -> Any:
        from pebble import ProcessPool

        return ProcessPool(
            max_workers=self.processes,
            max_tasks=_TASKS_PER_CHILD,
            initializer=_prepare_child,
            initargs=(self.limits.memory_bytes,),
            context=BareContext(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the children; tasks that have not finished are dropped."""
        self._pool.stop()
        self._pool.join()

    def run(self, function: Callable[..., T], *args: Any, timeout_seconds: float) -> T:
        """The result of `function(*args)` in a child; both must be importable and picklable.

        Time counts from when a child takes the task up. Raises what the function raises, and
        DocumentFault: `timeout`, `crashed` (the child died, twice), `too_large` (out of memory).
        A child that dies once may have been killed for another's memory, so the task goes to a
        fresh child once more. A task that ran out of time does not: it would again.
        """
        result: T = self._result(function, args, timeout_seconds, time.monotonic())
        return result

    def map(
        self,
        function: Callable[..., T],
        argument_list: Sequence[tuple[Any, ...]],
        timeout_seconds_each: float,
    ) -> list[T]:
        """The results for every tuple of arguments, in order, computed by all children at once.

        The first error in that order is raised as by `run`; what has not begun is then dropped.
        """
        seconds = timeout_seconds_each
        started = time.monotonic()
        futures = [self._start(function, args, seconds) for args in argument_list]
        try:
            return [
                self._result(function, args, seconds, started, future)
                for args, future in zip(argument_list, futures, strict=True)
            ]
        finally:
            for future in futures:
                future.cancel()

    def _start(self, function: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> Any:
        pool = self._pool
        try:
            return pool.schedule(_guarded, args=(function, args), timeout=seconds)
        except (BrokenProcessPool, RuntimeError):
            # All children died at once, at rest or at the very start of a task: the library gives
            # that pool up for good, the worker must not.
            self._renew(pool)
        try:
            return self._pool.schedule(_guarded, args=(function, args), timeout=seconds)
        except (BrokenProcessPool, RuntimeError) as error:
            raise _not_started(error) from error

    def _refuse_unless_well(self, cause: Exception) -> None:
        """Unavailable when no child can be started at all: that is not the document's fault."""
        try:
            self._start(os.getpid, (), _WELL_SECONDS).result()
        except Exception as error:
            raise _not_started(cause) from error

    def _renew(self, broken: Any) -> None:
        with self._renewing:
            if self._pool is broken:
                self._pool = self._fresh()
                broken.stop()

    def _result(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        seconds: float,
        started: float,
        future: Any = None,
    ) -> Any:
        from pebble import ProcessExpired

        try:
            try:
                outcome = (future or self._start(function, args, seconds)).result()
            except FutureTimeoutError:
                if time.monotonic() - started >= seconds:
                    raise
                # The library goes by the wall clock, and somebody has set that forward.
                outcome = self._start(function, args, seconds).result()
            except (ProcessExpired, BrokenProcessPool, CancelledError):
                outcome = self._start(function, args, seconds).result()
        except FutureTimeoutError as error:
            raise fault("timeout") from error
        except (ProcessExpired, BrokenProcessPool, CancelledError) as error:
            self._refuse_unless_well(error)
            raise fault("crashed") from error
        except MemoryError as error:
            raise fault("too_large") from error
        if isinstance(outcome, _Refused):
            raise DocumentFault(outcome.reason, outcome.message)
        return outcome


def _not_started(cause: Exception) -> Unavailable:
    return Unavailable(
        f"Không khởi động được tiến trình đọc ({type(cause).__name__}): "
        "kiểm tra bộ nhớ và cài đặt của máy rồi chạy lại."
    )


def _guarded(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """In the child: the result, or the refusal as a value that survives the way back."""
    try:
        return function(*args)
    except DocumentFault as error:
        return _Refused(error.reason, str(error))
    except (MemoryError, RecursionError) as error:
        refusal = fault("too_large" if isinstance(error, MemoryError) else "damaged")
        return _Refused(refusal.reason, str(refusal))


def _prepare_child(memory_bytes: int) -> None:
    """In the child: bound its memory, one thread per library, end when the parent ends."""
    for name in _SINGLE_THREAD:
        os.environ[name] = "1"
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    allowed = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)

"""Where the line's time goes: each step, and each function that child processes run."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, TypeVar

from reading.pool import ReadingPool
from tasks.step import Step

T = TypeVar("T")


@dataclass
class Spent:
    """Summed over all calls, which run side by side: the sums may exceed the clock's time."""

    calls: int = 0
    seconds: float = 0.0
    """From call to return, waiting included."""
    cpu_seconds: float = 0.0
    """CPU time of the thread that made the call (steps) or of the child (functions)."""


class _Measured(NamedTuple):
    """A child's result with the time it took there."""

    value: Any
    seconds: float
    cpu_seconds: float


def _measured(function: Callable[..., Any], *args: Any) -> _Measured:
    """In the child: call and measure."""
    start, cpu = time.perf_counter(), time.process_time()
    value = function(*args)
    return _Measured(value, time.perf_counter() - start, time.process_time() - cpu)


class StepTimes:
    """Sums per step and per child function; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.steps: defaultdict[str, Spent] = defaultdict(Spent)
        self.functions: defaultdict[str, Spent] = defaultdict(Spent)

    def add(self, table: dict[str, Spent], name: str, seconds: float, cpu_seconds: float) -> None:
        """Add one call."""
        with self._lock:
            spent = table[name]
            spent.calls += 1
            spent.seconds += seconds
            spent.cpu_seconds += cpu_seconds

    def take(self, function: Callable[..., Any], measured: _Measured) -> Any:
        """Add what the child measured; its result."""
        inner = getattr(function, "func", function)  # a partial's own function
        self.add(self.functions, inner.__name__.strip("_"), measured.seconds, measured.cpu_seconds)
        return measured.value

    def tables(self) -> dict[str, dict[str, dict[str, float]]]:
        """Both tables as plain values."""
        return {
            "steps": {name: asdict(spent) for name, spent in self.steps.items()},
            "functions": {name: asdict(spent) for name, spent in self.functions.items()},
        }


@contextmanager
def step_times() -> Iterator[StepTimes]:
    """Measure every step and every child function called inside the block."""
    times = StepTimes()
    call, run, spread = Step.__call__, ReadingPool.run, ReadingPool.map

    def timed_call(step: Any, *args: Any, **kwargs: Any) -> Any:
        start, cpu = time.perf_counter(), time.thread_time()
        try:
            return call(step, *args, **kwargs)
        finally:
            spent = time.perf_counter() - start, time.thread_time() - cpu
            times.add(times.steps, step.name, *spent)

    def timed_run(
        pool: ReadingPool, function: Callable[..., T], *args: Any, timeout_seconds: float
    ) -> T:
        measured = run(pool, _measured, function, *args, timeout_seconds=timeout_seconds)
        value: T = times.take(function, measured)
        return value

    def timed_map(
        pool: ReadingPool,
        function: Callable[..., T],
        argument_list: Sequence[tuple[Any, ...]],
        timeout_seconds_each: float,
    ) -> list[T]:
        rows = [(function, *args) for args in argument_list]
        measured = spread(pool, _measured, rows, timeout_seconds_each=timeout_seconds_each)
        return [times.take(function, one) for one in measured]

    patched = {(Step, "__call__"): timed_call, (ReadingPool, "run"): timed_run}
    patched[ReadingPool, "map"] = timed_map
    for (owner, name), replacement in patched.items():
        setattr(owner, name, replacement)
    try:
        yield times
    finally:
        Step.__call__, ReadingPool.run, ReadingPool.map = call, run, spread  # type: ignore[method-assign]

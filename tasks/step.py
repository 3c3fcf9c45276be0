"""How a step runs: as a Prefect task inside a flow run, as a plain call outside one.

The command line works without a server. A temporary one would cost 8 to 17 seconds a command
and records only part of the task runs (docs/decisions/0002-steps-without-a-server.md), so
outside a flow run a step is called directly, under the same retry rule.

A document at fault is an outcome of its step, not a failure of ours: its task run ends as
`Để riêng` with the reason, and whatever is red in the UI is for an administrator to look at.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect import State, Task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext, TaskRunContext
from prefect.runtime import task_run
from prefect.states import Completed

from domain.errors import DocumentFault, SohoaError
from tasks.step_times import timed

SET_ASIDE = "Để riêng"
"""The state of a task run whose document is at fault."""

_RETRIES = 3
_DELAYS_SECONDS = (2, 8, 30)
_JITTER = 0.3

P = ParamSpec("P")
R = TypeVar("R")


def _may_help(_task: object, _run: object, state: Any) -> bool:
    """The one retry rule: try again only what trying again can mend."""
    try:
        state.result(raise_on_failure=True)
    except SohoaError as error:
        return error.transient
    except Exception:  # noqa: BLE001 - an unforeseen fault is not mended by trying again
        return False
    return False


def _name_of_run() -> str:
    """The step, and the scan that it is about: `recognise-3fa21b7c`."""
    claim = task_run.parameters.get("claim")
    return f"{task_run.task_name}-{claim.scan_id[:8]}" if claim else str(task_run.task_name)


class Step(Task[P, R]):
    """A Prefect task that is a plain call where no flow run is under way."""

    def __call__(  # type: ignore[override]  # the overloads for return_state are not for steps
        self, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run the step; the first transient errors are waited out, others are raised."""
        if FlowRunContext.get() is not None:
            result: R | State[Any] = super().__call__(*args, **kwargs)
            if isinstance(result, State):
                raise result.result()
            return result
        for delay in _DELAYS_SECONDS:
            try:
                return self.fn(*args, **kwargs)
            except SohoaError as error:
                if not error.transient:
                    raise
            time.sleep(delay)
        return self.fn(*args, **kwargs)


def _outcome(name: str, function: Callable[P, R]) -> Callable[P, R]:
    """The function, timed; in its own task run a document's fault becomes the state of that run."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with timed(name):
                return function(*args, **kwargs)
        except DocumentFault as fault:
            context = TaskRunContext.get()
            if context is None or context.task.fn is not call:
                raise
            return Completed(name=SET_ASIDE, message=str(fault), data=fault)  # type: ignore[return-value]  # for `__call__` alone

    return call


def step(name: str) -> Callable[[Callable[P, R]], Step[P, R]]:
    """Make a function a step; `name` is what an operator reads in the Prefect UI."""

    def wrap(function: Callable[P, R]) -> Step[P, R]:
        return Step(
            _outcome(name, function),
            name=name,
            task_run_name=_name_of_run,
            cache_policy=NO_CACHE,  # the registry knows what is done, on every host
            retries=_RETRIES,
            retry_delay_seconds=list(_DELAYS_SECONDS),
            retry_jitter_factor=_JITTER,
            retry_condition_fn=_may_help,
        )

    return wrap

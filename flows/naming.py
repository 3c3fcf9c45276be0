"""How runs are named and tagged, so that an operator finds one in the list: lot, unit, day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from prefect import get_client
from prefect.context import FlowRunContext
from prefect.runtime import flow_run

from domain.errors import SohoaError
from tasks.house import VIETNAM
from tasks.watch_lot import unit_of


def dated(title: str) -> Callable[[], str]:
    """A name for runs: `title` with the run's parameters filled in, and the day."""

    def name() -> str:
        parameters = defaultdict(str, flow_run.parameters)
        return f"{title.format_map(parameters)} · {datetime.now(VIETNAM):%d/%m/%Y}"

    return name


def name_of_run() -> str:
    """The name of a run over a lot: lot, unit, day."""
    lot = flow_run.parameters.get("lot")
    if not lot:
        return dated("Số hóa mọi lô đang chờ")()
    unit = None
    with suppress(SohoaError):  # an unknown lot, or no registry yet: the run itself will say so
        unit = unit_of(lot)
    return dated(" · ".join(filter(None, ("Số hóa lô {lot}", unit))))()


def tag_run(lot: str | None) -> None:
    """Tag the flow run with its lot and unit, so that the list of runs can be filtered by them."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or lot is None:
        return
    tags = {*context.flow_run.tags, f"lô:{lot}"}
    if unit := unit_of(lot):
        tags.add(f"đơn vị:{unit}")
    with get_client(sync_client=True) as client:
        client.update_flow_run(context.flow_run.id, tags=sorted(tags))

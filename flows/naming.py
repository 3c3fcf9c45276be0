"""How runs are named and tagged, so that an operator finds one in the list: lot, unit, day.

And what a run forgets of what was typed into its form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from prefect import get_client
from prefect.context import FlowRunContext
from prefect.runtime import flow_run
from sqlalchemy import RowMapping

from domain.errors import SohoaError
from tasks.house import VIETNAM
from tasks.logs import about_paper
from tasks.shelf import paper_row
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
    if lot is not None and FlowRunContext.get() is not None:
        _tag(f"lô:{lot}", unit_of(lot))


@contextmanager
def of_paper(paper_id: str) -> Iterator[RowMapping]:
    """The flow run is about this paper, as its tags and its log lines say; the paper's row.

    NotFound when there is none.
    """
    row = paper_row(paper_id)
    _tag(f"giấy tờ:{row['id'][:8]}", row["unit"])
    with about_paper(row["id"]):
        yield row


def keep_instead(**parameters: Any) -> None:
    """Put these values in the place of what was typed: the server keeps a run's parameters."""
    context = FlowRunContext.get()
    if context is not None and context.flow_run is not None:
        _update({"parameters": {**context.flow_run.parameters, **parameters}})


def _tag(about: str, unit: str | None) -> None:
    context = FlowRunContext.get()
    if context is not None and context.flow_run is not None:
        tags = {*context.flow_run.tags, about, *([f"đơn vị:{unit}"] if unit else [])}
        _update({"tags": sorted(tags)})


def _update(values: dict[str, Any]) -> None:
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, **values)

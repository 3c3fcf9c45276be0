"""The alarm of the archive: an event, an artifact and a log line that name objects, no persons."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from prefect import get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.context import FlowRunContext
from prefect.events import emit_event

from flows.remarks import literal

LOG = logging.getLogger("sohoa.alarm")
_SHOWN = 200


def alarm(key: str, event: str, faults: Mapping[str, Sequence[str]], advice: str) -> None:
    """Tell whoever watches which archive objects are at fault; outside a flow run the log alone."""
    text = f"CẢNH BÁO: {len(faults)} đối tượng lưu trữ có lỗi. {advice}"
    if FlowRunContext.get() is None:
        LOG.error(text)
        return
    get_run_logger().error(text)
    shown = sorted(faults.items())[:_SHOWN]
    create_table_artifact(
        key=key,
        table=[{"Đối tượng": name, "Lỗi": literal("; ".join(said))} for name, said in shown],
        description=text,
    )
    for name, said in shown:
        emit_event(
            event,
            resource={"prefect.resource.id": f"sohoa.archive.{name}"},
            payload={"object": name, "problems": list(said)[:20]},
        )

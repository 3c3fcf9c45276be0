"""Raise an alarm: an event that an automation forwards, an artifact, a line in the run's log.

Outside a flow run the log line alone. None of them carries anything that was read from a paper.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.context import FlowRunContext
from prefect.events import emit_event

from domain.alarms import SECRET_FOUND, Alarm
from domain.errors import DocumentFault
from domain.secrecy import SECRET
from flows.remarks import literal

LOG = logging.getLogger("sohoa.alarm")
_SHOWN = 200


def sound(alarm: Alarm, about: str, text: str, **facts: Any) -> None:
    """Send the event of an alarm `about` a resource; `text` and `facts` go with it."""
    if FlowRunContext.get() is None:
        LOG.error(text)
        return
    get_run_logger().error(text)
    emit_event(
        alarm.event,
        resource={"prefect.resource.id": f"sohoa.{about}", "prefect.resource.name": alarm.meaning},
        payload={"text": text, "remedy": alarm.remedy, **facts},
    )


def secret_found(scan_id: str, fault: DocumentFault) -> None:
    """Tell whoever watches that a secret paper came in; any other fault raises no alarm."""
    if fault.reason != SECRET:
        return
    text = f"CẢNH BÁO, bản quét {scan_id[:12]}: {fault}"
    sound(SECRET_FOUND, f"scan.{scan_id}", text, scan=scan_id)
    if FlowRunContext.get() is not None:
        create_markdown_artifact(key="canh-bao-mat", markdown=f"# Giấy tờ mật\n\n{literal(text)}")


def objects_at_fault(alarm: Alarm, key: str, faults: Mapping[str, Sequence[str]]) -> None:
    """Tell which archive objects are at fault: one event each, and a table under `key`."""
    text = f"CẢNH BÁO: {len(faults)} đối tượng lưu trữ có lỗi. {alarm.remedy}"
    shown = sorted(faults.items())[:_SHOWN]
    for name, said in shown:
        sound(alarm, f"archive.{name}", text, object=name, problems=list(said)[:20])
    if FlowRunContext.get() is not None:
        create_table_artifact(
            key=key,
            table=[{"Đối tượng": name, "Lỗi": literal("; ".join(said))} for name, said in shown],
            description=text,
        )

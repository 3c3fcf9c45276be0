"""The installation is examined on a schedule; a part that stops working raises an alarm."""

from __future__ import annotations

import json

from prefect import flow, get_client
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.sorting import ArtifactSort
from prefect.context import FlowRunContext

from domain.alarms import UNHEALTHY
from domain.health import STATE_NAMES, Check
from flows.alarms import sound
from flows.naming import dated
from flows.remarks import ended, literal, remark
from tasks.checks import run_checks
from tasks.house import VIETNAM, house

_TABLE = "kham-he-thong"
_PART, _STATE = "Phần", "Tình trạng"


@flow(name="doctor", flow_run_name=dated("Khám hệ thống"))
def doctor() -> list[Check]:
    """Khám từng phần của hệ thống; phần hỏng thì báo động, mỗi ngày nhắc lại một lần."""
    found = list(run_checks(house()))
    known = _told_today()
    for check in found:
        if check.state == "missing" and check.part not in known:
            text = f"{check.part}: {check.detail} {check.remedy}"
            sound(UNHEALTHY, f"part.{check.name}", text, part=check.name, needed=check.needed)
    _say(found)
    return ended(
        found,
        tuple(
            f"{check.part}: {STATE_NAMES[check.state]}" for check in found if check.state != "ok"
        ),
    )


def _told_today() -> set[str]:
    """The parts that the last examination of today found not working; its table is the memory.

    Where the server has cleared the table away, an alarm comes once too often.
    """
    if FlowRunContext.get() is None:
        return set()
    with get_client(sync_client=True) as client:
        made = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[_TABLE])),
            sort=ArtifactSort.UPDATED_DESC,
            limit=1,
        )
    today = house().today()
    return {
        row[_PART]
        for table in made
        if table.created and table.created.astimezone(VIETNAM).date() == today
        for row in json.loads(str(table.data))
        if row[_STATE] == STATE_NAMES["missing"]
    }


def _say(found: list[Check]) -> None:
    """Leave the table beside the flow run; nothing outside one."""
    remark(f"{len(found)} phần, {sum(check.state != 'ok' for check in found)} cần xem.")
    if FlowRunContext.get() is not None:
        create_table_artifact(
            key=_TABLE,
            table=[
                {
                    _PART: check.part,
                    _STATE: STATE_NAMES[check.state],
                    "Chi tiết": literal(check.detail),
                    "Cách xử lý": literal(check.remedy if check.state != "ok" else ""),
                }
                for check in found
            ],
            description="Từng phần của hệ thống",
        )

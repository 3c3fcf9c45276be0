"""Events for the Prefect server: hints that something has come. The registry is the truth."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
from prefect.runtime import flow_run
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL

from domain.arrivals import Lane, lane_of
from domain.states import ScanState
from storage.registry import scans
from tasks.house import house
from tasks.step import step

UPLOAD_COMPLETED = "sohoa.upload.completed"
"""A few files came, and a person waits for them."""
LOT_WAITING = "sohoa.lot.waiting"
"""Many files of a lot wait; or the rest of a lot, of which a run has done its share."""
INTAKE_WAITING = "sohoa.intake.waiting"
"""Files of any lot wait after a sweep that has done its share."""
_EVENTS: dict[Lane, str] = {"interactive": UPLOAD_COMPLETED, "bulk": LOT_WAITING}
_NAMESPACE = uuid.UUID("1c9a3d4e-52c6-5d0c-8a50-5348a0a2c002")
_TIMEOUT_SECONDS = 10.0
LOG = logging.getLogger("sohoa.events")


class Batch(NamedTuple):
    """Files that came together; `name` is the same whenever this batch is told of again."""

    lot: str | None
    lane: Lane
    name: str


def announce(batches: Sequence[Batch]) -> bool:
    """Tell the server of these batches; whether it took all events. False without a server.

    The rows are written before. When the server does not answer, the scheduled sweep finds them.
    An event carries the lot's name only; its id is stable, so that the server, told twice, starts
    one run.
    """
    server = PREFECT_API_URL.value()
    if not server:
        return False
    auth = PREFECT_API_AUTH_STRING.value()
    try:
        answer = httpx.post(
            f"{server}/events",
            json=[_event(batch) for batch in batches],
            timeout=_TIMEOUT_SECONDS,
            auth=_name_and_password(str(auth)) if auth else None,
        )
    except httpx.HTTPError as error:
        LOG.warning("máy chủ Prefect không nhận được tin báo: %s", error)
        return False
    if not answer.is_success:
        LOG.warning("máy chủ Prefect từ chối tin báo: HTTP %s", answer.status_code)
    return answer.is_success


def _name_and_password(auth: str) -> tuple[str, str]:
    name, _, password = auth.partition(":")
    return name, password


def announce_upload(lot: str, files: int = 1) -> bool:
    """Tell the server that so many files of this lot have come; whether it took the event."""
    lane = lane_of(files, interactive_files=house().settings.listen.interactive_files)
    return announce([Batch(lot, lane, datetime.now(UTC).isoformat())])


def announce_waiting(lot: str) -> bool | None:
    """Tell the server of the lot where scans of it wait, new or left over; whether it was told.

    None where none waits: a run would find nothing to do.
    """
    waiting = _waiting(lot)
    return announce_upload(lot, waiting) if waiting else None


@step("hand_on")
def hand_on(lot: str | None) -> bool:
    """Let another run go on where this one has done its share; whether one will."""
    return bool(_waiting(lot)) and announce([Batch(lot, "bulk", f"after/{flow_run.id}")])


def _waiting(lot: str | None) -> int:
    with house().registry.read() as db:
        return scans.count_by_state(db, lot).get(ScanState.RECEIVED, 0)


def _event(batch: Batch) -> dict[str, Any]:
    resource = f"sohoa.lot.{batch.lot}" if batch.lot else "sohoa.intake"
    return {
        "event": _EVENTS[batch.lane] if batch.lot else INTAKE_WAITING,
        "occurred": datetime.now(UTC).isoformat(),
        "id": str(uuid.uuid5(_NAMESPACE, f"{batch.lot}/{batch.name}")),
        "resource": {"prefect.resource.id": resource, "prefect.resource.name": batch.lot or ""},
        "payload": {"lot": batch.lot},
    }

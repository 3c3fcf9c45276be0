"""Events for the Prefect server: hints that something has come. The registry is the truth."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime

import httpx
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL

UPLOAD_COMPLETED = "sohoa.upload.completed"
_NAMESPACE = uuid.UUID("1c9a3d4e-52c6-5d0c-8a50-5348a0a2c002")
_TIMEOUT_SECONDS = 10.0
LOG = logging.getLogger("sohoa.events")


def announce_upload(lot: str) -> bool:
    """Tell the server that files of this lot have come; whether it took the event.

    The rows are written before. When the server does not answer, the scheduled sweep finds them.
    The payload carries the lot's name only.
    """
    moment = datetime.now(UTC)
    auth = PREFECT_API_AUTH_STRING.value()
    body = [
        {
            "event": UPLOAD_COMPLETED,
            "occurred": moment.isoformat(),
            "id": str(uuid.uuid5(_NAMESPACE, f"{lot}/{moment.isoformat()}")),
            "resource": {"prefect.resource.id": f"sohoa.lot.{lot}", "prefect.resource.name": lot},
            "payload": {"lot": lot},
        }
    ]
    try:
        answer = httpx.post(
            f"{PREFECT_API_URL.value()}/events",
            json=body,
            timeout=_TIMEOUT_SECONDS,
            auth=tuple(auth.get_secret_value().split(":", 1)) if auth else None,
        )
    except httpx.HTTPError as error:
        LOG.warning("máy chủ Prefect không nhận được tin báo: %s", error)
        return False
    return answer.is_success

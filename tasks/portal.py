"""One call to the national portal's address, with limits on time and size, and what came of it."""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

import requests
from urllib3.exceptions import HTTPError

from domain.portal import Outcome, meaning
from tasks.settings_groups import OutboxSettings

_LARGEST_ANSWER = 256 * 1024
_CONNECT_SECONDS = 5.0


class Reply(NamedTuple):
    """What came of a call."""

    outcome: Outcome
    receipt: str = ""
    fault: str = ""
    """Vietnamese, without personal data."""
    uncertain: bool = False
    """The portal may have taken the message although it did not say so."""
    wait_seconds: float | None = None
    """What the portal asked us to wait (Retry-After)."""


def tell(settings: OutboxSettings, message_id: str, message: dict[str, Any], receipt: str) -> Reply:
    """Send a message under its name; never raises for what a server or the network does."""
    if settings.url is None:
        raise AssertionError("callers check that there is an address")
    body = json.dumps(message, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message_id}
    return _call(settings, "POST", settings.url, headers, body, receipt)


def ask(settings: OutboxSettings, message_id: str, receipt: str) -> Reply | None:
    """Whether the portal has a message whose sending ended unclear; None where it has not.

    Needs `status_url`; without it the answer is None and the message goes again under its name.
    """
    if settings.status_url is None:
        return None
    url = settings.status_url.replace("{message_id}", message_id)
    reply = _call(settings, "GET", url, {}, None, receipt)
    return None if reply.outcome in {"refused", "closed"} and reply.fault == _NOT_THERE else reply


_NOT_THERE = "Cổng trả lời HTTP 404"


def _call(
    settings: OutboxSettings,
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes | None,
    receipt: str,
) -> Reply:
    if settings.token_file is not None:
        token = settings.token_file.read_text(encoding="utf-8").strip()
        headers = {**headers, "Authorization": f"Bearer {token}"}
    deadline = time.monotonic() + settings.timeout_seconds
    try:
        with requests.request(
            method,
            url,
            headers=headers,
            data=body,
            timeout=(_CONNECT_SECONDS, settings.timeout_seconds),
            allow_redirects=False,
            stream=True,
        ) as answer:
            content = _content(answer, deadline)
    except requests.exceptions.ConnectTimeout:
        return Reply("again", fault="Cổng không nhận kết nối trong thời hạn")
    except (requests.exceptions.SSLError, requests.exceptions.InvalidURL) as error:
        return Reply(
            "closed", fault=f"Không kết nối an toàn được với cổng ({type(error).__name__})"
        )
    except (requests.exceptions.RequestException, HTTPError, TimeoutError, ValueError) as error:
        return Reply("again", fault=_broken(error), uncertain=True)
    found = _receipt(content, receipt)
    outcome = meaning(answer.status_code, receipt=bool(found))
    fault = "" if outcome == "taken" else f"Cổng trả lời HTTP {answer.status_code}"
    if outcome == "again" and answer.ok:
        fault += f" nhưng không có «{receipt}»"
    return Reply(
        outcome,
        receipt=found or f"HTTP {answer.status_code}",
        fault=fault,
        uncertain=outcome == "again",
        wait_seconds=_retry_after(answer),
    )


def _content(answer: requests.Response, deadline: float) -> bytes:
    """The body, read as a whole within the deadline: a server that drips does not hold us."""
    parts, size = [], 0
    while part := answer.raw.read1(8192, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > _LARGEST_ANSWER:
            raise ValueError("câu trả lời quá lớn")
        if time.monotonic() > deadline:
            raise TimeoutError("câu trả lời quá chậm")
    return b"".join(parts)


def _receipt(content: bytes, field: str) -> str:
    try:
        read = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    value = read.get(field) if isinstance(read, dict) else None
    return str(value) if value not in (None, "", False) else ""


def _broken(error: Exception) -> str:
    if isinstance(error, (TimeoutError, requests.exceptions.Timeout)):
        return "Cổng không trả lời xong trong thời hạn"
    return f"Kết nối với cổng bị đứt ({type(error).__name__})"


def _retry_after(answer: requests.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None

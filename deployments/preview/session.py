"""Who is looking: a signed cookie after code and PIN, or the name that a reverse proxy gives."""

from __future__ import annotations

import hmac
import time

from fastapi import Request

from deployments.listener.guard import is_seconds
from tasks.house import house
from tasks.reviewers import active

COOKIE = "sohoa_preview"
LIFETIME_SECONDS = 8 * 3600
"""A working day."""


def token(code: str) -> str:
    """A value for the cookie: reviewer, end of life, signature (keyed with our secret)."""
    ends = int(time.time()) + LIFETIME_SECONDS
    return f"{code}:{ends}:{_sign(code, ends)}"


def viewer(request: Request) -> str | None:
    """The code of the active reviewer who asks, or None."""
    header = house().settings.review.user_header
    if header is not None:  # the proxy has checked who it is; without its word nobody gets in
        named = request.headers.get(header, "")
        return named if named and active(named) else None
    code, _, rest = request.cookies.get(COOKIE, "").partition(":")
    ends, _, signature = rest.partition(":")
    if not is_seconds(ends):
        return None
    if not hmac.compare_digest(_sign(code, int(ends)).encode(), signature.encode()):
        return None
    return code if int(ends) > time.time() and active(code) else None


def _sign(code: str, ends: int) -> str:
    return house().keyed("preview-session", code, str(ends))

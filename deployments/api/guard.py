"""Who may ask, how often, and how a refusal is told."""

from __future__ import annotations

import threading
import time
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException as AnyHttpException

from deployments.api.models import Problem
from domain.access import Access
from domain.errors import DocumentFault, NotFound, SohoaError, Unavailable, Undecided
from tasks.clients import client_of

_MEDIA_TYPE = "application/problem+json"
_SECONDS = 60.0
_STATUSES: dict[type[SohoaError], int] = {
    NotFound: 404,
    Undecided: 409,
    DocumentFault: 409,
    Unavailable: 503,
}
_BEARER = HTTPBearer(auto_error=False, description="Mã truy cập do `sohoa client add` cấp.")


class Client(NamedTuple):
    """Whoever holds a token."""

    name: str

    def access(self, requester: str, purpose: str) -> Access:
        """Who looks and why: the client's name stands first, so that none speaks for another."""
        return Access(requester=f"{self.name}: {requester}", purpose=purpose)


class RateLimit:
    """At most so many requests a minute per client, counted in this process; a token bucket."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_seconds(self, name: str, per_minute: int, now: float) -> float:
        """0 when one more request is allowed now (and counts), else how long to wait."""
        with self._lock:
            left, then = self._buckets.get(name, (float(per_minute), now))
            left = min(per_minute, left + (now - then) * per_minute / _SECONDS)
            allowed = left >= 1
            self._buckets[name] = (left - 1 if allowed else left, now)
        return 0.0 if allowed else (1 - left) * _SECONDS / per_minute


_LIMIT = RateLimit()


def client(
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> Client:
    """The client whose token came along; 401 without one, 429 when it asks too often."""
    row = client_of(given.credentials) if given else None
    if row is None:
        raise HTTPException(
            401, "Thiếu mã truy cập hoặc mã không đúng.", {"WWW-Authenticate": "Bearer"}
        )
    wait = _LIMIT.wait_seconds(row["name"], row["per_minute"], time.monotonic())
    if wait:
        raise HTTPException(
            429, "Quá nhiều yêu cầu; thử lại sau ít giây.", {"Retry-After": str(int(wait) + 1)}
        )
    return Client(row["name"])


Asking = Annotated[Client, Depends(client)]


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of an address, for its description."""
    every = (400, 401, 422, 429, 503, *statuses)
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {_MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
        }
        for status in sorted(every)
    }


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal as RFC 9457 has it."""
    told = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(told.model_dump(), status, headers=headers, media_type=_MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Tell every fault in the same form; none carries what was sent, which may be personal."""

    @app.exception_handler(SohoaError)
    def _ours(_request: Request, error: Exception) -> Response:
        status = next((s for kind, s in _STATUSES.items() if isinstance(error, kind)), 500)
        return problem(status, str(error))

    @app.exception_handler(AnyHttpException)
    def _refused(_request: Request, error: Exception) -> Response:
        if not isinstance(error, AnyHttpException):
            raise TypeError(error)
        return problem(error.status_code, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise TypeError(error)
        faults = [
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()[:10]
        ]
        return problem(422, "Yêu cầu sai – " + "; ".join(faults))

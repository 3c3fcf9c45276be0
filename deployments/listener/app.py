"""The addresses of the listener. A notice is answered with 200 when its rows are written."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from deployments.api.guard import install
from deployments.listener.announcer import Announcer
from deployments.listener.guard import is_secret, is_signed, knows, shared_secret
from deployments.listener.postman import Postman
from domain.errors import DocumentFault
from domain.notices import Told, told
from tasks.arrivals import note
from tasks.house import house
from tasks.mail import Alarmed
from tasks.metrics import CONTENT_TYPE, exposition

LOG = logging.getLogger("sohoa.listen")
_ANNOUNCER = Announcer()
_POSTMAN = Postman()


@asynccontextmanager
async def _life(_app: FastAPI) -> AsyncIterator[None]:
    shared_secret()  # there before anybody is told it: `sohoa alarms forward` makes none
    for one in (_ANNOUNCER, _POSTMAN):
        one.start()
    try:
        yield
    finally:
        for one in (_POSTMAN, _ANNOUNCER):
            await run_in_threadpool(one.stop)


app = FastAPI(
    title="sohoa: bộ nhận tin báo", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_life
)
install(app)


@app.get("/health")
def health() -> dict[str, str]:
    """Whether it answers."""
    return {"status": "ok"}


@app.get("/ready")
def ready() -> dict[str, str]:
    """Whether a notice could be written now; 503 where the registry does not answer.

    Prefect need not be up for that: it is told later.
    """
    house().registry.version()
    return {"status": "ok", "prefect": "ok" if _ANNOUNCER.heard else "down"}


@app.get("/metrics")
def metrics(request: Request) -> Response:
    """Figures for Prometheus, which knows the shared secret as well."""
    if not knows(request.headers, shared_secret()):
        raise HTTPException(401, "Thiếu mật khẩu hoặc sai.", {"WWW-Authenticate": "Basic"})
    return Response(exposition(house()), media_type=CONTENT_TYPE)


@app.post("/alarms", status_code=202)
async def alarms(request: Request) -> dict[str, str]:
    """Take an alarm from the Prefect server's automation and mail it; no worker need be alive."""
    if not knows(request.headers, shared_secret()):
        raise HTTPException(401, "Thiếu mật khẩu hoặc sai.", {"WWW-Authenticate": "Basic"})
    if house().settings.mail.host is None:
        raise HTTPException(409, "Chưa cấu hình thư cảnh báo: đặt SOHOA_MAIL__HOST.")
    body = await _body(request, house().settings.listen.max_body_kib << 10)
    try:
        alarm = Alarmed.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(400, "Không phải cảnh báo của sohoa.") from error
    _POSTMAN.take(alarm)
    return {"status": "accepted"}


@app.post("/notices")
async def notices(request: Request) -> dict[str, int]:
    """Take in what an S3 server tells; 200 when it is written, so that it need not be repeated."""
    body = await _body(request, house().settings.listen.max_body_kib << 10)
    said = _said(body)
    _check_sender(request, body, said)
    if isinstance(said, DocumentFault):
        raise HTTPException(400, str(said))
    if said.topic is not None:
        LOG.warning(
            "chủ đề SNS %s xin xác nhận. Bộ nhận tin không mở địa chỉ nào: xác nhận trong "
            "bảng điều khiển của AWS, hoặc «aws sns confirm-subscription».",
            ascii(said.topic),
        )
    new = await run_in_threadpool(note, said.notices) if said.notices else 0
    if new:
        _ANNOUNCER.wake()
    return {"new": new, "known": len(said.notices) - new, "passed_over": said.passed_over}


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise HTTPException(413, "Tin báo dài quá.")
    return bytes(body)


def _said(body: bytes) -> Told | DocumentFault:
    try:
        return told(body)
    except DocumentFault as fault:  # told to those only who may speak
        return fault


def _check_sender(request: Request, body: bytes, said: Told | DocumentFault) -> None:
    """401 unless the secret came along in one of its forms."""
    secret = shared_secret()
    inside = said.password if isinstance(said, Told) else None
    if not (
        knows(request.headers, secret)
        or is_signed(request.headers, body, secret, time.time())
        or (inside is not None and is_secret(inside, secret))
    ):
        # SNS sends the password of its address only after it was asked for one.
        raise HTTPException(401, "Thiếu mật khẩu hoặc sai.", {"WWW-Authenticate": "Basic"})

"""The preview's addresses. They stay the same for ever: a form may be opened days later.

Every answer is made on each click from the work store or the archive, is given to logged-in
reviewers only, and may be kept by the browser alone.
"""

from __future__ import annotations

from urllib.parse import parse_qs, quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from deployments.preview import pages
from deployments.preview.session import COOKIE, LIFETIME_SECONDS, token, viewer
from domain.errors import NotFound, SohoaError, Undecided
from tasks.house import house
from tasks.original import original
from tasks.review_preview import crop_picture, page_picture, queue, view
from tasks.reviewers import verify_pin

_ROWS = 100
_STATUSES: dict[type[Exception], int] = {NotFound: 404, Undecided: 403}
_LONGEST_LOGIN_BYTES = 4096
_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'",
}

app = FastAPI(title="sohoa: trang xem giấy tờ", docs_url=None, redoc_url=None, openapi_url=None)


@app.exception_handler(SohoaError)
def _told(_request: Request, error: Exception) -> Response:
    """A fault of ours as one clear line."""
    status = _STATUSES.get(type(error), 503)
    return Response(str(error), status, headers=_HEADERS, media_type="text/plain; charset=utf-8")


@app.get("/health")
def health() -> dict[str, str]:
    """Whether it answers."""
    return {"status": "ok"}


@app.get("/login")
def login() -> Response:
    """The log-in."""
    return _html(pages.login_page())


@app.post("/login")
async def log_in(request: Request) -> Response:
    """Check code and PIN; the cookie is for this site only and not for scripts."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_LOGIN_BYTES:
            return _html(pages.login_page("Nội dung gửi quá dài."), 413)
    given = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
    code = given.get("code", "").strip()
    try:
        await run_in_threadpool(verify_pin, code, given.get("pin", ""))
    except Undecided as error:
        return _html(pages.login_page(str(error)), 401)
    answer = RedirectResponse("queue", 303, headers=_HEADERS)
    answer.set_cookie(
        COOKIE,
        token(code),
        max_age=LIFETIME_SECONDS,
        httponly=True,
        samesite="lax",
        secure=house().settings.review.url.startswith("https:"),
    )
    return answer


@app.get("/")
@app.get("/queue")
def waiting(request: Request, page: int = 1) -> Response:
    """The queue, a hundred papers a page."""
    if viewer(request) is None:
        return _login_first()
    page = max(1, page)
    total, rows = queue(_ROWS, (page - 1) * _ROWS)
    return _html(pages.queue_page(total, rows, page, more=page * _ROWS < total))


@app.get("/papers/{paper_id}")
def paper(request: Request, paper_id: str) -> Response:
    """One paper; who looked is kept in the audit chain."""
    code = viewer(request)
    if code is None:
        return _login_first("../login")
    return _html(pages.paper_page(view(paper_id, code)))


@app.get("/papers/{paper_id}/reading.svg")
def reading(request: Request, paper_id: str) -> Response:
    """What was read and why it is doubted, as a picture."""
    if viewer(request) is None:
        return _locked()
    return Response(
        pages.reading_picture(view(paper_id)), media_type="image/svg+xml", headers=_HEADERS
    )


@app.get("/papers/{paper_id}/pages/{page}")
def page_image(request: Request, paper_id: str, page: int) -> Response:
    """A page as a picture."""
    if viewer(request) is None:
        return _locked()
    return Response(page_picture(paper_id, page), media_type="image/jpeg", headers=_HEADERS)


@app.get("/papers/{paper_id}/crops/{field}")
def crop_image(request: Request, paper_id: str, field: str) -> Response:
    """Where a field was read, as a picture."""
    if viewer(request) is None:
        return _locked()
    return Response(crop_picture(paper_id, field), media_type="image/jpeg", headers=_HEADERS)


@app.get("/scans/{scan_id}/original")
def original_file(request: Request, scan_id: str) -> Response:
    """What was uploaded, to save; foreign bytes are never shown inside the browser."""
    code = viewer(request)
    if code is None:
        return _login_first("../../login")
    found = original(scan_id, code)
    disposition = f"attachment; filename*=UTF-8''{quote(found.name)}"
    return StreamingResponse(
        found.content,
        media_type=found.media_type,
        headers={**_HEADERS, "Content-Disposition": disposition},
    )


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, headers=_HEADERS)


def _login_first(where: str = "login") -> Response:
    return RedirectResponse(where, 303, headers=_HEADERS)


def _locked() -> Response:
    """A picture that says so: a form shows nothing of a plain refusal."""
    return Response(pages.locked_picture(), 401, media_type="image/svg+xml", headers=_HEADERS)

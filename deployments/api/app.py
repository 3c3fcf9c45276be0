"""The addresses of the API. Owners' identifiers travel in bodies, never in addresses or logs."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query
from fastapi.responses import Response

from deployments.api.guard import Asking, install, responses
from deployments.api.models import (
    LookupAnswer,
    LookupRequest,
    NeedRequest,
    ProgressAnswer,
    Purpose,
    Record,
    Requester,
    ReuseRequest,
    SearchAnswer,
    SearchRequest,
)
from domain.holding import Holding
from tasks.house import house
from tasks.lookup import archived_file, holding, lookup, note, opened
from tasks.lookup_text import search_text
from tasks.need import Needs, need
from tasks.outbox import synced_of_year
from tasks.plan_report import report
from tasks.reuse import Reuse, record_reuse, reuses_of_year

_PDF = "application/pdf"
_PRIVATE = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "sandbox",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "Tệp PDF đã ký.", "content": {_PDF: {"schema": {"type": "string"}}}}
}
PaperId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}-[0-9a-f-]{27}$")]

app = FastAPI(
    title="sohoa: kho dữ liệu giấy tờ",
    version="1",
    description="Tra cứu, dùng lại giấy tờ đã số hóa. Mỗi lần khai thác đều ghi vào nhật ký.",
    docs_url=None,
    redoc_url=None,
    openapi_url="/v1/openapi.json",
)
install(app)


@app.get("/v1/health")
def health() -> dict[str, str]:
    """Whether it answers."""
    return {"status": "ok"}


@app.post("/v1/lookup", responses=responses())
def look_up(asked: LookupRequest, client: Asking) -> LookupAnswer:
    """Giấy tờ của một tổ chức, cá nhân vào một ngày."""
    papers = lookup(
        client.access(asked.requester, asked.purpose),
        asked.owner,
        types=asked.types,
        on=asked.on,
        only_valid=asked.only_valid,
        after=asked.after or "",
        limit=asked.limit,
    )
    return LookupAnswer(papers=papers, next=papers[-1].id if len(papers) == asked.limit else None)


@app.post("/v1/need", responses=responses(404))
def what_is_needed(asked: NeedRequest, client: Asking) -> Needs:
    """Thành phần hồ sơ nào đã có, thành phần nào phải, được, không được số hóa."""
    access = client.access(asked.requester, asked.purpose)
    return need(access, asked.procedure, asked.owner, forms=asked.forms, on=asked.on)


@app.post("/v1/reuses", responses=responses(404, 409))
def reused(asked: ReuseRequest, client: Asking) -> Reuse:
    """Ghi nhận một giấy tờ trong kho được chấp nhận thay cho việc nộp mới; gửi lại vẫn là một."""
    access = client.access(asked.requester, asked.purpose)
    return record_reuse(
        access,
        asked.paper,
        dossier=asked.dossier,
        component=asked.component,
        procedure=asked.procedure,
    )


@app.post("/v1/search", responses=responses())
def search(asked: SearchRequest, client: Asking) -> SearchAnswer:
    """Tìm trong toàn văn và tên giấy tờ, có dấu hay không dấu."""
    access = client.access(asked.requester, asked.purpose)
    hits = search_text(access, asked.query, before=asked.before, limit=asked.limit)
    return SearchAnswer(hits=hits, next=hits[-1].place if len(hits) == asked.limit else None)


@app.get("/v1/papers/{paper_id}", responses=responses(404))
def paper(
    paper_id: PaperId,
    requester: Annotated[Requester, Query()],
    purpose: Annotated[Purpose, Query()],
    client: Asking,
) -> Holding:
    """Một giấy tờ trong kho: mã, hiệu lực, chữ ký, đường dẫn ngắn hạn."""
    return holding(client.access(requester, purpose), paper_id)


@app.get("/v1/papers/{paper_id}/record", responses=responses(404))
def paper_record(
    paper_id: PaperId,
    requester: Annotated[Requester, Query()],
    purpose: Annotated[Purpose, Query()],
    client: Asking,
) -> Record:
    """Siêu dữ liệu của giấy tờ, như trong kho lưu trữ (record.json)."""
    content = archived_file(paper_id, "record.json")
    note(client.access(requester, purpose), paper_id, "store:record")
    found: Record = json.loads(content)
    return found


@app.get("/v1/papers/{paper_id}/file", responses=responses(404) | _FILE, response_class=Response)
def paper_file(
    paper_id: PaperId,
    requester: Annotated[Requester, Query()],
    purpose: Annotated[Purpose, Query()],
    client: Asking,
) -> Response:
    """Tệp PDF đã ký."""
    content = archived_file(paper_id, "paper.pdf")
    note(client.access(requester, purpose), paper_id, "store:file")
    return Response(content, headers=_PRIVATE, media_type=_PDF)


@app.get("/v1/files/{paper_id}", responses=responses(404, 409) | _FILE, response_class=Response)
def linked_file(
    paper_id: PaperId,
    requester: Annotated[str, Query(max_length=160)],
    expires: Annotated[int, Query(ge=0, le=2**40)],
    signature: Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")],
) -> Response:
    """Tệp PDF qua đường dẫn ngắn hạn mà tra cứu đã cấp; không cần mã truy cập."""
    access = opened(paper_id, requester, expires, signature)
    content = archived_file(paper_id, "paper.pdf")
    note(access, paper_id, "store:file")
    return Response(content, headers=_PRIVATE, media_type=_PDF)


@app.get("/v1/progress", responses=responses())
def progress(
    _client: Asking, year: Annotated[int | None, Query(ge=2000, le=2100)] = None
) -> ProgressAnswer:
    """Tiến độ so với kế hoạch của năm, số lần dùng lại, số giấy tờ Cổng DVCQG đã nhận."""
    wanted = year or house().today().year
    done, archived = synced_of_year(wanted)
    return ProgressAnswer(
        report=report.fn(None, "year", wanted, 1),
        reuses=reuses_of_year(wanted),
        synced=done,
        archived=archived,
    )

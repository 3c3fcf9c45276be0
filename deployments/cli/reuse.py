"""Commands of the data store: lookup, need, search, reuse, clients, the API, the outbox."""

from __future__ import annotations

import getpass
from datetime import datetime
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json
from domain.access import Access
from domain.errors import ConfigurationFault, Undecided
from domain.holding import STANDING_NAMES

client_app = typer.Typer(help="Máy khách của API: tên và mã truy cập.", no_args_is_help=True)
outbox_app = typer.Typer(help="Hộp thư gửi lên Cổng DVCQG.", no_args_is_help=True)

Owner = Annotated[str, typer.Option(help="Số định danh cá nhân hoặc mã tổ chức.")]
Requester = Annotated[
    str | None, typer.Option(help="Người khai thác; mặc định tài khoản đang đăng nhập.")
]
Purpose = Annotated[str, typer.Option(help="Mục đích khai thác; ghi vào nhật ký.")]
Day = Annotated[datetime | None, typer.Option(help="Vào ngày này.", formats=["%Y-%m-%d"])]
_NO_PURPOSE = "tra cứu bằng dòng lệnh, không nêu mục đích"


def _access(requester: str | None, purpose: str) -> Access:
    try:
        return Access(requester=(requester or getpass.getuser()).strip(), purpose=purpose.strip())
    except ValueError as error:
        raise Undecided(
            "Người khai thác và mục đích phải là một dòng chữ, ít nhất 2 ký tự."
        ) from error


def lookup(
    owner: Owner,
    type_id: Annotated[str | None, typer.Option("--type", help="Mã loại trong danh mục.")] = None,
    on: Day = None,
    every: Annotated[
        bool, typer.Option("--all", help="Cả giấy tờ hết hiệu lực, đã thay thế, thu hồi.")
    ] = False,
    requester: Requester = None,
    purpose: Purpose = _NO_PURPOSE,
    json: Json = False,
) -> None:
    """Giấy tờ của một người hoặc tổ chức, còn hiệu lực vào một ngày."""
    from tasks.house import house
    from tasks.lookup import lookup_all

    here = house()
    here.registry.migrate()
    rows = lookup_all(
        _access(requester, purpose),
        owner,
        types=[type_id] if type_id else [],
        on=on.date() if on else None,
        only_valid=not every,
    )
    shown = [row.model_copy(update={"code": here.codes.masked(row.code or "")}) for row in rows]
    if json:
        show.as_json([row.model_dump(mode="json") for row in shown])
        return
    show.table(
        f"{len(rows)} giấy tờ",
        ["Định danh", "Mã", "Tên", "Số, ký hiệu", "Ngày cấp", "Cơ quan cấp", "Hiệu lực"],
        [
            (
                r.id,
                r.code or "",
                r.title or "",
                r.number or "",
                r.issue_date or "",
                r.issuer or "",
                STANDING_NAMES[r.standing],
            )
            for r in shown
        ],
    )


def need(
    procedure: Annotated[str, typer.Option(help="Thủ tục: mã trong danh mục hoặc mã TTHC.")],
    owner: Owner,
    on: Day = None,
    requester: Requester = None,
    purpose: Purpose = _NO_PURPOSE,
    json: Json = False,
) -> None:
    """Trước khi quét: thành phần nào đã có, thành phần nào phải, được, không được số hóa."""
    from tasks.house import house
    from tasks.need import ADVICE_NAMES
    from tasks.need import need as ask

    house().registry.migrate()
    found = ask(_access(requester, purpose), procedure, owner, on=on.date() if on else None)
    if json:
        show.as_json(found)
        return
    doubt = "" if found.verified else " – thành phần hồ sơ chưa đối chiếu văn bản"
    show.table(
        f"{found.name}{doubt}",
        ["Thành phần", "Bắt buộc", "Làm gì", "Vì sao", "Đã có"],
        [
            (
                part.name,
                "có" if part.required else "",
                ADVICE_NAMES[part.advice],
                part.reason,
                ", ".join(paper.id for paper in part.present),
            )
            for part in found.components
        ],
    )


def search(
    query: Annotated[str, typer.Argument(help="Từ cần tìm; cụm từ đặt trong ngoặc kép.")],
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    before: Annotated[int | None, typer.Option(help="Trang sau: «place» của kết quả cuối.")] = None,
    requester: Requester = None,
    purpose: Purpose = _NO_PURPOSE,
    json: Json = False,
) -> None:
    """Tìm trong toàn văn và tên giấy tờ, có dấu hay không dấu, mới nhất trước."""
    from tasks.lookup_text import search_text
    from tasks.shelve import shelve_new

    shelve_new(_FRESH)
    hits = search_text(_access(requester, purpose), query, before=before, limit=limit)
    if json:
        show.as_json([hit.model_dump(mode="json") for hit in hits])
        return
    show.table(
        f"{len(hits)} trang",
        ["Định danh", "Trang", "Tên", "Đoạn văn"],
        [(hit.paper, hit.page, hit.title or "", hit.excerpt) for hit in hits],
    )


_FRESH = 200
"""Papers that a search may make searchable before it answers; the rest is the flow's."""


def reuse(
    paper: Annotated[str, typer.Argument(help="Định danh của giấy tờ trong kho.")],
    dossier: Annotated[str, typer.Option(help="Mã hồ sơ nhận giấy tờ này.")],
    component: Annotated[str, typer.Option(help="Thành phần hồ sơ mà giấy tờ thay cho.")],
    procedure: Annotated[str | None, typer.Option(help="Thủ tục, để đối chiếu.")] = None,
    requester: Requester = None,
    purpose: Purpose = "tiếp nhận hồ sơ",
    json: Json = False,
) -> None:
    """Ghi nhận một giấy tờ trong kho được chấp nhận thay cho việc nộp mới."""
    from tasks.reuse import record_reuse

    done = record_reuse(
        _access(requester, purpose),
        paper,
        dossier=dossier,
        component=component,
        procedure=procedure,
    )
    if json:
        show.as_json(done)
    else:
        show.CONSOLE.print(
            "Đã ghi nhận." if done.new else "Đã ghi nhận từ trước; vẫn tính một lần."
        )


def api(
    host: Annotated[str, typer.Option(help="Địa chỉ nghe.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 4202,
) -> None:
    """Chạy API của kho dữ liệu cho hệ thống một cửa (mô tả: /v1/openapi.json)."""
    import uvicorn

    from tasks.house import house

    house().prepare()
    uvicorn.run(
        "deployments.api.app:app",
        host=host,
        port=port,
        access_log=False,  # addresses name requesters; the audit chain keeps who saw what
        timeout_keep_alive=30,
        limit_concurrency=400,
    )


@client_app.command("add")
def add_client(
    name: Annotated[str, typer.Argument(help="Tên: chữ thường không dấu, số, chấm, gạch.")],
    per_minute: Annotated[int, typer.Option(min=1, max=1_000_000, help="Yêu cầu mỗi phút.")] = 600,
    json: Json = False,
) -> None:
    """Cấp mã truy cập cho một máy khách, hoặc mã mới cho máy khách đã có; chỉ hiện một lần."""
    from tasks.clients import add_client as add

    token = add(name, per_minute=per_minute, actor=getpass.getuser())
    if json:
        show.as_json({"name": name, "token": token, "per_minute": per_minute})
    else:
        print(token)


@client_app.command("list")
def list_clients(json: Json = False) -> None:
    """Danh sách máy khách."""
    from tasks.clients import listed

    rows = listed()
    if json:
        show.as_json(rows)
        return
    show.table(
        f"{len(rows)} máy khách",
        ["Tên", "Mỗi phút", "Quyền"],
        [(r["name"], r["per_minute"], "được hỏi" if r["active"] else "đã thôi") for r in rows],
    )


@client_app.command("remove")
def remove_client(
    name: Annotated[str, typer.Argument(help="Tên máy khách.")], json: Json = False
) -> None:
    """Thôi quyền của một máy khách."""
    from tasks.clients import remove_client as drop

    drop(name, actor=getpass.getuser())
    if json:
        show.as_json({"name": name, "active": False})


@outbox_app.command("send")
def send(
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 5_000,
    minutes: Annotated[float, typer.Option(min=0.01, max=1440)] = 9,
    json: Json = False,
) -> None:
    """Gửi những gì đến hạn; chạy lại không gửi trùng."""
    from flows.outbox import outbox

    done = outbox.fn(limit, minutes)
    if done.stopped:
        raise ConfigurationFault(done.stopped)
    if json:
        show.as_json(done)
        return
    show.CONSOLE.print(
        f"{done.sent} đã gửi, {done.again} sẽ gửi lại, {done.dead} hỏng; Cổng đã nhận "
        f"{done.done}/{done.archived} giấy tờ."
    )


@outbox_app.command("list")
def list_messages(
    state: Annotated[str | None, typer.Option(help="waiting, sent hoặc dead.")] = None,
    json: Json = False,
) -> None:
    """Thông điệp, cũ nhất trước."""
    from tasks.outbox import messages

    rows = messages(state)
    if json:
        show.as_json(rows)
        return
    show.table(
        f"{len(rows)} thông điệp",
        ["Định danh", "Hồ sơ", "Trạng thái", "Lần gửi", "Lỗi"],
        [(r["message_id"], r["lane"], r["state"], r["attempts"], r["fault"] or "") for r in rows],
    )


@outbox_app.command("requeue")
def requeue(
    messages: Annotated[list[str] | None, typer.Argument(help="Định danh thông điệp.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Mọi thông điệp hỏng.")] = False,
    json: Json = False,
) -> None:
    """Cho thông điệp hỏng gửi lại, sau khi đã sửa nguyên nhân."""
    from tasks.outbox import requeue as again

    if not messages and not every:
        raise typer.BadParameter("nêu định danh thông điệp, hoặc --all.")
    count = again(tuple(messages or ()), everything=every, actor=getpass.getuser())
    if json:
        show.as_json({"requeued": count})
    else:
        show.CONSOLE.print(f"{count} thông điệp sẽ được gửi lại.")

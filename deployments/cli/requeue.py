"""Commands for the shelf of set-aside scans, and for the reviewers' preview."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json

Reason = Annotated[str | None, typer.Option(help="Chỉ bản quét để riêng vì lý do này.")]


def shelf(reason: Reason = None, json: Json = False) -> None:
    """Bản quét để riêng: tệp nào, vì sao."""
    from tasks.house import house
    from tasks.requeue import shelf as rows_of

    house().registry.migrate()
    rows = [
        {
            "scan": row["id"],
            "name": row["name"],
            "reason": row["reason"],
            "message": row["message"],
        }
        for row in rows_of(reason)
    ]
    if json:
        show.as_json(rows)
        return
    show.table(
        f"{len(rows)} bản quét để riêng",
        ["Bản quét", "Tệp", "Lý do", "Làm gì"],
        [(r["scan"][:12], r["name"], r["reason"] or "", r["message"] or "") for r in rows],
    )


def requeue(
    scan: Annotated[
        str | None, typer.Argument(help="Bản quét: 8 ký tự đầu của SHA-256 trở lên.")
    ] = None,
    reason: Reason = None,
    not_secret: Annotated[
        str | None,
        typer.Option(
            metavar="LÝ DO",
            help="Xác nhận bản quét bị nhận nhầm, không phải tài liệu mật; ghi vào nhật ký.",
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Người xác nhận; mặc định người đang đăng nhập máy.")
    ] = None,
    json: Json = False,
) -> None:
    """Xử lý lại bản quét để riêng; không nêu gì: mọi bản mà thử lại có thể sửa được."""
    from flows.requeue import requeue as flow

    handled = flow.fn(scan, reason, actor=by or getpass.getuser(), not_secret=not_secret)
    if json:
        show.as_json({"requeued": handled})
    else:
        show.CONSOLE.print(f"{handled} bản quét đã được xử lý lại.")


def preview(
    host: Annotated[str, typer.Option(help="Địa chỉ lắng nghe.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Cổng; mặc định cổng trong SOHOA_REVIEW__URL.")
    ] = None,
) -> None:
    """Chạy trang xem giấy tờ cho người duyệt, đến khi Ctrl-C."""
    from deployments.preview.server import serve

    serve(host, port)

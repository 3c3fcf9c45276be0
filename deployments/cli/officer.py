"""`sohoa officer`: whose key is whose, and who signs a paper where that is not certain."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json

app = typer.Typer(
    help="Cán bộ ký bằng thiết bị của mình: khóa của từng người.", no_args_is_help=True
)
Id = Annotated[
    str, typer.Argument(metavar="MÃ", help="Mã cán bộ, như «officer.id» trong lot.json.")
]


@app.command("add")
def add(
    officer_id: Id,
    certificate: Annotated[
        Path, typer.Option(help="Chứng thư của khóa (.pem, .cer), từ «sohoa sign certificate».")
    ],
    name: Annotated[
        str | None, typer.Option(help="Họ tên; mặc định là tên trong chứng thư.")
    ] = None,
    json: Json = False,
) -> None:
    """Đăng ký khóa của một cán bộ; từ đó chỉ khóa này ký được thay mặt người ấy."""
    from tasks.house import house
    from tasks.officer_register import add as put

    house().registry.migrate()
    key = put(officer_id, certificate, name, actor=getpass.getuser())
    if json:
        show.as_json(key)
        return
    show.CONSOLE.print(
        f"Đã đăng ký khóa của {key.officer.name} ({key.officer.id}), chứng thư đến "
        f"{key.not_after:%d/%m/%Y}. Dấu vân tay khóa: {key.key_sha256[:16]}…"
    )


@app.command("list")
def list_all(json: Json = False) -> None:
    """Khóa đã đăng ký của từng cán bộ."""
    from tasks.house import house
    from tasks.officer_register import listed

    house().registry.migrate()
    keys = listed()
    if json:
        show.as_json([key.model_dump(mode="json") for key in keys])
        return
    show.table(
        f"{len(keys)} khóa của cán bộ",
        ["Mã", "Họ tên", "Chứng thư đến", "Khóa", "Tình trạng"],
        [
            (
                key.officer.id,
                key.officer.name,
                f"{key.not_after:%d/%m/%Y}",
                key.key_sha256[:16],
                "đã thu hồi" if key.withdrawn else "dùng được",
            )
            for key in keys
        ],
    )


@app.command("withdraw")
def withdraw(officer_id: Id, json: Json = False) -> None:
    """Thôi nhận chữ ký bằng mọi khóa của cán bộ (mất thiết bị, chuyển việc); chữ ký cũ vẫn còn."""
    from tasks.house import house
    from tasks.officer_register import withdraw as drop

    house().registry.migrate()
    count = drop(officer_id, actor=getpass.getuser())
    if json:
        show.as_json({"officer": officer_id, "withdrawn": count})
        return
    show.CONSOLE.print(f"Đã thu hồi {count} khóa của {officer_id}.")


@app.command("assign")
def assign(
    paper: Annotated[str, typer.Argument(metavar="GIẤY_TỜ", help="Mã giấy tờ đang chờ ký.")],
    officer_id: Id,
    json: Json = False,
) -> None:
    """Chỉ định người ký một giấy tờ đang chờ, khi tên trong lô chưa đủ rõ là ai."""
    from tasks.house import house
    from tasks.officer_register import assign as say

    house().registry.migrate()
    who = say(paper, officer_id, actor=getpass.getuser())
    if json:
        show.as_json({"paper": paper, "officer": who.id, "name": who.name})
        return
    show.CONSOLE.print(f"Giấy tờ này chờ {who.name} ({who.id}) ký.")

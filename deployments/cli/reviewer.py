"""Commands for reviewers (người duyệt): add, list, remove."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json

app = typer.Typer(help="Người duyệt: mã và PIN của từng người.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(help="Mã người duyệt: chữ thường không dấu, số, dấu chấm.")]


@app.command("add")
def add(
    code: Code,
    name: Annotated[str, typer.Option(help="Họ tên.")],
    pin_file: Annotated[
        Path | None, typer.Option(help="Tệp chứa PIN (6–12 chữ số); không có thì hỏi.")
    ] = None,
    json: Json = False,
) -> None:
    """Thêm người duyệt, hoặc đặt PIN mới và mở khóa cho người đã có."""
    from tasks.house import house
    from tasks.reviewers import add as put

    house().prepare()
    pin = (
        pin_file.read_text(encoding="utf-8").strip()
        if pin_file
        else typer.prompt("PIN", hide_input=True, confirmation_prompt=True)
    )
    put(code, name, pin, actor=getpass.getuser())
    if json:
        show.as_json({"code": code})
    else:
        show.CONSOLE.print(f"Người duyệt {code} đã sẵn sàng.")


@app.command("list")
def list_all(json: Json = False) -> None:
    """Danh sách người duyệt."""
    from tasks.house import house
    from tasks.reviewers import listed

    house().registry.migrate()
    rows = [{"code": row["code"], "name": row["name"], "active": row["active"]} for row in listed()]
    if json:
        show.as_json(rows)
        return
    show.table(
        f"{len(rows)} người duyệt",
        ["Mã", "Họ tên", "Quyền"],
        [(r["code"], r["name"], "được duyệt" if r["active"] else "đã thôi") for r in rows],
    )


@app.command("remove")
def remove(code: Code, json: Json = False) -> None:
    """Thôi quyền duyệt; những gì người đó đã quyết định vẫn còn."""
    from tasks.house import house
    from tasks.reviewers import remove as drop

    house().registry.migrate()
    drop(code, actor=getpass.getuser())
    if json:
        show.as_json({"code": code, "active": False})

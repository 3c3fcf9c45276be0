"""Commands for counting: progress, import figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json

import_app = typer.Typer(help="Nhập số liệu từ bên ngoài.", no_args_is_help=True)


@import_app.callback()
def _import() -> None:
    """Nhập số liệu từ bên ngoài."""


@import_app.command("figures")
def figures(
    file: Annotated[Path, typer.Argument(help="CSV: unit,level,year,indicator,value.")],
    json: Json = False,
) -> None:
    """Nhập số hồ sơ đã giải quyết theo đơn vị và cấp; nhập lại thì thay thế."""
    from tasks.figures import import_file

    count = import_file(file)
    if json:
        show.as_json({"imported": count})
    else:
        show.CONSOLE.print(f"Đã nhập {count} dòng số liệu.")


def progress(
    plan: Annotated[str | None, typer.Option(help="Kế hoạch; mặc định theo cấu hình.")] = None,
    year: Annotated[
        int | None, typer.Option(min=2000, max=2100, help="Năm; mặc định năm nay.")
    ] = None,
    json: Json = False,
) -> None:
    """Tiến độ số hóa so với kế hoạch, theo từng cấp."""
    from tasks.figures import progress_against

    now = progress_against(plan, year)
    if json:
        show.as_json(now)
    else:
        show.progress(now)

"""The command that certifies a copy."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json


def certify(
    paper: Annotated[str, typer.Argument(help="Định danh hoặc mã của giấy tờ đã lưu trữ.")],
    register_number: Annotated[str, typer.Option(help="Số trong sổ chứng thực.")],
    by: Annotated[
        str | None, typer.Option(help="Người chứng thực; mặc định người đăng nhập.")
    ] = None,
    original_presented: Annotated[
        bool,
        typer.Option(
            "--original-presented", help="Xác nhận bản chính đã được xuất trình và đối chiếu."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Chứng thực bản sao điện tử (sao y): bản sao là một giấy tờ riêng, nối với giấy tờ gốc."""
    from deployments.cli.line import server_configured
    from flows.certify import certify as flow
    from tasks.house import house
    from tasks.shelf import paper_row

    house().prepare()
    source = paper_row(paper)["id"]  # a code is personal data and no parameter of a run
    run = flow if server_configured() else flow.fn
    copy = run(
        source,
        register_number,
        certifier=by or getpass.getuser(),
        original_presented=original_presented,
    )
    if json:
        show.as_json(copy)
        return
    show.CONSOLE.print(f"Bản sao {copy.id}, số chứng thực {copy.number}, đã lưu trữ.")
    show.CONSOLE.print(f"Kiểm tra: sohoa verify {copy.id}")

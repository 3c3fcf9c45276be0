"""The command that divides a scan anew."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json, page_ranges
from domain.states import PAPER_STATE_NAMES, PaperState


def resplit(
    scan: Annotated[
        str, typer.Argument(help="Mã bản quét, hoặc định danh một giấy tờ của bản quét.")
    ],
    pages: Annotated[
        str, typer.Option(help="Khoảng trang của từng giấy tờ: 1-3,4-9; bỏ trang 4: 1-3,-4,5-9.")
    ],
    by: Annotated[
        str | None, typer.Option(help="Người quyết định; mặc định người đăng nhập.")
    ] = None,
    json: Json = False,
) -> None:
    """Chia lại một bản quét chưa lưu trữ; giấy tờ cũ thành «đã thay thế», giấy mới đi tiếp."""
    from deployments.cli.line import server_configured
    from flows.resplit import resplit as flow
    from tasks.house import house
    from tasks.resplit import scan_of
    from tasks.shelf import listed

    page_ranges(pages)
    house().prepare()
    scan_id = scan_of(scan)  # a code is personal data and no name for a run
    run = flow if server_configured() else flow.fn
    run(scan_id, pages, actor=by or getpass.getuser())
    rows = [
        {"id": row["id"], "pages": row["pages"], "type": row["type_id"], "state": row["state"]}
        for row in listed()
        if row["scan_id"] == scan_id
    ]
    if json:
        show.as_json({"scan": scan_id, "papers": rows})
        return
    show.table(
        f"Bản quét {scan_id[:12]}…",
        ["Định danh", "Trang", "Loại", "Trạng thái"],
        [
            (
                row["id"],
                ", ".join(map(str, row["pages"])),
                row["type"] or "",
                PAPER_STATE_NAMES[PaperState(row["state"])],
            )
            for row in rows
        ],
    )

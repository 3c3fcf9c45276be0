"""Commands that look things up: papers, lookup."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json
from domain.states import PAPER_STATE_NAMES, PaperState


def papers(
    state: Annotated[PaperState | None, typer.Option(help="Chỉ giấy tờ ở trạng thái này.")] = None,
    json: Json = False,
) -> None:
    """Danh sách giấy tờ trong sổ đăng ký (chủ giấy tờ được che)."""
    from tasks.house import house
    from tasks.shelf import listed

    here = house()
    here.registry.migrate()
    rows = [
        {
            "id": row["id"],
            "code": here.codes.masked(row["code"]) if row["code"] else None,
            "type": row["type_id"],
            "state": row["state"],
            "scan": row["scan_id"],
        }
        for row in listed(state)
    ]
    if json:
        show.as_json(rows)
        return
    show.table(
        f"{len(rows)} giấy tờ",
        ["Định danh", "Mã", "Loại", "Trạng thái"],
        [
            (row["id"], row["code"] or "", row["type"] or "", PAPER_STATE_NAMES[row["state"]])
            for row in rows
        ],
    )


def lookup(
    owner: Annotated[str, typer.Option(help="Số định danh cá nhân hoặc mã tổ chức.")],
    type_id: Annotated[str | None, typer.Option("--type", help="Mã loại trong danh mục.")] = None,
    on: Annotated[
        datetime | None, typer.Option(help="Còn hiệu lực vào ngày này.", formats=["%Y-%m-%d"])
    ] = None,
    json: Json = False,
) -> None:
    """Giấy tờ còn hiệu lực của một người hoặc tổ chức."""
    from tasks.house import house
    from tasks.shelf import lookup as find

    house().registry.migrate()
    rows = find(owner, type_id, on.date() if on else None)
    if json:
        show.as_json(rows)
        return
    show.table(
        f"{len(rows)} giấy tờ còn hiệu lực",
        ["Định danh", "Mã", "Tên", "Số, ký hiệu", "Ngày cấp", "Cơ quan cấp"],
        [
            (
                r["id"],
                r["code"],
                r["title"] or "",
                r["number"] or "",
                r["issue_date"] or "",
                r["issuer"] or "",
            )
            for r in rows
        ],
    )

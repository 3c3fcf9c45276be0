"""The command that lists papers."""

from __future__ import annotations

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

"""The command that verifies a file or a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json

_EXIT = {"sound": 0, "undecided": 4, "unsound": 7}


def verify(
    code_or_file: Annotated[
        str, typer.Argument(help="Mã giấy tờ, định danh giấy tờ, hoặc một tệp PDF.")
    ],
    detached: Annotated[
        Path | None,
        typer.Option(help="Chữ ký rời của tệp; mặc định tệp cùng tên thêm .p7s nếu có."),
    ] = None,
    json: Json = False,
) -> None:
    """Kiểm tra từng byte, từng chữ ký. Mã thoát: 0 vững, 4 chưa kết luận, 7 hỏng."""
    from tasks.verify import WORDS, verify_handle

    result = verify_handle(code_or_file, detached)
    found = result.signatures
    if json:
        show.as_json(result.report())
        raise typer.Exit(_EXIT[result.verdict])
    show.CONSOLE.print(f"SHA-256 {result.sha256}")
    show.CONSOLE.print(
        f"Kết luận: {WORDS[result.verdict]}; toàn vẹn: {WORDS[found.integrity]}; "
        f"tin cậy: {WORDS[found.trust]}; lưu trữ: {WORDS[result.archive]}; "
        f"PDF/A: {WORDS[result.pdfa]}"
    )
    for problem in (*result.problems, *found.reasons):
        show.CONSOLE.print(f"- {problem}")
    show.table(
        "Chữ ký",
        ["Người ký", "Lúc", "Mức", "Kết luận", "Lý do"],
        [
            (item.signer, item.time, item.level, WORDS[item.verdict], "; ".join(item.reasons))
            for item in found.signatures
        ],
    )
    raise typer.Exit(_EXIT[result.verdict])

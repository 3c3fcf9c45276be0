"""`sohoa check`: is a scan fit to be kept, before the original goes back to the citizen?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json
from deployments.cli.usage import given_path

if TYPE_CHECKING:
    from tasks.check import FileVerdict

NOT_FIT = 3
"""Exit code when a file must be scanned again."""


def check(
    files: Annotated[list[Path], typer.Argument(parser=given_path, help="Tệp quét cần kiểm tra.")],
    pages: Annotated[int | None, typer.Option(min=1, help="Số trang đã khai của mỗi tệp.")] = None,
    json: Json = False,
) -> None:
    """Kiểm tra bản quét trước khi trả bản giấy: đủ trang, rõ, đúng chiều, ≥ 200 dpi, không cắt mép.

    Mã thoát: 0 nếu mọi tệp đạt, 3 nếu có tệp phải quét lại.
    """
    from tasks.check import check_file  # heavy imports only where they are used

    verdicts = [check_file(file, pages) for file in files]
    if json:
        plain = [verdict.model_dump(mode="json") for verdict in verdicts]
        show.as_json(plain[0] if len(plain) == 1 else plain)
    else:
        for verdict in verdicts:
            _print(verdict)
    if not all(verdict.fit for verdict in verdicts):
        raise typer.Exit(NOT_FIT)


def _print(verdict: FileVerdict) -> None:
    said = "đạt" if verdict.fit else "PHẢI QUÉT LẠI"
    show.CONSOLE.print(f"{verdict.file}: {said} ({len(verdict.pages)} trang)", markup=False)
    on_pages = (problem for page in verdict.pages for problem in page.problems)
    for problem in (*verdict.problems, *on_pages):
        show.CONSOLE.print(f"- {problem.message}", markup=False)

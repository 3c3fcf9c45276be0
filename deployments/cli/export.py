"""Commands that take papers and records out: a package for the archive, records for analysis."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from deployments.cli import show
from deployments.cli.line import Json
from domain.access import Access
from domain.errors import Undecided

if TYPE_CHECKING:
    from tasks.export_records import Format

app = typer.Typer(help="Xuất gói nộp lưu, xuất bản ghi để phân tích.", no_args_is_help=True)
Output = Annotated[Path, typer.Option("--output", "-o", help="Tệp sẽ ghi.")]
Owners = Annotated[
    bool, typer.Option("--owners", help="Ghi rõ mã định danh chủ giấy tờ; phải nêu --purpose.")
]
By = Annotated[str | None, typer.Option(help="Người xuất; mặc định người đăng nhập.")]
Purpose = Annotated[str | None, typer.Option(help="Mục đích (ghi vào nhật ký).")]
_FORMS: dict[Format, str] = {
    "csv": "dạng CSV (mở được bằng Excel, không chạy công thức)",
    "jsonl": "mỗi dòng một JSON",
    "parquet": "dạng Parquet",
}


@app.callback()
def _export() -> None:
    """Xuất gói nộp lưu, xuất bản ghi để phân tích."""


@app.command("sip")
def sip(
    dossier: Annotated[str, typer.Option(help="Mã số hồ sơ.")],
    purpose: Annotated[str, typer.Option(help="Mục đích (ghi vào nhật ký).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Thư mục để gói.", file_okay=False)
    ] = Path(),
    by: By = None,
    submission: Annotated[int, typer.Option(min=1, help="Lần nộp lưu trong năm.")] = 1,
    ordinal: Annotated[int, typer.Option(min=1, help="Số thứ tự hồ sơ trong lần nộp.")] = 1,
    json: Json = False,
) -> None:
    """Gói nộp lưu của một hồ sơ (E-ARK CSIP 2, TT 05/2025/TT-BNV): METS, PREMIS 3, EAD, nén ZIP."""
    from tasks.export_sip import export_sip

    done = export_sip(
        dossier, output.absolute(), _access(by, purpose), submission=submission, ordinal=ordinal
    )
    if json:
        show.as_json(done)
    else:
        print(f"{done.file}: {done.papers} giấy tờ, SHA-256 {done.sha256}")


def _as(form: Format) -> Callable[..., None]:
    """The command that writes the records in this form."""

    def command(
        output: Output,
        owners: Owners = False,
        by: By = None,
        purpose: Purpose = None,
        json: Json = False,
    ) -> None:
        _records(form, output, owners=owners, by=by, purpose=purpose, json=json)

    return command


for _form, _help in _FORMS.items():
    app.command(_form, help=f"Bản ghi của giấy tờ đã lưu trữ, {_help}.")(_as(_form))


def _records(
    form: Format, output: Path, *, owners: bool, by: str | None, purpose: str | None, json: bool
) -> None:
    from tasks.export_records import export_records

    if owners and not purpose:
        raise Undecided("Xuất cả mã định danh chủ giấy tờ thì phải nêu mục đích (--purpose).")
    access = _access(by, purpose or "phân tích, dữ liệu đã che")
    done = export_records(output.absolute(), form, access, owners=owners)
    if json:
        show.as_json(done)
    else:
        print(f"{done.file}: {done.rows} giấy tờ{'' if owners else ', chủ giấy tờ được che'}.")


def _access(by: str | None, purpose: str) -> Access:
    try:
        return Access(requester=by or getpass.getuser(), purpose=purpose)
    except ValidationError as error:
        raise Undecided("Người xuất và mục đích phải là một dòng chữ, không trống.") from error

"""Commands for counting: plan, progress, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json
from deployments.cli.usage import given_path
from domain.errors import NotFound
from domain.period import Kind as PeriodKind

import_app = typer.Typer(help="Nhập số liệu từ bên ngoài.", no_args_is_help=True)
plan_app = typer.Typer(help="Kế hoạch số hóa dưới dạng dữ liệu.", no_args_is_help=True)
File = Annotated[
    Path,
    typer.Argument(parser=given_path, help="Tệp CSV (UTF-8) hoặc XLSX; dòng đầu là tên cột."),
]
PlanId = Annotated[str | None, typer.Option("--plan", help="Kế hoạch; mặc định theo cấu hình.")]
Year = Annotated[int | None, typer.Option(min=2000, max=2100, help="Năm; mặc định năm nay.")]


@import_app.callback()
def _import() -> None:
    """Nhập số liệu từ bên ngoài."""


@import_app.command("figures")
def figures(file: File, json: Json = False) -> None:
    """Nhập số liệu tổng hợp: unit,level,year,indicator,value; nhập lại thì thay thế."""
    _bring("figures", file, json=json)


@import_app.command("dossiers")
def dossiers(file: File, json: Json = False) -> None:
    """Nhập từng hồ sơ: mã, thủ tục, đơn vị tiếp nhận, đơn vị có thẩm quyền, ngày, kết quả."""
    _bring("dossiers", file, json=json)


@import_app.command("results")
def results(file: File, json: Json = False) -> None:
    """Nhập kho kết quả giải quyết TTHC còn hiệu lực."""
    _bring("results", file, json=json)


def _bring(kind: str, file: Path, *, json: bool) -> None:
    from tasks.figures import import_file

    done = import_file(kind, file)  # type: ignore[arg-type]  # one of the three above
    if json:
        show.as_json(done)
    else:
        show.CONSOLE.print(f"Đã nhập {done.imported} dòng ({done.repeated} dòng lặp lại).")
        if done.unknown_units:
            show.CONSOLE.print(
                f"Danh mục không có đơn vị {', '.join(done.unknown_units[:20])}: số liệu ấy chưa "
                "tính vào cấp nào. Khai đơn vị trong units.toml của tỉnh (docs/catalogue.md)."
            )


@plan_app.command("list")
def list_plans(json: Json = False) -> None:
    """Các kế hoạch dùng được, số chỉ tiêu của mỗi kế hoạch."""
    from tasks.plans import all_plans

    plans = all_plans()
    if json:
        show.as_json([{"id": p.id, "name": p.name, "targets": len(p.targets)} for p in plans])
        return
    show.table(
        "Kế hoạch", ["Mã", "Tên", "Chỉ tiêu"], [(p.id, p.name, len(p.targets)) for p in plans]
    )


@plan_app.command("show")
def show_plan(
    plan: Annotated[str, typer.Argument(help="Mã kế hoạch.")], json: Json = False
) -> None:
    """Mọi chỉ tiêu của một kế hoạch, nguyên văn và chỗ trong văn bản."""
    from tasks.plans import plan_of, shape

    found = plan_of(plan)
    if json:
        show.as_json(shape(found))
        return
    show.plan(found)


@plan_app.command("check")
def check_plan(
    plan: Annotated[
        str | None, typer.Argument(help="Mã kế hoạch hoặc tệp .toml; không nêu: mọi kế hoạch.")
    ] = None,
    texts: Annotated[
        Path | None, typer.Option(help="Thư mục văn bản gốc, để đối chiếu từng câu với dòng.")
    ] = None,
    json: Json = False,
) -> None:
    """Kiểm tra tệp kế hoạch: lược đồ, phép cộng mức tăng, mỗi cấp một dòng, nguyên văn."""
    from tasks.plans import check

    done = check(plan, texts)
    if json:
        show.as_json(done)
        return
    for entry in done:
        show.CONSOLE.print(
            f"{entry.id}: {entry.targets} chỉ tiêu, {entry.phrases} câu đã đối chiếu: đạt."
        )


def progress(
    plan: PlanId = None,
    year: Year = None,
    month: Annotated[int | None, typer.Option(min=1, max=12, help="Kỳ tháng.")] = None,
    quarter: Annotated[int | None, typer.Option(min=1, max=4, help="Kỳ quý.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Ghi báo cáo: .html, .xlsx hoặc .docx."),
    ] = None,
    close: Annotated[str | None, typer.Option(help="Chốt số liệu kỳ này dưới tên đã cho.")] = None,
    by: Annotated[str | None, typer.Option(help="Người chốt số liệu (cùng --close).")] = None,
    closed: Annotated[str | None, typer.Option(help="Xem lại kỳ đã chốt theo tên.")] = None,
    lacking: Annotated[
        Path | None,
        typer.Option(help="Ghi mọi giấy tờ, hồ sơ của kỳ chưa tính được và còn thiếu gì: .csv."),
    ] = None,
    json: Json = False,
) -> None:
    """Tiến độ so với kế hoạch: từng chỉ tiêu, dự báo, xếp hạng, giấy tờ còn thiếu gì."""
    from tasks.closings import both_or_neither, close_period, closed_report
    from tasks.house import house
    from tasks.plan_report import everything_lacking, report
    from tasks.report_files import write, write_lacking

    both_or_neither(close, by)
    kind: PeriodKind = "month" if month else "quarter" if quarter else "year"
    wanted, ordinal = year or house().today().year, month or quarter or 1
    now = closed_report(closed) if closed else report(plan, kind, wanted, ordinal)
    if close and by:
        close_period(now, close, by)
    if lacking:
        write_lacking(everything_lacking(kind, wanted, ordinal), lacking)
    if output:
        if not output.absolute().parent.is_dir():
            raise NotFound(f"Không có thư mục «{output.absolute().parent}».")
        write(now, output)
    if json:
        show.as_json(now)
    else:
        show.report(now)

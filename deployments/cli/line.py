"""Commands along the line: read, upload, digitize, status."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from deployments.cli import show
from deployments.cli.usage import given_path
from domain.errors import Unavailable
from domain.page_ranges import PageRanges
from domain.summary import LotSummary

Json = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
Paths = Annotated[
    list[Path],
    typer.Argument(parser=given_path, help="Tệp quét hoặc thư mục (có thể kèm lot.json)."),
]
Unit = Annotated[str | None, typer.Option(help="Mã đơn vị tiếp nhận.")]
Dossier = Annotated[str | None, typer.Option(help="Mã số hồ sơ thủ tục hành chính.")]
OfficerName = Annotated[str | None, typer.Option("--officer", help="Họ tên người sao chụp.")]
OfficerId = Annotated[
    str | None, typer.Option("--officer-id", help="Mã cán bộ trong sổ (sohoa officer).")
]
Pages = Annotated[
    str | None,
    typer.Option(
        help="Khoảng trang của từng giấy tờ khi tải lên một tệp: 1-3,4-9; bỏ trang 4: 1-3,-4,5-9."
    ),
]
Lot = Annotated[str | None, typer.Option(help="Tên lô; mặc định lấy từ lot.json hoặc đường dẫn.")]


_ALL = 1_000_000


def read(
    file: Annotated[Path, typer.Argument(parser=given_path, help="Tệp quét cần đọc.")],
    json: Json = False,
) -> None:
    """Chỉ nhận dạng: chữ, loại giấy tờ, chín trường. Không lưu trữ gì."""
    from tasks.reading import read_file

    result = read_file(file)
    if json:
        show.as_json(result)
        return
    if result["set_aside"]:
        show.CONSOLE.print(f"Không đọc được: {result['set_aside']['message']}")
        return
    for paper in result["papers"]:
        kind = paper["type"]
        show.table(
            f"{kind['name']} ({kind['confidence']:.0%})",
            ["Trường", "Giá trị", "Tin cậy", "Cần xem"],
            [
                (
                    name,
                    field["value"] or "",
                    f"{field['confidence']:.0%}",
                    "có" if field["review"] else "",
                )
                for name, field in paper["fields"].items()
            ],
        )
        for reason in paper["review"]:
            show.CONSOLE.print(f"- {reason}")


def upload(
    paths: Paths,
    unit: Unit = None,
    dossier: Dossier = None,
    officer: OfficerName = None,
    officer_id: OfficerId = None,
    lot: Lot = None,
    pages: Pages = None,
    json: Json = False,
) -> None:
    """Tải bản quét lên kho tiếp nhận; máy chủ (nếu có) tự chạy số hóa."""
    from tasks.announce import announce_waiting
    from tasks.upload import Overrides
    from tasks.upload import upload as bring

    said = Overrides(
        lot=lot,
        unit=unit,
        dossier=dossier,
        officer=officer,
        officer_id=officer_id,
        pages=_ranges_of(paths, pages),
    )
    result = bring(paths, said)
    announced = announce_waiting(result.lot) if server_configured() else False
    if json:
        show.as_json({**result.model_dump(mode="json"), "announced": bool(announced)})
        return
    show.CONSOLE.print(
        f"Lô {result.lot}: {result.new} bản quét mới, {result.known} đã có, "
        f"{result.duplicate} trùng."
    )
    _say_skipped(result.skipped)
    if announced:
        show.CONSOLE.print("Đã báo máy chủ; theo dõi trong giao diện Prefect.")
    elif announced is None:
        show.CONSOLE.print("Không bản quét nào của lô này chờ xử lý nên không báo máy chủ.")
    elif server_configured():
        show.CONSOLE.print(
            "Chưa báo được máy chủ Prefect: lượt quét mười phút một lần sẽ tìm thấy. "
            "Kiểm tra bằng «sohoa doctor»."
        )
    else:
        show.CONSOLE.print("Chưa cấu hình máy chủ Prefect: chạy «sohoa digitize» để xử lý.")


def digitize(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(parser=given_path, help="Tệp quét hoặc thư mục (có thể kèm lot.json)."),
    ] = None,
    unit: Unit = None,
    dossier: Dossier = None,
    officer: OfficerName = None,
    officer_id: OfficerId = None,
    lot: Lot = None,
    pages: Pages = None,
    summary_file: Annotated[
        Path | None, typer.Option("--summary", help="Ghi tổng kết JSON vào tệp này.")
    ] = None,
    json: Json = False,
) -> None:
    """Số hóa trọn vẹn: đọc, ký, cấp mã, lưu trữ, tính tiến độ. Chạy lại không làm trùng."""
    from tasks.house import house
    from tasks.upload import Overrides
    from tasks.upload import upload as bring

    if not paths and not lot:
        raise typer.BadParameter("Cho đường dẫn bản quét, hoặc --lot của lô đã tải lên.")
    said = Overrides(
        lot=lot,
        unit=unit,
        dossier=dossier,
        officer=officer,
        officer_id=officer_id,
        pages=_ranges_of(paths or [], pages),
    )
    if paths:
        brought = bring(paths, said)
        lot = brought.lot
        if not json:
            _say_skipped(brought.skipped)
    with _progress_bar(lot, hidden=json):
        summary = run_digitize(lot)
    if summary_file:
        summary_file.parent.mkdir(parents=True, exist_ok=True)
        summary_file.write_text(summary.model_dump_json(indent=1), encoding="utf-8")
    if json:
        show.as_json(summary)
        return
    _say_test_keys()
    show.lot_summary(summary)
    show.CONSOLE.print(f"Mọi thứ nằm trong {house().settings.home}")


def status(
    lot: Annotated[str, typer.Argument(help="Tên lô.")],
    json: Json = False,
) -> None:
    """Tình trạng của một lô, không chạy gì."""
    from tasks.count import count
    from tasks.house import house

    house().registry.migrate()
    summary = count(lot, ())
    if json:
        show.as_json(summary)
        return
    show.lot_summary(summary)
    if summary.missing:
        show.CONSOLE.print(
            f"Lô {lot} còn MỞ: thiếu {len(summary.missing)} tệp đã khai trong lot.json. "
            "Tải nốt tệp thiếu vào lô này, hoặc sửa lot.json rồi tải lên lại."
        )
    elif summary.unfinished:
        show.CONSOLE.print(f"Lô {lot} đủ tệp, còn {len(summary.unfinished)} bản quét chờ xử lý.")
    else:
        show.CONSOLE.print(f"Lô {lot} đủ tệp và đã xử lý hết.")


def page_ranges(text: str) -> PageRanges:
    """The ranges that a person wrote; a usage error says what is wrong with them."""
    try:
        return PageRanges.model_validate(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise typer.BadParameter(f"--pages: {fault['ctx']['error']}") from error


def _ranges_of(paths: list[Path], text: str | None) -> PageRanges | None:
    if text is None:
        return None
    if len(paths) != 1 or paths[0].is_dir():
        raise typer.BadParameter("--pages chỉ dùng với đúng một tệp.")
    return page_ranges(text)


def server_configured() -> bool:
    """Whether a Prefect server is named in the environment or in the active profile."""
    if os.environ.get("PREFECT_API_URL"):
        return True
    from prefect.settings import PREFECT_API_URL

    return bool(PREFECT_API_URL.value())


def run_digitize(lot: str | None) -> LotSummary:
    """Run the flow: as a flow run where a Prefect server is configured, directly otherwise."""
    from flows.digitize import digitize as flow

    if not server_configured():
        return LotSummary.model_validate(flow.fn(lot, limit=_ALL))  # no task runs to keep few
    try:
        return LotSummary.model_validate(flow(lot))
    except RuntimeError as error:
        if "API" not in str(error):
            raise
        raise Unavailable(
            "Máy chủ Prefect không trả lời: kiểm tra PREFECT_API_URL, hoặc bỏ biến này để chạy "
            "trực tiếp."
        ) from error


def _say_skipped(names: tuple[str, ...]) -> None:
    if names:
        show.CONSOLE.print(f"Bỏ qua {len(names)} tệp không phải bản quét: " + ", ".join(names[:10]))


def _say_test_keys() -> None:
    from tasks.house import house

    if house().keys.test:
        show.CONSOLE.print(
            "Chữ ký dùng khóa THỬ NGHIỆM, không có giá trị pháp lý: "
            "cấu hình SOHOA_KEYS__AGENCY và SOHOA_KEYS__OFFICER.",
            style="yellow",
        )


@contextmanager
def _progress_bar(lot: str | None, *, hidden: bool) -> Iterator[None]:
    """Show how many scans of the lot are finished while the block runs."""
    if hidden or lot is None:
        yield
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from tasks.watch_lot import lot_counts

    over = threading.Event()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=show.CONSOLE) as bar:
        task = bar.add_task("Đang số hóa", total=None)

        def follow() -> None:
            while True:
                last = over.wait(0.5)
                finished, total, papers = lot_counts(lot)
                bar.update(
                    task,
                    total=total,
                    completed=finished,
                    description=f"Đang số hóa – {papers} giấy tờ đã lưu trữ",
                )
                if last:
                    return

        follower = threading.Thread(target=follow, daemon=True)
        follower.start()
        try:
            yield
        finally:
            over.set()
            follower.join()

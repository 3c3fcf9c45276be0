"""Commands for archived papers: correct, withdraw, hold, dispose, expire."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from deployments.cli import show
from deployments.cli.line import Json
from deployments.cli.review import corrections_of
from domain.errors import Undecided
from domain.states import PAPER_STATE_NAMES

dispose_app = typer.Typer(help="Tiêu hủy giấy tờ hết thời hạn lưu trữ.", no_args_is_help=True)
Paper = Annotated[str, typer.Argument(metavar="GIẤY_TỜ", help="Định danh hoặc mã giấy tờ.")]
By = Annotated[str, typer.Option(help="Họ tên người làm (ghi vào nhật ký).")]
Reason = Annotated[str, typer.Option(help="Lý do (ghi vào nhật ký).")]
Papers = Annotated[list[str], typer.Argument(metavar="ĐỊNH_DANH…", help="Định danh giấy tờ.")]
Limit = Annotated[int, typer.Option(min=1, help="Số giấy tờ nhiều nhất.")]


def correct(
    paper: Paper,
    by: By,
    reason: Reason,
    corrections: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="TRƯỜNG=GIÁ_TRỊ", help="Sửa một trường, lặp lại được."),
    ] = None,
    new_code: Annotated[
        bool, typer.Option("--new-code", help="Cấp mã mới; mã cũ vẫn tìm ra giấy tờ.")
    ] = False,
    json: Json = False,
) -> None:
    """Đính chính dữ liệu của giấy tờ đã lưu trữ: thêm một phiên bản, giữ nguyên tệp đã ký."""
    from tasks.amend import correct as amend
    from tasks.house import house

    house().prepare()
    done = amend(paper, corrections_of(corrections or []), by=by, reason=reason, recode=new_code)
    if json:
        show.as_json(done)
    else:
        what = ", ".join(done.changed) or "mã"
        print(f"{done.paper}: phiên bản {done.version}, đã sửa {what}; mã {done.code}.")


def withdraw(
    paper: Paper,
    by: By,
    reason: Reason,
    replaced_by: Annotated[
        str | None, typer.Option(help="Giấy tờ đã lưu trữ thay cho giấy tờ này.")
    ] = None,
    json: Json = False,
) -> None:
    """Thu hồi giấy tờ đã lưu trữ, hoặc thay bằng giấy tờ khác; không xóa gì."""
    from tasks.amend import withdraw as amend
    from tasks.house import house

    house().prepare()
    done = amend(paper, by=by, reason=reason, replaced_by=replaced_by)
    if json:
        show.as_json(done)
    else:
        print(f"{done.paper}: {PAPER_STATE_NAMES[done.state]}, phiên bản {done.version}.")


def hold(
    by: By,
    reason: Reason,
    paper: Paper,
    switch: Annotated[
        Literal["on", "off"], typer.Argument(metavar="on|off", help="Lưu giữ, hoặc thôi lưu giữ.")
    ],
    json: Json = False,
) -> None:
    """Lưu giữ giấy tờ theo yêu cầu pháp lý: không tiêu hủy được chừng nào còn lưu giữ."""
    from tasks import holding
    from tasks.house import house

    house().prepare()
    act = holding.hold if switch == "on" else holding.let_go
    done = act(paper, by=by, reason=reason)
    if json:
        show.as_json(done)
    else:
        now = "đang được lưu giữ" if done.held else "không lưu giữ"
        print(f"{done.paper}: {now}{'' if done.changed else ' (như trước)'}.")


@dispose_app.callback()
def _dispose() -> None:
    """Tiêu hủy giấy tờ hết thời hạn lưu trữ: đề nghị, người khác duyệt, rồi mới thực hiện."""


@dispose_app.command("propose")
def propose(by: By, limit: Limit = 1000, json: Json = False) -> None:
    """Đề nghị tiêu hủy những giấy tờ đã hết thời hạn lưu trữ theo danh mục."""
    from tasks.dispose import propose as proposing

    _show([one.model_dump(mode="json") for one in proposing(by, limit=limit)], json=json)


@dispose_app.command("list")
def listed(json: Json = False) -> None:
    """Danh sách chờ duyệt hoặc chờ thực hiện."""
    from tasks.dispose import listed as waiting

    _show([one.model_dump(mode="json") for one in waiting()], json=json)


@dispose_app.command("approve")
def approve(papers: Papers, by: By, json: Json = False) -> None:
    """Duyệt tiêu hủy; phải là người khác với người đề nghị."""
    from tasks.dispose import approve as approving

    done = approving(papers, by)
    if json:
        show.as_json({"approved": list(done)})
    else:
        print(f"Đã duyệt {len(done)} giấy tờ. Thực hiện: sohoa dispose run")


@dispose_app.command("reject")
def reject(papers: Papers, by: By, json: Json = False) -> None:
    """Đưa giấy tờ ra khỏi danh sách."""
    from tasks.dispose import reject as rejecting

    done = rejecting(papers, by)
    if json:
        show.as_json({"rejected": list(done)})
    else:
        print(f"Đã đưa {len(done)} giấy tờ ra khỏi danh sách.")


@dispose_app.command("run")
def run(
    by: By,
    credentials: Annotated[
        Path | None,
        typer.Option(help="Tệp khóa S3 của người được xóa phiên bản (worker không được)."),
    ] = None,
    limit: Limit = 1000,
    json: Json = False,
) -> None:
    """Tiêu hủy những giấy tờ đã duyệt; chỉ còn dấu vết trong sổ đăng ký và nhật ký."""
    from tasks.dispose import run as disposing

    done = disposing(by, credentials=credentials, limit=limit)
    if json:
        show.as_json(done)
    else:
        print(f"Đã tiêu hủy {len(done.disposed)} giấy tờ, {done.scans} bản quét.")
        for paper, why in done.refused.items():
            print(f"{paper}: {why}")
    if done.refused:
        raise Undecided(f"{len(done.refused)} giấy tờ đã duyệt chưa tiêu hủy được, lý do ở trên.")


def _show(rows: list[dict[str, object]], *, json: bool) -> None:
    if json:
        show.as_json(rows)
        return
    show.table(
        f"{len(rows)} giấy tờ chờ tiêu hủy",
        ["Định danh", "Mã", "Loại", "Lưu trữ", "Giữ đến", "Đề nghị", "Duyệt"],
        [
            (
                row["paper"],
                row["code"],
                row["type"] or "",
                row["archived_on"],
                row["kept_until"],
                row["proposed_by"],
                row["approved_by"] or "",
            )
            for row in rows
        ],
    )


def expire(scans: Limit = 20_000, json: Json = False) -> None:
    """Dọn kho trung gian và kho để riêng theo tuổi đã cấu hình; không đụng bản quét chưa xong."""
    from tasks.expire import expire_old

    done = expire_old(scans)
    if json:
        show.as_json(done)
    else:
        print(
            f"Đã dọn {done.work} bản quét ở kho trung gian, {done.quarantine} ở kho để riêng; "
            f"{done.unknown} mục không rõ của ai, để nguyên."
        )

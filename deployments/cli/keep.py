"""Commands that keep what was archived: audit, registry, rebuild, fixity, replicate, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json
from deployments.cli.usage import given_path
from domain.errors import ConfigurationFault, IntegrityFault

audit_app = typer.Typer(help="Nhật ký không sửa được.", no_args_is_help=True)
registry_app = typer.Typer(help="Sao lưu, kiểm tra, khôi phục sổ đăng ký.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(parser=given_path, help="Thư mục của một bản sao lưu.")]


@audit_app.callback()
def _audit() -> None:
    """Nhật ký không sửa được."""


@audit_app.command("verify")
def verify_audit(
    anchor: Annotated[
        str | None,
        typer.Option(help="Đầu chuỗi đã ghi lại lần trước («số:mã băm»): phát hiện viết lại."),
    ] = None,
    json: Json = False,
) -> None:
    """Đi hết chuỗi nhật ký; mã thoát 7 nếu có dòng bị sửa hoặc bị xóa."""
    from tasks.audit import parse_head
    from tasks.audit import verify_audit as verify
    from tasks.house import house

    try:
        head = parse_head(anchor) if anchor else None
    except ValueError as error:
        raise ConfigurationFault(
            f"«{anchor}» không phải đầu chuỗi dạng số:mã băm; xem sohoa audit verify."
        ) from error
    found = verify(house(), anchor=head)
    if json:
        show.as_json(found)
    elif found.sound:
        print(f"{found.rows} dòng nhật ký còn nguyên. Ghi lại đầu chuỗi ở nơi khác: {found.head}")
    if not found.sound:
        raise IntegrityFault(
            f"Nhật ký bị sửa hoặc bị xóa từ dòng {found.broken_at}. Giữ nguyên hiện trường, báo "
            "quản trị viên, so với bản sao lưu gần nhất (sohoa registry check)."
        )


@registry_app.callback()
def _registry() -> None:
    """Sao lưu, kiểm tra, khôi phục sổ đăng ký."""


@registry_app.command("backup")
def backup(
    folder: Annotated[
        Path | None,
        typer.Argument(parser=given_path, help="Nơi để các bản sao lưu; mặc định SOHOA_BACKUPS."),
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Chỉ giữ số bản mới nhất này; mặc định giữ tất cả.")
    ] = None,
    json: Json = False,
) -> None:
    """Sao lưu sổ đăng ký và khóa băm chủ giấy tờ khi hệ thống vẫn chạy; kiểm tra ngay."""
    from tasks.backup import back_up, check_backup, prune
    from tasks.house import house

    here = house()
    parent = (folder or here.settings.backup_folder).absolute()
    made, manifest = back_up(here, parent)
    check_backup(made)
    if keep is not None:
        prune(parent, keep, at=house().now())
    if json:
        show.as_json({"folder": str(made), **manifest.model_dump(mode="json")})
        return
    print(
        f"Đã sao lưu và kiểm tra: {made} ({manifest.scans} bản quét, {manifest.papers} giấy tờ). "
        "Bản này có khóa và dữ liệu cá nhân: cất ở nơi mã hóa."
    )


@registry_app.command("check")
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(parser=given_path, help="Một bản sao lưu; mặc định sổ đang dùng."),
    ] = None,
    json: Json = False,
) -> None:
    """Kiểm tra một bản sao lưu (mã băm, đọc hết, nhật ký, khóa), hoặc sổ đăng ký đang dùng."""
    from tasks.audit import verify_audit as verify
    from tasks.backup import check_backup
    from tasks.house import house
    from tasks.kept_counts import wrong_months

    if folder is not None:
        manifest = check_backup(folder.absolute())
        if json:
            show.as_json(manifest)
        else:
            print(f"Bản sao lưu lúc {manifest.taken_at:%d/%m/%Y %H:%M:%S} còn nguyên.")
        return
    here = house()
    _ = here.checked_owner_key
    found, wrong = verify(here), wrong_months(here)
    if json:
        version = here.registry.version()
        show.as_json({"schema_version": version, **found.model_dump(), "wrong_counts": wrong})
    if not found.sound:
        raise IntegrityFault(f"Nhật ký bị sửa hoặc bị xóa từ dòng {found.broken_at}.")
    if wrong:
        raise IntegrityFault(
            f"{len(wrong)} số đếm theo tháng giữ lại khác số đếm từ từng hàng: "
            f"{'; '.join(wrong[:3])}. Chạy: sohoa registry recount"
        )
    if not json:
        print(f"Sổ đăng ký tốt: khóa băm đúng, {found.rows} dòng nhật ký còn nguyên.")


@registry_app.command("recount")
def recount(json: Json = False) -> None:
    """Bỏ mọi số đếm giữ lại cho báo cáo; báo cáo sau đếm lại từ từng hàng, không mất gì."""
    from tasks.kept_counts import forget_all

    forgotten = forget_all()
    if json:
        show.as_json({"forgotten": forgotten})
    else:
        print(f"Đã bỏ {forgotten} số đếm theo tháng giữ lại. Báo cáo sau sẽ đếm lại.")


@registry_app.command("restore")
def restore_registry(folder: Folder, json: Json = False) -> None:
    """Khôi phục vào sổ đăng ký trống; sau đó chạy sohoa rebuild để thêm những gì lưu trữ sau đó."""
    from tasks.backup import restore_backup
    from tasks.house import house

    manifest = restore_backup(house(), folder.absolute())
    if json:
        show.as_json(manifest)
        return
    print(
        f"Đã khôi phục sổ đăng ký lúc {manifest.taken_at:%d/%m/%Y %H:%M:%S}. "
        "Chạy tiếp: sohoa rebuild"
    )


def rebuild(json: Json = False) -> None:
    """Dựng lại sổ đăng ký từ kho lưu trữ; chỉ thêm những gì thiếu, dừng giữa chừng thì chạy lại."""
    from tasks.house import house
    from tasks.rebuild import rebuild as rebuilding

    done = rebuilding(house())
    if json:
        show.as_json(done)
    else:
        print(
            f"{done.objects} đối tượng lưu trữ; thêm vào sổ {done.scans} bản quét, "
            f"{done.papers} giấy tờ, {done.copies} bản sao chứng thực."
        )
        for object_id, why in sorted(done.failed.items()):
            print(f"không dựng được {object_id}: {why}")
    if done.failed:
        raise IntegrityFault(
            f"{len(done.failed)} đối tượng không dựng lại được: khôi phục bằng sohoa restore rồi "
            "chạy lại sohoa rebuild."
        )


def fixity(
    objects: Annotated[int, typer.Option(min=1, help="Số đối tượng nhiều nhất.")] = 20_000,
    gib: Annotated[float, typer.Option(min=0.001, help="Số GiB đọc nhiều nhất.")] = 200,
    minutes: Annotated[float, typer.Option(min=0.1, help="Số phút nhiều nhất.")] = 240,
    days: Annotated[float, typer.Option(min=0, help="Mới đọc trong số ngày này thì bỏ qua.")] = 30,
    json: Json = False,
) -> None:
    """Đọc lại kho lưu trữ, so từng byte với bản kê; đối tượng lâu chưa đọc nhất trước."""
    from flows.fixity import read_again  # heavy imports only where they are used

    done = read_again(objects, gib, minutes, days)
    if json:
        show.as_json(done)
    else:
        print(
            f"Đã đọc {done.objects}/{done.expected} đối tượng, {done.bytes_read / 1024**2:.1f} MiB"
            f"{'' if done.finished else '; chạy lại để đọc tiếp'}."
        )
        for problems in done.damaged.values():
            print("\n".join(problems))
    if done.damaged:
        raise IntegrityFault(
            f"{len(done.damaged)} đối tượng hỏng hoặc mất tệp: sohoa restore ‹đối tượng›."
        )


def replicate(
    objects: Annotated[int, typer.Option(min=1, help="Số đối tượng nhiều nhất.")] = 50_000,
    minutes: Annotated[float, typer.Option(min=0.1, help="Số phút nhiều nhất.")] = 240,
    json: Json = False,
) -> None:
    """Chép đối tượng lưu trữ mới sang kho thứ hai (SOHOA_COPY_TO) và đọc lại để kiểm tra."""
    from flows.replicate import copy_new

    done = copy_new(objects, minutes)
    if json:
        show.as_json(done)
    else:
        print(
            f"Đã chép {done.copied} đối tượng{'' if done.finished else '; chạy lại để chép tiếp'}."
        )
        for object_id, why in sorted(done.failed.items()):
            print(f"{object_id}: {why}")
    if done.failed:
        raise IntegrityFault(f"{len(done.failed)} đối tượng chưa có bản sao tốt.")


def restore(
    handle: Annotated[
        str, typer.Argument(metavar="ĐỐI_TƯỢNG", help="Định danh hoặc mã của đối tượng lưu trữ.")
    ],
    by: Annotated[str, typer.Option(help="Họ tên người khôi phục (ghi vào nhật ký).")],
    json: Json = False,
) -> None:
    """Lấy tệp hỏng hoặc mất của một đối tượng lưu trữ về từ kho thứ hai; tệp hỏng được giữ lại."""
    from tasks.replicate import restore_object

    done = restore_object(handle, by)
    if json:
        show.as_json(done)
    elif done.files:
        print(f"{done.object_id}: đã khôi phục {', '.join(done.files)}; đối tượng nguyên vẹn.")
    else:
        print(f"{done.object_id}: không có gì hỏng.")

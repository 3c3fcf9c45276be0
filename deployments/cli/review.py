"""Commands for papers that wait for a person: list, show, decide."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli import show
from deployments.cli.line import Json
from domain.describe import OWN_KEY
from domain.document_types import TypeField
from domain.errors import Undecided
from domain.record import FIELD_LABELS, FIELD_NAMES, Description, FieldValue
from domain.review import Duplicate
from domain.states import PAPER_STATE_NAMES, PaperState

app = typer.Typer(help="Giấy tờ chờ người duyệt: xem, sửa, quyết định.", no_args_is_help=True)
Handle = Annotated[str, typer.Argument(help="Định danh (hoặc mã) giấy tờ.")]


@app.command("list")
def list_waiting(json: Json = False) -> None:
    """Giấy tờ đang chờ duyệt và lý do."""
    from tasks.house import house
    from tasks.review_queue import in_review

    house().registry.migrate()
    found = [
        {
            "id": row["id"],
            "scan": row["scan_id"],
            "name": row["name"],
            "type": row["type_id"],
            "pages": len(row["pages"]),
            "review": row["description"]["review"],
        }
        for row in in_review()
    ]
    if json:
        show.as_json(found)
        return
    show.table(
        f"{len(found)} giấy tờ chờ duyệt",
        ["Định danh", "Tệp", "Loại", "Lý do"],
        [(r["id"], r["name"], r["type"] or "chưa rõ", "\n".join(r["review"])) for r in found],
    )


@app.command("show")
def show_one(
    paper: Handle,
    pdf: Annotated[Path | None, typer.Option(help="Ghi tệp PDF của giấy tờ ra đây để xem.")] = None,
    json: Json = False,
) -> None:
    """Một giấy tờ: loại, chín trường, trường riêng của loại, điều còn ngờ."""
    from tasks.house import house
    from tasks.shelf import paper_row, save_pdf

    house().registry.migrate()
    row = paper_row(paper)
    if row["description"] is None:
        raise Undecided("Giấy tờ này chưa được đọc xong; chạy lại sohoa digitize.")
    description = Description.model_validate(row["description"])
    if pdf:
        save_pdf(row["id"], pdf)
    if json:
        show.as_json(_shown(row, description))
        return
    show.CONSOLE.print(
        f"{row['id']} – {PAPER_STATE_NAMES[row['state']]} – {description.type.name} "
        f"({description.type.confidence:.0%})"
    )
    show.table(
        "Các trường (TT 01/2023/TT-VPCP Điều 9)",
        ["Tên để sửa", "Trường", "Giá trị", "Tin cậy", "Còn ngờ"],
        [
            (
                name,
                FIELD_LABELS[name],
                field.value or "",
                f"{field.confidence:.0%}",
                "; ".join(field.doubts),
            )
            for name, field in description.fields.items()
        ]
        + [
            (
                OWN_KEY + own.id,
                own.label,
                field.value or "",
                f"{field.confidence:.0%}",
                "; ".join(field.doubts),
            )
            for own, field in _own(description)
        ],
    )
    for reason in description.review:
        show.CONSOLE.print(f"- {reason}")


def _own(description: Description) -> list[tuple[TypeField, FieldValue]]:
    """The type's own fields, as the catalogue names them."""
    from tasks.house import house

    entry = house().catalogue.type(description.type.id)
    return [
        (own, description.details.get(own.id, FieldValue()))
        for own in (entry.fields if entry else ())
    ]


def _shown(row: Any, description: Description) -> dict[str, Any]:
    return {
        "id": row["id"],
        "state": row["state"],
        "scan": row["scan_id"],
        "pages": row["pages"],
        "type": description.type.model_dump(mode="json"),
        "fields": {
            name: {**field.model_dump(mode="json"), "review": field.review}
            for name, field in description.fields.items()
        },
        "details": {
            own.id: {"label": own.label, **field.model_dump(mode="json"), "review": field.review}
            for own, field in _own(description)
        },
        "review": list(description.review),
    }


@app.command("decide")
def decide(
    paper: Handle,
    corrections: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="TRƯỜNG=GIÁ_TRỊ",
            help="Sửa một trường, lặp lại được: type=quyet-dinh number=01/QĐ-UBND "
            "issue_date=2026-01-31 issuer=… details.born=1990-12-31 (trường riêng của loại); "
            "để trống giá trị nghĩa là giấy tờ không có.",
        ),
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="Loại giấy tờ này.")] = False,
    rescan: Annotated[bool, typer.Option("--rescan", help="Đóng lại, chờ bản quét mới.")] = False,
    separate: Annotated[
        bool, typer.Option("--separate", help="Xác nhận là giấy tờ khác, dù giống giấy đã có.")
    ] = False,
    replaces: Annotated[
        bool, typer.Option("--replaces", help="Thay giấy tờ giống nó đang chờ duyệt.")
    ] = False,
    unit: Annotated[str | None, typer.Option(help="Sửa đơn vị: mã định danh (H31.12).")] = None,
    dossier: Annotated[str | None, typer.Option(help="Sửa mã hồ sơ.")] = None,
    by: Annotated[
        str | None, typer.Option(help="Người quyết định; mặc định người đăng nhập.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Lý do; bắt buộc khi loại hoặc cho quét lại.")
    ] = None,
    json: Json = False,
) -> None:
    """Chấp nhận (kèm sửa) hoặc loại; giấy được chấp nhận đi tiếp: cấp mã, ký, lưu trữ."""
    from flows.review import decide as flow
    from tasks.house import house
    from tasks.shelf import paper_row

    house().prepare()
    identifier = paper_row(paper)["id"]
    # Never as a flow run: corrections hold personal data, and Prefect keeps parameters.
    run = flow.fn
    state = run(
        identifier,
        corrections_of(corrections or []),
        reviewer=by or getpass.getuser(),
        rejected=reject,
        rescan=rescan,
        duplicate=_duplicate(separate=separate, replaces=replaces),
        unit=unit,
        dossier=dossier,
        reason=reason,
    )
    row = paper_row(identifier)
    code = house().codes.masked(row["code"]) if row["code"] else None
    if json:
        show.as_json({"id": identifier, "state": str(PaperState(state)), "code": code})
    else:
        show.CONSOLE.print(f"{identifier}: {PAPER_STATE_NAMES[PaperState(state)]} {code or ''}")


def _duplicate(*, separate: bool, replaces: bool) -> Duplicate | None:
    if separate and replaces:
        raise typer.BadParameter("chỉ chọn một: --separate hoặc --replaces")
    if separate:
        return Duplicate.SEPARATE
    return Duplicate.REPLACES if replaces else None


@app.command("open")
def open_forms(json: Json = False) -> None:
    """Xếp hàng đợi và mở phiếu ngay trên máy chủ Prefect, không đợi lịch."""
    from flows.review_queue import review_queue

    started = review_queue.fn()
    if json:
        show.as_json({"opened": started})
    else:
        show.CONSOLE.print(f"{started} phiếu vừa mở; xem ở giao diện Prefect, deployment review.")


@app.command("rate")
def rate(
    days: Annotated[int, typer.Option(min=1, max=366, help="Số ngày gần đây.")] = 30,
    json: Json = False,
) -> None:
    """Tỷ lệ sai đo được khi hậu kiểm giấy tờ máy tự chấp nhận."""
    from flows.review_queue import rate_as_text
    from tasks.house import house
    from tasks.review_queue import error_rate

    house().registry.migrate()
    found = error_rate(days)
    if json:
        show.as_json(found)
    else:
        show.CONSOLE.print(rate_as_text(found))


def corrections_of(pairs: list[str]) -> dict[str, str | None]:
    """The pairs FIELD=VALUE as corrections; an empty value says that the paper has none."""
    known = {"type", *FIELD_NAMES}
    made: dict[str, str | None] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or (name not in known and not name.startswith(OWN_KEY)):
            raise typer.BadParameter(
                f"«{name}»: phải là TRƯỜNG=GIÁ_TRỊ, với TRƯỜNG là một trong "
                + ", ".join(sorted(known))
                + f", hoặc {OWN_KEY}… (trường riêng, tên ở «sohoa review show»)"
            )
        made[name] = value.strip() or None
    return made

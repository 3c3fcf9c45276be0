"""The command that prints cover sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli import show
from deployments.cli.line import Json

_NAMED = 12


def cover(
    types: Annotated[
        list[str],
        typer.Option("--type", help="Loại giấy tờ (định danh trong danh mục); lặp lại được."),
    ],
    dossier: Annotated[str | None, typer.Option(help="Mã số hồ sơ thủ tục hành chính.")] = None,
    unit: Annotated[str | None, typer.Option(help="Mã đơn vị tiếp nhận.")] = None,
    out: Annotated[Path, typer.Option(help="Tệp PDF để ghi.")] = Path("to-bia.pdf"),
    json: Json = False,
) -> None:
    """In tờ bìa có mã QR (PDF, mỗi giấy tờ một trang) để quét cả tập rồi máy tự tách.

    Mã QR ghi `SOHOA1|mã hồ sơ|loại|đơn vị`.
    """
    from deployments.cover import cover_pdf
    from domain.symbols import Cover
    from tasks.house import house

    catalogue = house().catalogue
    named = [(type_id, catalogue.type(type_id)) for type_id in types]
    unknown = [type_id for type_id, entry in named if entry is None]
    if unknown:
        known = ", ".join(sorted(entry.id for entry in catalogue.types)[:_NAMED])
        raise typer.BadParameter(
            f"Không có loại «{', '.join(unknown)}» trong danh mục; chẳng hạn: {known}…"
        )
    covers = [
        (Cover(dossier=dossier, type_id=entry.id, unit=unit), entry.name)
        for _, entry in named
        if entry
    ]
    out.write_bytes(cover_pdf(covers))
    if json:
        codes = [made.text for made, _ in covers]
        show.as_json({"file": str(out), "pages": len(covers), "codes": codes})
    else:
        show.CONSOLE.print(f"Đã ghi {len(covers)} tờ bìa vào {out}. In ra giấy A4, khổ thật 100 %.")

"""Commands for the catalogue: check it, show one entry, list what it holds."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from deployments.cli import show
from deployments.cli.line import Json
from domain.codes import type_segment
from domain.errors import ConfigurationFault, NotFound

app = typer.Typer(
    help="Danh mục: loại giấy tờ, đơn vị, cơ quan, thủ tục, thời hạn lưu trữ.", no_args_is_help=True
)
_KINDS = ("types", "units", "agencies", "procedures", "decisions", "retention")
_KIND_NAMES = {
    "types": "loại giấy tờ",
    "units": "đơn vị",
    "agencies": "cơ quan",
    "procedures": "thủ tục",
    "decisions": "dòng danh mục phải số hóa",
    "retention": "thời hạn lưu trữ",
}
_VERIFIED = {True: "có", False: "chưa"}
_WRONG = ConfigurationFault.exit_code


class Kind(StrEnum):
    """What can be listed."""

    TYPES = "types"
    UNITS = "units"
    AGENCIES = "agencies"
    PROCEDURES = "procedures"
    DECISIONS = "decisions"
    RETENTION = "retention"


@app.command("check")
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Thư mục danh mục của tỉnh; mặc định theo SOHOA_CATALOGUE."),
    ] = None,
    json: Json = False,
) -> None:
    """Kiểm tra danh mục, nêu mọi lỗi cùng tệp và dòng. Mã thoát: 0 đúng, 6 có lỗi."""
    from catalogues.cross_checks import confusable_titles
    from catalogues.loader import check_catalogue

    place = folder or _configured()
    checked = check_catalogue(place)
    counts = {kind: len(getattr(checked.catalogue, kind)) for kind in _KINDS}
    alike = confusable_titles(checked.catalogue)
    if json:
        show.as_json(
            {
                "folder": str(place) if place else None,
                "faults": [vars(fault) for fault in checked.faults],
                "entries": counts,
                "unverified": {
                    kind: _unverified(getattr(checked.catalogue, kind)) for kind in _KINDS
                },
                "confusable_titles": [pair._asdict() for pair in alike],
            }
        )
    else:
        for fault in checked.faults:
            show.CONSOLE.print(str(fault), soft_wrap=True, markup=False)
        for pair in alike:
            one, other = pair.titles
            show.CONSOLE.print(
                f"Lưu ý: «{one}» ({pair.first}) và «{other}» ({pair.second}) "
                f"giống nhau {pair.likeness:.0f} % khi mất dấu.",
                soft_wrap=True,
            )
        held = ", ".join(f"{count} {_KIND_NAMES[kind]}" for kind, count in counts.items())
        verdict = f"{len(checked.faults)} lỗi" if checked.faults else "không có lỗi"
        show.CONSOLE.print(f"Danh mục {place or 'gốc'}: {verdict}; {held}.", soft_wrap=True)
    if checked.faults:
        raise typer.Exit(_WRONG)


@app.command("show")
def show_entry(
    entry_id: Annotated[str, typer.Argument(metavar="ID", help="Mã của mục, hoặc mã TTHC, KQ.")],
    json: Json = False,
) -> None:
    """Một mục của danh mục: mọi dữ liệu, nguồn, đứng ở tệp nào dòng nào."""
    from catalogues.loader import check_catalogue, load_catalogue

    place = _configured()
    load_catalogue(place)  # a wrong catalogue is refused before any of it is shown
    checked = check_catalogue(place)
    found = [
        {"kind": kind, "file": row.file, "line": row.line, **entry.model_dump(mode="json")}
        for kind in _KINDS
        for entry in getattr(checked.catalogue, kind)
        if entry_id in {entry.id, getattr(entry, "code", "") or entry.id}
        for row in (checked.rows[kind, entry.id],)
    ]
    if not found:
        raise NotFound(f"Danh mục không có mục «{entry_id}»: xem sohoa catalogue list.")
    if json:
        show.as_json(found)
        return
    for entry in found:
        title = f"{_KIND_NAMES[entry['kind']]} – {entry['file']}:{entry['line']}"
        show.table(title, ["Mục", "Giá trị"], [(key, _cell(entry[key])) for key in entry])


@app.command("list")
def list_entries(
    kind: Annotated[Kind, typer.Argument(help="Loại mục.")] = Kind.TYPES, json: Json = False
) -> None:
    """Mọi mục của một loại: types, units, agencies, procedures, decisions hoặc retention."""
    from catalogues import load_catalogue

    entries: Sequence[Any] = getattr(load_catalogue(_configured()), kind.value)
    if json:
        show.as_json([entry.model_dump(mode="json") for entry in entries])
        return
    show.table(
        f"{len(entries)} {_KIND_NAMES[kind.value]}",
        ["Mã", "Tên", "Mã quốc gia (L- là mã riêng)", "Từ", "Đến", "Đã xác minh"],
        [
            (
                entry.id,
                getattr(entry, "name", None) or f"{entry.procedure} / {entry.component}",
                _code(kind, entry),
                getattr(entry, "valid_from", None) or "",
                getattr(entry, "valid_until", None) or "",
                _VERIFIED[entry.verified],
            )
            for entry in entries
        ],
    )


def _configured() -> Path | None:
    """The configured folder, without opening stores or keys."""
    from tasks.settings import Settings

    return Settings().catalogue


def _code(kind: Kind, entry: Any) -> str:
    """A national code; for a type without one the local code that papers of it carry."""
    if kind is Kind.TYPES:
        return type_segment(entry.code, entry.id)
    return getattr(entry, "code", "")


def _unverified(entries: Sequence[Any]) -> int:
    return sum(not entry.verified for entry in entries)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(_cell(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_cell(part)}" for key, part in value.items() if part)
    if isinstance(value, bool):
        return _VERIFIED[value]
    return "" if value is None or isinstance(value, BaseModel) else str(value)

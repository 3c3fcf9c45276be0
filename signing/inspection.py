"""A quick look at a PDF: is it signed, and may another signature be added?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from domain.errors import DocumentFault

if TYPE_CHECKING:
    import pikepdf

_MOST_FIELDS = 20_000
_DEEPEST = 32
_NO_CHANGES = 1


class SignatureState(BaseModel):
    """What a quick look tells; nothing here says that a signature is valid."""

    model_config = ConfigDict(frozen=True)

    signed: bool
    count: int
    """How many signatures and document time stamps the file holds."""
    may_add: bool
    """Whether a further signature can be added as an incremental update."""
    reason: str = ""
    """Why not, in Vietnamese; empty when it may."""
    certified: bool = False
    """Whether a certification signature (ISO 32000-1, 12.8.2.2) limits later changes."""


def inspect_pdf(source: Path) -> SignatureState:
    """The state of the signatures of any PDF, in bounded time.

    Raises DocumentFault with reason `encrypted` or `damaged` when it cannot be opened at all.
    """
    import pikepdf  # slow to import

    try:
        with pikepdf.open(source) as document:
            return _state(document)
    except pikepdf.PasswordError as error:
        raise DocumentFault(
            "encrypted", "Tệp PDF có mật khẩu; hãy xin bản không đặt mật khẩu."
        ) from error
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError) as error:
        raise DocumentFault("damaged", "Không mở được tệp PDF; hãy xin lại tệp.") from error


def _state(document: pikepdf.Pdf) -> SignatureState:
    count, bounded = 0, True
    limits: list[int] = []
    for signature in _signatures(document):
        if signature is None:
            bounded = False
            break
        count += 1
        limits += _change_limits(signature)
    certified = _certification(document)
    reason = ""
    if document.is_encrypted:
        reason = "Tệp PDF được mã hóa nên không thêm chữ ký vào được."
    elif certified == _NO_CHANGES or _NO_CHANGES in limits:
        reason = "Chữ ký chứng nhận trong tệp không cho phép thay đổi nào nữa."
    elif not bounded or (count and document.get_warnings()):
        reason = "Cấu trúc tệp PDF hỏng nên thêm chữ ký có thể làm mất chữ ký cũ."
    return SignatureState(
        signed=count > 0,
        count=count,
        may_add=not reason,
        reason=reason,
        certified=certified is not None,
    )


def _signatures(document: pikepdf.Pdf) -> Iterator[pikepdf.Object | None]:
    """Every filled signature once; a None at the end when the form has no end."""
    import pikepdf

    seen: set[tuple[int, int]] = set()
    values: set[tuple[int, int]] = set()
    waiting = [(field, 0) for field in reversed(_field_roots(document))]
    while waiting:
        field, depth = waiting.pop()
        if not isinstance(field, pikepdf.Dictionary) or (
            field.is_indirect and field.objgen in seen
        ):
            continue
        seen.add(field.objgen)
        value = field.get("/V")
        if isinstance(value, pikepdf.Dictionary) and _is_signature(value, values):
            values.add(value.objgen)
            yield value
        kids = field.get("/Kids")
        if isinstance(kids, pikepdf.Array):
            if depth >= _DEEPEST or len(seen) + len(kids) > _MOST_FIELDS:
                yield None
                return
            waiting += [(kid, depth + 1) for kid in reversed(list(kids))]


def _field_roots(document: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The form's fields, and the widgets of page 1 that a damaged form may have lost."""
    import pikepdf

    roots: list[pikepdf.Object] = []
    form = document.Root.get("/AcroForm")
    fields = form.get("/Fields") if isinstance(form, pikepdf.Dictionary) else None
    for found in (fields, _first_widgets(document)):
        if isinstance(found, pikepdf.Array):
            roots += list(found)[:_MOST_FIELDS]
    return roots


def _first_widgets(document: pikepdf.Pdf) -> pikepdf.Object | None:
    import pikepdf

    try:
        return document.pages[0].obj.get("/Annots")
    except (pikepdf.PdfError, IndexError):  # no page tree, or an empty one
        return None


def _is_signature(value: pikepdf.Dictionary, seen: set[tuple[int, int]]) -> bool:
    """Whether this is a signature dictionary that was not counted yet."""
    new = not value.is_indirect or value.objgen not in seen
    return new and "/Contents" in value and "/ByteRange" in value


def _certification(document: pikepdf.Pdf) -> int | None:
    """The permission level (1 to 3) of a certification signature; None without one."""
    import pikepdf

    permissions = document.Root.get("/Perms")
    if not isinstance(permissions, pikepdf.Dictionary):
        return None
    signature = permissions.get("/DocMDP")
    if signature is None:
        return None
    return min(_change_limits(signature), default=_NO_CHANGES)


def _change_limits(signature: pikepdf.Object) -> list[int]:
    """The DocMDP permission levels (1 = no change at all) that a signature sets."""
    import pikepdf

    references = signature.get("/Reference") if isinstance(signature, pikepdf.Dictionary) else None
    limits = []
    for entry in list(references)[:16] if isinstance(references, pikepdf.Array) else ():
        if not isinstance(entry, pikepdf.Dictionary) or entry.get("/TransformMethod") != "/DocMDP":
            continue
        rules = entry.get("/TransformParams")
        level = rules.get("/P", 2) if isinstance(rules, pikepdf.Dictionary) else 2
        limits.append(int(level) if isinstance(level, int) else _NO_CHANGES)
    return limits

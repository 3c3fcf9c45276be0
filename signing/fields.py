"""Signature fields, prepared while the PDF is composed, so that signing changes no page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import DocumentFault
from signing.appearance import AppearanceProfile
from signing.geometry import Corner, PageView, Rectangle, overlap, page_view
from signing.replacing import replacing

if TYPE_CHECKING:
    import pikepdf

OFFICER_FIELD = "SohoaCanBo"
"""The field of the officer who scanned (chữ ký số của người sao chụp)."""
AGENCY_FIELD = "SohoaCoQuan"
"""The field of the agency (chữ ký số của cơ quan)."""
CERTIFIER_FIELD = "SohoaChungThuc"
"""The field of who certifies a copy (chữ ký số của người chứng thực)."""
TIME_STAMP_FIELD = "SohoaDauThoiGian"
"""What the names of our document time stamps begin with (dấu thời gian tài liệu)."""

_PRINT_AND_LOCKED = 4 | 128
"""Annotation flags that PDF/A asks for (ISO 19005-2, 6.3.2): printed, not hidden; and locked."""
_SIGNATURES_EXIST_APPEND_ONLY = 3
_NARROWER = (1.0, 0.85, 0.7)
"""How far a stamp may shrink, as parts of its width, before another corner is tried."""
_BESIDE: dict[Corner, Corner] = {
    "top_left": "top_right",
    "top_right": "top_left",
    "bottom_left": "bottom_right",
    "bottom_right": "bottom_left",
}
_LABELS = {OFFICER_FIELD: "Chữ ký số của người sao chụp", AGENCY_FIELD: "Chữ ký số của cơ quan"}


def prepare_fields(
    source: Path, target: Path, *, officer: AppearanceProfile, agency: AppearanceProfile
) -> None:
    """Write `source` with two empty signature fields on page 1 to `target`.

    For a freshly composed, unsigned PDF; what was PDF/A-2b stays so. Since both fields exist
    before the first signature, filling the second is an allowed change to the first.
    Raises DocumentFault when the file has no page or is damaged.
    """
    import pikepdf  # slow to import

    try:
        with pikepdf.open(source) as document:
            page = document.pages[0]
            fields = [
                document.make_indirect(_field(document, page, name, profile))
                for name, profile in ((OFFICER_FIELD, officer), (AGENCY_FIELD, agency))
            ]
            annotations = list(page.obj.get("/Annots", pikepdf.Array()))
            page.obj.Annots = pikepdf.Array([*annotations, *fields])
            document.Root.AcroForm = document.make_indirect(
                pikepdf.Dictionary(
                    Fields=pikepdf.Array(fields), SigFlags=_SIGNATURES_EXIST_APPEND_ONLY
                )
            )
            with replacing(target) as fresh:
                document.save(fresh)
    except (pikepdf.PdfError, IndexError) as error:
        raise DocumentFault(
            "damaged", "Tệp PDF hỏng nên không đặt được ô chữ ký; hãy quét lại giấy tờ."
        ) from error


def visible_box(
    view: PageView, profile: AppearanceProfile, taken: Sequence[Rectangle] = ()
) -> Rectangle | None:
    """The rectangle of a profile's stamp on this page; None for an invisible signature.

    The profile's corner, unless it overlaps what is `taken`: then narrower, then the other
    corner of the same side; None when both are taken. A stamp for the head never goes to the
    foot, which often carries text.
    """
    if profile.corner == "none":
        return None
    for corner, part in product((profile.corner, _BESIDE[profile.corner]), _NARROWER):
        box = view.place(
            corner,
            width_mm=profile.width_mm * part,
            height_mm=profile.height_mm,
            margin_mm=profile.margin_mm,
        )
        if not any(overlap(box, other) for other in taken):
            return box
    return None


def _field(
    document: pikepdf.Pdf, page: pikepdf.Page, name: str, profile: AppearanceProfile
) -> pikepdf.Dictionary:
    import pikepdf

    view = page_view(
        [float(side) for side in page.cropbox],
        int(page.obj.get("/Rotate", 0)),
        float(page.obj.get("/UserUnit", 1)),
    )
    box = visible_box(view, profile)
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Widget,
        FT=pikepdf.Name.Sig,
        T=pikepdf.String(name),
        TU=pikepdf.String(_LABELS[name]),
        F=_PRINT_AND_LOCKED,
        P=page.obj,
        Rect=pikepdf.Array(list(box) if box else [0, 0, 0, 0]),
    )
    if box:
        empty = document.make_stream(b"")
        empty.Type = pikepdf.Name.XObject
        empty.Subtype = pikepdf.Name.Form
        empty.BBox = pikepdf.Array([0, 0, round(box[2] - box[0], 2), round(box[3] - box[1], 2)])
        empty.Resources = pikepdf.Dictionary()
        field.AP = pikepdf.Dictionary(N=empty)
    return field

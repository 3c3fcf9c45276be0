"""Page 1 of a foreign file as pyHanko reads it: how it is seen, and what lies on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from signing.geometry import PageView, Rectangle, page_view

if TYPE_CHECKING:
    from pyhanko.pdf_utils.generic import DictionaryObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

_DEEPEST_PAGE_TREE = 64
_MOST_ANNOTATIONS = 500
_A4 = (0.0, 0.0, 595.28, 841.89)


def first_page_view(writer: IncrementalPdfFileWriter) -> PageView:
    """How viewers show page 1; box and rotation may be inherited from the page tree."""
    node = _first_page(writer)
    found: dict[str, object] = {"/UserUnit": node.get("/UserUnit", 1)}
    for _ in range(_DEEPEST_PAGE_TREE):
        for name in ("/CropBox", "/MediaBox", "/Rotate"):
            if name in node:
                found.setdefault(name, node[name])
        if "/Parent" not in node:
            break
        node = node["/Parent"]
    box = found.get("/CropBox") or found.get("/MediaBox") or _A4
    return page_view(cast("Sequence[float]", box), found.get("/Rotate", 0), found["/UserUnit"])


def stamps_on_first_page(writer: IncrementalPdfFileWriter) -> Iterator[Rectangle]:
    """The rectangles of visible annotations on page 1, such as the stamps of older signatures."""
    annotations = _first_page(writer).get("/Annots") or ()
    for reference in list(annotations)[:_MOST_ANNOTATIONS]:
        annotation = reference.get_object()
        x0, y0, x1, y1 = (float(side) for side in annotation.get("/Rect", (0, 0, 0, 0)))
        if x0 != x1 and y0 != y1:
            yield (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _first_page(writer: IncrementalPdfFileWriter) -> DictionaryObject:
    page, _ = writer.find_page_for_modification(0)  # type: ignore[no-untyped-call]
    return cast("DictionaryObject", page.get_object())

"""What a reader sees of a file now, compared with what was signed.

A second opinion for signatures that pyHanko cannot judge. It says only what is certain: pages
or remarks that differ; of everything else it says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

_RANGE_NUMBERS = 4
_MOST_OBJECTS = 50_000
_SEEN_OF_A_PAGE = ("/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit")
_BACKWARDS = frozenset({"/Parent", "/P", "/Length"})


class _TooMuchError(Exception):
    """More objects than a page of an honest file has."""


def visibly_changed(content: bytes, byte_range: Sequence[int]) -> bool:
    """Whether pages that were signed are gone, look different, or carry other remarks now.

    `byte_range` is that of the signature (ISO 32000-2, 12.8.1); what was signed is the file up
    to its end. False also where that is no readable file: nothing is known then. Filled form
    fields and the stamps of signatures do not count.
    """
    import pikepdf  # slow to import

    if len(byte_range) != _RANGE_NUMBERS:
        return False
    end = int(byte_range[2]) + int(byte_range[3])
    if not 0 < end < len(content):
        return False
    signed = BytesIO(content[:end])
    try:
        # Where its table of objects were reconstructed, what is read would be a guess.
        pikepdf.open(signed, attempt_recovery=False).close()
        with pikepdf.open(signed) as before, pikepdf.open(BytesIO(content)) as now:
            return _pages(before) != _pages(now)
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError, _TooMuchError):
        return False


def _pages(document: pikepdf.Pdf) -> list[str]:
    """A digest of everything that each page shows, forms left out."""
    return [_digest(page) for page in document.pages]


def _digest(page: pikepdf.Page) -> str:
    found = hashlib.sha256()
    walk = _Walk()
    for name in _SEEN_OF_A_PAGE:
        found.update(name.encode())
        # Inherited ones too (ISO 32000-2, 7.7.3.4).
        value = page.resources if name == "/Resources" else _inherited(page.obj, name)
        for part in walk.parts(value):
            found.update(part)
    for remark in _remarks(page.obj):
        for part in walk.parts(remark):
            found.update(part)
    return found.hexdigest()


def _inherited(node: pikepdf.Object, name: str) -> object:
    for _ in range(64):
        if name in node:
            return node[name]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


def _remarks(page: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Annotations that are no form field: those may be filled in."""
    for annotation in list(page.get("/Annots", [])):
        if annotation.get("/Subtype") != "/Widget":
            yield annotation


class _Walk:
    """Everything below an object as bytes, each object once; the same objects give the same."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int], int] = {}

    def parts(self, value: object) -> Iterator[bytes]:
        import pikepdf

        if isinstance(value, pikepdf.Object) and value.is_indirect:
            if value.objgen in self._numbers:
                yield b"again %d" % self._numbers[value.objgen]
                return
            self._numbers[value.objgen] = len(self._numbers)
            if len(self._numbers) > _MOST_OBJECTS:
                raise _TooMuchError
        if isinstance(value, pikepdf.Stream | pikepdf.Dictionary):
            yield b"<<"
            for name in sorted(value.keys()):
                if name not in _BACKWARDS:
                    yield name.encode()
                    yield from self.parts(value[name])
            yield b">>"
            if isinstance(value, pikepdf.Stream):
                yield value.read_raw_bytes()
        elif isinstance(value, pikepdf.Array):
            yield b"["
            for item in value:
                yield from self.parts(item)
            yield b"]"
        else:
            yield repr(value).encode()

"""The text that a born-digital page brings along, as words with boxes."""

from __future__ import annotations

import ctypes
import sys
import unicodedata
from typing import Any, NamedTuple

from domain.words import Box, Word
from reading.reading_order import RawWord, in_reading_order

_INVISIBLE_MODES = {3, 7}
_SURROGATES = (0xD800, 0xDFFF)
_MIN_CHARACTERS = 20
_FOREIGN_LETTERS = frozenset("äåæçëîïñöøûüÿÄÅÆÇËÎÏÑÖØÛÜŸßþð")
"""Letters that Vietnamese never uses: VNI and TCVN3 fonts turn its diacritics into these."""
_MAX_FOREIGN = 0.02
_MAX_LOST = 0.02


_ONE_LINE = 1.8
"""Height of a stamp's text, in heights of its letters, up to which it is one line."""


class _Char(NamedTuple):
    text: str
    box: tuple[float, float, float, float]


class Stamp(NamedTuple):
    """An annotation: its rectangle (left, bottom, right, top, in PDF points) and its kind."""

    area: tuple[float, float, float, float]
    signature: bool


def own_words(page: Any, size: tuple[int, int]) -> list[RawWord] | None:
    """Words of the visible text of a pdfium page, in pixels of a page of `size` pixels.

    None where there is hardly any, or where the characters are not Unicode text (old VNI or
    TCVN3 fonts, fonts without a mapping): such a page is read like a scan.
    """
    lines = _lines(_characters(page, size, 0))
    text = "".join(char.text for line in lines for word in line for char in word)
    if len(text) < _MIN_CHARACTERS or not _is_unicode_text(text):
        return None
    return _raw_words(lines)


def stamped_words(
    document: Any, index: int, stamps: list[Stamp], size: tuple[int, int]
) -> list[RawWord]:
    """Words that annotations show on page `index`: filled-in fields, notes, numbers and dates.

    Registry software writes the number and the day of a born-digital paper as the one-line
    appearance of a signature field. Signatures that say more than one line are left out: they
    name the signer and would lie over the header. The page is flattened in memory on the way.
    """
    import pypdfium2.raw as pdfium_c

    page = document[index]
    own = page.get_textpage().count_chars()
    if not stamps or pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY) != 1:
        return []
    page = document[index]
    found: list[RawWord] = []
    lines = _lines(_characters(page, size, own))
    for number, stamp in enumerate(stamps):
        edges = (stamp.area[0], stamp.area[2], stamp.area[1], stamp.area[3])
        area = _on_device(page, list(edges), *size)
        inside = [[word for word in line if _is_inside(_extent(word), area)] for line in lines]
        words = [word for line in inside for word in line]
        if words and not (stamp.signature and _is_tall(words)):
            raw = _raw_words([line for line in inside if line])
            found.extend(word._replace(line=-number * 1000 - word.line - 1) for word in raw)
    return found


def as_words(raw: list[RawWord], size: tuple[int, int]) -> tuple[Word, ...]:
    """The words in reading order; the text is the file's own, so confidence is 1."""
    return tuple(
        Word(
            text=unicodedata.normalize("NFC", word.text),
            box=Box(x=word.x, y=word.y, width=word.width, height=word.height),
            confidence=1.0,
            line=line,
        )
        for line, word in in_reading_order(raw, size)
    )


def _raw_words(lines: list[list[list[_Char]]]) -> list[RawWord]:
    return [
        _word(word, number)
        for number, line in enumerate(lines)
        for word in line
        if _extent(word)[2] > 0
    ]


def _is_inside(box: tuple[int, int, int, int], area: tuple[float, float, float, float]) -> bool:
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]


def _is_tall(words: list[list[_Char]]) -> bool:
    """Whether the words take more than one line."""
    extents = [_extent(word) for word in words]
    top, bottom = min(e[1] for e in extents), max(e[1] + e[3] for e in extents)
    return bottom - top > _ONE_LINE * max(e[3] for e in extents)


def _is_unicode_text(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    lost = sum(1 for char in text if unicodedata.category(char) in {"Co", "Cn", "Cc", "So"})
    foreign = sum(1 for char in letters if char in _FOREIGN_LETTERS)
    symbols = sum(1 for char in text if "\xa1" <= char <= "\xbf")
    if lost > _MAX_LOST * len(text):
        return False
    return foreign + symbols <= _MAX_FOREIGN * max(len(letters), 1)


def _word(chars: list[_Char], line: int) -> RawWord:
    left, top, width, height = _extent(chars)
    return RawWord(
        text="".join(char.text for char in chars),
        x=left,
        y=top,
        width=width,
        height=height,
        confidence=1.0,
        line=line,
    )


def _extent(chars: list[_Char]) -> tuple[int, int, int, int]:
    left = min(char.box[0] for char in chars)
    top = min(char.box[1] for char in chars)
    right = max(char.box[2] for char in chars)
    bottom = max(char.box[3] for char in chars)
    return round(left), round(top), round(right - left), round(bottom - top)


def _lines(
    characters: list[tuple[str, tuple[float, float, float, float] | None]],
) -> list[list[list[_Char]]]:
    """Visible characters grouped into words and lines as pdfium separates them."""
    lines: list[list[list[_Char]]] = [[[]]]
    for text, box in characters:
        if text in "\r\n":
            lines.append([[]])
        elif text.isspace() or box is None:
            lines[-1].append([])
        else:
            lines[-1][-1].append(_Char(text, box))
    return [words for line in lines if (words := [word for word in line if word])]


def _characters(
    page: Any, size: tuple[int, int], first: int
) -> list[tuple[str, tuple[float, float, float, float] | None]]:
    """Visible characters from index `first` on, with their boxes in pixels (None for spaces)."""
    import pypdfium2.raw as pdfium_c

    text_page = page.get_textpage()
    modes: dict[int, int] = {}
    found: list[tuple[str, tuple[float, float, float, float] | None]] = []
    edges = [ctypes.c_double() for _ in range(4)]
    for index in range(first, text_page.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(text_page, index)
        if not 0 < code < sys.maxunicode or _SURROGATES[0] <= code <= _SURROGATES[1]:
            continue
        owner = pdfium_c.FPDFText_GetTextObject(text_page, index)
        address = ctypes.cast(owner, ctypes.c_void_p).value or 0
        if address and address not in modes:
            modes[address] = pdfium_c.FPDFTextObj_GetTextRenderMode(owner)
        if modes.get(address, 0) in _INVISIBLE_MODES:
            continue
        text, box = chr(code), None
        if not text.isspace() and pdfium_c.FPDFText_GetCharBox(
            text_page, index, *(ctypes.byref(edge) for edge in edges)
        ):
            box = _on_device(page, [edge.value for edge in edges], *size)
        found.append((text, box))
    return found


def _on_device(
    page: Any, edges: list[float], width: int, height: int
) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in pixels of a page box given as left, right, bottom, top."""
    import pypdfium2.raw as pdfium_c

    xs, ys = [], []
    x, y = ctypes.c_int(), ctypes.c_int()
    for corner in ((edges[0], edges[2]), (edges[1], edges[3])):
        pdfium_c.FPDF_PageToDevice(
            page, 0, 0, width, height, 0, *corner, ctypes.byref(x), ctypes.byref(y)
        )
        xs.append(x.value)
        ys.append(y.value)
    return min(xs), min(ys), max(xs), max(ys)

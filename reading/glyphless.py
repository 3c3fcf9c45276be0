"""The font of the invisible text layer: every character is one empty glyph half an em wide.

A composite font with Identity-H and an identity ToUnicode map (ISO 32000-1, 9.7 and 9.10.3).
All codes map to glyph 1, not to `.notdef`, which PDF/A-2 forbids to show (ISO 19005-2, 6.2.11.8).
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any

ADVANCE = 0.5
"""Width of every character in ems."""
ASCENT, DESCENT = 0.8, -0.2
"""Extent of the letters above and below the baseline in ems."""

_UNITS = 1000
_NAME = "SohoaGlyphless"
_EPOCH = 3_124_137_600
"""A fixed font date (2003-01-01, in seconds since 1904) keeps the bytes the same."""
_BLOCK = 100
"""Most ranges that one bfrange section may hold (Adobe Technical Note 5014)."""


@cache
def font_file() -> bytes:
    """The TrueType program: `.notdef` and one empty glyph; the same bytes at every call."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    empty = TTGlyphPen(None).glyph()
    builder = FontBuilder(_UNITS, isTTF=True)
    builder.setupGlyphOrder([".notdef", "blank"])
    builder.setupCharacterMap({0x20: "blank"})
    builder.setupGlyf({".notdef": empty, "blank": empty})
    advance = int(ADVANCE * _UNITS)
    builder.setupHorizontalMetrics({".notdef": (advance, 0), "blank": (advance, 0)})
    builder.setupHorizontalHeader(ascent=int(ASCENT * _UNITS), descent=int(DESCENT * _UNITS))
    builder.setupNameTable({"familyName": _NAME, "styleName": "Regular", "psName": _NAME})
    builder.setupOS2(sTypoAscender=int(ASCENT * _UNITS), sTypoDescender=int(DESCENT * _UNITS))
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(created=_EPOCH, modified=_EPOCH)
    builder.font.recalcTimestamp = False
    target = io.BytesIO()
    builder.save(target)
    return target.getvalue()


def add_font(pdf: Any) -> Any:
    """Add the font to a pikepdf document; return its dictionary as an indirect object."""
    from pikepdf import Array, Dictionary, Name, Stream

    program = font_file()
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/" + _NAME),
        Flags=4,
        FontBBox=Array([0, int(DESCENT * _UNITS), int(ADVANCE * _UNITS), int(ASCENT * _UNITS)]),
        ItalicAngle=0,
        Ascent=int(ASCENT * _UNITS),
        Descent=int(DESCENT * _UNITS),
        CapHeight=int(ASCENT * _UNITS),
        StemV=80,
        FontFile2=pdf.make_indirect(Stream(pdf, program, Length1=len(program))),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/" + _NAME),
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=int(ADVANCE * _UNITS),
        CIDToGIDMap=pdf.make_indirect(Stream(pdf, b"\x00\x01" * 0x10000)),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/" + _NAME),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_indirect(Stream(pdf, _to_unicode())),
        )
    )


def _to_unicode() -> bytes:
    """The map from codes to the same Unicode values, without 0, surrogates, U+FEFF and U+FFFE."""
    ranges = [
        (max(high, 1), high + 0xFF)
        for high in range(0, 0x10000, 0x100)
        if not 0xD800 <= high < 0xE000 and high not in {0xFE00, 0xFF00}  # noqa: PLR2004
    ]
    ranges += [(0xFE00, 0xFEFE), (0xFF00, 0xFFFD)]
    parts = [
        (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        )
    ]
    for start in range(0, len(ranges), _BLOCK):
        block = ranges[start : start + _BLOCK]
        lines = "".join(f"<{low:04X}> <{high:04X}> <{low:04X}>\n" for low, high in block)
        parts.append(f"{len(block)} beginbfrange\n{lines}endbfrange\n")
    parts.append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
    return "".join(parts).encode("ascii")


def encode(text: str) -> str:
    """The text as a hexadecimal string operand; characters beyond the basic plane become U+25A1."""
    plain = "".join(char if ord(char) <= 0xFFFD else "□" for char in text)  # noqa: PLR2004
    return "<" + plain.encode("utf-16-be", "replace").hex() + ">"

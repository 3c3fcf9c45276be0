"""The letters of a stamp as an embedded font (Type 0, ISO 32000-1, 9.7), cut once per alphabet."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.appearance import FONT_FILE, stamp_font

_IN_EVERY_STAMP = frozenset("0123456789 +-.,:/()TABCDEGHIKLMNOPQRSUVXY")
"""Of times and codes: so stamps of one agency share an alphabet, and the font cut for it."""
_SYMBOLIC = 4
_PREFIX_LETTERS = 6


@dataclass(frozen=True)
class Letters:
    """A font with just the letters of some texts; lengths are thousandths of the font size."""

    name: str
    program: bytes
    """TrueType, deflated."""
    program_length: int
    glyphs: dict[str, int]
    widths: dict[str, int]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int

    def width(self, text: str) -> float:
        """How wide a text is, as a multiple of the font size."""
        return sum(self.widths[letter] for letter in text) / 1000

    def shown(self, text: str) -> bytes:
        """The operator that shows a text (Identity-H: the codes are glyph numbers)."""
        return b"<%s> Tj" % "".join(f"{self.glyphs[letter]:04x}" for letter in text).encode()

    def embed(self, writer: BasePdfFileWriter) -> generic.IndirectObject:
        """Write the font to a file; what a resource dictionary refers to."""
        program = _stream({"/Length1": _number(self.program_length)}, self.program)
        descriptor = _dictionary(
            Type=pdf_name("/FontDescriptor"),
            FontName=pdf_name(f"/{self.name}"),
            Flags=_number(_SYMBOLIC),
            FontBBox=_numbers(self.box),
            ItalicAngle=_number(0),
            Ascent=_number(self.ascent),
            Descent=_number(self.descent),
            CapHeight=_number(self.ascent),
            StemV=_number(80),
            FontFile2=writer.add_object(program),
        )
        widths = generic.ArrayObject()
        for letter, glyph in sorted(self.glyphs.items(), key=lambda item: item[1]):
            widths.append(_number(glyph))
            widths.append(_numbers((self.widths[letter],)))
        descendant = _dictionary(
            Type=pdf_name("/Font"),
            Subtype=pdf_name("/CIDFontType2"),
            BaseFont=pdf_name(f"/{self.name}"),
            CIDSystemInfo=_dictionary(
                Registry=pdf_string("Adobe"), Ordering=pdf_string("Identity"), Supplement=_number(0)
            ),
            FontDescriptor=writer.add_object(descriptor),
            CIDToGIDMap=pdf_name("/Identity"),
            DW=_number(0),
            W=widths,
        )
        font = _dictionary(
            Type=pdf_name("/Font"),
            Subtype=pdf_name("/Type0"),
            BaseFont=pdf_name(f"/{self.name}"),
            Encoding=pdf_name("/Identity-H"),
            DescendantFonts=generic.ArrayObject([writer.add_object(descendant)]),
            ToUnicode=writer.add_object(_stream({}, zlib.compress(self._to_unicode()))),
        )
        return writer.add_object(font)

    def _to_unicode(self) -> bytes:
        """From glyph numbers to text (ISO 32000-1, 9.10.3), so that a stamp can be copied."""
        pairs = [
            f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>"
            for letter, glyph in sorted(self.glyphs.items(), key=lambda item: item[1])
        ]
        blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
        maps = "\n".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
        )
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
            f"{maps}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode()


def letters_of(*texts: str) -> Letters:
    """A font that has all letters of these texts and the signs that every stamp uses."""
    return _cut(_IN_EVERY_STAMP | {letter for text in texts for letter in text} | {"…"})


@lru_cache(maxsize=256)
def _cut(alphabet: frozenset[str]) -> Letters:
    from fontTools import subset  # slow to import
    from fontTools.ttLib import TTFont

    options = subset.Options(hinting=False, layout_features=[], name_IDs=[6], notdef_outline=True)
    cutter = subset.Subsetter(options=options)
    cutter.populate(text="".join(alphabet))
    with TTFont(BytesIO(stamp_font())) as font:
        cutter.subset(font)
        names = font.getBestCmap() or {}
        head, across = font["head"], font["hhea"]
        target = BytesIO()
        font.save(target)
        glyphs = {chr(code): font.getGlyphID(name) for code, name in names.items()}
        widths = {chr(code): font["hmtx"][name][0] for code, name in names.items()}
    program = target.getvalue()
    digest = sha256(program).digest()
    prefix = "".join(chr(ord("A") + byte % 26) for byte in digest[:_PREFIX_LETTERS])
    return Letters(
        name=f"{prefix}+{FONT_FILE.removesuffix('.ttf')}",
        program=zlib.compress(program),
        program_length=len(program),
        glyphs={letter: glyphs[letter] for letter in alphabet},
        widths={letter: widths[letter] for letter in alphabet},
        box=(head.xMin, head.yMin, head.xMax, head.yMax),
        ascent=across.ascent,
        descent=across.descent,
    )


def _dictionary(**entries: generic.PdfObject) -> generic.DictionaryObject:
    named = {pdf_name(f"/{name}"): one for name, one in entries.items()}
    return generic.DictionaryObject(named)  # type: ignore[no-untyped-call]


def _stream(entries: dict[str, generic.PdfObject], deflated: bytes) -> generic.StreamObject:
    named = {pdf_name(name): value for name, value in entries.items()}
    named[pdf_name("/Filter")] = pdf_name("/FlateDecode")
    return generic.StreamObject(named, encoded_data=deflated)


def _number(value: int) -> generic.NumberObject:
    return generic.NumberObject(value)  # type: ignore[no-untyped-call]


def _numbers(values: tuple[int, ...]) -> generic.ArrayObject:
    return generic.ArrayObject([_number(value) for value in values])

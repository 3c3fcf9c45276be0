"""Compose a two-layer PDF/A-2b (ảnh và chữ, ISO 19005-2): page images with invisible text.

The file is built, not converted: only page images and the text that was read enter it, so no
script, action or attachment of the source can. The same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from domain.words import PageText
from reading.embed import write_images
from reading.glyphless import add_font
from reading.opened import OpenedPage
from reading.text_layer import number, text_layer

_ICC_DATE = slice(24, 36)
_ICC_FIXED_DATE = bytes.fromhex("07d3000100010000000000 00".replace(" ", ""))
_PRODUCER = "sohoa"

Page = tuple[Path, OpenedPage, PageText]


def compose_pdf(
    pages: Sequence[Page], target: Path, *, title: str, created: datetime, document_id: str
) -> None:
    """Write the PDF/A-2b of `pages` (image file, how it was opened, what was read) to `target`.

    Each page has the size of its paper and stands upright. `created` must carry an offset; with
    `document_id` it makes the file's identity, so the same input always gives the same bytes.
    """
    import pikepdf

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=target.parent)))
        pdf = stack.enter_context(pikepdf.new())
        font = add_font(pdf)
        images = folder / "images.pdf"
        write_images([path for path, _, _ in pages], images)
        # Streams that are copied out of a file stay on disk until they are saved.
        source = stack.enter_context(pikepdf.open(images))
        for (_, opened, text), image in zip(pages, source.Root.Images, strict=True):
            _add_page(pdf, pdf.copy_foreign(image), font, opened, text)
        _describe(pdf, title, created, document_id)
        pdf.save(
            target,
            min_version="1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            deterministic_id=True,
        )


def _add_page(pdf: Any, image: Any, font: Any, opened: OpenedPage, text: PageText) -> None:
    from pikepdf import Array, Dictionary, Name, Page, Stream

    wide, high = opened.width_pt, opened.height_pt
    if text.rotation in {90, 270}:
        wide, high = high, wide
    matrix = {
        0: (wide, 0, 0, high, 0, 0),
        90: (0, -high, wide, 0, 0, high),
        180: (-wide, 0, 0, -high, wide, high),
        270: (0, high, -wide, 0, wide, 0),
    }[text.rotation]
    place = " ".join(number(value) for value in matrix)
    content = f"q {place} cm /Im0 Do Q\n".encode() + text_layer(text, (wide, high), "F0")
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(wide, 4), round(high, 4)]),
        Resources=Dictionary(XObject=Dictionary(Im0=image), Font=Dictionary(F0=font)),
        Contents=pdf.make_indirect(Stream(pdf, content)),
    )
    pdf.pages.append(Page(pdf.make_indirect(page)))


def _describe(pdf: Any, title: str, created: datetime, document_id: str) -> None:
    """Title, dates, identity, conformance claim and the meaning of device colours."""
    from pikepdf import Array, Dictionary, Name, Stream, String

    root = pdf.Root
    root.Lang = String("vi-VN")
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    profile = pdf.make_indirect(Stream(pdf, srgb_profile(), N=3))
    root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
                Info=String("sRGB IEC61966-2.1"),
                DestOutputProfile=profile,
            )
        ]
    )
    packet = Stream(pdf, _xmp(title, created).encode())
    packet.Type, packet.Subtype = Name.Metadata, Name.XML
    root.Metadata = pdf.make_indirect(packet)
    stamp = _pdf_date(created)
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary(
            Title=String(title),
            CreationDate=String(stamp),
            ModDate=String(stamp),
            Producer=String(_PRODUCER),
        )
    )
    identity = hashlib.sha256(document_id.encode()).digest()[:16]
    pdf.trailer.ID = Array([String(identity), String(identity)])


def srgb_profile() -> bytes:
    """The sRGB ICC profile, with a fixed date so that its bytes never differ."""
    from PIL import ImageCms

    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data[_ICC_DATE] = _ICC_FIXED_DATE
    return bytes(data)


def _pdf_date(moment: datetime) -> str:
    offset = moment.strftime("%z")
    return moment.strftime("D:%Y%m%d%H%M%S") + f"{offset[:3]}'{offset[3:5]}'"


def _xmp(title: str, created: datetime) -> str:
    """The XMP packet (ISO 16684-1) with the PDF/A identification (ISO 19005-2, 6.6.4)."""
    moment = created.replace(microsecond=0).isoformat()
    printable = "".join(char for char in title if char.isprintable())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about=""'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:pdf="http://ns.adobe.com/pdf/1.3/">\n'
        "<pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(printable)}</rdf:li></rdf:Alt>'
        "</dc:title>\n"
        "<dc:language><rdf:Bag><rdf:li>vi-VN</rdf:li></rdf:Bag></dc:language>\n"
        f"<xmp:CreateDate>{moment}</xmp:CreateDate>\n<xmp:ModifyDate>{moment}</xmp:ModifyDate>\n"
        f"<xmp:MetadataDate>{moment}</xmp:MetadataDate>\n"
        f"<pdf:Producer>{_PRODUCER}</pdf:Producer>\n"
        "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n"
        '<?xpacket end="w"?>'
    )

"""A small PDF/A-2b file of one scanned page, made without our own composition."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
from PIL import Image, ImageCms, ImageDraw

WIDTH_PT, HEIGHT_PT = 595.2, 841.92
FIRST_LINE_MM = 22
"""The text of the page begins this far below its top, as administrative papers do."""


def write_plain_page(path: Path, *, rotate: int = 0) -> Path:
    """Write the page to `path`; with `rotate`, viewers turn it clockwise by so many degrees."""
    width, height = 620, 877
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    for y in range(round(FIRST_LINE_MM / 297 * height), height - 40, 20):
        draw.line((60, y, width - 60, y), fill="black", width=2)
    if rotate:
        picture = picture.rotate(rotate, expand=True)  # so that it is seen upright
    width, height = picture.size
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=80)
    box = (HEIGHT_PT, WIDTH_PT) if rotate in (90, 270) else (WIDTH_PT, HEIGHT_PT)
    with pikepdf.new() as document:
        image = document.make_stream(jpeg.getvalue())
        image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        image.Width, image.Height, image.BitsPerComponent = width, height, 8
        image.ColorSpace, image.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, *box],
            Rotate=rotate,
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image)),
            Contents=document.make_stream(b"q %g 0 0 %g 0 0 cm /Im0 Do Q" % box),
        )
        document.pages.append(pikepdf.Page(document.make_indirect(page)))
        document.Root.OutputIntents = pikepdf.Array([_srgb(document)])
        with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "2", "B"
        document.save(path, min_version="1.7")
    return path


def _srgb(document: pikepdf.Pdf) -> pikepdf.Dictionary:
    profile = document.make_stream(
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    profile.N = 3
    return pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent,
        S=pikepdf.Name.GTS_PDFA1,
        OutputConditionIdentifier=pikepdf.String("sRGB"),
        DestOutputProfile=profile,
    )

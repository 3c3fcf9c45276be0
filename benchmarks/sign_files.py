"""Composed scans that the signing benchmark signs: one page, and a thick one of 6 to 7 MiB."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pikepdf
from PIL import Image

from signing.appearance import BAN_SAO_DIEN_TU, MOT_CUA_SCAN
from signing.fields import prepare_fields
from tests.verapdf.plain_page import write_plain_page

_PAGES_OF_THE_LARGE = 12
_NOISE_SIDE = 860
"""Pixels: a noisy grey page of this size is about half a MiB of JPEG."""


def make_files(folder: Path) -> dict[str, Path]:
    """Name of a size → a PDF with both signature fields prepared."""
    made = {}
    for name, pages in (("nhỏ", 1), ("lớn", _PAGES_OF_THE_LARGE)):
        plain, prepared = folder / f"plain-{pages}.pdf", folder / f"prepared-{pages}.pdf"
        write_plain_page(plain)
        if pages > 1:
            _thicken(plain, pages)
        prepare_fields(plain, prepared, officer=MOT_CUA_SCAN, agency=BAN_SAO_DIEN_TU)
        made[name] = prepared
    return made


def _thicken(path: Path, pages: int) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (_NOISE_SIDE, _NOISE_SIDE), dtype=np.uint8)
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        for _ in range(pages - 1):
            noise = np.roll(noise, 7)
            buffer = io.BytesIO()
            Image.fromarray(noise).save(buffer, "JPEG", quality=85)
            document.add_blank_page(page_size=(595, 842))
            page = document.pages[-1]
            image = document.make_stream(
                buffer.getvalue(),
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=_NOISE_SIDE,
                Height=_NOISE_SIDE,
                ColorSpace=pikepdf.Name.DeviceGray,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
            page.Contents = document.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q")
        document.save(path)

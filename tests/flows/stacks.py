"""Stacks of papers with sheets between them, as they leave a scanner's feeder."""

import io
import random
import zipfile

import numpy as np
from PIL import Image

from deployments.cover import cover_pdf
from deployments.samples.degradation import Degradation, scanned
from deployments.samples.files import as_jpeg, as_pdf
from domain.symbols import Cover
from tests.flows.papers import DPI, paper

WORN = Degradation(skew=1.5, noise=5.0, jpeg_quality=60, colour="grey")


def blank_sheet():
    """An empty A4 page in RGB."""
    return Image.new("RGB", (round(8.27 * DPI), round(11.69 * DPI)), "white")


def worn(page, seed=1):
    """The page as an office scanner delivers it."""
    made = scanned(page, WORN, DPI, random.Random(seed))  # noqa: S311 - the wear of a page
    made.info["dpi"] = (DPI, DPI)
    return made


def code(text, kind, module_px):
    """A bar code or QR code, `module_px` pixels per module."""
    import zxingcpp

    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    return Image.fromarray(np.asarray(made.to_image(scale=module_px))).convert("RGB")


def patch_t(kind="Code128", text="PATCHT"):
    """A separator sheet as it comes back from the scanner."""
    page = blank_sheet()
    page.paste(code(text, kind, 4).resize((900, 200)), (300, 300))
    return worn(page)


def cover_sheet(dossier, type_id, unit=None):
    """A printed cover sheet as it comes back from the scanner."""
    import pypdfium2

    made = cover_pdf([(Cover(dossier=dossier, type_id=type_id, unit=unit), "Loại giấy tờ")])
    page = pypdfium2.PdfDocument(made)[0].render(scale=DPI / 72).to_pil().convert("RGB")
    return worn(page)


def pages(kind, seed=1):
    """The pages of one drawn paper."""
    return list(paper(kind, seed).pages)


def stack(*parts):
    """One scan PDF of pages and lists of pages."""
    flat = [page for part in parts for page in (part if isinstance(part, list) else [part])]
    return as_pdf(flat, quality=80)


def with_code(page, text):
    """The page with a QR code in the top left corner."""
    made = page.convert("RGB")
    made.paste(code(text, "QRCode", 4), (30, 30))
    made.info["dpi"] = (DPI, DPI)
    return made


def zipped(files):
    """A ZIP of the files (name → bytes)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def jpeg_of(page):
    """The page as a JPEG."""
    return as_jpeg(page, quality=80)

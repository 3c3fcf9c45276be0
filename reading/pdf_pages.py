"""Open a PDF: what kind it is, and an image of every page.

qpdf reads the structure without repairing it: a file whose cross-reference table must be guessed
may have lost pages, so it is refused rather than archived short. pdfium renders what is more
than one image.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from reading import kinds, raster
from reading.faults import FOREIGN_ERRORS, Reason, fault, foreign_bytes
from reading.flate import check_drawable, check_inflates, flate_as_png
from reading.images import (
    POINTS_PER_INCH,
    StoredImage,
    load_image,
    opened_page,
    store_image,
    write_lossless,
)
from reading.limits import Limits
from reading.opened import OpenedPage, OpenedScan
from reading.own_text import Stamp, as_words, own_words, stamped_words
from reading.pdf_safety import active_content, is_signed, needs_a_form_machine
from reading.placement import SoleImage, sole_image

_LOST = re.compile(
    r"expected \d+ \d+ obj|expected endstream|ignoring|page tree|pages tree", re.IGNORECASE
)
"""qpdf's warnings that mean: something that the file promises is not there."""
_RENDER_DPI = 300.0
_TEXT_DPI = 200.0
"""For pages that bring their own text the picture only serves the eye."""
_MIN_RENDER_DPI, _MAX_RENDER_DPI = 200.0, 400.0
_HIDDEN = 2
_SCAN_COVER = 0.6
"""A page of which images cover this share is a scan, whatever text was stamped on it."""


def open_pdf(source: Path, folder: Path, limits: Limits, *, cut: bool) -> OpenedScan:
    """Every page of the PDF as an image in `folder`, with its own text where it brings one.

    Raises DocumentFault: `encrypted`, `truncated` (where `cut` says that the end is missing),
    `damaged`, `no_pages`, `too_many_pages`, `too_large`, `unknown_format` (dynamic XFA forms).
    """
    import pikepdf

    reason: Reason = "truncated" if cut else "damaged"
    try:
        pdf = pikepdf.open(source, attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise fault("encrypted") from error
    except pikepdf.PdfError as error:
        raise fault(reason) from error
    with pdf, foreign_bytes(reason):
        try:
            return _open_pages(pdf, source, folder, limits)
        except pikepdf.PikepdfError as error:
            raise fault(reason) from error


def _open_pages(pdf: Any, source: Path, folder: Path, limits: Limits) -> OpenedScan:
    import pypdfium2

    _check_structure(pdf, limits)
    active, signed = active_content(pdf), is_signed(pdf)
    try:
        drawn = pypdfium2.PdfDocument(source, password="")
    except pypdfium2.PdfiumError as error:
        raise fault("encrypted" if pdf.is_encrypted else "damaged") from error
    with drawn:
        if len(drawn) != len(pdf.pages):
            raise fault("damaged")
        if not signed and drawn.get_formtype():
            drawn.init_forms()
        opener = _PageOpener(drawn, folder, limits, annotations=not signed)
        pages = [opener.open(number, page) for number, page in enumerate(pdf.pages, start=1)]
    return OpenedScan(
        media_type=kinds.PDF,
        kind=_kind(signed, pdf.is_encrypted, pages),
        pages=tuple(pages),
        active_content=active,
    )


def _kind(
    signed: bool, encrypted: bool, pages: list[OpenedPage]
) -> Literal["scan", "signed", "born_digital"]:
    """Encrypted input cannot stay as it is in an archive: it is composed anew, unless signed."""
    if signed:
        return "signed"
    if not encrypted and any(page.words is not None for page in pages):
        return "born_digital"
    return "scan"


def _check_structure(pdf: Any, limits: Limits) -> None:
    count = len(pdf.pages)
    if any(_LOST.search(str(warning)) for warning in pdf.get_warnings()):
        raise fault("damaged")
    if int(pdf.Root.Pages.get("/Count", count)) != count:
        raise fault("damaged")
    if count == 0:
        raise fault("no_pages")
    if count > limits.max_pages_per_scan:
        raise fault("too_many_pages")
    if needs_a_form_machine(pdf):
        raise fault("unknown_format", "biểu mẫu XFA động: in ra giấy rồi quét lại")


class _PageOpener:
    """Opens the pages of one PDF one after the other and adds up their pixels."""

    def __init__(self, drawn: Any, folder: Path, limits: Limits, *, annotations: bool) -> None:
        self._drawn = drawn
        self._folder = folder
        self._limits = limits
        self._annotations = annotations
        self._pixels = 0

    def open(self, number: int, page: Any) -> OpenedPage:
        """The page `number`, from 1, given as pikepdf page."""
        images = list(page.get_images().values())
        self._check_pixels(images)
        stem = f"page-{number:04}"
        sole = None
        if not (self._annotations and _is_annotated(page)):
            sole = sole_image(page, self._limits.max_content_bytes)
        stored = self._keep(sole, number, stem) if sole else None
        if sole and stored:
            unit = float(page.obj.get("/UserUnit", 1))
            turn = (sole.rotation + int(page.obj.get("/Rotate", 0))) % 360
            size_pt = (sole.width_pt * unit, sole.height_pt * unit)
            return opened_page(number, stored, size_pt, turn)
        for image in images:
            check_drawable(image, self._limits)
            _check_decodes(image)
        return self._rasterise(number, page, stem)

    def _check_pixels(self, images: list[Any]) -> None:
        for image in images:
            pixels = int(image.get("/Width", 0)) * int(image.get("/Height", 0))
            self._pixels += pixels
            if pixels > self._limits.max_pixels_per_page:
                raise fault("too_large")
        if self._pixels > self._limits.max_total_pixels:
            raise fault("too_large")

    def _keep(self, sole: SoleImage, number: int, stem: str) -> StoredImage | None:
        """The page's image, stored as it is or without loss; None where it must be rasterised."""
        filters = _filters(sole.stream)
        size = (int(sole.stream.Width), int(sole.stream.Height))
        if filters & {"/JBIG2Decode", "/JPXDecode"}:
            pixels = raster.embedded_image(self._drawn[number - 1], size)
            if pixels is None or pixels.size != size:
                return None
            return StoredImage(write_lossless(pixels, self._folder, stem), *size, (1.0, 1.0), 0)
        if not _device_colours(sole.stream):
            return None
        with TemporaryDirectory(dir=self._folder) as folder:
            received = Path(folder) / "received"
            if not (flate_as_png(sole.stream, received) or _extract(sole.stream, received)):
                return None
            with load_image(received, self._limits) as image:
                stored = store_image(image, self._folder, stem, original=received)
        return stored if (stored.width, stored.height) == size else None

    def _rasterise(self, number: int, page: Any, stem: str) -> OpenedPage:
        drawn = self._drawn[number - 1]
        raw, dpi = None, _native_dpi(drawn)
        if _image_cover(drawn) < _SCAN_COVER:
            dpi_size = [math.ceil(side / POINTS_PER_INCH * _TEXT_DPI) for side in drawn.get_size()]
            raw = own_words(drawn, (dpi_size[0], dpi_size[1]))
        if raw is not None:
            dpi = _TEXT_DPI
        image, used = raster.render(drawn, dpi, self._limits, annotations=self._annotations)
        self._pixels += image.width * image.height
        name = write_lossless(image, self._folder, stem)
        words = None
        if raw is not None:
            raw = own_words(drawn, image.size) if used < dpi else raw
            stamped = stamped_words(self._drawn, number - 1, _stamps(page), image.size)
            words = as_words([*(raw or []), *stamped], image.size)
        return OpenedPage(
            page=number,
            image=name,
            dpi=used,
            width=image.width,
            height=image.height,
            width_pt=image.width / used * POINTS_PER_INCH,
            height_pt=image.height / used * POINTS_PER_INCH,
            words=words,
        )


def _is_annotated(page: Any) -> bool:
    """Whether something that is drawn lies over the page: a stamp, a note, a filled-in field."""
    return any(
        "/AP" in annotation
        and str(annotation.get("/Subtype")) not in {"/Link", "/Popup"}
        and not int(annotation.get("/F", 0)) & _HIDDEN
        for annotation in page.obj.get("/Annots", [])
    )


def _stamps(page: Any) -> list[Stamp]:
    """Where annotations lie that show something, and which of them are signatures."""
    stamps = []
    for annotation in page.obj.get("/Annots", []):
        edges = [float(value) for value in annotation.get("/Rect", [])]
        if len(edges) == 4 and "/AP" in annotation:  # noqa: PLR2004 - a rectangle
            field = annotation.get("/FT", annotation.get("/Parent", {}).get("/FT", ""))
            left, right = sorted((edges[0], edges[2]))
            bottom, top = sorted((edges[1], edges[3]))
            stamps.append(Stamp((left, bottom, right, top), signature=str(field) == "/Sig"))
    return stamps


def _filters(stream: Any) -> set[str]:
    import pikepdf

    value = stream.get("/Filter", [])
    names = [value] if isinstance(value, pikepdf.Name) else list(value)
    return {str(name) for name in names}


def _device_colours(stream: Any) -> bool:
    """Whether the samples are grey or RGB (directly, with a profile, or through a palette)."""
    space = stream.get("/ColorSpace")
    name = str(space) if not hasattr(space, "as_list") or str(space)[:1] == "/" else str(space[0])
    if name == "/Indexed":
        return _device_colours({"/ColorSpace": space[1]})
    if name == "/ICCBased":
        return int(space[1].get("/N", 0)) in {1, 3}
    return name in {"/DeviceGray", "/DeviceRGB", "/CalGray", "/CalRGB"}


def _extract(stream: Any, target: Path) -> bool:
    """Write exactly the stored pixels as a JPEG, TIFF or PNG file; whether that could be done."""
    from pikepdf import PdfImage, PikepdfError

    with target.open("wb") as file:
        try:
            PdfImage(stream).extract_to(stream=file)
        except PikepdfError:
            return False
        except FOREIGN_ERRORS:
            return False
    return True


def _check_decodes(stream: Any) -> None:
    """Read an image that will be rendered: pdfium paints a cut one white and says nothing."""
    if _filters(stream) == {"/FlateDecode"}:
        check_inflates(stream)
    elif _filters(stream) <= {"/FlateDecode", "/LZWDecode", "/ASCII85Decode", "/RunLengthDecode"}:
        stream.read_bytes()


def _native_dpi(drawn: Any) -> float:
    """The resolution at which a mixed page is rasterised: that of its largest image, in bounds."""
    import pypdfium2.raw as pdfium_c

    best, area = _RENDER_DPI, 0.0
    for image in drawn.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = image.get_bounds()
        covered = (right - left) * (top - bottom)
        if covered > area:
            area = covered
            best = image.get_px_size()[0] / max(right - left, 1.0) * POINTS_PER_INCH
    return min(max(best, _MIN_RENDER_DPI), _MAX_RENDER_DPI)


def _image_cover(drawn: Any) -> float:
    """Share of the page that its largest image covers, 0–1."""
    import pypdfium2.raw as pdfium_c

    width, height = drawn.get_size()
    cover = 0.0
    for image in drawn.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = image.get_bounds()
        wide = min(right, width) - max(left, 0.0)
        high = min(top, height) - max(bottom, 0.0)
        cover = max(cover, max(wide, 0.0) * max(high, 0.0) / (width * height))
    return cover

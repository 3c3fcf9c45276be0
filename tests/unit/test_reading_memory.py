"""Large pages are opened, read and composed within the memory that a worker may take."""

import zlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from domain.errors import ConfigurationFault, DocumentFault
from reading.compose import compose_pdf
from reading.engines import tessdata_folder
from reading.opening import open_scan
from reading.pool import ReadingPool
from reading.recognise import recognise_page
from reading.settings import ReadingSettings
from reading.symbols import read_symbols
from tests.unit.reading_pages import LINES, printed_page

A3_AT_600 = (7016, 9922)
MOST_MIB = 400
SETTINGS = ReadingSettings()


def peak_mib():
    """The most memory that the process which runs this has held, in MiB."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def compose(image, page, text, target):
    """Compose the one page, as the line does."""
    created = datetime(2026, 1, 2, tzinfo=UTC)
    compose_pdf([(image, page, text)], target, title="Trang", created=created, document_id="1")


@pytest.fixture(scope="module")
def a3_page():
    """A colour scan of A3 at 600 dpi with the grain that makes files large."""
    try:
        tessdata_folder(SETTINGS)
    except ConfigurationFault:
        pytest.skip("no Vietnamese model (Debian: tesseract-ocr-vie)")
    page = printed_page(mode="RGB").resize(A3_AT_600, Image.Resampling.BICUBIC)
    dice = np.random.default_rng(5)
    for top in range(0, page.height, 512):
        for left in range(0, page.width, 512):
            box = (left, top, min(left + 512, page.width), min(top + 512, page.height))
            tile = np.asarray(page.crop(box), dtype=np.int16)
            worn = (tile + dice.integers(-3, 4, tile.shape, dtype=np.int16)).clip(0, 255)
            page.paste(Image.fromarray(worn.astype(np.uint8)), box[:2])
    return page


def as_flate_pdf(page, target):
    """The page as one Flate image without prediction, the plainest way to store it."""
    pdf = pikepdf.new()
    packer = zlib.compressobj(1)
    parts = [
        packer.compress(page.crop((0, top, page.width, min(top + 500, page.height))).tobytes())
        for top in range(0, page.height, 500)
    ]
    image = pikepdf.Stream(
        pdf, b"".join([*parts, packer.flush()]), Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image, Width=page.width, Height=page.height,
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.FlateDecode,
    )  # fmt: skip
    leaf = pdf.add_blank_page(page_size=(842, 1191))
    leaf.obj.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Im0=pdf.make_indirect(image))
    )
    leaf.obj.Contents = pdf.make_indirect(pikepdf.Stream(pdf, b"q 842 0 0 1191 0 0 cm /Im0 Do Q"))
    pdf.save(target)


def write(page, form, target):
    """The page in one of the forms in which scans come."""
    if form == "pdf-flate":
        as_flate_pdf(page, target)
        return
    image = page
    if form.startswith(("png-rgba", "tiff-cmyk")):
        image = page.convert("RGBA" if form == "png-rgba" else "CMYK")
    if form == "png-grey16":
        image = Image.fromarray(np.asarray(page.convert("L")).astype(np.uint16) * 257)
    options = {
        "jpeg": {"format": "JPEG"},
        "jpeg-progressive": {"format": "JPEG", "progressive": True, "subsampling": 2},
        "png": {"format": "PNG", "compress_level": 1},
        "png-rgba": {"format": "PNG", "compress_level": 1},
        "png-grey16": {"format": "PNG", "compress_level": 1},
        "tiff-jpeg": {"format": "TIFF", "compression": "jpeg"},
        "tiff-raw": {"format": "TIFF"},
        "tiff-cmyk": {"format": "TIFF", "compression": "tiff_adobe_deflate"},
        "bmp": {"format": "BMP"},
        "webp": {"format": "WEBP", "quality": 60, "method": 0},
        "jp2": {"format": "JPEG2000", "quality_mode": "rates", "quality_layers": [30]},
    }[form]
    image.save(target, dpi=(600, 600), **options)


def peak_of_reading(source, folder):
    """The text, and the peak of the one child that opened, read and composed the file."""
    with ReadingPool(processes=1) as pool:
        limits = pool.limits
        scan = pool.run(open_scan, source, folder, limits, timeout_seconds=60)
        page = scan.pages[0]
        image = folder / page.image
        pool.run(read_symbols, image, page, timeout_seconds=60)
        text = pool.run(recognise_page, image, page, SETTINGS, timeout_seconds=60)
        pool.run(compose, image, page, text, folder / "paper.pdf", timeout_seconds=60)
        return text, pool.run(peak_mib, timeout_seconds=60)


FORMS = ["jpeg", "png", "pdf-flate"]
MORE_FORMS = [
    "png-rgba", "png-grey16", "tiff-jpeg", "tiff-raw", "tiff-cmyk", "bmp",
]  # fmt: skip


@pytest.mark.parametrize(
    "form", [*FORMS, *(pytest.param(form, marks=pytest.mark.integration) for form in MORE_FORMS)]
)
def test_a_colour_page_of_a3_at_600_dpi_is_read_within_400_mib(a3_page, tmp_path, form):
    """One child opens, reads and composes it and never holds more than a worker may."""
    source = tmp_path / "scan"
    write(a3_page, form, source)
    text, peak = peak_of_reading(source, tmp_path)
    assert text.text.splitlines()[0] == LINES[0]
    first = text.words[0].box
    assert first.right <= A3_AT_600[0]
    assert text.width, text.height == A3_AT_600
    if peak is None:
        pytest.skip("the peak of a process is only known on Linux")
    assert peak < MOST_MIB


@pytest.mark.integration
@pytest.mark.parametrize("form", ["webp", "jp2", "jpeg-progressive"])
def test_forms_whose_decoders_need_more_are_refused_before_decoding(a3_page, tmp_path, form):
    """The officer is told which resolution to scan at; the child stays small."""
    source = tmp_path / "scan"
    write(a3_page, form, source)
    with ReadingPool(processes=1) as pool:
        with pytest.raises(DocumentFault) as caught:
            pool.run(open_scan, source, tmp_path, pool.limits, timeout_seconds=60)
        peak = pool.run(peak_mib, timeout_seconds=60)
    assert caught.value.reason == "too_large"
    assert "200-300 dpi" in str(caught.value)
    assert peak is None or peak < MOST_MIB / 2

"""Large pages are read within the memory that a worker may take."""

from pathlib import Path

import pytest
from PIL import Image

from domain.errors import ConfigurationFault
from reading.engines import tessdata_folder
from reading.opening import open_scan
from reading.pool import ReadingPool
from reading.recognise import recognise_page
from reading.settings import ReadingSettings
from tests.unit.reading_pages import LINES, printed_page

A3_AT_600 = (7016, 9922)
MOST_MIB = 500
SETTINGS = ReadingSettings()


def peak_mib():
    """The most memory that the process which runs this has held, in MiB."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@pytest.fixture
def a3_page(tmp_path):
    """A colour scan of A3 at 600 dpi without loss, the dearest form of a page."""
    try:
        tessdata_folder(SETTINGS)
    except ConfigurationFault:
        pytest.skip("no Vietnamese model (Debian: tesseract-ocr-vie)")
    page = printed_page(mode="RGB").resize(A3_AT_600, Image.Resampling.BICUBIC)
    source = tmp_path / "scan"
    page.save(source, format="PNG", dpi=(600, 600), compress_level=1)
    return source


def test_a_colour_page_of_a3_at_600_dpi_is_read_within_500_mib(a3_page, tmp_path):
    """It is opened and read by one child, which never holds more than a worker may."""
    with ReadingPool(processes=1) as pool:
        limits = pool.limits
        scan = pool.run(open_scan, a3_page, tmp_path, limits, timeout_seconds=60)
        page = scan.pages[0]
        text = pool.run(recognise_page, tmp_path / page.image, page, SETTINGS, timeout_seconds=60)
        peak = pool.run(peak_mib, timeout_seconds=60)
    assert text.text.splitlines()[0] == LINES[0]
    if peak is None:
        pytest.skip("the peak of a process is only known on Linux")
    assert peak < MOST_MIB

"""Mutated and cut files of every format: opened, or refused with a reason; never anything else."""

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.errors import DocumentFault
from reading.limits import Limits
from reading.opening import open_scan
from reading.pool import ReadingPool
from tests.unit.reading_pages import encoded, printed_page
from tests.unit.test_reading_opening import pdf_bytes, scan_pdf

LIMITS = Limits(max_pixels_per_page=4_000_000, open_seconds=20)
SMALL = printed_page(mode="RGB").resize((248, 351), Image.Resampling.BICUBIC)


def zipped(data):
    """A ZIP of one image."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trang.jpg", data)
    return target.getvalue()


JPEG = encoded(SMALL, "JPEG")
FILES = {
    "pdf": pdf_bytes(scan_pdf(JPEG)),
    "tiff-lzw": encoded(SMALL, "TIFF", compression="tiff_lzw"),
    "tiff-g4": encoded(SMALL.convert("1"), "TIFF", compression="group4"),
    "jpeg": JPEG,
    "png": encoded(SMALL, "PNG"),
    "png-palette": encoded(SMALL.quantize(16), "PNG"),
    "webp": encoded(SMALL, "WEBP"),
    "bmp": encoded(SMALL, "BMP"),
    "jp2": encoded(SMALL, "JPEG2000"),
    "zip": zipped(JPEG),
}


@st.composite
def damage(draw):
    """Bytes to overwrite (place as a share of the file, value), and how much of the file is left.

    Half of the places are in the first 5 %, where headers and directories stand.
    """
    share = st.one_of(st.floats(0, 0.05), st.floats(0, 1))
    changes = draw(st.lists(st.tuples(share, st.integers(0, 255)), max_size=12))
    left = draw(st.one_of(st.just(1.0), st.floats(0, 1)))
    return changes, left


def damaged(data, changes, left):
    """The bytes with the damage done."""
    worn = bytearray(data)
    for share, value in changes:
        worn[min(int(share * len(worn)), len(worn) - 1)] = value
    return bytes(worn[: int(left * len(worn))])


@pytest.fixture(scope="module")
def pool():
    """One child that must outlive everything it is fed."""
    with ReadingPool(LIMITS, processes=1) as pool:
        yield pool


def ends(pool, data):
    """How opening ends: the pages that were written, or the refusal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scan").write_bytes(data)
        try:
            seconds = LIMITS.open_seconds
            scan = pool.run(open_scan, folder / "scan", folder, LIMITS, timeout_seconds=seconds)
        except DocumentFault as refusal:
            return refusal
        assert all((folder / page.image).stat().st_size for page in scan.pages)
        return scan


@pytest.mark.parametrize("form", FILES)
@settings(
    max_examples=25, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(what=damage())
def test_a_damaged_file_is_opened_or_refused_with_a_reason(pool, form, what):
    """Nothing else ever comes of it, and the pool goes on with the next file."""
    end = ends(pool, damaged(FILES[form], *what))
    if isinstance(end, DocumentFault):
        assert end.reason
        assert len(str(end)) > len(end.reason)
        assert end.reason not in {"timeout", "crashed"}
    else:
        assert end.pages


@pytest.mark.parametrize("form", FILES)
def test_the_whole_file_is_opened_by_the_child_that_outlived_the_damaged_ones(pool, form):
    """The files are sound as they are: what was refused above was refused for its damage."""
    end = ends(pool, FILES[form])
    assert not isinstance(end, DocumentFault), end
    assert len(end.pages) == 1

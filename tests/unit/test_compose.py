"""Composed files: the same pixels, the text where it is seen, the same bytes twice."""

import io
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from shutil import which

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

from domain.words import Box, PageText, Word
from reading.compose import compose_pdf, srgb_profile
from reading.glyphless import font_file
from reading.limits import Limits
from reading.opening import open_scan
from tests.unit.reading_pages import LINES, encoded, printed_page

CREATED = datetime(2026, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=7)))


def page_text(page, lines=LINES, **changes):
    """A page's words as if recognised: 50 pixels high, each line at its printed height."""
    words = []
    for number, line in enumerate(lines):
        x = 200
        for text in line.split():
            box = Box(x=x, y=400 + number * 64, width=20 * len(text), height=40)
            words.append(Word(text=text, box=box, confidence=0.9, line=number))
            x += 20 * (len(text) + 1)
    swapped = changes.get("rotation", 0) in {90, 270}
    size = (page.height, page.width) if swapped else (page.width, page.height)
    facts = {"page": 1, "width": size[0], "height": size[1], "dpi": page.dpi, "words": words}
    return PageText(**(facts | changes))


@pytest.fixture
def compose(tmp_path):
    """Composes one image file; returns the bytes of the PDF."""

    def do(data, name="a", **changes):
        source = tmp_path / f"{name}.scan"
        source.write_bytes(data)
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        page = open_scan(source, folder, Limits()).pages[0]
        target = tmp_path / f"{name}.pdf"
        pages = [(folder / page.image, page, page_text(page, **changes))]
        compose_pdf(
            pages, target, title="Quyết định <số> & ký hiệu", created=CREATED, document_id=name
        )
        return target.read_bytes()

    return do


def shown(data):
    """The first page of a PDF as a grey picture at 200 dpi."""
    with pypdfium2.PdfDocument(data) as document:
        return document[0].render(scale=200 / 72).to_pil().convert("L")


def test_the_same_input_gives_the_same_bytes(compose, tmp_path):
    """Steps may run twice; another document has another identity."""
    data = encoded(printed_page(), "JPEG")
    first = compose(data)
    again = compose(data)
    assert first == again
    with (
        pikepdf.open(io.BytesIO(first)) as one,
        pikepdf.open(io.BytesIO(compose(data, name="b"))) as other,
    ):
        assert bytes(one.trailer.ID[0]) != bytes(other.trailer.ID[0])


def test_a_jpeg_goes_in_and_comes_out_unchanged(compose):
    """The coded bytes are the scanner's own."""
    data = encoded(printed_page(mode="RGB"), "JPEG")
    with pikepdf.open(io.BytesIO(compose(data))) as pdf:
        assert pdf.pages[0].obj.Resources.XObject.Im0.read_raw_bytes() == data


@pytest.mark.parametrize(
    ("mode", "kind", "options"),
    [
        ("L", "PNG", {}),
        ("RGB", "PNG", {}),
        ("P", "PNG", {}),
        ("1", "PNG", {}),
        ("1", "TIFF", {"compression": "group4"}),
        ("L", "TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_other_images_show_the_same_pixels(compose, mode, kind, options):
    """Flate and CCITT images decode to what was scanned."""
    page = printed_page(mode=mode)
    with pikepdf.open(io.BytesIO(compose(encoded(page, kind, **options)))) as pdf:
        stored = pikepdf.PdfImage(pdf.pages[0].obj.Resources.XObject.Im0).as_pil_image()
    difference = ImageChops.difference(stored.convert("L"), page.convert("L"))
    assert difference.getbbox() is None


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_stands_upright(compose, turn):
    """The image's bytes stay; the page shows it upright without a /Rotate entry."""
    upright = printed_page()
    lying = encoded(upright.rotate(turn, expand=True), "PNG")
    data = compose(lying, rotation=turn)
    picture = shown(data).resize(upright.size)
    difference = ImageChops.difference(picture, upright)
    assert sum(difference.histogram()[128:]) < 0.002 * upright.width * upright.height
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert "/Rotate" not in pdf.pages[0].obj
        assert [round(float(edge)) for edge in pdf.pages[0].mediabox] == [0, 0, 595, 842]


def test_text_is_found_where_it_is_seen(compose):
    """Searching gives the sentence; each word's box lies on its print."""
    data = compose(encoded(printed_page(), "JPEG"))
    with pypdfium2.PdfDocument(data) as document:
        page = document[0]
        text = page.get_textpage()
        assert " ".join(text.get_text_range().split()) == " ".join(LINES)
        index, length = text.search("Luật Tổ chức").get_next()
        left, bottom, _, top = text.get_charbox(index, loose=True)
        before = len("Căn cứ ")
        assert left == pytest.approx((200 + 20 * before) * 72 / 200, abs=1)
        assert 842 - top == pytest.approx(400 * 72 / 200, abs=2)
        assert 842 - bottom == pytest.approx(440 * 72 / 200, abs=2)
        assert length == len("Luật Tổ chức")


def test_the_text_is_invisible(compose):
    """The page looks the same with and without words."""
    data = encoded(printed_page(), "PNG")
    with_words, without = compose(data), compose(data, name="b", lines=())
    assert ImageChops.difference(shown(with_words), shown(without)).getbbox() is None


@pytest.mark.skipif(which("pdftotext") is None, reason="poppler-utils is not installed")
@pytest.mark.parametrize("skew", [-2.0, 0.0, 2.0])
def test_another_reader_finds_the_sentences(compose, tmp_path, skew):
    """Poppler keeps the words of a line together, on a slightly leaning page too."""
    target = tmp_path / "composed.pdf"
    page = printed_page().rotate(skew, fillcolor=255)
    target.write_bytes(compose(encoded(page, "JPEG"), skew=skew))
    run = subprocess.run(
        ["pdftotext", str(target), "-"], capture_output=True, text=True, check=True
    )
    assert " ".join(run.stdout.split()) == " ".join(LINES)


@pytest.mark.skipif(which("qpdf") is None, reason="qpdf is not installed")
def test_the_file_is_sound(compose, tmp_path):
    """Qpdf finds neither errors nor warnings."""
    target = tmp_path / "composed.pdf"
    target.write_bytes(compose(encoded(printed_page(), "JPEG")))
    run = subprocess.run(
        ["qpdf", "--check", str(target)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_title_dates_and_conformance_are_stated_and_agree(compose):
    """PDF/A-2b is claimed in XMP; the document information says the same."""
    with pikepdf.open(io.BytesIO(compose(encoded(printed_page(), "JPEG")))) as pdf:
        assert str(pdf.docinfo.Title) == "Quyết định <số> & ký hiệu"
        assert str(pdf.docinfo.CreationDate) == "D:20260301093000+07'00'"
        with pdf.open_metadata() as xmp:
            assert xmp["pdfaid:part"] == "2"
            assert xmp["pdfaid:conformance"] == "B"
            assert xmp["dc:title"] == "Quyết định <số> & ký hiệu"
            assert xmp["xmp:CreateDate"] == "2026-03-01T09:30:00+07:00"
        assert str(pdf.Root.OutputIntents[0].S) == "/GTS_PDFA1"


def test_nothing_active_of_the_source_gets_in(samples, tmp_path):
    """Scripts, actions and attachments stay behind."""
    for name in ("doc_actions.pdf", "evaljs.pdf", "attachment.pdf"):
        opened = open_scan(samples / "hostile" / name, tmp_path, Limits())
        assert opened.active_content
        target = tmp_path / "composed.pdf"
        pages = [
            (tmp_path / page.image, page, page_text(page, words=page.words or ()))
            for page in opened.pages
        ]
        compose_pdf(pages, target, title=name, created=CREATED, document_id=name)
        assert open_scan(target, tmp_path, Limits()).active_content == ()


def test_a_composed_file_is_read_as_a_scan_again(compose, tmp_path):
    """Our own output handed in: its image is kept, its text layer is not taken for print."""
    data = encoded(printed_page(), "JPEG")
    target = tmp_path / "again.pdf"
    target.write_bytes(compose(data))
    opened = open_scan(target, tmp_path, Limits())
    assert opened.kind == "scan"
    assert (tmp_path / opened.pages[0].image).read_bytes() == data


def test_many_pages_are_composed_in_order(tmp_path):
    """More pages than are held in memory at a time, each with its own picture."""
    (tmp_path / "scan").write_bytes(encoded(printed_page(), "JPEG"))
    page = open_scan(tmp_path / "scan", tmp_path, Limits()).pages[0]
    pages = [
        (tmp_path / page.image, page, page_text(page, [f"Trang {number}"])) for number in range(60)
    ]
    target = tmp_path / "composed.pdf"
    compose_pdf(pages, target, title="60 trang", created=CREATED, document_id="60")
    with pypdfium2.PdfDocument(target) as document:
        texts = [document[index].get_textpage().get_text_range().strip() for index in range(60)]
    assert texts == [f"Trang {number}" for number in range(60)]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_font_and_profile_never_change():
    """Neither carries the time at which it was made."""
    font_file.cache_clear()
    assert font_file() == font_file.__wrapped__()
    assert srgb_profile() == srgb_profile()
    assert srgb_profile()[24:36] == bytes.fromhex("07d300010001000000000000")


def test_a_created_time_in_another_zone_is_kept_with_its_offset(tmp_path):
    """Offsets are part of the statement."""
    (tmp_path / "scan").write_bytes(encoded(printed_page(), "JPEG"))
    page = open_scan(tmp_path / "scan", tmp_path, Limits()).pages[0]
    target = tmp_path / "utc.pdf"
    compose_pdf(
        [(tmp_path / page.image, page, page_text(page))],
        target,
        title="x",
        created=CREATED.astimezone(UTC),
        document_id="x",
    )
    with pikepdf.open(target) as pdf:
        assert str(pdf.docinfo.CreationDate) == "D:20260301023000+00'00'"


def test_a_leaning_image_is_left_as_it_is(compose):
    """Straightening is for reading only."""
    data = encoded(printed_page().rotate(3, fillcolor=255), "JPEG")
    with pikepdf.open(io.BytesIO(compose(data, skew=3.0))) as pdf:
        assert pdf.pages[0].obj.Resources.XObject.Im0.read_raw_bytes() == data
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "L"


@pytest.mark.conformance
def test_an_independent_validator_accepts_every_form_of_page(compose, tmp_path):
    """VeraPDF passes JPEG, PNG and G4 pages, turned, leaning, empty and with odd characters."""
    from tests.verapdf import missing, verapdf

    if missing():
        pytest.skip(missing())
    forms = {
        "grey-jpeg": (encoded(printed_page(), "JPEG"), {}),
        "colour-jpeg": (encoded(printed_page(mode="RGB"), "JPEG"), {"skew": 1.5}),
        "palette-png": (encoded(printed_page(mode="P"), "PNG"), {"rotation": 90}),
        "two-levels": (encoded(printed_page(mode="1"), "TIFF"), {"rotation": 180}),
        "empty": (encoded(printed_page([]), "PNG"), {"lines": ()}),
        "odd": (
            encoded(printed_page(), "PNG"),
            {"lines": ["\U0001d11e \ufeff \uffff", "\ufb01 €"]},
        ),
        "tiny": (encoded(Image.new("L", (9, 9)), "PNG"), {"lines": ()}),
    }
    for name, (data, changes) in forms.items():
        compose(data, name=name, **changes)
    files = [tmp_path / f"{name}.pdf" for name in forms]
    assert verapdf(files) == dict.fromkeys(files, "pass")

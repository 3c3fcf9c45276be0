"""Other people's tools judge what the line makes: veraPDF, pdfsig, qpdf, ocfl-py, pdftotext."""

import io
import json
import shutil
import subprocess

import pytest

from deployments.samples.files import as_pdf, as_png, as_tiff
from deployments.samples.papers import draw_paper
from storage.content import ContentStore
from tasks.house import house
from tasks.shelf import listed
from tests.flows import papers as drawn
from tests.office import opened
from tests.verapdf import missing, verapdf

pytestmark = pytest.mark.conformance


def _upside_down_jpeg():
    page = drawn.paper("giay-phep-xay-dung").pages[0].rotate(180)
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=85, dpi=(drawn.DPI, drawn.DPI))
    return buffer.getvalue()


def _colour_pdf():
    colour = drawn.CLEAN.model_copy(update={"colour": "rgb"})
    drawn_paper = draw_paper("ke-hoach", seed=4, dpi=150, degrade=colour, wish=drawn.ONE_PAGE)
    return as_pdf(drawn_paper.pages, quality=80)


@pytest.fixture(scope="module")
def digitized(tmp_path_factory, reading_pool, test_keys):
    """Papers from every kind of file, with what each step made kept instead of cleared."""
    folder = tmp_path_factory.mktemp("line")
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        opened(folder, monkeypatch, reading_pool, test_keys) as office,
    ):
        monkeypatch.setattr(ContentStore, "clear", lambda _self: None)
        yield _digitize(office, folder)


def _digitize(office, folder):
    summary = office.digitize(
        {
            "a.pdf": drawn.pdf("giay-khai-sinh"),
            "b.jpg": drawn.jpeg("trich-luc-khai-tu"),
            "c.png": as_png(drawn.paper("quyet-dinh").pages[0]),
            "d.tif": as_tiff(drawn.paper("to-trinh").pages * 2, quality=80),
            "e.jpg": _upside_down_jpeg(),
            "f.pdf": _colour_pdf(),
            "letter.jpg": drawn.unknown(),
        }
    )
    assert summary.scans.total == summary.scans.done + summary.scans.review == 7
    files = {}
    for row in listed():
        for stage in ("composed", "officer_signed", "signed"):
            if row[stage]:
                file = folder / f"{row['id']}-{stage}.pdf"
                house().work(row["scan_id"]).fetch(row[stage], file)
                files[file] = stage
    return files


@pytest.mark.skipif(bool(missing()), reason=missing() or "veraPDF is here")
def test_every_file_of_every_stage_is_pdf_a_2b(digitized):
    verdicts = verapdf(digitized)
    assert {file.name: verdict for file, verdict in verdicts.items() if verdict != "pass"} == {}
    assert sorted(set(digitized.values())) == ["composed", "officer_signed", "signed"]


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="no pdfsig (Debian: poppler-utils)")
def test_pdfsig_finds_both_signatures_valid_and_the_last_one_over_the_whole_file(digitized):
    for file, stage in digitized.items():
        if stage != "signed":
            continue
        said = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
        assert said.count("Signature is Valid") == 2, said
        assert said.count("Total document signed") == 1, said


@pytest.mark.skipif(not shutil.which("qpdf"), reason="no qpdf (Debian: qpdf)")
def test_qpdf_finds_no_fault_and_no_page_lost(digitized):
    for file in digitized:
        done = subprocess.run(
            ["qpdf", "--check", file], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="no pdftotext (Debian: poppler-utils)")
def test_pdftotext_finds_the_words_of_the_text_layer_in_reading_order(digitized):
    texts = [
        subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
        for file, stage in digitized.items()
        if stage == "signed"
    ]
    joined = "\n".join(" ".join(text.split()) for text in texts)
    for words in ("KHAI SINH", "Độc lập - Tự do - Hạnh phúc", "Số định danh cá nhân"):
        assert words in joined, words


def test_ocfl_py_finds_the_archive_valid(digitized):
    ocfl = pytest.importorskip("ocfl", exc_type=ImportError)
    del digitized
    root = ocfl.StorageRoot(root=str(house().settings.store("archive").root))
    assert root.validate(log_warnings=True, log_errors=False)
    assert root.good_objects == root.num_objects > 2
    assert root.errors == []


def test_no_personal_identifier_stands_in_keys_or_events(digitized):
    del digitized
    archive = house().settings.store("archive")
    owners = [
        drawn.paper(kind).truth.fields.owner_id for kind in ("giay-khai-sinh", "trich-luc-khai-tu")
    ]
    names = list(archive.keys())
    keys = "\n".join(names)
    events = "".join(archive.get(key).decode() for key in names if key.endswith("events.json"))
    assert json.loads(next(archive.get(k) for k in names if k.endswith("events.json")))
    for owner in owners:
        assert owner not in keys
        assert owner not in events

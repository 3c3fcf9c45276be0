"""Hostile and odd files as one lot: each ends with a reason, the good ones are archived."""

import time

import pikepdf
import pytest

from domain.identity import paper_object_id
from domain.states import PaperState
from tasks.house import house
from tasks.shelf import listed, save_pdf
from tests.flows import papers as drawn

LIMIT_SECONDS = 60
ACTIVE = ("/JS", "/JavaScript", "/Launch", "/EmbeddedFiles", "/RichMedia", "/XFA", "/OpenAction")


def _active(file):
    """Names of active content that stand anywhere in a PDF."""
    with pikepdf.open(file) as document:
        found = set()
        for thing in document.objects:
            if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
                found |= {name for name in ACTIVE if name in thing}
                found |= {str(thing["/S"])} & set(ACTIVE) if "/S" in thing else set()
        return found


def test_a_lot_of_hostile_and_odd_files_loses_nothing_and_stops_nothing(office, samples):
    files = {
        file.name: file.read_bytes()
        for folder in ("hostile", "scans")
        for file in sorted((samples / folder).iterdir())
        if file.suffix != ".rst"
    }
    files["good.pdf"] = drawn.pdf("giay-khai-sinh")
    started = time.monotonic()
    summary = office.digitize(files)
    assert time.monotonic() - started < LIMIT_SECONDS * len(files)
    counts = summary.scans
    assert summary.unfinished == ()
    assert counts.total == len(files)
    assert counts.done + counts.review + counts.set_aside + counts.duplicate == len(files)
    assert "unforeseen" not in {item.reason for item in summary.set_aside}
    assert all(item.message for item in summary.set_aside)
    assert [row.state for row in summary.rows if row.scan == "good.pdf"] == ["đã lưu trữ"]
    kept = {house().quarantine.get(key) for key in house().quarantine.keys()}  # noqa: SIM118
    assert {files[item.scan] for item in summary.set_aside} <= kept


def test_what_is_composed_holds_no_script_action_or_attachment_of_its_input(
    office, samples, tmp_path
):
    names = ("evaljs.pdf", "doc_actions.pdf", "attachment.pdf")
    files = {name: (samples / "hostile" / name).read_bytes() for name in names}
    office.digitize(files)
    rows = listed()
    assert rows
    for row in rows:
        file = tmp_path / f"{row['id']}.pdf"
        save_pdf(row["id"], file)
        if any(file.read_bytes().startswith(content) for content in files.values()):
            # kept as it came (born digital): a person must look before it is archived
            assert row["state"] == PaperState.IN_REVIEW
            assert "có chứa tệp đính kèm" in " ".join(row["description"]["review"])
        else:
            assert _active(file) == set()


def test_a_born_digital_file_with_a_script_goes_to_review_never_silently_into_the_archive(office):
    office.digitize({"script.pdf": _with_script()})
    (row,) = listed()
    assert row["state"] == PaperState.IN_REVIEW
    assert any("có chứa" in reason for reason in row["description"]["review"])
    assert house().archive.inventory(paper_object_id(row["id"])) is None


def _with_script():
    """A drawn scan that came signed, with a script added before it was signed."""
    import io

    from deployments.samples.files import signed

    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(drawn.pdf("thong-bao", seed=3))) as document:
        document.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS="app.alert('xin chào')"
        )
        document.save(buffer)
    return signed(buffer.getvalue(), "Cơ quan khác (mẫu)")


@pytest.mark.parametrize("cut", [1, 100, 5000])
def test_a_scan_cut_anywhere_is_set_aside_or_waits_but_is_never_archived_short(office, cut):
    content = drawn.pdf("giay-khai-sinh")
    summary = office.digitize({"cut.pdf": content[:-cut]})
    assert summary.papers.archived == 0 or summary.pages == 1
    assert summary.scans.total == 1

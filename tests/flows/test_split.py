"""A stack of papers becomes papers: sheets and symbols, an operator's ranges, ZIP files."""

import io
import json
import os
import signal
import time
import zipfile

import pikepdf
import pytest
from typer.testing import CliRunner

from deployments.cli.main import app
from deployments.samples.files import signed
from domain.errors import DocumentFault, NotFound, Undecided
from domain.identity import paper_object_id, scan_object_id
from domain.page_ranges import PageRanges
from domain.states import PaperState
from flows.resplit import resplit
from storage.registry import audit
from tasks.house import house
from tasks.reading import read_file
from tasks.shelf import listed
from tasks.upload import Overrides, upload
from tasks.verify import verify_paper
from tests.flows import papers as drawn
from tests.flows import stacks
from tests.flows.test_kill import KILLED, _run_and_die

FIRST, SECOND = "000.00.16.H58-210928-0001", "G09.20-20260609-0092637"
BIRTH, DEATH = "giay-khai-sinh", "trich-luc-khai-tu"


def two_papers():
    """A cover sheet, a birth certificate, a separator sheet, a death extract."""
    return stacks.stack(
        stacks.cover_sheet(FIRST, BIRTH, "H31.12"),
        stacks.pages(BIRTH),
        stacks.patch_t(),
        stacks.pages(DEATH),
    )


def by_pages():
    """The papers of the registry by their pages."""
    return {tuple(row["pages"]): row for row in listed()}


def test_a_stack_becomes_papers_each_with_its_own_file_text_and_record(office):
    content = two_papers()
    summary = office.digitize({"stack.pdf": content})
    assert (summary.scans.done, summary.papers.archived, summary.pages) == (1, 2, 4)
    birth, death = by_pages()[(2,)], by_pages()[(4,)]
    assert (birth["type_id"], birth["dossier"], birth["unit"]) == (BIRTH, FIRST, "H31.12")
    assert (death["type_id"], death["dossier"], death["unit"]) == (DEATH, None, "H31")
    archive = house().archive
    for row, title in ((birth, "KHAI SINH"), (death, "KHAI TỬ")):
        with pikepdf.open(io.BytesIO(archive.read(paper_object_id(row["id"]), "paper.pdf"))) as pdf:
            assert len(pdf.pages) == 1
        text = json.loads(archive.read(paper_object_id(row["id"]), "text.json"))
        assert [page["page"] for page in text["pages"]] == row["pages"]
        assert title in " ".join(word["text"] for word in text["pages"][0]["words"])
        assert verify_paper(row["id"]).sound
    assert archive.read(scan_object_id(birth["scan_id"]), "original.pdf") == content
    assert len(list(archive.object_ids())) == 3


def test_a_stack_brought_again_makes_no_second_papers(office):
    content = two_papers()
    office.digitize({"stack.pdf": content})
    before = [dict(row) for row in listed()]
    again = office.digitize({"stack.pdf": content})
    assert (again.scans.already, again.papers.archived) == (1, 0)
    assert [dict(row) for row in listed()] == before


def test_a_stack_whose_run_is_killed_between_steps_ends_with_every_paper_once(office):
    office.bring({"stack.pdf": two_papers()})
    for step in ("recognise", "compose", "describe", "sign_as_agency", "archive"):
        victim = _run_and_die(step)
        assert victim.returncode == KILLED, victim.stderr.decode()[-2000:]
    office.run()
    rows = listed()
    assert [row["state"] for row in rows] == [PaperState.ARCHIVED] * 2
    assert {row["archive_version"] for row in rows} == {1}
    assert len(list(house().archive.object_ids())) == 3


def test_a_run_that_stops_between_two_papers_of_a_scan_is_taken_up_there(office, monkeypatch):
    import tasks.archive

    real, calls = tasks.archive._commit, []

    def stops(*args, **options):
        calls.append(1)
        if len(calls) == 3:  # scan and first paper are in the archive
            raise KeyboardInterrupt
        return real(*args, **options)

    monkeypatch.setattr(tasks.archive, "_commit", stops)
    with pytest.raises(KeyboardInterrupt):
        office.digitize({"stack.pdf": two_papers()})
    monkeypatch.setattr(tasks.archive, "_commit", real)
    assert office.run().papers.archived == 2
    archive = house().archive
    found = {object_id: archive.inventory(object_id).version for object_id in archive.object_ids()}
    assert set(found.values()) == {1}
    assert len(found) == 3


def test_a_cover_sheet_that_names_another_type_sends_the_paper_to_a_person(office):
    sheet = stacks.cover_sheet(FIRST, DEATH)
    summary = office.digitize({"a.pdf": stacks.stack(sheet, stacks.pages(BIRTH))})
    assert summary.papers.review == 1
    assert "tờ bìa ghi" in " ".join(summary.rows[0].review)


def test_a_scan_of_separating_sheets_only_is_set_aside_with_its_reason(office):
    summary = office.digitize({"a.pdf": stacks.stack(stacks.patch_t())})
    assert [item.reason for item in summary.set_aside] == ["no_pages"]
    assert listed() == []


def test_a_receipts_code_binds_the_paper_to_its_dossier(office):
    receipt = stacks.with_code(stacks.pages(BIRTH)[0], f"{FIRST};1.000894;033090001234")
    office.digitize({"a.jpg": stacks.jpeg_of(receipt)})
    assert listed()[0]["dossier"] == FIRST


def test_a_receipts_code_of_another_dossier_sends_the_paper_to_a_person(office):
    receipt = stacks.with_code(stacks.pages(BIRTH)[0], f"{FIRST};1.000894;033090001234")
    summary = office.digitize({"a.jpg": stacks.jpeg_of(receipt)}, dossier=SECOND)
    assert any(FIRST in reason for reason in summary.rows[0].review)


def test_blank_pages_separate_where_the_settings_say_so(office, monkeypatch):
    monkeypatch.setenv("SOHOA_SPLIT_ON_BLANK", "true")
    house.cache_clear()
    blank = stacks.worn(stacks.blank_sheet())
    office.digitize({"a.pdf": stacks.stack(stacks.pages(BIRTH), blank, stacks.pages(DEATH))})
    assert set(by_pages()) == {(1,), (3,)}


def crash_on_second_page(_image, page):
    """A reader of symbols that takes its process down on page 2."""
    if page.page == 2:
        time.sleep(0.5)  # a child that dies before its pool knows what it works on ends the pool
        os.kill(os.getpid(), signal.SIGKILL)
    from reading.symbols import read_symbols

    return read_symbols(_image, page)


def test_a_symbol_that_crashes_the_reader_costs_its_page_only(office, monkeypatch):
    import tasks.recognise

    monkeypatch.setattr(tasks.recognise, "read_symbols", crash_on_second_page)
    content = stacks.stack(
        stacks.pages(BIRTH), stacks.patch_t(), stacks.patch_t(), stacks.pages(DEATH)
    )
    summary = office.digitize({"a.pdf": content})
    assert set(by_pages()) == {(1, 2), (4,)}
    assert summary.scans.set_aside == 0


def test_an_operators_ranges_make_the_papers(office):
    content = stacks.stack(stacks.pages(BIRTH), stacks.patch_t(), stacks.pages(DEATH))
    pages = PageRanges.model_validate("1,-2,3")
    summary = office.digitize({"a.pdf": content}, pages=pages)
    assert set(by_pages()) == {(1,), (3,)}
    again = office.digitize({"a.pdf": content}, pages=pages)
    assert (summary.papers.archived, again.scans.already) == (2, 1)
    with pytest.raises(Undecided, match="resplit"):
        office.bring({"a.pdf": content}, pages=PageRanges.model_validate("1-3"))


@pytest.mark.parametrize("ranges", ["1", "1-3"])
def test_ranges_that_do_not_fit_are_refused_before_anything_is_registered(office, ranges):
    content = stacks.stack(stacks.pages(BIRTH), stacks.pages(DEATH))
    with pytest.raises(DocumentFault) as caught:
        office.bring({"a.pdf": content}, pages=PageRanges.model_validate(ranges))
    assert caught.value.reason == "bad_pages"
    with pytest.raises(NotFound):
        office.run()


def test_a_file_that_came_signed_is_not_divided(office):
    content = signed(stacks.stack(stacks.pages(BIRTH), stacks.pages(DEATH)), "Cơ quan khác (mẫu)")
    with pytest.raises(DocumentFault, match="giữ nguyên"):
        office.bring({"a.pdf": content}, pages=PageRanges.model_validate("1,2"))


def test_a_manifest_says_which_pages_make_which_paper(office, tmp_path):
    folder = tmp_path / "lot"
    folder.mkdir()
    content = stacks.stack(stacks.pages(BIRTH), stacks.pages(DEATH))
    (folder / "a.pdf").write_bytes(content)
    files = [{"name": "a.pdf", "pages": [[1, 1], [2, 2]]}, "b.pdf"]
    manifest = {"lot": "lo-x", "unit": "H31", "files": files}
    (folder / "lot.json").write_text(json.dumps(manifest), encoding="utf-8")
    upload([folder], Overrides())
    assert office.run("lo-x").papers.archived == 2
    shown = CliRunner().invoke(app, ["status", "lo-x"]).output
    assert "còn MỞ" in shown
    assert "b.pdf" in shown


def test_a_person_splits_a_scan_anew_and_the_old_paper_is_superseded(office):
    letter = list(drawn.paper(drawn.UNKNOWN_KIND).pages)
    office.digitize({"a.pdf": stacks.stack(letter, stacks.pages(BIRTH))})
    (old,) = listed()
    resplit.fn(old["scan_id"], "-1,2", actor="Trần B")
    states = {tuple(row["pages"]): row["state"] for row in listed()}
    assert states == {(1, 2): PaperState.SUPERSEDED, (2,): PaperState.ARCHIVED}
    with house().registry.read() as db:
        assert "resplit" in [entry["action"] for entry in audit.of(db, old["scan_id"])]
        assert audit.broken_at(db) is None
    assert (office.run().papers.total, len(list(house().archive.object_ids()))) == (0, 2)


def test_a_scan_with_an_archived_paper_is_not_split_anew(office):
    office.digitize({"stack.pdf": two_papers()})
    with pytest.raises(Undecided, match="lưu trữ"):
        resplit.fn(listed()[0]["scan_id"], "1-4", actor="Trần B")


def test_wrong_ranges_leave_the_old_division_in_force(office):
    office.digitize({"letter.jpg": drawn.unknown()})
    before = [dict(row) for row in listed()]
    with pytest.raises(Undecided):
        resplit.fn(before[0]["scan_id"], "1-2", actor="Trần B")
    assert [dict(row) for row in listed()] == before


def test_reading_alone_shows_the_papers_of_a_stack(office, tmp_path):
    file = tmp_path / "stack.pdf"
    file.write_bytes(two_papers())
    papers = read_file(file)["papers"]
    assert [paper["pages"] for paper in papers] == [[2], [4]]
    assert [paper["type"]["id"] for paper in papers] == [BIRTH, DEATH]


def test_the_images_of_a_zip_are_one_scan_in_natural_order(office):
    birth, death = (stacks.jpeg_of(stacks.pages(kind)[0]) for kind in (BIRTH, DEATH))
    content = stacks.zipped(
        {
            "__MACOSX/._x": b"mac",
            "trang 10.jpg": death,
            "trang 9.jpg": stacks.jpeg_of(stacks.patch_t()),
            "trang 2.jpg": birth,
        }
    )
    summary = office.digitize({"a.zip": content})
    assert summary.papers.archived == 2
    assert {pages: row["type_id"] for pages, row in by_pages().items()} == {
        (1,): BIRTH,
        (3,): DEATH,
    }
    scan = scan_object_id(listed()[0]["scan_id"])
    assert house().archive.read(scan, "original.zip") == content


def test_a_zip_with_a_manifest_is_a_lot_of_its_own(office, tmp_path):
    manifest = {"lot": "lo-zip", "unit": "H31.12", "dossier": FIRST, "files": ["a.jpg", "b.jpg"]}
    content = stacks.zipped(
        {
            "lot.json": json.dumps(manifest).encode(),
            "../../a.jpg": stacks.jpeg_of(stacks.pages(BIRTH)[0]),
            "la.jpg": b"not listed",
            "ghi chu.txt": b"neither listed nor a scan",
        }
    )
    file = tmp_path / "lo.zip"
    file.write_bytes(content)
    brought = upload([file], Overrides())
    assert (brought.lot, brought.new, brought.skipped) == ("lo-zip", 2, ("ghi chu.txt",))
    assert (tmp_path.parent / "a.jpg").exists() is False
    summary = office.run("lo-zip")
    assert (summary.papers.archived, summary.missing) == (1, ("b.jpg",))
    assert [aside.scan for aside in summary.set_aside] == ["la.jpg"]  # taken: nothing is lost
    assert listed()[0]["dossier"] == FIRST
    assert upload([file], Overrides()).new == 0


def _encrypted_zip():
    """A ZIP whose member says that it is encrypted."""
    content = bytearray(stacks.zipped({"a.jpg": b"\xff\xd8\xff"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _bomb():
    """80 MiB of zeros in 80 KiB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bmp", b"BM" + bytes(80 << 20))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_encrypted_zip, "encrypted"),
        (_bomb, "too_large"),
        (lambda: stacks.zipped({"b.zip": stacks.zipped({"a.jpg": b"x"})}), "zip_unsuitable"),
        (lambda: stacks.zipped({"a.pdf": drawn.signed_pdf()}), "zip_unsuitable"),
        (lambda: stacks.zipped({"word/document.xml": b"<xml/>"}), "unknown_format"),
        (lambda: stacks.zipped({"a.jpg": b""}), "empty"),
        (lambda: stacks.zipped({".hidden": b"x"}), "no_pages"),
        (lambda: stacks.zipped({"lot.json": b"{}", "a.jpg": b"x"}), "lot_in_zip"),
        (lambda: stacks.zipped({"a.jpg": b"x"})[:-22], "truncated"),
    ],
)
def test_a_zip_that_cannot_be_taken_in_is_refused_with_its_reason(tmp_path, content, reason):
    from reading.limits import Limits
    from reading.opening import open_scan

    file = tmp_path / "original"
    file.write_bytes(content())
    with pytest.raises(DocumentFault) as caught:
        open_scan(file, tmp_path, Limits())
    assert caught.value.reason == reason
    assert str(caught.value).rstrip(")").endswith(".")


def test_cover_sheets_are_printed_one_per_paper(office, tmp_path):
    out = tmp_path / "bia.pdf"
    told = ["cover", "--type", BIRTH, "--type", DEATH, "--dossier", FIRST, "--out", str(out)]
    result = CliRunner().invoke(app, [*told, "--json"])
    assert json.loads(result.output)["codes"] == [
        f"SOHOA1|{FIRST}|{kind}|" for kind in (BIRTH, DEATH)
    ]
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) == 2
    assert CliRunner().invoke(app, ["cover", "--type", "khong-co"]).exit_code == 2

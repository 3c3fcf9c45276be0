"""What becomes of scans: archived, in review, set aside, linked; nothing lost, nothing doubled."""

import json

import pytest
from sqlalchemy import select

from domain.access import Access
from domain.errors import ConfigurationFault, DocumentFault, IntegrityFault, NotFound, Unavailable
from domain.identity import paper_object_id, scan_object_id
from domain.states import PaperState, ScanState
from storage.registry import audit, scans
from storage.registry.schema import scans as scans_table
from tasks.house import house
from tasks.lookup import lookup
from tasks.shelf import listed
from tasks.verify import verify_paper
from tests.flows import papers as drawn

ACCESS = Access(requester="cán bộ thử", purpose="phép thử")


def _states():
    return {row["state"] for row in listed()}


def test_a_printed_result_is_archived_with_the_fields_that_stand_on_it(office):
    truth = drawn.paper("giay-khai-sinh").truth.fields
    summary = office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")}, dossier="D-1")
    assert summary.scans.done == summary.scans.total == 1
    row = listed()[0]
    record = json.loads(house().archive.read(paper_object_id(row["id"]), "record.json"))
    values = {name: record["fields"][name]["value"] for name in ("number", "owner_id", "issuer")}
    assert values == {
        "number": truth.number,
        "owner_id": truth.owner_id,
        "issuer": truth.issuer,
    }
    assert record["code"] == f"{truth.owner_id}.KQ~2EG15~2E000031.{truth.number}.01"
    assert record["result_code"] == "D-1-KQ(1)"


def test_the_archived_file_carries_both_signatures_and_the_text(office):
    office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
    row = listed()[0]
    result = verify_paper(row["id"])
    assert (result.archive, result.signatures.verdict) == ("intact", "sound")
    assert [item.field for item in result.signatures.signatures] == ["SohoaCanBo", "SohoaCoQuan"]
    text = json.loads(house().archive.read(paper_object_id(row["id"]), "text.json"))
    words = " ".join(word["text"] for page in text["pages"] for word in page["words"])
    assert "KHAI SINH" in words


def test_twice_is_once(office):
    files = {"a.pdf": drawn.pdf("giay-khai-sinh"), "b.jpg": drawn.jpeg("trich-luc-khai-tu")}
    first = office.digitize(files)
    before = [dict(row) for row in listed()]
    again = office.digitize(files)
    assert first.papers.archived == 2
    assert (again.papers.archived, again.scans.already) == (0, 2)
    assert [dict(row) for row in listed()] == before
    assert list(house().intake.keys("lo-1/")) == ["lo-1/lot.json"]


def test_the_same_bytes_under_another_name_are_linked_not_processed_again(office):
    content = drawn.pdf("giay-khai-sinh")
    summary = office.digitize({"a.pdf": content, "b.pdf": content})
    assert (summary.scans.done, summary.scans.duplicate) == (1, 1)
    assert len(listed()) == 1


def test_another_scan_of_the_same_paper_waits_for_a_person_and_counts_once(office):
    first = drawn.jpeg("giay-khai-sinh")
    second = drawn.pdf("giay-khai-sinh")
    summary = office.digitize({"a.jpg": first, "b.pdf": second})
    assert (summary.papers.archived, summary.papers.review) == (1, 1)
    assert "trùng" in " ".join(row.review[0] for row in summary.rows if row.review)


def test_our_own_signed_file_handed_in_again_is_recognised(office):
    office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
    ours = house().archive.read(paper_object_id(listed()[0]["id"]), "paper.pdf")
    summary = office.digitize({"ours.pdf": ours}, lot="lo-2")
    assert summary.scans.duplicate == 1
    assert len(listed()) == 1


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("cut.pdf", drawn.truncated, "truncated"),
        ("locked.pdf", drawn.locked, "encrypted"),
        ("empty.pdf", lambda: b"", "empty"),
        ("text.pdf", lambda: b"day khong phai ban quet", "unknown_format"),
    ],
)
def test_what_cannot_be_read_is_set_aside_with_its_bytes_and_the_lot_goes_on(
    office, name, content, reason
):
    bad = content()
    summary = office.digitize({name: bad, "good.pdf": drawn.pdf("giay-khai-sinh")})
    assert (summary.scans.done, summary.scans.set_aside) == (1, 1)
    assert [item.reason for item in summary.set_aside] == [reason]
    assert summary.set_aside[0].message.endswith(".")
    (key,) = house().quarantine.keys()
    assert house().quarantine.get(key) == bad


def test_a_paper_of_no_known_type_waits_and_is_neither_signed_by_the_agency_nor_counted(office):
    summary = office.digitize({"letter.jpg": drawn.unknown()}, dossier="D-9")
    assert (summary.scans.review, summary.papers.review) == (1, 1)
    row = listed()[0]
    assert row["state"] == PaperState.IN_REVIEW
    assert row["signed"] is None
    assert row["code"] is None
    assert sum(level.digitized for level in summary.progress.levels) == 0


def test_input_that_came_signed_keeps_its_bytes_and_its_signature(office):
    content = drawn.signed_pdf()
    office.digitize({"signed.pdf": content})
    row = listed()[0]
    stored = house().archive.read(paper_object_id(row["id"]), "paper.pdf")
    assert stored.startswith(content)
    found = verify_paper(row["id"]).signatures.signatures
    assert [item.integrity for item in found] == ["intact", "intact"]
    assert [item.verdict for item in found] == ["undecided", "sound"]
    assert house().archive.read(scan_object_id(row["scan_id"]), "original.pdf") == content


def test_dossiers_are_counted_against_the_plan_by_the_level_of_their_unit(office):
    office.bring({"a.pdf": drawn.pdf("giay-khai-sinh")}, dossier="D-1")
    office.bring({"b.pdf": drawn.pdf("trich-luc-khai-tu")}, lot="lo-2", dossier="D-1")
    office.bring({"c.pdf": drawn.pdf("giay-phep-xay-dung")}, lot="lo-3")
    summary = [office.run(lot) for lot in ("lo-1", "lo-2", "lo-3")][-1]
    province = next(level for level in summary.progress.levels if level.level == "province")
    assert province.digitized == 1
    assert summary.progress.without_dossier == 1


def test_an_owner_is_found_by_identifier_and_type(office):
    owner = drawn.paper("giay-khai-sinh").truth.fields.owner_id
    office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
    assert [row.type for row in lookup(ACCESS, owner, types=["giay-khai-sinh"])] == [
        "giay-khai-sinh"
    ]
    assert lookup(ACCESS, owner, types=["giay-phep-xay-dung"]) == []
    assert lookup(ACCESS, "033090999999") == []


def test_a_file_that_the_manifest_expects_and_that_did_not_come_is_named(office, tmp_path):
    folder = tmp_path / "lot"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(drawn.pdf("giay-khai-sinh"))
    (folder / "lot.json").write_text(
        json.dumps({"lot": "lo-x", "unit": "H31", "files": ["a.pdf", "b.pdf"]}), encoding="utf-8"
    )
    from tasks.upload import Overrides, upload

    upload([folder], Overrides())
    assert office.run("lo-x").missing == ("b.pdf",)


def test_an_object_put_into_the_store_without_any_notice_is_found_by_the_sweep(office):
    office.bring({"a.pdf": drawn.pdf("giay-khai-sinh")})
    house().intake.put(
        "lo-s3/quet.pdf", drawn.pdf("trich-luc-khai-tu"), metadata={"unit": "H31", "dossier": "D-7"}
    )
    summary = office.run(None)
    assert summary.scans.done == 2
    assert {row["dossier"] for row in listed()} == {None, "D-7"}


def test_an_upload_carries_its_facts_on_the_object_too(office):
    office.bring({"a.pdf": drawn.pdf("giay-khai-sinh")}, dossier="D-5", officer="Nguyễn Văn An")
    info = house().intake.info("lo-1/a.pdf")
    assert info.metadata["unit"] == "H31"
    assert info.metadata["dossier"] == "D-5"
    assert info.metadata["officer"] == "Nguyễn Văn An"


def test_wrong_metadata_on_an_object_is_left_out_and_stops_nothing(office):
    house().prepare()
    house().intake.put(
        "lo-s3/a.pdf",
        drawn.pdf("giay-khai-sinh"),
        metadata={"unit": "H31", "scanned_at": "hôm qua"},
    )
    assert office.run(None).scans.done == 1


def test_an_upload_that_was_altered_on_its_way_is_set_aside_and_the_lot_goes_on(office):
    office.bring({"a.pdf": drawn.pdf("giay-khai-sinh"), "b.pdf": drawn.pdf("trich-luc-khai-tu")})
    store = house().settings.store("intake")
    file = store.root / "lo-1" / "a.pdf"
    file.chmod(0o600)
    file.write_bytes(drawn.pdf("giay-phep-xay-dung"))
    summary = office.run()
    assert [item.reason for item in summary.set_aside] == ["altered"]
    assert summary.scans.done == 1
    office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
    archived = {row["type_id"] for row in listed(PaperState.ARCHIVED)}
    assert archived >= {"giay-khai-sinh", "trich-luc-khai-tu"}


def test_an_upload_that_vanished_is_set_aside_and_tried_again_when_it_comes_back(office):
    office.bring({"a.pdf": drawn.pdf("giay-khai-sinh"), "b.pdf": drawn.pdf("trich-luc-khai-tu")})
    house().intake.delete("lo-1/a.pdf")
    summary = office.run()
    assert [item.reason for item in summary.set_aside] == ["missing"]
    assert summary.scans.done == 1
    assert office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")}).papers.archived == 1


def test_a_badly_named_folder_in_the_store_does_not_stop_the_others(office):
    office.bring({"a.pdf": drawn.pdf("giay-khai-sinh")})
    house().intake.put("Lô 1/b.pdf", drawn.pdf("trich-luc-khai-tu"))
    assert office.run(None).scans.done == 1


def test_a_lot_that_nobody_knows_is_an_error_not_an_empty_success(office):
    house().prepare()
    with pytest.raises(NotFound):
        office.run("khong-co")


def test_a_passing_fault_is_waited_out(office, monkeypatch):
    import tasks.step
    from flows import digitize as line

    monkeypatch.setattr(tasks.step, "_DELAYS_SECONDS", (0, 0))
    real, calls = line.archive.fn, []

    def flaky(*args):
        calls.append(1)
        if len(calls) < 3:
            raise Unavailable("kho không trả lời")
        return real(*args)

    monkeypatch.setattr(line.archive, "fn", flaky)
    assert office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")}).papers.archived == 1


@pytest.mark.parametrize("error", [Unavailable, ConfigurationFault, IntegrityFault])
def test_a_fault_that_is_not_the_documents_stops_the_run_and_the_next_run_goes_on(
    office, monkeypatch, error
):
    import tasks.step
    from flows import digitize as line

    monkeypatch.setattr(tasks.step, "_DELAYS_SECONDS", (0,))
    real = line.sign_as_agency.fn

    def broken(*_args):
        raise error("hỏng")

    monkeypatch.setattr(line.sign_as_agency, "fn", broken)
    with pytest.raises(error):
        office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
    monkeypatch.setattr(line.sign_as_agency, "fn", real)
    assert office.run().papers.archived == 1


def test_an_unforeseen_fault_sets_one_scan_aside_and_the_others_go_on(office, monkeypatch):
    from flows import digitize as line

    real = line.compose.fn

    def fragile(claim, opened, papers):
        if opened.scan.media_type == "image/jpeg":
            raise ZeroDivisionError
        return real(claim, opened, papers)

    monkeypatch.setattr(line.compose, "fn", fragile)
    summary = office.digitize(
        {"a.jpg": drawn.jpeg("giay-khai-sinh"), "b.pdf": drawn.pdf("trich-luc-khai-tu")}
    )
    assert (summary.papers.archived, summary.scans.set_aside) == (1, 1)
    assert summary.set_aside[0].reason == "unforeseen"


def test_a_scan_taken_over_by_another_worker_is_left_alone(office, monkeypatch):
    from flows import digitize as line

    real = line.describe.fn

    def robbed(claim, opened, papers):
        with house().registry.begin() as db:
            db.execute(scans_table.update().values(claimed_by="someone/0/1/1", epoch=99))
        return real(claim, opened, papers)

    monkeypatch.setattr(line.describe, "fn", robbed)
    summary = office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
    assert summary.unfinished == ("a.pdf",)
    with house().registry.read() as db:
        assert db.execute(select(scans_table.c.claimed_by)).scalar_one() == "someone/0/1/1"


def test_a_fault_of_a_scan_taken_over_meanwhile_does_not_stop_the_run(office, monkeypatch):
    """Opening took so long that another worker has it: the other scans go on."""
    from flows import digitize as line

    def slow(claim):
        with house().registry.begin() as db:
            db.execute(scans_table.update().values(claimed_by="someone/0/1/1", epoch=99))
        raise DocumentFault("timeout", "Mở tệp quá lâu.")

    monkeypatch.setattr(line.open_pages, "fn", slow)
    summary = office.digitize({"a.pdf": b"%PDF-1.4 a"})
    assert summary.unfinished == ("a.pdf",)


def test_the_audit_chain_holds_after_a_run_and_tells_each_step(office):
    office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
    row = listed()[0]
    with house().registry.read() as db:
        assert audit.broken_at(db) is None
        steps = [entry["action"] for entry in audit.of(db, row["id"])]
        assert scans.scan(db, row["scan_id"])["state"] == ScanState.DONE
    assert steps == [
        "composed",
        "officer_signed",
        "accepted",
        "coded",
        "agency_signed",
        "archived",
    ]


def test_nothing_is_left_between_the_steps_when_a_scan_is_done(office):
    office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh"), "bad.pdf": drawn.truncated()})
    assert list(house().settings.store("work").keys()) == []
    assert list((house().settings.home / "scratch").iterdir()) == []


def test_the_children_that_open_foreign_bytes_know_nothing_of_prefect(office):
    """Nor of its settings; and none of them waits for it to be imported."""
    office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
    loaded = "'reading.compose' in (sys := __import__('sys')).modules, 'prefect' in sys.modules"
    pool = house().pool
    found = set(pool.map(eval, [(loaded,)] * 8, 60))
    assert found
    assert not any(prefect for _, prefect in found)
    assert any(composed for composed, _ in found)


def test_every_archived_object_passes_the_archives_own_check(office):
    office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh"), "b.pdf": drawn.signed_pdf()})
    archive = house().archive
    ids = list(archive.object_ids())
    assert len(ids) == 4
    assert [problem for object_id in ids for problem in archive.check(object_id)] == []

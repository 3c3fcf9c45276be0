"""A person decides: corrected values go on along the line, wrong ones are refused."""

import pytest

from domain.errors import Undecided
from domain.identity import paper_object_id
from domain.review import Duplicate
from domain.states import PaperState
from flows.review import decide
from storage.registry import papers as paper_rows
from tasks.house import house
from tasks.shelf import listed
from tasks.verify import verify_paper
from tests.flows import papers as drawn

VALUES = {
    "type": "thong-bao",
    "number": "12/TB-UBND",
    "issue_date": "2026-03-04",
    "issuer": "Ủy ban nhân dân tỉnh Hưng Yên",
    "subject": "Về việc nghỉ lễ",
}


def test_a_decision_with_corrected_fields_brings_the_paper_into_the_archive(waiting):
    assert decide.fn(waiting, VALUES, reviewer="Trần B") is PaperState.ARCHIVED
    row = listed()[0]
    assert row["code"] == ".L-thong-bao.12/TB-UBND.01"
    assert verify_paper(waiting).sound


def test_the_decision_is_kept_with_the_values_before_and_after(waiting):
    decide.fn(waiting, VALUES, reviewer="Trần B", reason="đối chiếu bản giấy")
    with house().registry.read() as db:
        (row,) = paper_rows.reviews_of(db, waiting)
    assert (row["reviewer"], row["reason"]) == ("Trần B", "đối chiếu bản giấy")
    assert row["before"]["fields"]["number"]["value"] is None
    assert row["after"]["fields"]["number"]["value"] == "12/TB-UBND"


@pytest.mark.parametrize(
    "wrong",
    [{"issue_date": "2026-02-30"}, {"type": "khong-co"}, {"owner_id": "12345"}],
)
def test_a_wrong_value_is_refused_and_the_paper_keeps_waiting(waiting, wrong):
    with pytest.raises(Undecided):
        decide.fn(waiting, {**VALUES, **wrong}, reviewer="Trần B")
    assert listed()[0]["state"] == PaperState.IN_REVIEW


def test_a_second_decision_finds_the_paper_decided(waiting):
    decide.fn(waiting, VALUES, reviewer="Trần B")
    with pytest.raises(Undecided):
        decide.fn(waiting, VALUES, reviewer="Lê C")


def test_a_rejected_paper_is_closed_and_its_bytes_are_kept(office, waiting):
    assert (
        decide.fn(waiting, reviewer="Trần B", rejected=True, reason="thư riêng")
        is PaperState.REJECTED
    )
    assert len(list(house().quarantine.keys())) == 1
    assert office.run().scans.already == 1


def test_a_rejection_needs_a_reason(waiting):
    with pytest.raises(Undecided):
        decide.fn(waiting, reviewer="Trần B", rejected=True)


def test_a_run_that_dies_after_the_decision_is_finished_by_the_next_one(
    office, waiting, monkeypatch
):
    from flows import digitize as line

    real = line.assign_codes.fn

    def dies(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(line.assign_codes, "fn", dies)
    with pytest.raises(KeyboardInterrupt):
        decide.fn(waiting, VALUES, reviewer="Trần B")
    monkeypatch.setattr(line.assign_codes, "fn", real)
    assert office.run().papers.archived == 1


def test_a_scan_with_a_paper_left_half_way_is_for_the_next_run_not_for_a_person():
    from tasks.archive import _scan_state

    assert _scan_state({"coded", "archived"}) == "received"
    assert _scan_state({"in_review", "coded"}) == "received"
    assert _scan_state({"in_review", "archived"}) == "review"
    assert _scan_state({"rejected", "archived"}) == "done"


def test_a_paper_alike_is_accepted_only_when_a_person_says_that_it_is_another(office, waiting):
    decide.fn(waiting, VALUES, reviewer="Trần B")
    office.digitize({"letter2.jpg": drawn.jpeg("thu-rieng", seed=5)}, lot="lo-2")
    second = listed(PaperState.IN_REVIEW)[0]["id"]
    with pytest.raises(Undecided, match="trùng"):
        decide.fn(second, VALUES, reviewer="Trần B")
    decide.fn(second, VALUES, reviewer="Trần B", duplicate=Duplicate.SEPARATE)
    assert {row["code"] for row in listed()} == {
        ".L-thong-bao.12/TB-UBND.01",
        ".L-thong-bao.12/TB-UBND.02",
    }


def test_a_file_certified_against_changes_stays_as_it_came_with_the_signature_beside_it(
    office, samples
):
    content = (samples / "signed" / "dss-2554__certified-no-change-permitted.pdf").read_bytes()
    office.digitize({"certified.pdf": content})
    (row,) = listed(PaperState.IN_REVIEW)
    assert decide.fn(row["id"], VALUES, reviewer="Trần B") is PaperState.ARCHIVED
    archive, place = house().archive, paper_object_id(row["id"])
    assert archive.read(place, "paper.pdf") == content
    assert archive.read(place, "paper.pdf.p7s")
    assert verify_paper(row["id"]).archive == "intact"


def test_a_detached_signature_over_other_bytes_does_not_hold(tmp_path, test_keys):
    from signing.demo_authority import make_demo_keys
    from signing.pdf import sign_detached
    from signing.verify import detached_holds

    keys = make_demo_keys(test_keys, agency_name="", officer_name="")
    file, beside = tmp_path / "a.pdf", tmp_path / "a.p7s"
    file.write_bytes(b"%PDF-1.7 mot")
    sign_detached(file, beside, signer=keys.agency)
    assert detached_holds(file, beside)
    file.write_bytes(b"%PDF-1.7 hai")
    assert not detached_holds(file, beside)

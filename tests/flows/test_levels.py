"""Levels of signatures along the line, and afterwards: catching up and preserving."""

from contextlib import ExitStack
from datetime import timedelta

import pytest

from domain.errors import ConfigurationFault, IntegrityFault, Unavailable
from domain.identity import paper_object_id
from flows import preserve as flow
from flows.certify import certify
from storage.registry import audit, papers
from tasks import amend, renewal
from tasks.house import house
from tasks.shelf import listed
from tasks.sign import verify
from tasks.verify import verify_file, verify_paper
from tests.flows import papers as drawn
from tests.flows.protected import ends_in, forget_services, protection_of, record_of


def _archived(office, name="a.pdf", kind="giay-khai-sinh"):
    summary = office.digitize({name: drawn.pdf(kind)})
    assert summary.scans.done == 1, summary
    return listed()[0]["id"]


def _verified(paper_id, tmp_path):
    file = tmp_path / "archived.pdf"
    house().archive.fetch(paper_object_id(paper_id), "paper.pdf", file)
    return verify(house(), file)


def test_papers_kept_for_ever_get_a_document_time_stamp_by_default(stamped, tmp_path):
    """Both signatures carry time stamps and validation data, and the record says so."""
    paper_id = _archived(stamped)
    found = _verified(paper_id, tmp_path)
    assert found.verdict == "sound"
    assert [item.level for item in found.signatures] == ["B-LTA", "B-LTA", "document-timestamp"]
    protection = record_of(paper_id)["protection"]
    assert (protection["level"], protection["shortfall"]) == ("B-LTA", None)
    copy = certify.fn(paper_id, "12/2026", certifier="Lê Văn Chính", original_presented=True)
    certified = verify_paper(copy.id)
    assert certified.verdict == "sound", certified
    assert [item.level for item in certified.signatures.signatures][3:] == [
        "B-LTA",
        "document-timestamp",
    ]


def test_a_certified_copy_is_renewed_as_a_paper_is(stamped, tmp_path):
    """In a version of its own, without touching the source; the newer file is recognised."""
    paper_id = _archived(stamped)
    copy = certify.fn(paper_id, "13/2026", certifier="Lê Văn Chính", original_presented=True)
    assert flow.preserve.fn().renewed == 0
    ends_in(copy.id, days=30, copy=True)
    assert flow.preserve.fn().renewed == 1
    assert flow.preserve.fn().renewed == 0
    file = tmp_path / "copy.pdf"
    house().archive.fetch(paper_object_id(copy.id), "paper.pdf", file)
    found = verify_file(file)
    assert (found.paper, found.archive, found.verdict) == (copy.id, "intact", "sound")
    assert found.signatures.signatures[-1].level == "document-timestamp"
    assert house().archive.inventory(paper_object_id(copy.id)).version == 2
    assert house().archive.inventory(paper_object_id(paper_id)).version == 1
    record = record_of(copy.id)
    assert (record["register_number"], record["protection"]["level"]) == ("13/2026", "B-LTA")


def test_a_level_above_b_b_needs_an_authority(office, settings):
    """Said at start, not at the first paper."""
    settings(SIGNATURES__LEVEL="B-LT")
    with pytest.raises(ConfigurationFault, match="SOHOA_SIGNATURES__TSA"):
        office.run()


def test_with_no_authority_a_paper_is_signed_and_catches_up_later(stamped, pki, tmp_path):
    """It says so in its record; the next version has the level, twice is once."""
    with pki.fault("tsa", "down"), pki.fault("tsa2", "error"):
        paper_id = _archived(stamped)
        assert record_of(paper_id)["protection"]["level"] == "B-B"
        assert "tsa2" in record_of(paper_id)["protection"]["shortfall"]
        waiting = flow.catch_up.fn()
        assert (waiting.renewed, bool(waiting.waiting_for)) == (0, True)
    forget_services()
    assert flow.catch_up.fn().renewed == 1
    assert flow.catch_up.fn().renewed == 0
    assert record_of(paper_id, version=1)["protection"]["level"] == "B-B"
    assert record_of(paper_id)["protection"]["level"] == "B-LTA"
    found = _verified(paper_id, tmp_path)
    assert (found.verdict, len(found.signatures)) == ("sound", 3)
    assert house().archive.check(paper_object_id(paper_id)) == ()
    with house().registry.read() as db:
        assert papers.paper(db, paper_id)["archive_version"] == 2
        assert audit.of(db, paper_id)[-1]["action"] == "time_stamped"


@pytest.mark.parametrize("faults", [{"ocsp": "down", "crl": "down"}, {"ocsp": "other_issuer"}])
def test_a_responder_that_proves_nothing_lowers_the_level_and_is_caught_up(stamped, pki, faults):
    """Time stamps are there, validation data is not."""
    with ExitStack() as entered:
        for service, fault in faults.items():
            entered.enter_context(pki.fault(service, fault))
        paper_id = _archived(stamped)
    assert protection_of(paper_id)["behind"]
    assert record_of(paper_id)["protection"]["shortfall"]
    forget_services()
    assert flow.catch_up.fn().renewed == 1
    assert record_of(paper_id)["protection"]["level"] == "B-LTA"


def test_a_revoked_certificate_stops_the_line(stamped, pki):
    """Nothing is archived with a signature that is worth nothing."""
    with pki.fault("ocsp", "revoked"), pytest.raises(ConfigurationFault, match="thu hồi"):
        stamped.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
    assert list(house().archive.object_ids()) == []


def test_a_paper_is_renewed_before_its_time_stamp_ends_and_only_then(stamped, settings, tmp_path):
    """The certificate of the authority lives until 2040; the reach of a look is configured."""
    paper_id = _archived(stamped)
    assert flow.preserve.fn().renewed == 0
    ends_in(paper_id, days=30)
    assert flow.preserve.fn().renewed == 1
    assert flow.preserve.fn().renewed == 0
    found = _verified(paper_id, tmp_path)
    assert (found.verdict, len(found.signatures)) == ("sound", 4)
    by_handle = verify_paper(paper_id)
    assert (by_handle.verdict, by_handle.archive, by_handle.problems) == ("sound", "intact", ())
    by_file = verify_file(tmp_path / "archived.pdf")
    assert (by_file.paper, by_file.archive, by_file.verdict) == (paper_id, "intact", "sound")


def test_a_paper_is_renewed_before_an_algorithm_grows_weak(stamped, settings):
    """With a stronger one; a time stamp with the same weak one is refused as useless."""
    paper_id = _archived(stamped)
    tomorrow = (house().today() + timedelta(days=1)).isoformat()
    settings(SIGNATURES__WEAK_FROM={"sha256": tomorrow})
    with pytest.raises(ConfigurationFault, match="sha256"):
        flow.preserve.fn()
    settings(SIGNATURES__WEAK_FROM={"rsa3072": tomorrow})
    assert flow.preserve.fn().renewed == 0, "the document time stamp rests on rsa2048"
    assert protection_of(paper_id)["algorithms"].split() == ["rsa2048", "sha256"]


def test_a_budget_ends_a_run_and_the_next_goes_on(stamped):
    """Two papers, one a run."""
    stamped.digitize({"a.pdf": drawn.pdf("giay-khai-sinh"), "b.pdf": drawn.pdf("cong-van", seed=9)})
    ids = [row["id"] for row in listed() if row["state"] == "archived"]
    assert len(ids) == 2
    for paper_id in ids:
        ends_in(paper_id, days=30)
    runs = [flow.preserve.fn(papers=1) for _ in range(3)]
    assert [run.renewed for run in runs] == [1, 1, 0]
    assert [run.finished for run in runs] == [False, False, True]


def test_a_run_killed_after_the_commit_is_taken_up_without_another_stamp(stamped, monkeypatch):
    """The archive decides: the registry is brought up to it."""
    paper_id = _archived(stamped)
    ends_in(paper_id, days=30)
    with monkeypatch.context() as killed:
        killed.setattr(renewal, "_write_down", _killed)
        with pytest.raises(KeyboardInterrupt):
            flow.preserve.fn()
    assert flow.preserve.fn().renewed == 1
    assert house().archive.inventory(paper_object_id(paper_id)).version == 2
    with house().registry.read() as db:
        assert papers.paper(db, paper_id)["archive_version"] == 2
    assert not protection_of(paper_id)["behind"]


def test_a_damaged_archived_file_is_reported_and_left_as_it_is(stamped):
    """The others are renewed; the run fails, so that somebody looks."""
    paper_id = _archived(stamped)
    ends_in(paper_id, days=30)
    store = house().archive.objects
    key = next(key for key in store.keys() if key.endswith("content/paper.pdf"))  # noqa: SIM118
    path = store.root / key
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-9] + b"tampered!")
    with pytest.raises(IntegrityFault, match=paper_id):
        flow.preserve.fn()
    assert house().archive.inventory(paper_object_id(paper_id)).version == 1


def test_preserving_without_any_answer_fails_so_that_somebody_looks(stamped, pki):
    """Other than catching up, which is there to wait."""
    paper_id = _archived(stamped)
    ends_in(paper_id, days=30)
    forget_services()
    with pki.fault("tsa", "down"), pki.fault("tsa2", "down"), pytest.raises(Unavailable):
        flow.preserve.fn()


def test_our_own_renewed_file_is_recognised_when_it_is_handed_in(stamped, tmp_path):
    """The newest version as well as the first one."""
    paper_id = _archived(stamped)
    ends_in(paper_id, days=30)
    flow.preserve.fn()
    file = tmp_path / "renewed.pdf"
    house().archive.fetch(paper_object_id(paper_id), "paper.pdf", file)
    summary = stamped.digitize({"again.pdf": file.read_bytes()}, lot="lo-2")
    assert len(listed()) == 1, summary


def test_a_correction_cut_off_before_the_registry_is_no_renewal(stamped, pki, monkeypatch):
    """The paper still lacks its level: taking up the correction must not hide that."""
    with pki.fault("tsa", "down"), pki.fault("tsa2", "down"):
        paper_id = _archived(stamped)
    forget_services()
    with monkeypatch.context() as patch:
        patch.setattr(amend, "enter_version", _killed)
        with pytest.raises(KeyboardInterrupt):
            amend.correct(paper_id, {"issuer": "UBND xã Mẫu"}, by="Thu Hà", reason="đọc nhầm")
    assert flow.catch_up.fn().renewed == 1
    assert record_of(paper_id)["protection"]["level"] == "B-LTA"
    with house().registry.read() as db:
        assert papers.paper(db, paper_id)["issuer"] == "UBND xã Mẫu"
        told = [row["action"] for row in audit.of(db, paper_id)][-2:]
    assert told == ["corrected", "time_stamped"]


def _killed(*_arguments, **_named):
    raise KeyboardInterrupt

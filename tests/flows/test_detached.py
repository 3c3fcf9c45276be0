"""A detached signature lasts as long as one inside: evidence files beside it vouch for it."""

import shutil
from datetime import timedelta

import pytest

from domain.errors import ConfigurationFault, IntegrityFault
from domain.identity import paper_object_id
from flows import preserve as flow
from tasks import restamp
from tasks.house import house
from tasks.rebuild import rebuild
from tasks.shelf import listed
from tasks.verify import verify_file, verify_paper
from tests.flows import papers as drawn
from tests.flows.protected import (
    authority_settings,
    ends_in,
    protection_of,
    record_of,
)
from tests.office import opened

EVIDENCE = ("evidence-0001.p7c", "evidence-0001.sha256", "evidence-0001.tsr")
SIGNATURE = "paper.pdf.p7s"


@pytest.fixture(scope="module")
def archived_home(tmp_path_factory, reading_pool, test_keys, pki):
    """The home of an installation with one paper whose file permits no signature inside."""
    folder = tmp_path_factory.mktemp("detached")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in authority_settings(pki).items():
            patch.setenv(name, value)
        with opened(folder, patch, reading_pool, test_keys) as office:
            office.digitize({"final.pdf": drawn.final_pdf()})
    return folder / "home"


@pytest.fixture
def detached(stamped, tmp_path, archived_home):
    """The id of that paper."""
    shutil.copytree(archived_home, tmp_path / "home", dirs_exist_ok=True)
    house.cache_clear()
    (row,) = listed()
    assert (row["state"], bool(row["detached"])) == ("archived", True)
    return row["id"]


def _paths(paper_id):
    return house().archive.inventory(paper_object_id(paper_id)).at().paths


def _ours(found):
    """The agency's signature and the evidence for it; the file's own signature is a stranger's."""
    return {one.field: one for one in found.signatures.signatures if one.field != "ChuKySo"}


def _export(paper_id, folder):
    for name in _paths(paper_id):
        house().archive.fetch(paper_object_id(paper_id), name, folder / name)


def _lose_registry():
    house().registry.close()
    for file in house().settings.home.glob("registry.db*"):
        file.unlink()


def test_the_next_night_brings_a_time_stamp_and_later_nights_renew_it(detached):
    """The paper and the signature stay byte for byte; twice is once."""
    assert record_of(detached)["protection"]["level"] == "B-B"
    assert protection_of(detached)["behind"]
    assert flow.catch_up.fn().renewed == 1
    assert flow.catch_up.fn().renewed == 0
    assert {*EVIDENCE, "paper.pdf", SIGNATURE} <= _paths(detached)
    assert flow.preserve.fn().renewed == 0
    ends_in(detached, days=30)
    assert flow.preserve.fn().renewed == 1
    assert flow.preserve.fn().renewed == 0
    found = verify_paper(detached)
    assert found.archive == "intact"
    assert {name: one.verdict for name, one in _ours(found).items()} == dict.fromkeys(
        (SIGNATURE, "evidence-0001.tsr", "evidence-0002.tsr"), "sound"
    )
    archive, place = house().archive, paper_object_id(detached)
    for name in ("paper.pdf", SIGNATURE):
        assert archive.read(place, name) == archive.read(place, name, version=1)
    assert record_of(detached)["protection"]["shortfall"] is None
    assert protection_of(detached)["algorithms"].split() == ["rsa2048", "sha256"]


def test_what_the_evidence_proves_stands_when_the_certificate_is_revoked_later(detached, pki):
    """As of the time stamp it was good; without the evidence nobody could say."""
    bare = _ours(verify_paper(detached))[SIGNATURE]
    assert bare.verdict == "sound", "asked online"
    flow.catch_up.fn()
    with pki.fault("ocsp", "revoked"), pki.fault("crl", "down"):
        assert _ours(verify_paper(detached))[SIGNATURE].verdict == "sound"
    with pki.fault("ocsp", "down"), pki.fault("crl", "down"):
        assert _ours(verify_paper(detached))[SIGNATURE].verdict == "sound"


def test_a_changed_file_is_told_of_every_stamp_over_it(detached, tmp_path):
    """Exported files, as an archivist in thirty years has them: `sohoa verify paper.pdf`."""
    flow.catch_up.fn()
    ends_in(detached, days=30)
    flow.preserve.fn()
    folder = tmp_path / "xuất"
    folder.mkdir()
    _export(detached, folder)

    def broken():
        found = _ours(verify_file(folder / "paper.pdf"))
        assert set(found) == {SIGNATURE, "evidence-0001.tsr", "evidence-0002.tsr"}
        return {field for field, one in found.items() if one.verdict != "sound"}

    assert broken() == set()
    every = {SIGNATURE, "evidence-0001.tsr", "evidence-0002.tsr"}
    for name, expected in {
        "paper.pdf": every,
        "evidence-0001.p7c": every - {SIGNATURE},
        "evidence-0002.sha256": {"evidence-0002.tsr"},
    }.items():
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
        assert broken() == expected, name
        (folder / name).write_bytes(content)


def test_evidence_that_does_not_hold_is_never_archived(detached, monkeypatch):
    """Fault injection: the paper changes between the manifest and the verification."""
    real = restamp.signatures_of

    def damaging(here, file, beside, evidence):
        file.write_bytes(file.read_bytes() + b"\n")
        return real(here, file, beside, evidence)

    monkeypatch.setattr(restamp, "signatures_of", damaging)
    with pytest.raises(IntegrityFault, match=detached):
        flow.catch_up.fn()
    assert house().archive.inventory(paper_object_id(detached)).version == 1


def test_a_manifest_of_a_weak_digest_is_renewed(detached, settings):
    """Not only the token rests on SHA-256; here the new one does too, so it is refused."""
    flow.catch_up.fn()
    tomorrow = (house().today() + timedelta(days=1)).isoformat()
    settings(SIGNATURES__WEAK_FROM={"sha512": tomorrow})
    assert flow.preserve.fn().renewed == 0
    settings(SIGNATURES__WEAK_FROM={"sha256": tomorrow}, SIGNATURES__DIGEST="sha512")
    with pytest.raises(ConfigurationFault, match="sha256"):  # as these authorities sign
        flow.preserve.fn()


def test_after_a_rebuild_it_is_renewed_as_before(detached):
    """The registry is lost before and after the first evidence."""
    _lose_registry()
    rebuild(house())
    assert protection_of(detached)["behind"]
    assert flow.catch_up.fn().renewed == 1
    before = protection_of(detached)
    _lose_registry()
    rebuild(house())
    after = protection_of(detached)
    assert {**after, "updated_at": None} == {**before, "updated_at": None}

"""Packages for the historical archive, judged by a CSIP validator and the standards' schemas."""

import json
import zipfile
from hashlib import sha256

import pytest
from lxml import etree

from domain.access import Access
from domain.errors import AlreadyExists, NotFound
from storage.registry import audit
from tasks.amend import correct
from tasks.export_sip import export_sip
from tasks.house import house
from tasks.objects import read_paper
from tasks.shelf import paper_row
from tests.eark import faults, judged, need_judges
from tests.flows.archived import archive_papers

pytestmark = pytest.mark.conformance
WHO = Access(requester="Lưu trữ tỉnh mẫu", purpose="nộp lưu đợt 1")
DOSSIER = "000.00.12.H31-261102-0001"
_METS = "{http://www.loc.gov/METS/}"


@pytest.fixture
def here(office, monkeypatch):
    need_judges()
    monkeypatch.setenv("SOHOA_EXPORT__ARCHIVE", "LT31")
    monkeypatch.setenv("SOHOA_EXPORT__AGENCY", "H31.12")
    house.cache_clear()
    archive_papers(house(), 3, dossier=DOSSIER)
    return house()


@pytest.fixture
def exported(here, tmp_path):
    """The package of a dossier of three papers, one of them corrected."""
    done = export_sip(DOSSIER, tmp_path / "out", WHO)
    assert done.papers == 3
    return done


def test_the_validator_finds_nothing_wrong(exported):
    """Structure, METS schema and every rule of CSIP and SIP: no error, and no warning either."""
    assert _grave(exported.file) == set()


def test_the_schemas_find_nothing_wrong(exported):
    """METS twice, PREMIS 3 twice, EAD3, each by the schema of its standard."""
    inside = "representations/rep1"
    found = {
        (name, standard): faults(exported.file, name, standard)
        for name, standard in (
            ("METS.xml", "METS"),
            (f"{inside}/METS.xml", "METS"),
            ("metadata/preservation/PREMIS.xml", "PREMIS"),
            (f"{inside}/metadata/preservation/PREMIS.xml", "PREMIS"),
            ("metadata/descriptive/EAD.xml", "EAD"),
        )
    }
    assert {name: said for name, said in found.items() if said} == {}


def _grave(package):
    """The rules that a package breaks, but for one that no package can keep."""
    broken = {one[1] for one in judged(package)["found"] if "INFO" not in one[2].upper()}
    # SIP14 of this validator wants an attribute on the note of the software that METS' schema
    # forbids and CSIP16 wants in a namespace.
    return broken - {"SIP14"}


def _names_of(mets):
    for place in mets.iter(f"{_METS}mdRef", f"{_METS}FLocat"):
        proven = place if place.get("CHECKSUM") else place.getparent()
        yield place.get("{http://www.w3.org/1999/xlink}href"), proven.attrib


def test_every_file_is_named_once_with_its_checksum(exported):
    """What METS says of size and SHA-256 is so, and no file of the package goes unnamed."""
    with zipfile.ZipFile(exported.file) as archive:
        content = {
            name.removeprefix(f"{exported.package}/"): archive.read(name)
            for name in archive.namelist()
        }
    told = {"METS.xml"}
    for mets in ("METS.xml", "representations/rep1/METS.xml"):
        folder = mets.removesuffix("METS.xml")
        for path, facts in _names_of(etree.fromstring(content[mets])):
            told.add(folder + path)
            assert sha256(content[folder + path]).hexdigest() == facts["CHECKSUM"]
            assert len(content[folder + path]) == int(facts["SIZE"])
            assert facts["CHECKSUMTYPE"] == "SHA-256"
    assert told == set(content)


def test_the_signed_files_are_those_of_the_archive(here, exported):
    """Byte for byte, under ‹mã hồ sơ›.‹STT›.pdf; dossier's code as the archive writes it."""
    with zipfile.ZipFile(exported.file) as archive:
        data = [name for name in archive.namelist() if "/data/" in name]
        packed = {archive.read(name) for name in data}
    year = here.today().year
    names = sorted(name.rpartition("/")[2] for name in data)
    assert names == [f"LT31.H31.12.{year}.1.1.{number}.pdf" for number in (1, 2, 3)]
    with here.registry.read() as db:
        subject = audit.of(db, exported.package)[-1]
    ids = subject["detail"]["papers"]
    assert packed == {read_paper(here, paper_row(one), "paper.pdf") for one in ids}
    assert (subject["actor"], subject["detail"]["purpose"]) == (WHO.requester, WHO.purpose)
    assert exported.package == exported.package.upper().replace("UUID-", "uuid-")


def test_a_package_is_made_once_until_a_paper_has_a_new_version(here, exported):
    """The same papers are the same package; a correction makes another, which tells of it."""
    folder = exported.file.parent
    with pytest.raises(AlreadyExists):
        export_sip(DOSSIER, folder, WHO)
    with here.registry.read() as db:
        ids = audit.of(db, exported.package)[-1]["detail"]["papers"]
    paper = next(one for one in ids if paper_row(one)["type_id"] == "quyet-dinh")
    correct(paper, {"number": "77/QĐ-UBND"}, by="Trần Thị Bình", reason="nhầm số")
    again = export_sip(DOSSIER, folder, WHO)
    assert again.package != exported.package
    with zipfile.ZipFile(again.file) as archive:
        history = archive.read(f"{again.package}/metadata/preservation/PREMIS.xml").decode()
        records = [n for n in archive.namelist() if n.endswith(".json") and "/schemas/" not in n]
        numbers = {json.loads(archive.read(n))["fields"]["number"]["value"] for n in records}
    assert ">corrected<" in history
    assert "77/QĐ-UBND" in numbers
    assert _grave(again.file) == set()


def test_the_judges_do_look(exported, tmp_path):
    """Without its METS, with links of another kind, with an unknown checksum: each is refused."""
    no_mets = _spoilt(exported, tmp_path / "1", lambda _: None)
    other_links = _spoilt(exported, tmp_path / "2", lambda mets: mets.replace(b'"URL"', b'"ARK"'))
    bad_sums = _spoilt(exported, tmp_path / "3", lambda mets: mets.replace(b"SHA-256", b"SHA-999"))
    assert "CSIPSTR4" in _grave(no_mets)
    assert {"CSIP22", "CSIP77"} <= _grave(other_links)
    assert faults(bad_sums, "METS.xml", "METS")


def _spoilt(exported, folder, change):
    folder.mkdir()
    bad = folder / exported.file.name
    with zipfile.ZipFile(exported.file) as good, zipfile.ZipFile(bad, "w") as made:
        for name in good.namelist():
            content = good.read(name)
            if name == f"{exported.package}/METS.xml":
                content = change(content)
            if content is not None:
                made.writestr(name, content)
    return bad


def test_a_dossier_without_archived_papers_is_not_found(here, tmp_path):
    with pytest.raises(NotFound):
        export_sip("không có", tmp_path, WHO)

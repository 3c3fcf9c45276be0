"""The manifest says who scanned what; a wrong one is refused."""

import unicodedata

import pytest
from pydantic import ValidationError

from domain.lot import LotManifest, SaidFacts, first_fault
from domain.watching import is_closed
from storage.registry.schema import officer_requests, papers

LONG = {"unit": papers.c.unit, "dossier": papers.c.dossier, "officer": officer_requests.c.officer}
NFC_NFD = ("NFC", "NFD")


def test_a_file_may_override_unit_and_dossier_of_its_lot():
    manifest = LotManifest.model_validate(
        {
            "lot": "a",
            "unit": "H31",
            "dossier": "D1",
            "files": ["one.pdf", {"name": "two.pdf", "unit": "H31.12", "dossier": "D2"}],
        }
    )
    assert manifest.upload("one.pdf").dossier == "D1"
    assert (manifest.upload("two.pdf").unit, manifest.upload("two.pdf").dossier) == ("H31.12", "D2")
    assert manifest.upload("unlisted.pdf").unit == "H31"


@pytest.mark.parametrize("name", ["../x.pdf", "a/b.pdf", "a\\b.pdf", "", "..", "a\nb.pdf"])
def test_a_file_name_that_is_a_path_is_refused(name):
    with pytest.raises(ValidationError):
        LotManifest.model_validate({"lot": "a", "files": [name]})


@pytest.mark.parametrize("lot", ["", "a/b", "../a", ".hidden", "a b", "x" * 81])
def test_a_lot_name_that_cannot_be_a_folder_is_refused(lot):
    with pytest.raises(ValidationError):
        LotManifest(lot=lot)


def test_a_time_without_offset_is_refused():
    with pytest.raises(ValidationError):
        LotManifest.model_validate({"lot": "a", "scanned_at": "2026-11-02T08:15:00"})


def test_a_name_is_the_same_in_either_unicode_form():
    """Macs write names decomposed; the manifest of another system composes them."""
    composed, decomposed = (unicodedata.normalize(form, "Giấy khai sinh.pdf") for form in NFC_NFD)
    for listed, came in ((composed, decomposed), (decomposed, composed)):
        manifest = LotManifest.model_validate(
            {"lot": "a", "dossier": "D1", "files": [{"name": listed, "dossier": "D2"}]}
        )
        assert manifest.upload(came).dossier == "D2"
        assert {manifest.upload(came).name} == manifest.names
        assert is_closed({came: True}, manifest, quiet=False)


@pytest.mark.parametrize("name", LONG)
def test_what_the_registry_cannot_hold_is_refused_before_it_is_received(name):
    """SQLite would take it, PostgreSQL stops the line at a later step."""
    longest = "x" * LONG[name].type.length
    assert getattr(SaidFacts(name="a.pdf", **{name: longest}), name) == longest
    for bad in (f"{longest}x", "a\0b", "a\nb"):
        with pytest.raises(ValidationError):
            SaidFacts(name="a.pdf", **{name: bad})
        said = {"name": bad} if name == "officer" else bad
        with pytest.raises(ValidationError) as caught:
            LotManifest(lot="a").saying(**{name: said})
        assert bad not in first_fault(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"lot": "a b"}, "lot: chỉ gồm"),
        ({}, "lot: thiếu"),
        ({"lot": "a", "dossier": "x" * 81}, "dossier: dài quá 80 ký tự"),
        ({"lot": "a", "scanned_at": "2026-11-02T08:15:00"}, "scanned_at: thiếu múi giờ"),
        ({"lot": "a", "hosso": "x"}, "hosso: không có mục"),
        ({"lot": "a", "files": ["../x"]}, "files.0.name: tên tệp phải là tên trơn"),
        ([1], "lot.json: phải là một đối tượng"),
    ],
)
def test_what_is_wrong_is_said_in_vietnamese(content, told):
    with pytest.raises(ValidationError) as caught:
        LotManifest.model_validate(content)
    assert first_fault(caught.value).startswith(told)


def test_a_moment_without_its_offset_is_no_fact():
    """The stamp of the officer shows it: in a container it would be seven hours off."""
    with pytest.raises(ValidationError):
        SaidFacts(name="a.pdf", scanned_at="2026-11-02T08:15:00")

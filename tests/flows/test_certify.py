"""Certified copies: a paper of its own, over the source's signatures, once per number."""

import json
import shutil
import subprocess

import pytest
from sqlalchemy import delete, select

from domain.errors import AlreadyExists, IntegrityFault, Undecided
from domain.identity import paper_object_id
from flows.certify import certify
from storage.registry import copies, schema
from tasks import certify as steps
from tasks.house import house
from tasks.rebuild import rebuild
from tasks.shelf import listed
from tasks.verify import verify_file, verify_paper
from tests.flows import papers as drawn
from tests.office import opened

OF = {"certifier": "Trần Thị Bích", "original_presented": True}


@pytest.fixture(scope="module")
def source(tmp_path_factory, reading_pool, test_keys):
    """The id of one archived paper; each test uses a number of its own."""
    folder = tmp_path_factory.mktemp("certify")
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        opened(folder, monkeypatch, reading_pool, test_keys) as office,
    ):
        office.digitize({"a.pdf": drawn.pdf("giay-khai-sinh")})
        (row,) = listed()
        assert row["state"] == "archived"
        yield row["id"]


def test_a_copy_is_archived_as_a_paper_of_its_own_and_verifies(source, tmp_path):
    copy = certify.fn(source, "12/2026", **OF)
    found = verify_paper(copy.id)
    assert (found.verdict, found.archive) == ("sound", "intact")
    assert [one.field for one in found.signatures.signatures][-1].startswith("SohoaChungThuc")
    assert len(found.signatures.signatures) == 3
    here, file, original = house(), tmp_path / "copy.pdf", tmp_path / "source.pdf"
    here.archive.fetch(paper_object_id(copy.id), "paper.pdf", file)
    here.archive.fetch(paper_object_id(source), "paper.pdf", original)
    assert file.read_bytes().startswith(original.read_bytes())
    assert verify_file(file).paper == copy.id
    assert verify_paper(source).sound
    record = tmp_path / "record.json"
    here.archive.fetch(paper_object_id(copy.id), "record.json", record)
    said = json.loads(record.read_text())
    assert (said["source"], said["register_number"]) == (paper_object_id(source), "12/2026")
    if shutil.which("pdfsig"):
        told = subprocess.run(
            ["pdfsig", "-nocert", file], capture_output=True, text=True, check=True
        )
        assert told.stdout.count("Signature is Valid") == 3


def test_twice_is_once_and_a_copy_does_not_count_as_a_digitized_paper(source):
    first = certify.fn(source, "13/2026", **OF)
    assert certify.fn(source, "13/2026", **OF) == first
    assert certify.fn(source, "14/2026", **OF).id != first.id
    assert len(listed()) == 1


def test_a_number_that_stands_for_another_paper_is_refused(source):
    at, words = house().now(), "Bản sao đúng với bản chính"
    facts = {"source_id": source, "certifier": "An", "words": words, "at": at}
    with house().registry.begin() as db:
        copies.enter(db, "một bản sao khác", number="15/2026", **facts)
    with pytest.raises(AlreadyExists, match="sổ chứng thực"):
        certify.fn(source, "15/2026", **OF)


def test_without_the_original_nothing_is_certified(source):
    with pytest.raises(Undecided, match="bản chính"):
        certify.fn(source, "16/2026", certifier="An")
    with house().registry.read() as db:
        assert copies.find(db, "16/2026") is None


def test_a_copy_whose_signature_does_not_verify_is_never_archived(source, monkeypatch):
    """Fault injection: the file is damaged between signing and verification."""
    real = steps.sign_pdf

    def damaging(source, target, **options):
        real(source, target, **options)
        content = bytearray(target.read_bytes())
        content[len(content) // 3] ^= 1
        target.write_bytes(content)

    monkeypatch.setattr(steps, "sign_pdf", damaging)
    with pytest.raises(IntegrityFault):
        certify.fn(source, "17/2026", **OF)
    monkeypatch.setattr(steps, "sign_pdf", real)
    with house().registry.read() as db:
        assert copies.find(db, "17/2026")["archived_at"] is None
    assert certify.fn(source, "17/2026", **OF).archived_at  # the same call goes on


def test_a_kill_between_signing_and_archiving_leaves_one_copy(source, monkeypatch):
    real = steps.archive_copy.fn
    copy = steps.request_copy(source, "18/2026", "An")
    steps.sign_copy(copy)
    with house().registry.read() as db:
        signed = copies.find(db, copy.id)["signed"]
    steps.sign_copy(copy)
    real(copy)
    with house().registry.read() as db:
        row = copies.find(db, copy.id)
    assert (row["signed"], row["archive_version"]) == (signed, 1)


def test_a_copy_from_before_copies_were_renewed_gets_its_row_out_of_its_file(source, monkeypatch):
    """By `sohoa rebuild`; the record of such a copy says nothing of how long it proves itself."""
    real = steps._record

    def early(*arguments):
        record = real(*arguments)
        return {**record, "protection": {"level": "B-B", "shortfall": None}}

    monkeypatch.setattr(steps, "_record", early)
    copy = certify.fn(source, "19/2026", **OF)
    of_it = schema.copy_protections.c.copy_id == copy.id
    with house().registry.begin() as db:
        known = db.execute(select(schema.copy_protections).where(of_it)).mappings().one()
        db.execute(delete(schema.copy_protections).where(of_it))
    assert rebuild(house()).failed == {}
    with house().registry.read() as db:
        entered = db.execute(select(schema.copy_protections).where(of_it)).mappings().one()
    assert {**entered, "updated_at": None} == {**known, "updated_at": None}

"""Signing and verifying PDF files: what is intact is found so, and nothing else."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import ConfigurationFault, DocumentFault
from signing.appearance import BAN_SAO_DIEN_TU, INVISIBLE, MOT_CUA_SCAN
from signing.demo_authority import make_demo_keys
from signing.pdf import AGENCY_FIELD, OFFICER_FIELD, inspect_pdf, prepare_fields, sign_pdf
from signing.verdicts import SignatureVerdict, Verification
from signing.verify import verify_pdf
from tests.verapdf.plain_page import write_plain_page

SIGNED_AT = datetime(2026, 11, 20, 9, 15, 30, tzinfo=timezone(timedelta(hours=7)))
COMMON = {
    "values": {
        "person": "Nguyễn Thị Hường",
        "agency": "UBND phường Nguyễn Huệ",
        "time": "2026-11-20T09:15:30+07:00",
        "code": "049199000123.KQ.G15.000032.01",
    },
    "signed_at": SIGNED_AT,
    "reason": "Số hóa giấy tờ",
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_demo_keys(
        tmp_path_factory.mktemp("keys"), agency_name="UBND phường", officer_name="Hường"
    )


@pytest.fixture(scope="module")
def stages(tmp_path_factory, keys):
    """A page: plain, with fields, signed by the officer, signed by the agency."""
    folder = tmp_path_factory.mktemp("stages")
    plain, prepared, by_officer, by_agency = (folder / f"{n}.pdf" for n in range(4))
    write_plain_page(plain)
    prepare_fields(plain, prepared, officer=MOT_CUA_SCAN, agency=BAN_SAO_DIEN_TU)
    sign_pdf(
        prepared,
        by_officer,
        signer=keys.officer,
        field=OFFICER_FIELD,
        profile=MOT_CUA_SCAN,
        **COMMON,
    )
    _agency(by_officer, by_agency, keys)
    return plain, prepared, by_officer, by_agency


def _agency(source, target, keys, profile=BAN_SAO_DIEN_TU):
    return sign_pdf(
        source, target, signer=keys.agency, field=AGENCY_FIELD, profile=profile, **COMMON
    )


def test_both_signatures_are_sound_and_the_second_only_fills_a_form(stages, keys):
    """The officer's signature permits the agency's, because both fields were prepared."""
    found = verify_pdf(stages[3], trust_roots=[keys.root_certificate])
    officer, agency = found.signatures
    assert (found.verdict, found.integrity, found.trust) == ("sound", "intact", "trusted")
    assert (officer.field, officer.changes_since) == (OFFICER_FIELD, "form_filling")
    assert not officer.modified_since
    assert (agency.field, agency.covers_whole_file) == (AGENCY_FIELD, True)
    assert [s.level for s in found.signatures] == ["B-B", "B-B"]
    assert [s.time for s in found.signatures] == [SIGNED_AT, SIGNED_AT]


def test_signing_only_appends(stages):
    """Each stage begins with every byte of the one before."""
    assert stages[2].read_bytes().startswith(stages[1].read_bytes())
    assert stages[3].read_bytes().startswith(stages[2].read_bytes())


def test_without_a_trusted_root_nothing_is_sound(stages):
    """Intact, but nobody vouches for the signer."""
    found = verify_pdf(stages[3])
    assert (found.verdict, found.integrity, found.trust) == ("undecided", "intact", "unknown")


def test_another_authoritys_root_does_not_make_it_sound(stages, tmp_path):
    """A root of the same name with another key is another root."""
    other = make_demo_keys(tmp_path, agency_name="UBND phường", officer_name="Hường")
    found = verify_pdf(stages[3], trust_roots=[other.root_certificate])
    assert (found.verdict, found.trust) == ("undecided", "untrusted")


def test_an_unsigned_file_is_undecided(stages, keys):
    """Empty signature fields are no signatures."""
    found = verify_pdf(stages[1], trust_roots=[keys.root_certificate])
    assert (found.verdict, found.reasons) == ("undecided", ("không có chữ ký",))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_flipped_bit_is_never_sound(stages, keys, tmp_path, data):
    """Wherever it is in the signed bytes: found broken, or unreadable."""
    content = bytearray(stages[3].read_bytes())
    signed_part = len(stages[1].read_bytes())
    place = data.draw(st.integers(0, signed_part - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(content)
    assert verify_pdf(changed, trust_roots=[keys.root_certificate]).verdict != "sound"


def test_a_changed_image_is_unsound(stages, keys, tmp_path):
    """A changed byte inside the page's picture, where the structure stays readable."""
    content = bytearray(stages[3].read_bytes())
    picture = content.index(b"\xff\xd8\xff") + 2000
    content[picture] ^= 0xFF
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(content)
    found = verify_pdf(changed, trust_roots=[keys.root_certificate])
    assert (found.verdict, found.integrity) == ("unsound", "broken")
    assert all(signature.reasons for signature in found.signatures)


def test_a_page_replaced_by_an_incremental_update_is_unsound(stages, keys, tmp_path):
    """The signed bytes are all there, yet the page shows something else."""
    from pyhanko.pdf_utils.generic import StreamObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    changed = tmp_path / "changed.pdf"
    with stages[3].open("rb") as opened, changed.open("wb") as output:
        writer = IncrementalPdfFileWriter(opened)
        page, _ = writer.find_page_for_modification(0)
        page.get_object()["/Contents"] = writer.add_object(StreamObject(stream_data=b""))
        writer.mark_update(page)
        writer.write(output)
    assert changed.read_bytes().startswith(stages[3].read_bytes())
    found = verify_pdf(changed, trust_roots=[keys.root_certificate])
    assert (found.verdict, found.integrity) == ("unsound", "broken")


def test_a_root_that_cannot_be_read_is_a_configuration_fault(stages, tmp_path):
    """The administrator learns which file it is."""
    junk = tmp_path / "gốc.pem"
    junk.write_bytes(b"no certificate")
    with pytest.raises(ConfigurationFault, match="gốc"):
        verify_pdf(stages[3], trust_roots=[junk])


def test_signing_again_uses_another_field(stages, keys, tmp_path):
    """Our own signed paper handed in again gets a further signature, not an overwritten one."""
    target = tmp_path / "again.pdf"
    assert _agency(stages[3], target, keys).field == f"{AGENCY_FIELD}2"
    found = verify_pdf(target, trust_roots=[keys.root_certificate])
    assert (found.verdict, len(found.signatures)) == ("sound", 3)


def test_source_and_target_may_be_the_same_file(stages, keys, tmp_path):
    """The result replaces the source in one step."""
    file = tmp_path / "paper.pdf"
    file.write_bytes(stages[2].read_bytes())
    _agency(file, file, keys)
    assert inspect_pdf(file).count == 2
    assert list(tmp_path.iterdir()) == [file]


def test_a_certified_file_that_allows_no_change_is_not_signed(stages, keys, tmp_path):
    """Refused with a stable reason; no file and no leftovers."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm
    from pyhanko.sign.signers import PdfSignatureMetadata
    from pyhanko.sign.signers import sign_pdf as certify

    certified, folder = tmp_path / "certified.pdf", tmp_path / "out"
    folder.mkdir()
    meta = PdfSignatureMetadata("A", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    with stages[0].open("rb") as opened, certified.open("wb+") as output:
        certify(IncrementalPdfFileWriter(opened), meta, keys.agency.pyhanko(), output=output)
    assert not inspect_pdf(certified).may_add
    with pytest.raises(DocumentFault) as caught:
        _agency(certified, folder / "signed.pdf", keys)
    assert caught.value.reason == "no_more_signatures"
    assert list(folder.iterdir()) == []


def test_a_file_certified_for_form_filling_gets_an_invisible_signature(stages, keys, tmp_path):
    """A new visible stamp would break the certification."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSignatureMetadata
    from pyhanko.sign.signers import sign_pdf as certify

    certified, target = tmp_path / "certified.pdf", tmp_path / "signed.pdf"
    with stages[0].open("rb") as opened, certified.open("wb+") as output:
        meta = PdfSignatureMetadata("A", certify=True)
        certify(IncrementalPdfFileWriter(opened), meta, keys.officer.pyhanko(), output=output)
    _agency(certified, target, keys)
    found = verify_pdf(target, trust_roots=[keys.root_certificate])
    assert (found.verdict, len(found.signatures)) == ("sound", 2)


def test_a_lock_that_forbids_new_fields_is_respected(stages, keys, tmp_path):
    """FieldMDP over all fields: the older signature would break, so nothing is written."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    locked = tmp_path / "locked.pdf"
    lock = SigFieldSpec(
        "A",
        field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL),
        doc_mdp_update_value=MDPPerm.NO_CHANGES,
    )
    with stages[0].open("rb") as opened, locked.open("wb+") as output:
        signer = PdfSigner(PdfSignatureMetadata("A"), keys.officer.pyhanko(), new_field_spec=lock)
        signer.sign_pdf(IncrementalPdfFileWriter(opened), output=output)
    with pytest.raises(DocumentFault) as caught:
        _agency(locked, tmp_path / "signed.pdf", keys)
    assert caught.value.reason == "no_more_signatures"


def test_an_encrypted_file_is_refused(stages, keys, tmp_path):
    """With a password it cannot be opened; with none, no signature can be added."""
    closed, restricted = tmp_path / "closed.pdf", tmp_path / "restricted.pdf"
    with pikepdf.open(stages[0]) as document:
        document.save(closed, encryption=pikepdf.Encryption(user="u", owner="o"))
        document.save(restricted, encryption=pikepdf.Encryption(user="", owner="o"))
    with pytest.raises(DocumentFault) as caught:
        inspect_pdf(closed)
    assert caught.value.reason == "encrypted"
    assert not inspect_pdf(restricted).may_add


def test_a_time_without_an_offset_is_a_programming_error(stages, keys, tmp_path):
    """A local time means nothing in an archive."""
    naive = {**COMMON, "signed_at": datetime(2026, 11, 20)}  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="offset"):
        sign_pdf(
            stages[1],
            tmp_path / "x.pdf",
            signer=keys.agency,
            field=AGENCY_FIELD,
            profile=INVISIBLE,
            **naive,
        )


def test_the_stamps_text_can_be_read_from_the_file(stages):
    """The embedded font maps its glyphs back to Vietnamese letters."""
    import pypdfium2

    with pypdfium2.PdfDocument(stages[3]) as document:
        document.init_forms()
        document[0].flatten()
        text = document[0].get_textpage().get_text_bounded()
    assert "Người sao chụp: Nguyễn Thị Hường" in text
    assert "Mã: 049199000123.KQ.G15.000032.01" in text


def test_the_qr_code_on_the_stamp_can_be_read(stages, keys, tmp_path):
    """At scanning resolution, from the rendered page."""
    import pypdfium2
    import zxingcpp

    target = tmp_path / "qr.pdf"
    sign_pdf(
        stages[2],
        target,
        signer=keys.agency,
        field=AGENCY_FIELD,
        profile=BAN_SAO_DIEN_TU,
        qr="https://tra-cuu.example.vn/giay-to/4f2a9c",
        **COMMON,
    )
    with pypdfium2.PdfDocument(target) as document:
        document.init_forms()
        picture = document[0].render(scale=300 / 72, may_draw_forms=True).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [
        "https://tra-cuu.example.vn/giay-to/4f2a9c"
    ]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_stamps_leave_the_text_of_the_page_free(keys, tmp_path, rotate):
    """Everything below the top margin looks as before, however the page is turned."""
    import numpy as np
    import pypdfium2

    plain, prepared, signed = (tmp_path / f"{n}.pdf" for n in range(3))
    write_plain_page(plain, rotate=rotate)
    prepare_fields(plain, prepared, officer=MOT_CUA_SCAN, agency=BAN_SAO_DIEN_TU)
    _agency(prepared, signed, keys)
    seen = []
    for file in (plain, signed):
        with pypdfium2.PdfDocument(file) as document:
            document.init_forms()
            seen.append(document[0].render(scale=1, may_draw_forms=True).to_numpy())
    margin = round(16 / 25.4 * 72)
    assert np.array_equal(seen[0][margin:], seen[1][margin:])
    assert not np.array_equal(seen[0][:margin], seen[1][:margin])


SIGNED_SAMPLES = {
    "minimal-two-fields-signed-twice.pdf": "intact",
    "pdf-signed-original.pdf": "intact",
    "dss-2554__certified-no-change-permitted.pdf": "intact",
    "doc-firmado-T.pdf": "intact",
    "modified_after_signature.pdf": "broken",
    "pdf-removed-pages.pdf": "broken",
    "signature-gap-too-big.pdf": "broken",
    "tail-uncovered.pdf": "broken",
}


@pytest.mark.parametrize(("name", "integrity"), SIGNED_SAMPLES.items())
def test_integrity_of_foreign_files_is_judged_right(samples, name, integrity):
    """Sound ones are intact, tampered ones broken; trust is another question."""
    assert verify_pdf(samples / "signed" / name).integrity == integrity


def test_no_foreign_or_hostile_file_is_sound_or_crashes(samples, keys):
    """Loops, malformed CMS, shadow attacks, fuzzed files: a verdict or DocumentFault, in time."""
    for folder in ("signed", "real-scans", "hostile", "scans"):
        for file in sorted((samples / folder).glob("*.pdf")):
            begun = datetime.now(UTC)
            with contextlib.suppress(DocumentFault):
                assert verify_pdf(file, trust_roots=[keys.root_certificate]).verdict != "sound"
            assert datetime.now(UTC) - begun < timedelta(seconds=10), file.name


def test_a_sha1_signature_is_intact_but_undecided(samples):
    """It never blocks archiving, and is never called sound."""
    found = verify_pdf(samples / "real-scans" / "01CT-2021-hoa-don-dien-tu.pdf")
    assert (found.integrity, found.verdict) == ("intact", "undecided")
    assert any("SHA1" in reason for reason in found.signatures[0].reasons)


def test_a_verdict_needs_every_signature_to_be_sound():
    """One doubt makes the file undecided, one broken signature makes it unsound."""
    sound = SignatureVerdict(field="A", integrity="intact", trust="trusted")
    doubtful = SignatureVerdict(field="B", integrity="intact", trust="untrusted")
    broken = SignatureVerdict(field="C", integrity="broken", trust="trusted")
    assert Verification(signatures=(sound, sound)).verdict == "sound"
    assert Verification(signatures=(sound, doubtful)).verdict == "undecided"
    assert Verification(signatures=(sound, doubtful, broken)).verdict == "unsound"
    assert Verification(signatures=(sound,), reasons=("?",)).verdict == "undecided"
    assert Verification().verdict == "undecided"


def test_the_report_is_plain_json(stages, keys):
    """Verdicts stand beside the facts that they rest on."""
    report = verify_pdf(stages[3], trust_roots=[keys.root_certificate]).model_dump(mode="json")
    assert set(report) == {"verdict", "integrity", "trust", "signatures", "reasons"}
    assert report["signatures"][0]["verdict"] == "sound"

"""The EU's DSS and openssl judge our signatures: level as claimed, nothing modified."""

import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.appearance import BAN_SAO_DIEN_TU, MOT_CUA_SCAN
from signing.attestations import PAPER, SIGNATURE
from signing.attesting import attest
from signing.detached import verify_detached
from signing.levels import LEVELS, SignatureSettings, TrustServices
from signing.pdf import AGENCY_FIELD, OFFICER_FIELD, prepare_fields, sign_detached, sign_pdf
from signing.verify import verify_pdf
from tests.dss import judge, missing
from tests.verapdf.plain_page import write_plain_page

pytestmark = pytest.mark.conformance
needs_dss = pytest.mark.skipif(bool(missing()), reason=missing() or "DSS is here")
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl")

VALUES = {"person": "Nguyễn Thị Hường", "agency": "UBND phường Nguyễn Huệ", "code": "1.2"}


@pytest.fixture(scope="module")
def services(pki):
    return TrustServices(settings=SignatureSettings(tsa=pki.tsa_urls), trust_roots=pki.roots)


@pytest.fixture(scope="module")
def signed(tmp_path_factory, pki, services):
    """Level → a page signed by the officer (B-LT at most), then by the agency at that level."""
    return {level: _sign(tmp_path_factory.mktemp(level), pki, services, level) for level in LEVELS}


def _sign(folder, pki, services, level):
    plain, prepared, by_officer, by_agency = (folder / f"{n}.pdf" for n in range(4))
    write_plain_page(plain)
    prepare_fields(plain, prepared, officer=MOT_CUA_SCAN, agency=BAN_SAO_DIEN_TU)
    common = {
        "values": VALUES,
        "signed_at": datetime.now(UTC),
        "reason": "Số hóa",
        "services": services,
    }
    sign_pdf(
        prepared,
        by_officer,
        signer=pki.signer("officer"),
        field=OFFICER_FIELD,
        profile=MOT_CUA_SCAN,
        level="B-LT" if level == "B-LTA" else level,
        **common,
    )
    info = sign_pdf(
        by_officer,
        by_agency,
        signer=pki.signer("agency"),
        field=AGENCY_FIELD,
        profile=BAN_SAO_DIEN_TU,
        level=level,
        **common,
    )
    assert info.level == level, info.shortfall
    return by_agency


@needs_dss
def test_dss_finds_the_level_that_is_claimed_and_nothing_modified(signed, pki):
    found = judge(signed.values(), pki.roots[0])
    assert len(found) == 2 * len(LEVELS)
    for one in found:
        assert one["intact"], one
        assert one["byte_range_valid"], one
        assert not one["modified"], one
        # The one change that DSS lists without a name: the agency's empty stamp was filled.
        assert all("/AP /N" in change for change in one["undefined_changes"].split("; ") if change)
    levels = {one["file"]: one["level"] for one in found if AGENCY_FIELD in one["field"]}
    assert levels == {
        str(file): f"PAdES-BASELINE-{level.removeprefix('B-')}" for level, file in signed.items()
    }
    passed = [one for one in found if str(signed["B-LT"]) == one["file"]]
    assert {one["indication"] for one in passed} == {"TOTAL_PASSED"}, passed


@pytest.mark.parametrize("level", LEVELS)
def test_our_own_verdict_is_sound_at_the_same_level(signed, pki, level):
    """From what the file holds alone, where it holds revocation data; else from the network."""
    offline = verify_pdf(signed[level], trust_roots=pki.roots)
    agency = next(one for one in offline.signatures if one.field == AGENCY_FIELD)
    assert (agency.level, agency.integrity) == (level, "intact")
    if level in ("B-LT", "B-LTA"):
        assert offline.verdict == "sound", offline
    else:
        assert (offline.verdict, agency.trust) == ("undecided", "unknown")
        online = verify_pdf(signed[level], trust_roots=pki.roots, online=True)
        assert online.verdict == "sound", online


def test_a_revoked_certificate_is_never_sound(tmp_path, pki):
    plain, target = tmp_path / "plain.pdf", tmp_path / "signed.pdf"
    write_plain_page(plain)
    sign_pdf(
        plain,
        target,
        signer=pki.signer("agency-revoked"),
        field=AGENCY_FIELD,
        profile=BAN_SAO_DIEN_TU,
        values=VALUES,
        signed_at=datetime.now(UTC),
        reason="Số hóa",
    )
    found = verify_pdf(target, trust_roots=pki.roots, online=True)
    assert (found.verdict, found.trust, found.integrity) == ("unsound", "untrusted", "intact")
    assert "thu hồi" in found.signatures[0].reasons[0]
    with pki.fault("ocsp", "down"), pki.fault("crl", "down"):
        silent = verify_pdf(target, trust_roots=pki.roots, online=True)
    assert silent.verdict == "undecided"


@needs_dss
def test_a_detached_signature_is_cades_baseline_b(tmp_path, pki):
    source, signature = tmp_path / "paper.pdf", tmp_path / "paper.pdf.p7s"
    write_plain_page(source)
    sign_detached(source, signature, signer=pki.signer("agency"))
    (found,) = judge([(signature, source)], pki.roots[0])
    assert (found["level"], found["intact"]) == ("CAdES-BASELINE-B", True)
    (ours,) = verify_detached(source, signature, trust_roots=pki.roots, online=True)
    assert (ours.verdict, ours.level) == ("sound", "B-B"), ours
    source.write_bytes(source.read_bytes() + b"\n")
    (altered,) = verify_detached(source, signature, trust_roots=pki.roots, online=True)
    assert (altered.verdict, altered.modified_since) == ("unsound", True)


@needs_dss
def test_dss_too_refuses_what_was_altered(samples):
    """The validator can fail: it sees the changes in the tampered samples, as we do."""
    names = ("modified_after_signature.pdf", "pdf-removed-pages.pdf", "signature-gap-too-big.pdf")
    files = [samples / "signed" / name for name in names]
    for one in judge(files, None):
        assert one["modified"] or not one["byte_range_valid"], one
    assert all(verify_pdf(file).verdict == "unsound" for file in files)


@needs_dss
def test_dss_calls_overlapping_annotations_modified_which_we_do_not(samples):
    """docs/verify.md: they were there before the signature, which covers the file to its end."""
    file = samples / "signed/dss-2554__certified-no-change-permitted.pdf"
    (found,) = judge([file], None)
    assert found["modified"]
    assert found["intact"]
    assert (found["pages_changed"], found["undefined_changes"]) == ([], "")
    assert found["overlapping_annotations_on"] == [8, 12, 13, 16]
    (ours,) = verify_pdf(file).signatures
    assert (ours.integrity, ours.covers_whole_file, ours.modified_since) == ("intact", True, False)


@needs_openssl
def test_openssl_accepts_the_signature_and_its_time_stamp(signed, pki, tmp_path):
    """`openssl cms` over the signed bytes, `openssl ts` over the token inside."""
    with signed["B-LT"].open("rb") as stream:
        embedded = PdfFileReader(stream).embedded_regular_signatures[-1]
        first, length, second, rest = (int(number) for number in embedded.byte_range)
        contents = embedded.pkcs7_content
        info = embedded.signer_info
        stream.seek(0)
        content = stream.read()
    (tmp_path / "content").write_bytes(content[first:length] + content[second : second + rest])
    whole = cms.ContentInfo.load(contents)  # without the padding of /Contents
    (tmp_path / "signature").write_bytes(whole.dump())
    token = next(
        attribute["values"][0]
        for attribute in info["unsigned_attrs"]
        if attribute["type"].native == "signature_time_stamp_token"
    )
    (tmp_path / "token").write_bytes(token.dump())
    (tmp_path / "value").write_bytes(info["signature"].native)
    ca = ["-CAfile", str(pki.roots[0])]
    chain = ["-untrusted", str(pki.pem("tsa-ca"))]
    _openssl(
        tmp_path,
        *("cms", "-verify", "-binary", "-inform", "DER", "-in", "signature"),
        *("-content", "content", "-purpose", "any", "-out", "/dev/null", *ca),
    )
    _openssl(tmp_path, "ts", "-verify", "-token_in", "-in", "token", "-data", "value", *ca, *chain)
    (tmp_path / "value").write_bytes(b"other data")
    with pytest.raises(AssertionError):
        _openssl(
            tmp_path, "ts", "-verify", "-token_in", "-in", "token", "-data", "value", *ca, *chain
        )


@needs_openssl
def test_openssl_and_sha256sum_accept_the_evidence_beside_a_detached_signature(
    pki, services, tmp_path
):
    """Two renewals: each token over its manifest, each manifest over what lies there."""
    files = {name: tmp_path / name for name in (PAPER, SIGNATURE)}
    write_plain_page(files[PAPER])
    sign_detached(files[PAPER], files[SIGNATURE], signer=pki.signer("agency"))
    for _ in range(2):
        made, lacking = attest(files, tmp_path, services)
        assert lacking == ()
        files |= made
    ca = ["-CAfile", str(pki.roots[0]), "-untrusted", str(pki.pem("tsa-ca"))]
    for number in ("0001", "0002"):
        token, manifest = f"evidence-{number}.tsr", f"evidence-{number}.sha256"
        _openssl(tmp_path, "ts", "-verify", "-in", token, "-data", manifest, *ca)
        assert _sha256sum(tmp_path, manifest)
        data = f"evidence-{number}.p7c"
        _openssl(tmp_path, "cms", "-cmsout", "-inform", "DER", "-in", data, "-certsout", "certs")
        assert "BEGIN CERTIFICATE" in (tmp_path / "certs").read_text()
    newer = (tmp_path / "evidence-0002.sha256").read_text()
    assert all(name in newer for name in ("paper.pdf", "paper.pdf.p7s", "evidence-0001.tsr"))
    other = ("-in", "evidence-0002.tsr", "-data", "evidence-0001.sha256")
    with pytest.raises(AssertionError):
        _openssl(tmp_path, "ts", "-verify", *other, *ca)
    files[PAPER].write_bytes(files[PAPER].read_bytes() + b"\n")
    assert not _sha256sum(tmp_path, "evidence-0001.sha256")


def _sha256sum(folder, manifest):
    command = ["sha256sum", "--check", "--strict", manifest]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def _openssl(folder, *arguments):
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

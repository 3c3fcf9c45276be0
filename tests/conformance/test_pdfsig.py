"""Other people's programs judge our signatures: poppler's pdfsig, qpdf, openssl."""

import re
import shutil
import subprocess
from datetime import datetime, timedelta, timezone

import pytest

from signing.appearance import BAN_SAO_DIEN_TU, MOT_CUA_SCAN
from signing.demo_authority import make_demo_keys
from signing.pdf import (
    AGENCY_FIELD,
    OFFICER_FIELD,
    inspect_pdf,
    prepare_fields,
    sign_detached,
    sign_pdf,
)
from signing.verify import verify_pdf
from tests.verapdf.plain_page import write_plain_page

NEEDED = {"pdfsig": "poppler-utils", "qpdf": "qpdf", "openssl": "openssl"}
ABSENT = [package for program, package in NEEDED.items() if shutil.which(program) is None]

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(bool(ABSENT), reason=f"not installed: {', '.join(ABSENT)}"),
]

REAL_SCANS = [
    "01CT-2021-hoa-don-dien-tu.pdf",
    "05CT-2020-thue-dien-tu.pdf",
    "09TTr-2025-bai-bo-nghi-quyet.pdf",
    "23BC-2025-cai-cach-tthc.pdf",
    "299UBND-2025-cong-van.pdf",
    "574UBND-2025-cong-van.pdf",
    "660TB-2024-ket-luan.pdf",
    "84QD-2025-su-co-tran-dau.pdf",
    "TB542-2024-born-digital.pdf",
]
COMMON = {
    "values": {"person": "Nguyễn Thị Hường", "agency": "UBND phường Nguyễn Huệ", "code": "1.2"},
    "signed_at": datetime(2026, 11, 20, 9, 15, 30, tzinfo=timezone(timedelta(hours=7))),
    "reason": "Số hóa giấy tờ",
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return make_demo_keys(
        tmp_path_factory.mktemp("keys"), agency_name="UBND phường", officer_name="Hường"
    )


def _pdfsig(path):
    """Pdfsig's verdict on each signature, in order."""
    told = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False
    ).stdout
    return re.findall(r"Signature Validation: (.*)", told)


def _qpdf(path):
    return subprocess.run(["qpdf", "--check", str(path)], capture_output=True, check=False)


def _add_agency(source, target, keys):
    sign_pdf(
        source,
        target,
        signer=keys.agency,
        field=AGENCY_FIELD,
        profile=BAN_SAO_DIEN_TU,
        **COMMON,
    )


def test_pdfsig_finds_both_signatures_valid(tmp_path, keys):
    """The officer's signature stays valid when the agency has signed after it."""
    plain, prepared, by_officer, by_agency = (tmp_path / f"{n}.pdf" for n in range(4))
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
    _add_agency(by_officer, by_agency, keys)
    assert _pdfsig(by_agency) == ["Signature is Valid."] * 2
    assert _qpdf(by_agency).returncode == 0
    assert by_agency.read_bytes().startswith(by_officer.read_bytes())


@pytest.mark.parametrize("name", REAL_SCANS)
def test_signing_real_signed_input_keeps_its_signatures(samples, tmp_path, keys, name):
    """Every byte and every older signature of a real paper survives the agency's signature."""
    source, target = samples / "real-scans" / name, tmp_path / name
    before = _pdfsig(source)
    _add_agency(source, target, keys)
    assert target.read_bytes().startswith(source.read_bytes())
    assert _pdfsig(target) == [*before, "Signature is Valid."]
    assert _qpdf(target).returncode == 0
    assert inspect_pdf(target).count == inspect_pdf(source).count + 1
    assert [
        old.integrity for old in verify_pdf(target).signatures if old.field != AGENCY_FIELD
    ] == [old.integrity for old in verify_pdf(source).signatures]


def test_openssl_verifies_the_detached_signature(tmp_path, keys):
    """Openssl accepts the .p7s over the file and refuses it over another one."""
    source, signature = tmp_path / "giấy tờ.pdf", tmp_path / "giấy tờ.pdf.p7s"
    source.write_bytes(b"%PDF-1.4 any bytes\r\n\n\x00\xff")
    sign_detached(source, signature, signer=keys.agency)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(signature)]
    command += ["-CAfile", str(keys.root_certificate), "-purpose", "any", "-out", "/dev/null"]

    def accepted():
        done = subprocess.run([*command, "-content", str(source)], capture_output=True, check=False)
        return done.returncode == 0

    assert accepted()
    source.write_bytes(source.read_bytes() + b"!")
    assert not accepted()

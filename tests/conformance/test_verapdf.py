"""veraPDF judges what we sign; and we judge veraPDF on files whose verdict is known."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from PIL import Image, ImageDraw

from signing.appearance import (
    BAN_SAO_DIEN_TU,
    CHUNG_THUC,
    INVISIBLE,
    MOT_CUA_SCAN,
    AppearanceSettings,
)
from signing.demo_authority import make_demo_keys
from signing.fields import CERTIFIER_FIELD
from signing.levels import SignatureSettings, TrustServices
from signing.pdf import AGENCY_FIELD, OFFICER_FIELD, prepare_fields, sign_pdf
from signing.renewing import renew_pdf
from signing.verify import verify_pdf
from tests.dss import judge
from tests.dss import missing as dss_missing
from tests.verapdf import missing, verapdf
from tests.verapdf.plain_page import write_plain_page

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.skipif(bool(missing()), reason=missing() or "veraPDF is here"),
]

SIGNED_AT = datetime(2026, 11, 20, 9, 15, 30, tzinfo=timezone(timedelta(hours=7)))
VALUES = {
    "person": "Nguyễn Thị Hường",
    "agency": "Ủy ban nhân dân phường Nguyễn Huệ",
    "time": "2026-11-20T09:15:30+07:00",
    "form": "Bản sao điện tử",
    "code": "049199000123.KQ.G15.000032.01",
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return make_demo_keys(folder, agency_name=VALUES["agency"], officer_name=VALUES["person"])


def _stages(folder, keys, *, officer, agency, rotate=0):
    plain, prepared, by_officer, by_agency = (folder / f"{n}-{rotate}.pdf" for n in range(4))
    write_plain_page(plain, rotate=rotate)
    prepare_fields(plain, prepared, officer=officer, agency=agency)
    common = {"values": VALUES, "signed_at": SIGNED_AT, "reason": "Số hóa"}
    sign_pdf(
        prepared, by_officer, signer=keys.officer, field=OFFICER_FIELD, profile=officer, **common
    )
    sign_pdf(
        by_officer,
        by_agency,
        signer=keys.agency,
        field=AGENCY_FIELD,
        profile=agency,
        qr="https://tra-cuu.example.vn/g/4f2a",
        **common,
    )
    return [plain, prepared, by_officer, by_agency]


def test_the_validator_judges_known_files_right(samples):
    """Files made to pass PDF/A-2b pass, files made to fail it fail."""
    files = sorted((samples / "pdfa").glob("2b-*.pdf"))
    verdicts = verapdf(files)
    assert files
    assert {f.name: v for f, v in verdicts.items()} == {f.name: f.name[3:7] for f in files}


def test_what_is_no_pdf_is_unknown_not_passed(tmp_path):
    """A file that veraPDF cannot parse gets no verdict."""
    junk = tmp_path / "junk.pdf"
    junk.write_bytes(b"not a pdf")
    assert verapdf([junk]) == {junk: "unknown"}


@pytest.mark.parametrize("rotate", [0, 90])
def test_every_stage_of_signing_stays_pdf_a_2b(tmp_path, keys, rotate):
    """Composed, prepared, officer-signed and agency-signed files all pass."""
    files = _stages(tmp_path, keys, officer=MOT_CUA_SCAN, agency=BAN_SAO_DIEN_TU, rotate=rotate)
    assert verapdf(files) == dict.fromkeys(files, "pass")


def test_invisible_signatures_stay_pdf_a_2b(tmp_path, keys):
    """Fields without a stamp are allowed too."""
    files = _stages(tmp_path, keys, officer=INVISIBLE, agency=INVISIBLE)
    assert verapdf(files) == dict.fromkeys(files, "pass")


def test_letters_that_the_font_lacks_do_not_break_pdf_a(tmp_path, keys):
    """Chinese, Arabic and control characters in a name are replaced, never drawn as missing."""
    plain, prepared, signed = (tmp_path / f"{n}.pdf" for n in range(3))
    write_plain_page(plain)
    prepare_fields(plain, prepared, officer=MOT_CUA_SCAN, agency=INVISIBLE)
    sign_pdf(
        prepared,
        signed,
        signer=keys.officer,
        field=OFFICER_FIELD,
        profile=MOT_CUA_SCAN,
        values={**VALUES, "person": "Ng\u0303uye\u0302n 阮 \u0627 \x07 🖋"},
        signed_at=SIGNED_AT,
        reason="Số hóa",
    )
    assert verapdf([signed]) == {signed: "pass"}


def _seal(path):
    picture = Image.new("RGBA", (425, 425), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((5, 5, 420, 420), outline=(200, 0, 0, 255), width=12)
    picture.save(path)
    return path


def test_sealed_certified_and_renewed_files_stay_pdf_a_2b(tmp_path, pki):
    """A seal with transparency, a third signature, validation data and two time stamps."""
    services = TrustServices(settings=SignatureSettings(tsa=pki.tsa_urls), trust_roots=pki.roots)
    sealed = AppearanceSettings(agency="luu_tru", seal=_seal(tmp_path / "seal.png"))
    agency = sealed.profile("agency")
    plain, source, *stages = (tmp_path / f"{number}.pdf" for number in range(6))
    write_plain_page(plain)
    prepare_fields(plain, source, officer=MOT_CUA_SCAN, agency=agency)
    roles = (
        ("officer", OFFICER_FIELD, MOT_CUA_SCAN, "B-LT"),
        ("agency", AGENCY_FIELD, agency, "B-LTA"),
        ("certifier", CERTIFIER_FIELD, CHUNG_THUC, "B-LT"),
    )
    for (role, field, profile, level), target in zip(roles, stages, strict=False):
        info = sign_pdf(
            source,
            target,
            signer=pki.signer(role),
            field=field,
            profile=profile,
            values={**VALUES, "number": "12/2026"},
            signed_at=datetime.now(UTC),
            reason="Số hóa",
            qr=VALUES["code"] if profile.qr else None,
            level=level,
            services=services,
        )
        assert info.level == level, info.shortfall
        source = target
    assert renew_pdf(source, stages[-1], services) == ()
    assert verapdf(stages) == dict.fromkeys(stages, "pass")
    assert verify_pdf(stages[-1], trust_roots=pki.roots).verdict == "sound"
    if not dss_missing():
        found = judge([stages[-1]], pki.roots[0])
        assert [one["intact"] and not one["modified"] for one in found] == [True] * len(found)
        assert len(found) >= 3

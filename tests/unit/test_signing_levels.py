"""Levels B-B to B-LTA with real services over HTTP, and what their faults lead to."""

from datetime import UTC, date, datetime

import pytest

from domain.errors import ConfigurationFault
from signing import timestamps, validation_data
from signing.appearance import BAN_SAO_DIEN_TU, MOT_CUA_SCAN
from signing.breaker import CircuitBreaker
from signing.levels import LEVELS, SignatureSettings, TrustServices, wanted_level
from signing.outlook import outlook
from signing.pdf import AGENCY_FIELD, OFFICER_FIELD, prepare_fields, sign_pdf
from signing.renewing import renew_pdf
from signing.timestamps import FailoverTimeStamper, NoTimeStampError
from signing.verify import verify_pdf
from tests.servers.pki import start_pki
from tests.verapdf.plain_page import write_plain_page

DIGEST = b"\x07" * 32


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    with start_pki(tmp_path_factory.mktemp("pki")) as running:
        running.slow_seconds = 6
        yield running


@pytest.fixture(autouse=True)
def _fresh_memory():
    timestamps.forget()
    validation_data.forget()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    write_plain_page(folder / "plain.pdf")
    prepare_fields(
        folder / "plain.pdf", folder / "p.pdf", officer=MOT_CUA_SCAN, agency=BAN_SAO_DIEN_TU
    )
    return folder / "p.pdf"


def _services(pki, *urls, seconds=10):
    settings = SignatureSettings(tsa=urls or pki.tsa_urls, tsa_timeout_seconds=seconds)
    return TrustServices(settings=settings, trust_roots=pki.roots)


def _sign(pki, source, target, level, *, role="agency", services=None):
    officer = role.startswith("officer")
    return sign_pdf(
        source,
        target,
        signer=pki.signer(role),
        field=OFFICER_FIELD if officer else AGENCY_FIELD,
        profile=MOT_CUA_SCAN if officer else BAN_SAO_DIEN_TU,
        values={"person": "Nguyễn Văn An"},
        signed_at=datetime.now(UTC),
        reason="Thử",
        level=level,
        services=services or _services(pki),
    )


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_reached_and_recognised(pki, prepared, tmp_path, level):
    """By our own verification, offline from B-LT on; others' validators: tests/conformance."""
    first, second = tmp_path / "1.pdf", tmp_path / "2.pdf"
    _sign(pki, prepared, first, "B-LT" if level == "B-LTA" else level, role="officer")
    info = _sign(pki, first, second, level)
    found = verify_pdf(second, trust_roots=pki.roots)
    assert (info.level, info.shortfall) == (level, "")
    assert [item.level for item in found.signatures[:2]] == [level, level]
    assert found.verdict == ("sound" if level in ("B-LT", "B-LTA") else "undecided")
    assert (second.stat().st_size - prepared.stat().st_size) / 2 <= 40 * 1024


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("down", "không trả lời"),
        ("error", "500"),
        ("slow", "không trả lời"),
        ("garbage", "không phải dấu thời gian"),
        ("wrong_nonce", "nonce"),
        ("wrong_digest", "nội dung khác"),
        ("rejected", "từ chối"),
        ("expired", "hết hạn"),
        ("fast_clock", "giờ lệch"),
        ("slow_clock", "giờ lệch"),
    ],
)
def test_a_bad_authority_is_named_and_the_next_one_stamps(pki, fault, says):
    """No faulty answer becomes a time stamp."""
    seconds = 2 if fault == "slow" else 10
    with pki.fault("tsa", fault):
        alone = FailoverTimeStamper(_services(pki, pki.tsa("tsa"), seconds=seconds))
        with pytest.raises(NoTimeStampError, match=says):
            alone.stamp(DIGEST, "sha256")
        both = FailoverTimeStamper(_services(pki))
        if fault != "slow":
            both.stamp(DIGEST, "sha256")
            assert both.used.url == pki.tsa("tsa2")


def test_a_dead_authority_is_left_alone_after_three_failures(pki):
    """And asked again when the pause is over: `CircuitBreaker` with a clock of its own."""
    stamper = FailoverTimeStamper(_services(pki))
    with pki.fault("tsa", "down"):
        before = pki.hits["tsa"]
        for _ in range(6):
            stamper.stamp(DIGEST, "sha256")
        assert pki.hits["tsa"] - before == 3
    now = [0.0]
    breaker = CircuitBreaker(failures=2, pause_seconds=60, clock=lambda: now[0])
    for _ in range(2):
        breaker.failed()
    assert (breaker.may_call(), breaker.is_open) == (False, True)
    now[0] = 61
    assert [breaker.may_call(), breaker.may_call()] == [True, False]
    breaker.succeeded()
    assert breaker.may_call()


def test_an_authority_that_steps_in_between_is_proved_too(pki, prepared, tmp_path):
    """The data of the other one was in the file already."""
    FailoverTimeStamper(_services(pki)).expected()
    with pki.fault("tsa", "error"):
        info = _sign(pki, prepared, tmp_path / "s.pdf", "B-LT")
    assert info.level == "B-LT"
    assert verify_pdf(tmp_path / "s.pdf", trust_roots=pki.roots).verdict == "sound"


def test_revocation_data_is_fetched_once_and_ocsp_before_a_list(pki, prepared, tmp_path):
    """Twenty signatures, one question about each certificate."""
    _sign(pki, prepared, tmp_path / "s.pdf", "B-LT")
    before = pki.hits.copy()
    for _ in range(5):
        _sign(pki, prepared, tmp_path / "s.pdf", "B-LT")
    assert {name: pki.hits[name] - before[name] for name in ("ocsp", "crl")} == {
        "ocsp": 0,
        "crl": 0,
    }


@pytest.mark.parametrize("fault", ["down", "error", "garbage", "unknown", "stale"])
def test_where_ocsp_does_not_help_the_list_does(pki, prepared, tmp_path, fault):
    """The level is reached all the same, and the useless answer is not kept."""
    with pki.fault("ocsp", fault):
        info = _sign(pki, prepared, tmp_path / "s.pdf", "B-LT")
    assert info.level == "B-LT"
    assert verify_pdf(tmp_path / "s.pdf", trust_roots=pki.roots).verdict == "sound"


def test_a_revoked_key_signs_nothing(pki, prepared, tmp_path):
    """Also where no authority for time stamps answers."""
    with pytest.raises(ConfigurationFault, match="thu hồi"):
        _sign(pki, prepared, tmp_path / "s.pdf", "B-LT", role="agency-revoked")
    with (
        pki.fault("tsa", "down"),
        pki.fault("tsa2", "down"),
        pytest.raises(ConfigurationFault, match="thu hồi"),
    ):
        _sign(pki, prepared, tmp_path / "s.pdf", "B-LT", role="agency-revoked")
    assert not (tmp_path / "s.pdf").exists()


def test_a_bare_signature_is_brought_up_to_level_later(pki, prepared, tmp_path):
    """With validation data and a document time stamp, which then protects the file."""
    signed, renewed = tmp_path / "s.pdf", tmp_path / "r.pdf"
    with pki.fault("tsa", "down"), pki.fault("tsa2", "error"):
        info = _sign(pki, prepared, signed, "B-LT")
    assert (info.level, "tsa2" in info.shortfall) == ("B-B", True)
    timestamps.forget()
    assert renew_pdf(signed, renewed, _services(pki)) == ()
    assert renewed.read_bytes().startswith(signed.read_bytes())
    assert verify_pdf(renewed, trust_roots=pki.roots).verdict == "sound"
    before, after = outlook(signed), outlook(renewed)
    assert (before.until.year, before.document_time_stamps) == (2045, 0)
    assert (after.until.year, after.document_time_stamps) == (2040, 1)
    assert after.algorithms == ("rsa2048", "sha256")


def test_the_level_follows_from_how_long_a_paper_is_kept():
    """Longer than the authority's certificate lives: a document time stamp."""
    ends = datetime(2040, 1, 1, tzinfo=UTC)
    tsa = SignatureSettings(tsa=("https://tsa.example.vn",))
    expected = [(date(2036, 1, 1), "B-LT"), (date(2050, 1, 1), "B-LTA"), (None, "B-LTA")]
    for until, level in expected:
        assert wanted_level(tsa, keep_until=until, tsa_not_after=ends) == level
    bare = SignatureSettings()
    assert wanted_level(bare, keep_until=None, tsa_not_after=None) == "B-B"
    fixed = tsa.model_copy(update={"level": "B-T"})
    assert wanted_level(fixed, keep_until=None, tsa_not_after=ends) == "B-T"

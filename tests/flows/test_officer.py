"""Officers sign with keys of their own: the paper waits, only digests travel, the line goes on."""

import json
import shutil
import subprocess
import sys
from contextlib import ExitStack, nullcontext

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from deployments.cli.main import app
from domain.errors import AlreadyExists, NotFound, Undecided
from domain.officer import PaperSignature, SignatureBatch
from domain.states import PaperState
from signing.certificates import certificate_pem
from signing.interrupted import sign_digests
from signing.validation_data import forget
from signing.verify import verify_pdf
from storage.registry import audit, papers
from storage.registry.schema import officer_requests
from tasks import officer_register as register
from tasks.house import house
from tasks.officer import digests_for, waiting_for
from tasks.officer_return import take_signatures
from tests.flows import papers as drawn
from tests.office import opened, own_token_settings
from tests.servers.pki import PASSPHRASE

OFFICER, OTHER = "Nguyễn Văn An", "Trần Thị Bình"
AN, BINH = "CB001", "CB002"


@pytest.fixture(scope="module")
def waiting(tmp_path_factory, reading_pool, test_keys, pki):
    """An installation whose one paper has come as far as the officer; its summary."""
    folder = tmp_path_factory.mktemp("waiting")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own_token_settings(pki).items():
            patch.setenv(name, value)
        with opened(folder, patch, reading_pool, test_keys) as office:
            house().registry.migrate()
            register.add(AN, pki.pem("officer"), None, actor="qt")
            register.add(BINH, pki.pem("officer2"), None, actor="qt")
            summary = office.digitize({"an.pdf": drawn.pdf("giay-khai-sinh")}, officer=OFFICER)
    return folder / "home", summary


@pytest.fixture
def desk(office, monkeypatch, pki, waiting):
    """A copy of that installation."""
    for name, value in own_token_settings(pki).items():
        monkeypatch.setenv(name, value)
    shutil.rmtree(house().settings.home)
    shutil.copytree(waiting[0], house().settings.home)
    house.cache_clear()
    forget()
    return office


def _states():
    with house().registry.read() as db:
        return [row["state"] for row in papers.listed(db)]


def _signed_by(signer, officer=AN, waiting=None):
    waiting = waiting or digests_for(officer)
    made = sign_digests({paper.id: paper.digest for paper in waiting.papers}, signer)
    return SignatureBatch(
        officer=officer,
        papers=tuple(
            PaperSignature.model_construct(
                id=paper.id, digest=paper.digest, signature=made[paper.id]
            )
            for paper in waiting.papers
        ),
    )


def test_a_paper_waits_for_its_officer_without_failing_the_run(desk, waiting):
    """It is neither described nor coded before: TT 01/2023/TT-VPCP Đ8."""
    assert _states() == [PaperState.AWAITING_OFFICER]
    assert waiting[1].papers.awaiting_officer == 1
    assert waiting_for() == {f"{OFFICER} ({AN})": 1}
    with house().registry.read() as db:
        (row,) = papers.listed(db)
    assert row["description"] is None
    assert row["officer_signed"] is None
    assert desk.run().papers.awaiting_officer == 1  # again: nothing moves, nothing is lost


def test_a_signed_paper_goes_on_along_the_line_and_is_archived(desk, pki):
    """Only a digest was handed out, twice the same; the archived file carries both signatures."""
    waiting = digests_for(OFFICER)
    assert digests_for("  nguyễn văn AN ").papers == waiting.papers
    (paper,) = waiting.papers
    assert set(paper.model_dump()) == {"id", "digest", "description"}
    assert "an.pdf" not in paper.description
    returned = take_signatures(_signed_by(pki.signer("officer")))
    assert returned.accepted == (paper.id,)
    desk.run()
    assert _states() == [PaperState.ARCHIVED]
    from tasks.shelf import paper_row

    row = paper_row(paper.id)
    assert row["officer_signed"] != row["composed"]
    assert waiting_for() == {}
    again = take_signatures(_signed_by(pki.signer("officer"), waiting=waiting))
    assert again.accepted == (paper.id,)  # twice is once
    assert _states() == [PaperState.ARCHIVED]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("officer2", "Trần Thị Bình (CB002)"),
        ("agency", "chưa được đăng ký"),
        ("officer-namesake", "chưa được đăng ký"),
        ("registered:officer-namesake", "Nguyễn Văn An (CB009)"),
        ("foreign", "không tin cậy"),
    ],
)
def test_a_foreign_signature_is_refused_and_the_paper_keeps_waiting(desk, pki, key, says):
    """Of another person, of the agency, of one called the same, of an unknown authority."""
    if key == "foreign":
        signer = _namesake(desk)
        (desk.inbox / "foreign.pem").write_bytes(certificate_pem(signer.pyhanko()))
        register.add(AN, desk.inbox / "foreign.pem", None, actor="qt")
    else:
        signer = pki.signer(key.removeprefix("registered:"))
    if key.startswith("registered:"):
        register.add("CB009", pki.pem("officer-namesake"), None, actor="qt")
    returned = take_signatures(_signed_by(signer))
    assert not returned.accepted
    assert says in returned.refused[0].reason
    assert _states() == [PaperState.AWAITING_OFFICER]
    with house().registry.read() as db:
        assert "officer_refused" in [row["action"] for row in audit.of(db, returned.refused[0].id)]
    assert take_signatures(_signed_by(pki.signer("officer"))).accepted


def _namesake(desk):
    """A key with the officer's name from an authority of his own."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    from signing.keys import Pkcs12Signer

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, OFFICER)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .sign(key, hashes.SHA256())
    )
    path = desk.inbox / "namesake.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"k", key, certificate, None, NoEncryption())
    )
    return Pkcs12Signer(path=path)


def test_a_signature_over_other_data_is_refused(desk, pki):
    """The right officer's signature of another paper, garbage, a paper that does not exist."""
    good = _signed_by(pki.signer("officer"))
    (item,) = good.papers
    elsewhere = sign_digests({item.id: "ab" * 32}, pki.signer("officer"))[item.id]
    for change, says in (
        ({"signature": elsewhere}, "không xác minh"),
        ({"signature": b"garbage"}, "CMS"),
        ({"signature": b""}, "CMS"),
        ({"digest": "ab" * 32}, "lấy lại"),
        ({"id": "absent"}, "Không có giấy tờ"),
    ):
        returned = take_signatures(
            good.model_copy(update={"papers": (item.model_copy(update=change),)})
        )
        assert not returned.accepted
        assert says in returned.refused[0].reason
        assert _states() == [PaperState.AWAITING_OFFICER]
    assert take_signatures(good).accepted == (item.id,)


def test_another_officer_gets_nothing_and_cannot_return_for_him(desk, pki):
    """The batch names its officer, and the key must agree with both."""
    assert digests_for(OTHER).papers == ()
    batch = _signed_by(pki.signer("officer2"), officer=BINH, waiting=digests_for(OFFICER))
    assert "chờ Nguyễn Văn An (CB001) ký" in take_signatures(batch).refused[0].reason
    with pytest.raises(NotFound, match="sohoa officer add"):
        digests_for("Lê Văn Lạ")


def test_of_two_officers_with_one_name_neither_signs_for_the_other(desk, pki):
    """The lot's id says whose paper it is; the name alone no longer calls either of them."""
    register.add("CB009", pki.pem("officer-namesake"), None, actor="qt")
    with pytest.raises(Undecided, match="CB001, CB009"):
        digests_for(OFFICER)
    assert digests_for("CB009").papers == ()
    assert len(digests_for(AN).papers) == 1  # bound when it was asked for


def test_a_name_that_two_bear_waits_for_the_administrator(desk, pki):
    """Asked for under the bare name: nobody may sign, until it is said who must."""
    register.add("CB009", pki.pem("officer-namesake"), None, actor="qt")
    with house().registry.begin() as db:
        db.execute(update(officer_requests).values(officer_id=None))
    assert digests_for(AN).papers == digests_for("CB009").papers == ()
    assert waiting_for() == {OFFICER: 1}
    with house().registry.read() as db:
        (paper,) = papers.listed(db)
    done = CliRunner().invoke(app, ["officer", "assign", paper["id"], "CB009", "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    assert not take_signatures(_signed_by(pki.signer("officer"), officer="CB009")).accepted
    assert take_signatures(_signed_by(pki.signer("officer-namesake"), officer="CB009")).accepted


def test_a_withdrawn_key_no_longer_signs_and_a_second_one_does(desk, pki, tmp_path):
    """A lost token: its key is withdrawn, the new one registered under the same id."""
    lost = _signed_by(pki.signer("officer"))
    key, secret = pki.signer("officer-namesake").path, tmp_path / "mat-khau"
    secret.write_text(PASSPHRASE, encoding="utf-8")
    run, shown = CliRunner().invoke, tmp_path / "an.pem"
    words = ["--key", str(key), "--pin-file", str(secret), "-o", str(shown)]
    assert run(app, ["sign", "certificate", *words]).exit_code == 0
    assert run(app, ["officer", "withdraw", AN]).exit_code == 0
    assert run(app, ["officer", "add", AN, "--certificate", str(shown)]).exit_code == 0
    keys = json.loads(run(app, ["officer", "list", "--json"]).stdout)
    assert [one["withdrawn"] for one in keys if one["officer"]["id"] == AN] == [True, False]
    assert "chưa được đăng ký" in take_signatures(lost).refused[0].reason
    assert take_signatures(_signed_by(pki.signer("officer-namesake"))).accepted


def test_one_key_belongs_to_one_officer(desk, pki):
    with pytest.raises(AlreadyExists, match="CB001"):
        register.add("CB009", pki.pem("officer"), "Lê Văn Khác", actor="qt")
    assert {key.officer.name for key in register.listed()} == {OFFICER, OTHER}


def test_after_a_day_the_file_is_prepared_anew(desk, pki, monkeypatch):
    """The claimed time of signing must not be old; signatures of the earlier file are refused."""
    from datetime import timedelta

    from tasks.house import House

    yesterday = _signed_by(pki.signer("officer"))
    now = House.now
    monkeypatch.setattr(House, "now", lambda here: now(here) + timedelta(hours=25))
    assert digests_for(OFFICER).papers[0].digest != yesterday.papers[0].digest
    assert "lấy lại" in take_signatures(yesterday).refused[0].reason
    assert take_signatures(_signed_by(pki.signer("officer"))).accepted


def test_the_command_does_it_in_one_go_with_a_token(desk, pki, softhsm):
    """Fetch, sign on the officer's token, return, and the line goes on: one command."""
    softhsm.token("can-bo", pki, "officer")
    key = softhsm.signer("can-bo", "officer")
    done = CliRunner().invoke(
        app,
        [
            *("sign", "--as", OFFICER, "--module", str(key.module), "--token", "can-bo"),
            *("--label", "officer", "--pin-file", str(key.pin_file), "--json"),
        ],
    )
    assert done.exit_code == 0, (done.output, done.exception)
    assert len(json.loads(done.stdout)["accepted"]) == 1
    assert _states() == [PaperState.ARCHIVED]


def test_the_three_commands_work_apart_and_over_a_remote_session(desk, pki, tmp_path):
    """The officer's PC has no installation: no settings, no registry, no stores."""
    key, secret = pki.signer("officer").path, tmp_path / "mat-khau"
    secret.write_text(PASSPHRASE, encoding="utf-8")
    digests, signed = tmp_path / "digests.json", tmp_path / "signed.json"
    run = CliRunner().invoke
    assert run(app, ["sign", "fetch", "--as", OFFICER, "-o", str(digests)]).exit_code == 0
    alone = subprocess.run(
        [
            *(sys.executable, "-m", "deployments.cli", "sign", "local", str(digests)),
            *("--key", str(key), "--pin-file", str(secret), "-o", str(signed)),
        ],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "pc")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert alone.returncode == 0, alone.stderr
    assert not (tmp_path / "pc").exists()
    broken = json.loads(signed.read_text())
    broken["papers"][0]["signature"] = "AAAA"
    (tmp_path / "broken.json").write_text(json.dumps(broken))
    assert run(app, ["sign", "return", str(tmp_path / "broken.json")]).exit_code == 7
    done = run(app, ["sign", "return", str(signed), "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    assert _states() == [PaperState.ARCHIVED]


@pytest.mark.parametrize(("fault", "taken"), [("revoked", False), ("down", True)])
def test_a_revoked_certificate_is_refused_and_a_silent_responder_is_noted(desk, pki, fault, taken):
    """What is not known is written into the audit, not taken for good."""
    with ExitStack() as faults:
        faults.enter_context(pki.fault("ocsp", fault))
        if taken:
            faults.enter_context(pki.fault("crl", "down"))
        returned = take_signatures(_signed_by(pki.signer("officer")))
    assert bool(returned.accepted) is taken
    if not taken:
        assert "thu hồi" in returned.refused[0].reason
        return
    with house().registry.read() as db:
        (event,) = [
            row for row in audit.of(db, returned.accepted[0]) if row["action"] == "officer_signed"
        ]
    assert event["detail"]["revocation"] != "good"


@pytest.mark.parametrize(("fault", "level"), [(None, "B-T"), ("down", "B-B")])
def test_with_an_authority_the_returned_signature_gets_a_time_stamp(
    desk, pki, monkeypatch, tmp_path, fault, level
):
    """PAdES B-T; with the authority down the signature is taken bare."""
    monkeypatch.setenv("SOHOA_SIGNATURES__TSA", json.dumps([pki.tsa("tsa2")]))
    house.cache_clear()
    with pki.fault("tsa2", fault) if fault else nullcontext():
        returned = take_signatures(_signed_by(pki.signer("officer")))
    with house().registry.read() as db:
        row = papers.paper(db, returned.accepted[0])
    house().work(row["scan_id"]).fetch(row["officer_signed"], tmp_path / "signed.pdf")
    (verdict,) = verify_pdf(tmp_path / "signed.pdf", trust_roots=pki.roots, online=True).signatures
    assert (verdict.level, verdict.integrity, verdict.trust) == (level, "intact", "trusted")

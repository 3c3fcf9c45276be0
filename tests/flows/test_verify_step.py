"""A fresh signature that does not verify stops the paper; `sohoa verify --json` in full."""

import json

import pytest
from typer.testing import CliRunner

from deployments.cli.main import app
from domain.errors import IntegrityFault
from signing.pdf import AGENCY_FIELD
from tasks import sign
from tasks.house import house
from tasks.shelf import listed
from tests.flows import papers as drawn

KEYS = {
    *("signer", "time", "level", "covers_whole_file", "modified_since", "verdict", "reasons"),
    *("integrity", "trust"),
}


def test_a_paper_whose_fresh_signature_does_not_verify_is_not_archived(office, monkeypatch):
    """Fault injection: one byte of the signed file changes before it is verified."""
    real = sign.sign_pdf

    def damaging(source, target, **options):
        info = real(source, target, **options)
        if options["field"] == AGENCY_FIELD:
            content = bytearray(target.read_bytes())
            content[len(content) // 3] ^= 1
            target.write_bytes(content)
        return info

    monkeypatch.setattr(sign, "sign_pdf", damaging)
    office.bring({"a.pdf": drawn.pdf("giay-khai-sinh")})
    with pytest.raises(IntegrityFault, match="chưa được lưu trữ"):
        office.run()
    (row,) = listed()
    assert (row["state"], row["signed"], row["archive_version"]) == ("coded", None, None)
    assert list(house().archive.object_ids()) == []

    monkeypatch.setattr(sign, "sign_pdf", real)
    office.run()  # nothing is lost: the same paper goes on
    (row,) = listed()
    assert row["state"] == "archived"


@pytest.mark.parametrize("name", ["không ký.pdf", "ghi chú.txt"])
def test_what_is_not_signed_gets_a_clear_undecided_report(office, tmp_path, name):
    file = tmp_path / name
    file.write_bytes(drawn.pdf("giay-khai-sinh") if name.endswith("pdf") else b"no pdf")
    said = CliRunner().invoke(app, ["verify", str(file), "--json"])
    found = json.loads(said.stdout)
    assert said.exit_code == 4
    assert (found["verdict"], found["integrity"], found["trust"]) == (
        *("undecided", "unknown", "unknown"),
    )
    assert found["signatures"] == []
    assert found["reasons"][0] in ("không có chữ ký", "không phải tệp PDF")
    assert found["pdfa"] in ("fail", "unknown")


def test_the_report_on_a_foreign_signature_has_every_key_and_tells_integrity_from_trust(
    office, samples
):
    file = samples / "signed" / "pdf-signed-original.pdf"
    found = json.loads(CliRunner().invoke(app, ["verify", str(file), "--json"]).stdout)
    assert (found["verdict"], found["integrity"], found["trust"]) == (
        *("undecided", "intact", "untrusted"),
    )
    (signature,) = found["signatures"]
    assert set(signature) >= KEYS
    assert signature["modified_since"] is False
    assert signature["covers_whole_file"] is True

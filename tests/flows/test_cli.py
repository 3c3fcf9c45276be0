"""The command line: JSON for programs, one clear line for mistakes, no personal data shown."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from deployments.cli import show
from deployments.cli.main import INTERRUPTED, app, main
from deployments.cli.usage import mistake, system_fault
from domain.record import FIELD_NAMES
from tests.flows import papers as drawn

ENGLISH = re.compile(
    r"\b([Nn]o such|[Mm]issing|[Ii]nvalid|[Ii]nput|unexpected|exists|requires|is|not|in|the|of|does"
    r"|match|refused|known|pipe)\b"
)
ROOT = Path(__file__).resolve().parents[2]


def sohoa(*words, home=None):
    """Run the command in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    if home:
        env["SOHOA_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-c", "from deployments.cli.main import main; main()", *map(str, words)],
        env=env,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture
def scan(tmp_path):
    """A scan PDF of one birth certificate."""
    file = tmp_path / "quet 1.pdf"
    file.write_bytes(drawn.pdf("giay-khai-sinh"))
    return file


def test_read_says_what_a_scan_is_and_archives_nothing(office, scan):
    said = json.loads(sohoa("read", scan, "--json").stdout)
    (page,), (paper,) = said["pages"], said["papers"]
    assert said["set_aside"] is None
    assert set(page) >= {"page", "dpi", "rotation", "blank", "text", "confidence"}
    assert page["dpi"] == drawn.DPI
    assert paper["type"]["id"] == "giay-khai-sinh"
    assert paper["type"]["evidence"]
    assert set(paper["fields"]) == set(FIELD_NAMES)
    assert all(
        set(field) == {"value", "confidence", "review"} for field in paper["fields"].values()
    )
    assert paper["fields"]["number"]["value"] == drawn.paper("giay-khai-sinh").truth.fields.number
    assert json.loads(sohoa("papers", "--json").stdout) == []


def test_read_of_what_cannot_be_read_gives_the_reason(office, tmp_path):
    file = tmp_path / "cut.pdf"
    file.write_bytes(drawn.truncated())
    said = json.loads(sohoa("read", file, "--json").stdout)
    assert said["papers"] == []
    assert said["set_aside"]["reason"] == "truncated"


def test_digitize_papers_verify_lookup_and_progress_tell_one_story(office, scan):
    owner = drawn.paper("giay-khai-sinh").truth.fields.owner_id
    done = sohoa("digitize", scan, "--unit", "H31", "--dossier", "D-1", "--officer", "An", "--json")
    summary = json.loads(done.stdout)
    assert summary["scans"]["done"] == summary["papers"]["archived"] == 1
    (paper,) = json.loads(sohoa("papers", "--json").stdout)
    assert set(paper) == {"id", "code", "type", "state", "scan"}
    assert (paper["state"], paper["type"]) == ("archived", "giay-khai-sinh")
    code = f"{owner}.{paper['code'].partition('.')[2]}"
    for handle in (paper["id"], code, "D-1-KQ(1)"):
        verified = sohoa("verify", handle, "--json")
        assert verified.returncode == 0, verified.stderr
        assert json.loads(verified.stdout)["verdict"] == "sound"
    (found,) = json.loads(sohoa("lookup", "--owner", owner, "--json").stdout)
    assert found["id"] == paper["id"]
    levels = json.loads(sohoa("progress", "--json").stdout)["levels"]
    assert {level["level"]: level["digitized"] for level in levels}["province"] == 1
    everything = done.stdout + done.stderr + json.dumps(paper) + json.dumps(found)
    assert owner not in everything


def test_an_altered_file_of_ours_is_called_unsound(office, scan, tmp_path):
    sohoa("digitize", scan)
    (paper,) = json.loads(sohoa("papers", "--json").stdout)
    archive = tmp_path / "home" / "store" / "archive"
    (file,) = archive.rglob("paper.pdf")
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    verified = sohoa("verify", paper["id"], "--json")
    assert verified.returncode == 7
    assert json.loads(verified.stdout)["verdict"] == "unsound"
    assert sohoa("verify", file).returncode == 7


def test_doctor_names_each_part_and_finds_this_machine_fit(office):
    said = sohoa("doctor", "--json")
    checks = {check["part"]: check["state"] for check in json.loads(said.stdout)}
    assert said.returncode == 0
    assert checks["tesseract"] == "ok"
    assert checks["khóa ký"] == "warning"


def test_doctor_fails_when_a_needed_part_is_missing(office, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    said = sohoa("doctor", "--json")
    assert said.returncode == 6
    assert {c["part"]: c["state"] for c in json.loads(said.stdout)}["tesseract"] == "missing"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["read"], 2),
        (["read", "/khong/co.pdf"], 8),
        (["digitize"], 2),
        (["digitize", "/khong/co"], 8),
        (["upload", str(ROOT / "Makefile"), "--lot", "a b"], 3),
        (["upload", str(ROOT / "Makefile"), "--officer", "x" * 121], 3),
        (["registry", "backup", "/dev/null"], 6),
        (["papers", "--state", "x"], 2),
        (["verify", "khong-co"], 8),
        (["frobnicate"], 2),
        (["progress", "--plan", "khong-co"], 6),
        (["progress", "--by", "Ai Đó"], 4),
        (["alarms", "forward"], 2),
        (["watch", "", "--once"], 2),
        (["registry", "backup", ""], 2),
        (["lookup", "--owner", "1", "--on", "hôm"], 2),
        (["import", "figures", "/khong/co.csv"], 8),
    ],
)
def test_a_mistake_gets_one_clear_line_and_its_exit_code(office, words, code):
    said = sohoa(*words)
    assert said.returncode == code, said
    assert said.stderr.count("\n") == 1
    assert "Traceback" not in said.stderr
    assert not ENGLISH.search(said.stderr)


@pytest.mark.parametrize(
    "words",
    [
        ["frobnicate"],
        ["digitize", ""],
        ["upload", " "],
        ["lookup"],
        ["reuse"],
        ["fixity", "--objects", "0"],
        ["fixity", "--objects", "x"],
        ["status", "a", "b"],
        ["papers", "--khong-co"],
        ["papers", "--state"],
        ["papers", "--state", "x"],
        ["hold", "x", "maybe", "--by", "A", "--reason", "x"],
        ["audit", "x"],
        ["lookup", "--owner", "1", "--on", "hôm"],
        ["check", ""],
    ],
)
def test_a_wrong_command_line_is_told_in_vietnamese(words):
    with pytest.raises(typer.TyperException) as caught:
        app(words, standalone_mode=False)
    told = mistake(caught.value.format_message())
    assert told
    assert not ENGLISH.search(told), told


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
        OSError(errno.ENOSPC, "No space left on device"),
        BrokenPipeError(errno.EPIPE, "Broken pipe"),
        OSError(errno.ENOENT, "No such file or directory", "a.pdf"),
    ],
)
def test_what_the_system_refuses_is_told_with_the_advice_that_fits(error):
    told = system_fault(error)
    assert not ENGLISH.search(told), told
    assert "«»" not in told
    assert ("đường dẫn" in told) == bool(error.filename)


def test_wrong_settings_stop_before_the_first_scan_and_name_the_entry(office, scan, monkeypatch):
    monkeypatch.setenv("SOHOA_CODE_TEMPLATE", "{serial}")
    said = sohoa("digitize", scan)
    assert said.returncode == 6
    assert "SOHOA_CODE_TEMPLATE" in said.stderr
    assert said.stderr.count("\n") == 1


def test_a_wrong_row_of_figures_is_named_and_nothing_is_imported(office, tmp_path):
    file = tmp_path / "figures.csv"
    file.write_text(
        "unit,level,year,indicator,value\n"
        "H31,province,2026,dossiers_resolved,5\n"
        "H31,tinh,2026,dossiers_resolved,5\n",
        encoding="utf-8",
    )
    said = sohoa("import", "figures", file)
    assert said.returncode == 3
    assert "dòng 3, cột level" in said.stderr
    levels = json.loads(sohoa("progress", "--json").stdout)["levels"]
    assert {level["resolved"] for level in levels} == {None}


def test_brackets_in_the_name_of_a_file_are_shown_and_break_nothing(capsys):
    show.table("Tệp [a]", ["Tệp"], [("đơn[goc].pdf",), ("a[/b].pdf",)])
    show.CONSOLE.print("Còn thiếu: a[/b].pdf")
    said = capsys.readouterr().out
    assert "đơn[goc].pdf" in said
    assert said.count("a[/b].pdf") == 2


def test_who_stops_a_command_is_told_what_to_do(monkeypatch, capsys):
    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr("tasks.house.House.__init__", lambda *_: stopped())
    monkeypatch.setattr(sys, "argv", ["sohoa", "papers"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == INTERRUPTED
    assert "chạy lại" in capsys.readouterr().err

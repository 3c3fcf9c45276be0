"""With a Prefect server and a worker: lots run by button, by event, and are told truthfully."""

import json
import time
from collections import Counter
from hashlib import sha256

import pytest
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelling

from deployments.samples.files import cut_in_half
from deployments.server import local_server
from domain.errors import ConfigurationFault
from domain.identity import paper_object_id
from storage import DirectoryStore
from storage.ocfl import ArchiveRoot
from tests.integration.conftest import (
    draw_scans,
    living_processes_of,
    measured,
    server_command,
    wait_for,
)
from tests.servers.postgres import free_port

pytestmark = pytest.mark.integration

STOP_SECONDS = 90

STEPS_OF_A_SCAN = {
    "open_pages",
    "recognise",
    "compose",
    "sign_as_officer",
    "describe",
    "assign_codes",
    "sign_as_agency",
    "archive",
    "register",
}
KINDS = ("giay-khai-sinh", "trich-luc-khai-tu", "giay-chung-nhan-ket-hon")
STEPS_OF_A_RUN = {"receive", "count"}


def _papers_of(office, files):
    """The papers that `sohoa papers` lists for these files."""
    scans = {sha256(file.read_bytes()).hexdigest() for file in files}
    return [paper for paper in office.sohoa("papers", server=False) if paper["scan"] in scans]


def _step(task_run):
    return task_run.name.partition("-")[0]


def test_a_lot_run_by_button_is_archived_and_told(office, tmp_path):
    """Run from the UI, a lot is archived; what cannot be read is set aside and does not fail it."""
    files = draw_scans(
        tmp_path,
        [("giay-khai-sinh", 1), ("trich-luc-khai-tu", 1), ("giay-chung-nhan-ket-hon", 1)],
    )
    broken = tmp_path / "nguyen-van-a-hong.jpg"
    broken.write_bytes(cut_in_half(files[0].read_bytes())[:2000])
    uploaded = office.sohoa(
        "upload", str(tmp_path), "--lot", "lo-nut-bam", "--unit", "H31", server=False
    )
    assert (uploaded["new"], uploaded["announced"]) == (4, False)

    run = office.run("digitize/batch", lot="lo-nut-bam")

    assert run.state.type is StateType.COMPLETED, run.state.message
    papers = _papers_of(office, files)
    assert [paper["state"] for paper in papers] == ["archived"] * 3
    archive = ArchiveRoot(objects=DirectoryStore(root=office.home / "store/archive"))
    for paper in papers:
        inventory = archive.inventory(paper_object_id(paper["id"]))
        assert inventory is not None
        assert inventory.version == 1
        assert archive.check(paper_object_id(paper["id"])) == ()
    assert run.name.startswith("Số hóa lô lo-nut-bam · H31 · ")
    assert (run.state.name, run.state.message) == ("Xong, có lưu ý", "1 bản quét để riêng")
    assert {"lô:lo-nut-bam", "đơn vị:H31"} <= set(office.flow_run(run.id).tags)
    aside = {task.state.name: task for task in office.task_runs(run.id)}["Để riêng"]
    assert _step(aside) == "open_pages"
    assert aside.state.type is StateType.COMPLETED
    assert "tải lên lại" in aside.state.message
    office.log(run.id, *(sha256(file.read_bytes()).hexdigest()[:8] for file in (*files, broken)))
    told = office.artifacts(run.id)
    assert "3 xong" in told["ket-qua-lo"].data
    assert "1 để riêng" in told["ket-qua-lo"].data
    names = (*(file.stem for file in files), broken.stem)
    assert [n for n in names if any(n in str(made.data) for made in told.values())] == []
    assert f"/scans/{sha256(broken.read_bytes()).hexdigest()}/original" in told["ket-qua-lo"].data
    assert {row["Tệp"] for row in json.loads(told["giay-to"].data)} == {
        f"{sha256(file.read_bytes()).hexdigest()[:8]}{file.suffix}" for file in files
    }


def _told_of_persons(office, papers):
    """Identity numbers and names that the archived records of these papers hold."""
    archive = ArchiveRoot(objects=DirectoryStore(root=office.home / "store/archive"))
    told = set()
    for paper in papers:
        record = json.loads(archive.read(paper_object_id(paper["id"]), "record.json"))
        told |= {record["fields"]["owner_id"]["value"], record["code"]}
        told |= {
            field["value"]
            for name, field in record["details"].items()
            if "name" in name and field["value"]
        }
    return told - {None}


def test_nothing_of_a_person_is_in_the_servers_database_or_logs(office, tmp_path):
    """What an operator's server keeps for weeks has no identity number, no name, no code of one."""
    files = draw_scans(tmp_path, [("giay-khai-sinh", 41), ("giay-chung-nhan-ket-hon", 42)])
    office.sohoa("upload", str(tmp_path), "--lot", "lo-rieng-tu", "--unit", "H31", server=False)
    office.run("digitize/batch", lot="lo-rieng-tu")
    persons = _told_of_persons(office, _papers_of(office, files))
    assert len(persons) >= 4, persons
    kept = [file for file in (office.home / "prefect").rglob("*") if file.is_file()]
    contents = {file: file.read_bytes() for file in kept}
    assert any(b"lo-rieng-tu" in text for file, text in contents.items() if file.suffix == ".db")
    for file, content in contents.items():
        for text in persons:
            escaped = json.dumps(text)[1:-1]
            assert text.encode() not in content, file
            assert escaped.encode() not in content, file


def test_an_uploaded_file_is_digitized_by_itself(office, tmp_path):
    """`sohoa upload` announces the file; the run that the event starts archives it."""
    files = draw_scans(tmp_path, [("giay-khai-sinh", 2)])
    started = time.monotonic()
    uploaded = office.sohoa("upload", str(files[0]), "--lot", "lo-tin-bao")
    sent = time.monotonic() - started
    assert uploaded["announced"]

    made = wait_for(
        lambda: office.run_of_lot("digitize/upload", "lo-tin-bao"), "a run of the event", 60
    )
    run = office.finished(made.id)

    archived = time.monotonic() - started
    measured(f"upload → archived: {archived:.1f} s, of which {sent:.1f} s the command itself")
    assert run.state.type is StateType.COMPLETED, run.state.message
    assert [paper["state"] for paper in _papers_of(office, files)] == ["archived"]


def test_an_upload_that_a_person_waits_for_overtakes_large_lots(office, tmp_path):
    """Every slot of the other worker is taken, and a run waits; the reserved one starts at once."""
    for lot in ("lo-lon-1", "lo-lon-2"):
        seed = 500 + 20 * int(lot[-1])
        draw_scans(tmp_path / lot, [("giay-khai-sinh", seed + n) for n in range(15)])
        office.sohoa("upload", str(tmp_path / lot), "--lot", lot, server=False)
    busy = []
    for lot in ("lo-lon-1", "lo-lon-2"):  # a slot each
        busy.append(office.start("digitize/lot", lot=lot))
        wait_for(lambda: office.is_running(busy[-1].id), f"the run of {lot}", 60)
    assert office.is_running(busy[0].id)
    busy.append(office.start("digitize/lot", lot="lo-lon-1"))  # this one waits
    (file,) = draw_scans(tmp_path / "le", [("trich-luc-khai-tu", 9)])
    assert office.sohoa("upload", str(file), "--lot", "lo-le")["announced"]
    started = time.monotonic()

    run = wait_for(lambda: office.run_of_lot("digitize/upload", "lo-le"), "its run", 60)
    # It may have ended before it is looked at: another run may have taken the one scan.
    wait_for(lambda: office.flow_run(run.id).start_time, "its start", 60)

    measured(f"announced → running beside two large lots: {time.monotonic() - started:.1f} s")
    assert not all(office.flow_run(one.id).state.is_final() for one in busy)
    for one in (*busy, run):
        assert office.finished(one.id).state.is_completed()


def test_a_lot_of_twelve_scans_reads_well_in_the_ui(office, tmp_path):
    """One task run per step of a scan, named as the step, at most nine a scan, all completed."""
    files = draw_scans(tmp_path, [(kind, seed) for kind in KINDS for seed in range(20, 24)])
    office.sohoa("upload", str(tmp_path), "--lot", "lo-muoi-hai", server=False)
    started = time.monotonic()

    run = office.run("digitize/batch", lot="lo-muoi-hai")

    measured(f"12 scans: {time.monotonic() - started:.1f} s from button to end")
    assert run.state.type is StateType.COMPLETED, run.state.message
    task_runs = office.task_runs(run.id)
    made = Counter(map(_step, task_runs))
    measured(f"{len(task_runs)} task runs: {dict(made)}")
    assert set(made) <= STEPS_OF_A_SCAN | STEPS_OF_A_RUN
    assert {made[step] for step in STEPS_OF_A_RUN} == {1}
    assert made["open_pages"] == len(files)
    assert sum(made[step] for step in STEPS_OF_A_SCAN) <= 9 * len(files)
    assert {task_run.state.type for task_run in task_runs} == {StateType.COMPLETED}
    archived = [paper for paper in _papers_of(office, files) if paper["state"] == "archived"]
    assert made["archive"] >= len(archived) > 0


def test_a_run_cancelled_in_the_ui_gives_its_scans_back(office, tmp_path):
    """Its processes end, nothing is set aside, and the next run finishes every paper once."""
    files = draw_scans(tmp_path, [("giay-khai-sinh", seed) for seed in range(50, 56)])
    office.sohoa("upload", str(tmp_path), "--lot", "lo-huy", server=False)
    run = office.start("digitize/batch", lot="lo-huy")
    before = living_processes_of(office.home)
    wait_for(lambda: _claimed(office), "a scan in the run's hands", 120, every=0.05)

    office.client.set_flow_run_state(run.id, Cancelling())
    started = time.monotonic()
    ended = office.finished(run.id)

    assert ended.state.type is StateType.CANCELLED
    wait_for(lambda: not living_processes_of(office.home) - before, "the end of its processes", 60)
    measured(f"cancelled after {time.monotonic() - started:.1f} s")
    summary = office.sohoa("digitize", "--lot", "lo-huy", server=False)
    assert (summary["scans"]["total"], summary["set_aside"]) == (len(files), [])
    assert not summary["unfinished"]
    papers = _papers_of(office, files)
    assert len({paper["scan"] for paper in papers}) == len(papers) == len(files)
    assert {paper["state"] for paper in papers} <= {"archived", "in_review"}


def _claimed(office):
    with office.registry() as db:
        return db.execute("SELECT id FROM scans WHERE claimed_by IS NOT NULL").fetchall()


def test_a_sweep_that_finds_nothing_is_told_in_one_line(office):
    """A run over all lots has a name that reads well, and leaves no empty artifacts."""
    run = office.run("digitize/batch")
    assert run.state.type is StateType.COMPLETED, run.state.message
    assert "None" not in run.name
    office.log(run.id, "0 bản quét")
    assert office.artifacts(run.id) == {}


def test_a_paper_is_verified_by_its_code_which_is_not_kept(office, tmp_path):
    """A code has personal data in it: the run's parameters name the paper by its id afterwards."""
    files = draw_scans(tmp_path, [(kind, 61) for kind in KINDS])
    office.sohoa("digitize", str(tmp_path), "--lot", "lo-kiem-tra", server=False)
    paper = next(paper for paper in _papers_of(office, files) if paper["state"] == "archived")
    with office.registry() as db:
        query = "SELECT code FROM papers WHERE id = ?"
        (code,) = db.execute(query, (paper["id"],)).fetchone()

    run = office.run("verify/verify", paper=code)

    assert run.state.type is StateType.COMPLETED, run.state.message
    assert office.flow_run(run.id).parameters == {"paper": paper["id"]}
    told = office.artifacts(run.id)["ket-qua-kiem-tra"].data
    assert "Kho lưu trữ: **nguyên vẹn**" in told
    assert code not in told + run.name + office.log(run.id, paper["id"])


def test_the_registry_is_rebuilt_by_a_button(office):
    """Nothing is missing, so nothing is added; what could not be read would be in the table."""
    run = office.run("rebuild/rebuild")
    assert run.state.type is StateType.COMPLETED, run.state.message
    assert "thêm vào sổ 0 bản quét" in office.artifacts(run.id)["dung-lai"].description


def test_a_run_of_a_lot_that_nobody_knows_fails_and_says_so(office):
    """A mistyped lot is no success: the run's state carries the reason."""
    run = office.run("digitize/batch", lot="lo-go-nham")
    assert run.state.type is StateType.FAILED
    assert "lo-go-nham" in run.state.message


def test_a_schedule_makes_runs(office):
    """What has a schedule is put into the calendar by the server itself."""
    deployment = office.deployment("learn/learn")  # weekly: nothing of it runs during the tests
    schedule = deployment.schedules[0]
    office.client.update_deployment_schedule(deployment.id, schedule.id, active=True)
    try:
        made = wait_for(lambda: office.runs_of("learn/learn"), "a scheduled run", 90)
    finally:
        office.client.update_deployment_schedule(deployment.id, schedule.id, active=False)
    assert {run.state.type for run in made} == {StateType.SCHEDULED}


def test_a_server_on_a_taken_port_is_refused(office, tmp_path):
    """The answer of the program that has the port is not taken for our server's."""
    port = int(office.env["PREFECT_API_URL"].rpartition(":")[2].removesuffix("/api"))
    with pytest.raises(ConfigurationFault, match=str(port)), local_server(tmp_path, port):
        pass


def test_a_stopped_server_leaves_no_process_and_loses_no_scan(tmp_path):
    """SIGTERM ends server, worker, the run under way and its readers; a later run goes on."""
    home = tmp_path / "home"
    files = draw_scans(tmp_path / "lot", [("giay-khai-sinh", seed) for seed in range(30, 36)])
    with server_command(home, free_port(together=2)) as (process, office):
        office.sohoa("upload", str(tmp_path / "lot"), "--lot", "lo-do-dang", server=False)
        run = office.start("digitize/batch", lot="lo-do-dang")
        wait_for(lambda: office.is_running(run.id), "the run", 120)
        process.terminate()
        assert process.wait(STOP_SECONDS) == 0
    assert not living_processes_of(home)

    summary = office.sohoa("digitize", "--lot", "lo-do-dang", server=False)

    assert summary["scans"]["total"] == len(files)
    assert not summary["unfinished"]
    assert len(_papers_of(office, files)) == len(files)

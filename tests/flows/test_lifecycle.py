"""After archiving: corrected, withdrawn, held, disposed of; nothing is lost before its time."""

import json
import unicodedata
from datetime import timedelta

import pytest

from domain.errors import NotFound, Undecided
from domain.identity import paper_object_id, scan_object_id
from domain.states import PaperState
from storage.ocfl_layout import object_root
from storage.registry import audit, keeping, lifecycle, papers
from tasks import amend, dispose, holding
from tasks.amend import correct, withdraw
from tasks.house import House, house
from tasks.objects import read_paper
from tasks.rebuild import rebuild
from tasks.shelf import paper_row
from tests.contracts.conftest import make_bucket
from tests.flows.archived import archive_papers

BY = {"by": "Trần Thị Bình", "reason": "đánh máy nhầm"}


def _configure_s3(request, monkeypatch, name, **facts):
    rgw = request.getfixturevalue("rgw")
    store = make_bucket(request.getfixturevalue("rgw_credentials"), rgw.endpoint, versioned=True)
    told = {"KIND": "s3", "BUCKET": store.bucket, "ENDPOINT_URL": rgw.endpoint, **facts}
    told["CREDENTIALS_FILE"] = str(store.credentials_file)
    for key, value in told.items():
        monkeypatch.setenv(f"SOHOA_{name}__{key}", value)


@pytest.fixture(params=["directory", pytest.param("s3", marks=pytest.mark.integration)])
def here(request, office, monkeypatch):
    """An installation whose archive is a folder, or a bucket with versions and locks."""
    if request.param == "s3":
        _configure_s3(request, monkeypatch, "ARCHIVE", LOCK="GOVERNANCE")
    house.cache_clear()
    return house()


def _archive(here, count):
    """Decisions, whose type has no fields of its own."""
    return [archive_papers(here, 1, first=2 * number + 1)[0] for number in range(count)]


def _short_lived(tmp_path, monkeypatch, lock_years=0):
    """Every paper is kept for a year, and locked for as long as is said."""
    folder = tmp_path / "catalogue"
    folder.mkdir(exist_ok=True)
    text = '[[class]]\nid = "permanent"\nname = "Một năm"\nyears = 1\n'
    (folder / "retention.toml").write_text(f"{text}lock_years = {lock_years}\n")
    monkeypatch.setenv("SOHOA_CATALOGUE", str(folder))
    house.cache_clear()
    return house()


def _years_later(monkeypatch, years):
    real = House.now
    later = timedelta(days=366 * years)
    monkeypatch.setattr(House, "now", lambda self: real(self) + later)


def _record(here, paper_id):
    return json.loads(read_paper(here, paper_row(paper_id), "record.json"))


def _die(*_args, **_more):
    raise KeyboardInterrupt


def _actions(here, subject):
    with here.registry.read() as db:
        return [row["action"] for row in audit.of(db, subject)]


# -- corrected --------------------------------------------------------------------


def test_a_correction_is_a_new_version_with_the_same_signed_file(here):
    """The earlier version stays readable, the code stays, the registry finds the new value."""
    (paper,) = _archive(here, 1)
    before = paper_row(paper)
    done = correct(paper, {"number": "77/QĐ-UBND"}, **BY)
    row = paper_row(paper)
    assert (done.version, done.changed) == (2, ("number",))
    assert (row["number"], row["archive_version"]) == ("77/QĐ-UBND", 2)
    assert row["code"] == before["code"]
    object_id = paper_object_id(paper)
    stored = [key for key in here.archive.objects.keys(object_root(object_id)) if "/v2/" in key]
    assert not [key for key in stored if key.endswith("paper.pdf")]  # forward delta
    old = json.loads(here.archive.read(object_id, "record.json", version=1))
    assert old["fields"]["number"]["value"] == before["number"]
    (told,) = _record(here, paper)["corrections"]
    assert (told["by"], told["reason"], told["fields"]) == (*BY.values(), ["number"])
    assert here.archive.check(object_id) == ()
    assert _actions(here, paper)[-1] == "corrected"


def test_corrections_follow_one_another(here):
    """v2, v3: each tells of itself, and events are kept in order."""
    (paper,) = _archive(here, 1)
    correct(paper, {"number": "77/QĐ-UBND"}, **BY)
    correct(paper, {"issuer": "UBND xã Mẫu"}, **BY)
    record = _record(here, paper)
    assert [one["version"] for one in record["corrections"]] == [2, 3]
    events = json.loads(read_paper(here, paper_row(paper), "events.json"))["events"]
    assert [event["eventType"] for event in events][-2:] == ["corrected", "corrected"]


def test_a_replaced_code_still_finds_the_paper(here):
    """The new code is another, both lead to the paper, and rebuilding keeps the link."""
    (paper,) = _archive(here, 1)
    old = paper_row(paper)["code"]
    correct(paper, {"number": "77/QĐ-UBND"}, **BY, recode=True)
    new = paper_row(paper)["code"]
    assert new != old
    assert paper_row(old)["id"] == paper_row(new)["id"] == paper
    assert _record(here, paper)["former_codes"] == [old]
    home = here.settings.home
    here.registry.close()
    for file in home.glob("registry.db*"):
        file.unlink()
    house.cache_clear()
    rebuild(house())
    assert paper_row(old)["id"] == paper_row(new)["id"] == paper
    assert paper_row(paper)["number"] == "77/QĐ-UBND"


def test_what_cannot_be_right_is_refused_and_nothing_is_written(here):
    """A bad date, no change at all, and what would make two papers the same."""
    one, other = _archive(here, 2)
    twin = paper_row(other)
    same = {name: twin[name] for name in ("number", "issuer")}
    same |= {"type": twin["type_id"], "issue_date": twin["issue_date"].isoformat()}
    same["owner_id"] = "033090001234"
    for corrections in ({"issue_date": "31/01/2026"}, {}, same):
        with pytest.raises(Undecided):
            correct(one, corrections, **BY)
    with pytest.raises(Undecided):
        correct(one, {"number": "1"}, by=" ", reason="x")
    assert here.archive.inventory(paper_object_id(one)).version == 1


def test_a_correction_killed_before_the_registry_is_finished_by_the_next(here, monkeypatch):
    """The archive decides: what it holds is entered first, then corrected on."""
    (paper,) = _archive(here, 1)
    with monkeypatch.context() as patch:
        patch.setattr(amend, "enter_version", _die)
        with pytest.raises(KeyboardInterrupt):
            correct(paper, {"number": "77/QĐ-UBND"}, **BY)
    assert paper_row(paper)["archive_version"] == 1
    correct(paper, {"issuer": "UBND xã Mẫu"}, **BY)
    row = paper_row(paper)
    assert (row["archive_version"], row["number"], row["issuer"]) == (
        3,
        "77/QĐ-UBND",
        "UBND xã Mẫu",
    )


@pytest.mark.parametrize("recode", [False, True])
def test_the_same_correction_again_after_a_kill_says_that_it_is_done(here, monkeypatch, recode):
    """One version, in the audit, and a new scan of the corrected paper is a repetition."""
    (paper,) = _archive(here, 1)
    with monkeypatch.context() as patch:
        patch.setattr(amend, "enter_version", _die)
        with pytest.raises(KeyboardInterrupt):
            correct(paper, {"number": "77/QĐ-UBND"}, **BY, recode=recode)
    done = correct(paper, {"number": "77/QĐ-UBND"}, **BY, recode=recode)
    assert (done.version, done.changed) == (2, ("number",))
    assert _actions(here, paper).count("corrected") == 1
    with here.registry.read() as db:
        assert papers.alike(db, paper_row(paper)["likeness"]) == paper


# -- withdrawn --------------------------------------------------------------------


def test_a_withdrawn_paper_stays_in_the_archive_and_counts_no_more(here):
    (paper,) = _archive(here, 1)
    assert withdraw(paper, **BY).state is PaperState.WITHDRAWN
    row = paper_row(paper)
    assert row["state"] == PaperState.WITHDRAWN
    assert read_paper(here, row, "paper.pdf")
    assert _record(here, paper)["withdrawal"]["reason"] == BY["reason"]
    with here.registry.read() as db:
        keeping.enter_expected(db)
        assert keeping.of(db, paper_object_id(paper)) is not None
    with pytest.raises(Undecided):
        correct(paper, {"number": "1"}, **BY)


def test_a_superseded_paper_names_its_successor_and_lets_the_same_come_again(here):
    """Rebuilding knows both states; a paper cannot replace itself."""
    one, other = _archive(here, 2)
    with pytest.raises(Undecided):
        withdraw(one, **BY, replaced_by=one)
    assert withdraw(one, **BY, replaced_by=other).state is PaperState.SUPERSEDED
    assert paper_row(one)["replaced_by"] == other
    with here.registry.read() as db:
        assert papers.alike(db, paper_row(one)["likeness"]) is None


def test_a_withdrawal_killed_before_the_registry_is_finished_by_the_same_again(here, monkeypatch):
    """It stands in the audit once, and the paper may come again."""
    (paper,) = _archive(here, 1)
    with monkeypatch.context() as patch:
        patch.setattr(amend, "enter_version", _die)
        with pytest.raises(KeyboardInterrupt):
            withdraw(paper, **BY)
    assert withdraw(paper, **BY).state is PaperState.WITHDRAWN
    row = paper_row(paper)
    assert (row["state"], row["archive_version"]) == (PaperState.WITHDRAWN, 2)
    assert _actions(here, paper).count("withdrawn") == 1
    with here.registry.read() as db:
        assert papers.alike(db, row["likeness"]) is None


# -- held -------------------------------------------------------------------------


def test_a_hold_is_there_in_the_registry_and_on_every_version(here):
    """On the paper and its scan; a version made while it is held is held too."""
    (paper,) = _archive(here, 1)
    assert holding.hold(paper, by="Trần Thị Bình", reason="thanh tra").changed
    assert not holding.hold(paper, by="Trần Thị Bình", reason="thanh tra").changed
    correct(paper, {"number": "77/QĐ-UBND"}, **BY)
    roots = [
        object_root(name)
        for name in (paper_object_id(paper), scan_object_id(paper_row(paper)["scan_id"]))
    ]
    objects = here.archive.objects
    locks = objects.kind == "s3"
    newest = [objects.info(key).held for key in objects.keys(f"{roots[0]}/")]
    assert newest == [locks] * len(newest)
    assert holding.let_go(paper, by="Trần Thị Bình", reason="đã thanh tra xong").changed
    assert [objects.protection(root).held for root in roots] == [False, False]
    assert _actions(here, paper)[-3:] == ["held", "corrected", "let_go"]


# -- disposed of ------------------------------------------------------------------


def _approved(monkeypatch, paper, years=2):
    _years_later(monkeypatch, years)
    assert [one.paper for one in dispose.propose("Người đề nghị", limit=10)] == [paper]
    assert dispose.approve([paper], "Người duyệt") == (paper,)


def _half_disposed(tmp_path, monkeypatch):
    """A paper whose disposal was killed behind its tombstone."""
    (paper,) = _archive(_short_lived(tmp_path, monkeypatch), 1)
    _approved(monkeypatch, paper)
    with monkeypatch.context() as patch:
        patch.setattr(dispose._Disposer, "_remove", _die)
        with pytest.raises(KeyboardInterrupt):
            dispose.run("Người thực hiện", limit=10)
    return paper


def test_a_paper_past_its_retention_leaves_only_a_tombstone(here, tmp_path, monkeypatch):
    """Proposed by one, approved by another, removed with its scan; registry and audit remember."""
    here = _short_lived(tmp_path, monkeypatch)
    (paper,) = _archive(here, 1)
    row = paper_row(paper)
    _approved(monkeypatch, paper)
    done = dispose.run("Người thực hiện", limit=10)
    assert (done.disposed, done.scans, done.refused) == ((paper,), 1, {})
    for object_id in (paper_object_id(paper), scan_object_id(row["scan_id"])):
        assert list(here.archive.objects.keys(f"{object_root(object_id)}/")) == []
        assert here.archive.objects.protection(object_root(object_id)).locked_until is None
    left = paper_row(paper)
    assert left["state"] == PaperState.DISPOSED
    assert left["type_id"] == row["type_id"]
    assert not any(left[name] for name in ("code", "number", "title", "owner_hash", "description"))
    with pytest.raises(NotFound):
        paper_row(row["code"])
    told = _actions(here, paper)
    assert told[-4:] == [
        "disposal:proposed",
        "disposal:approved",
        "disposal:begun",
        "disposal:done",
    ]
    with here.registry.begin() as db:
        keeping.enter_expected(db)
        assert keeping.counts(db)[0] == 0  # nothing is missed by the fixity flow
    assert dispose.listed() == []


def test_nothing_is_disposed_of_before_its_term_or_by_one_person(here, tmp_path, monkeypatch):
    """Within the term nothing is proposed; nobody approves what he proposed; then it must be."""
    here = _short_lived(tmp_path, monkeypatch)
    (paper,) = _archive(here, 1)
    assert dispose.propose("Người đề nghị", limit=10) == []
    _years_later(monkeypatch, 2)
    dispose.propose("Người đề nghị", limit=10)
    with pytest.raises(Undecided):
        dispose.approve([paper], "người đề nghị")
    with pytest.raises(NotFound):
        dispose.approve(["không có"], "Người duyệt")
    assert dispose.run("Người thực hiện", limit=10).disposed == ()
    assert dispose.reject([paper], "Người duyệt") == (paper,)
    assert dispose.listed() == []
    assert read_paper(here, paper_row(paper), "paper.pdf")


def test_one_person_is_one_in_either_unicode_form(here, tmp_path, monkeypatch):
    """What looks the same on paper is the same name: nobody approves what he proposed."""
    here = _short_lived(tmp_path, monkeypatch)
    (paper,) = _archive(here, 1)
    _years_later(monkeypatch, 2)
    dispose.propose(unicodedata.normalize("NFC", "Đỗ Thị Hồng"), limit=10)
    with pytest.raises(Undecided):
        dispose.approve([paper], unicodedata.normalize("NFD", "Đỗ Thị Hồng"))


def test_what_was_rejected_while_a_run_went_on_is_kept(here, tmp_path, monkeypatch):
    """The list was read when the run began; somebody took the paper off it since."""
    here = _short_lived(tmp_path, monkeypatch)
    (paper,) = _archive(here, 1)
    _approved(monkeypatch, paper)
    real = lifecycle.proposals

    def read_early(db, **which):
        rows = real(db, **which)
        if which:
            monkeypatch.setattr(lifecycle, "proposals", real)
            lifecycle.reject(db, paper)
            db.commit()
        return rows

    monkeypatch.setattr(lifecycle, "proposals", read_early)
    done = dispose.run("Người thực hiện", limit=10)
    assert (done.disposed, list(done.refused)) == ((), [paper])
    assert read_paper(here, paper_row(paper), "paper.pdf")


def test_a_disposal_that_has_begun_cannot_be_taken_back(here, tmp_path, monkeypatch):
    """It would leave half a paper that nobody finishes removing."""
    paper = _half_disposed(tmp_path, monkeypatch)
    with pytest.raises(Undecided, match="dispose run"):
        dispose.reject([paper], "Người duyệt")
    assert dispose.run("Người thực hiện", limit=10).disposed == (paper,)


def test_nobody_is_told_that_a_paper_is_held_that_is_being_disposed_of(here, tmp_path, monkeypatch):
    """The disposal begins between the look at the paper and the hold."""
    here = _short_lived(tmp_path, monkeypatch)
    (paper,) = _archive(here, 1)
    _approved(monkeypatch, paper)
    real = holding.person

    def meanwhile(name):
        assert dispose.run("Người thực hiện", limit=10).disposed == (paper,)
        return real(name)

    monkeypatch.setattr(holding, "person", meanwhile)
    with pytest.raises(Undecided, match="tiêu hủy"):
        holding.hold(paper, by="Trần Thị Bình", reason="khởi kiện")


def test_a_scan_goes_with_its_last_paper_though_another_was_never_archived(
    here, tmp_path, monkeypatch
):
    """A paper that a reviewer rejected does not keep its owner's bytes for ever."""
    here = _short_lived(tmp_path, monkeypatch)
    (paper,) = _archive(here, 1)
    row = paper_row(paper)
    with here.registry.begin() as db:
        at = here.now()
        place = {"scan_id": row["scan_id"], "split": 1, "position": 1, "unit": "H31"}
        papers.add(db, paper_id="rejected", **place, pages=[2], dossier=None, at=at)
        papers.move(db, "rejected", PaperState.REJECTED, at=at)
    _approved(monkeypatch, paper)
    assert dispose.run("Người thực hiện", limit=10).scans == 1


def test_what_is_held_is_neither_proposed_nor_disposed_of(here, tmp_path, monkeypatch):
    """Held after its approval, it stays until it is let go."""
    here = _short_lived(tmp_path, monkeypatch)
    (paper,) = _archive(here, 1)
    _approved(monkeypatch, paper)
    holding.hold(paper, by="Trần Thị Bình", reason="khởi kiện")
    done = dispose.run("Người thực hiện", limit=10)
    assert done.disposed == ()
    assert "hold" in done.refused[paper]
    assert read_paper(here, paper_row(paper), "paper.pdf")
    holding.let_go(paper, by="Trần Thị Bình", reason="án đã xong")
    assert dispose.run("Người thực hiện", limit=10).disposed == (paper,)


def test_a_lock_that_has_not_ended_keeps_the_paper(here, tmp_path, monkeypatch):
    """Approved by mistake of a catalogue that was changed: store and registry say no."""
    here = _short_lived(tmp_path, monkeypatch, lock_years=1)
    (paper,) = _archive(here, 1)
    with here.registry.begin() as db:  # as if the term had ended, which it has not
        lifecycle.propose(db, paper, here.today(), by="Người đề nghị", at=here.now())
        lifecycle.approve(db, paper, by="Người duyệt", at=here.now())
    done = dispose.run("Người thực hiện", limit=10)
    assert "thời hạn" in done.refused[paper]
    monkeypatch.setattr(dispose._Disposer, "_refuse_early", lambda *_: None)
    if here.archive.objects.kind == "s3":
        assert "khóa đến" in dispose.run("Người thực hiện", limit=10).refused[paper]
        assert read_paper(here, paper_row(paper), "paper.pdf")


def test_a_killed_disposal_is_finished_by_the_next_run(here, tmp_path, monkeypatch):
    paper = _half_disposed(tmp_path, monkeypatch)
    assert dispose.run("Người thực hiện", limit=10).disposed == (paper,)
    assert _actions(here, paper).count("disposal:begun") == 1


def test_the_second_copy_goes_too(office, tmp_path, monkeypatch):
    from flows.replicate import copy_new

    monkeypatch.setenv("SOHOA_COPY_TO__KIND", "directory")
    monkeypatch.setenv("SOHOA_COPY_TO__ROOT", str(tmp_path / "copy"))
    here = _short_lived(tmp_path, monkeypatch)
    (paper,) = _archive(here, 1)
    copy_new(100, 5.0)
    root = object_root(paper_object_id(paper))
    assert (tmp_path / "copy" / root).exists()
    _approved(monkeypatch, paper)
    dispose.run("Người thực hiện", limit=10)
    assert not (tmp_path / "copy" / root).exists()

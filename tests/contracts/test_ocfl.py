"""The archive's promises: whole versions or nothing, every byte vouched for, on every store."""

import hashlib
import itertools
import json
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import AlreadyExists, DocumentFault, IntegrityFault, NotFound
from storage import DirectoryStore
from storage.objects import check_key
from storage.ocfl import ArchiveRoot
from storage.ocfl_inventory import sidecar
from storage.ocfl_layout import object_id_of, object_root
from tests.contracts.killed_store import Killed, KilledStore, MeetingStore

PAPER = "urn:uuid:6f1d3c0e-7f0b-5b7e-9a4d-5348a0a2c001"
SCAN = "urn:sohoa:scan:" + "ab" * 32
NOW = datetime(2026, 11, 20, 8, 30, 15, 123456, tzinfo=timezone(timedelta(hours=7)))
FIRST = {"paper.pdf": b"%PDF paper", "record.json": b"{}", "events.json": b"[]"}
SECOND = {"paper.pdf": b"%PDF paper", "record.json": b'{"corrected": true}', "note.json": b"[]"}


@pytest.fixture
def archive(store):
    """A prepared archive on every kind of store."""
    root = ArchiveRoot(objects=store)
    root.prepare()
    return root


@pytest.fixture
def local(tmp_path):
    """A prepared archive in a folder."""
    root = ArchiveRoot(objects=DirectoryStore(root=tmp_path / "archive"))
    root.prepare()
    return root


def _commit(archive, files, object_id=PAPER, **more):
    facts = {"created": NOW, "message": "Lưu trữ", "user_name": "sohoa", "user_address": "urn:s"}
    return archive.commit(object_id, files, **{**facts, **more})


def _all_of(store):
    return {key: store.get(key) for key in store.keys()}  # noqa: SIM118


def _file(archive, name, object_id=PAPER):
    return archive.objects.root / object_root(object_id) / name


# -- versions ---------------------------------------------------------------------


def test_what_was_committed_is_read_back(archive, tmp_path):
    """Bytes and files go in, every version stays readable, the object is sound."""
    (tmp_path / "paper").write_bytes(b"%PDF paper")
    first = _commit(archive, {**FIRST, "paper.pdf": tmp_path / "paper"})
    second = _commit(archive, SECOND, expect_head=1)
    _commit(archive, {"scan.json": b"{}"}, SCAN)
    assert (first.version, second.version) == (1, 2)
    for number, files in ((1, FIRST), (2, SECOND), (None, SECOND)):
        assert {p: archive.read(PAPER, p, version=number) for p in files} == files
    archive.fetch(PAPER, "record.json", tmp_path / "record", version=1)
    assert (tmp_path / "record").read_bytes() == b"{}"
    assert sorted(archive.object_ids()) == sorted([PAPER, SCAN])
    assert archive.check(PAPER) == archive.check(SCAN) == ()
    assert not archive.repair(PAPER)


def test_the_inventory_tells_the_history(archive):
    """Who made which version when and why is kept, with the offset of the time."""
    _commit(archive, FIRST, message="một", user_name="Nguyễn Ân")
    _commit(archive, SECOND, message="hai", user_address="")
    inventory = archive.inventory(PAPER)
    assert (inventory.id, inventory.version, inventory.head) == (PAPER, 2, "v2")
    versions = [inventory.at(number) for number in (1, 2)]
    assert [v.message for v in versions] == ["một", "hai"]
    assert versions[0].created == "2026-11-20T08:30:15+07:00"
    assert versions[0].user.model_dump() == {"name": "Nguyễn Ân", "address": "urn:s"}
    assert versions[1].user.address is None


def test_the_digest_of_a_commit_is_that_of_its_inventory(archive):
    """What the registry keeps of a commit binds the stored inventory."""
    committed = _commit(archive, FIRST)
    stored = archive.objects.get(f"{object_root(PAPER)}/inventory.json")
    assert committed.inventory_sha512 == hashlib.sha512(stored).hexdigest()


def test_content_is_stored_once(archive):
    """A new version stores only what no earlier version holds (forward delta)."""
    _commit(archive, {**FIRST, "copy.json": b"[]"})
    _commit(archive, SECOND)
    _commit(archive, FIRST)
    stored = [key for key in archive.objects.keys(object_root(PAPER)) if "/content/" in key]
    names = [key.removeprefix(f"{object_root(PAPER)}/") for key in stored]
    assert names == [
        "v1/content/copy.json",
        "v1/content/paper.pdf",
        "v1/content/record.json",
        "v2/content/record.json",
    ]
    assert archive.read(PAPER, "events.json", version=3) == b"[]"
    assert archive.check(PAPER) == ()


def test_every_store_holds_the_same_bytes(archive, tmp_path):
    """An archive can be copied key by key to another kind of store."""
    twin = ArchiveRoot(objects=DirectoryStore(root=tmp_path / "twin"))
    twin.prepare()
    for root in (archive, twin):
        _commit(root, FIRST)
        _commit(root, SECOND)
    assert _all_of(archive.objects) == _all_of(twin.objects)


def test_the_same_state_writes_nothing(local):
    """Committing what is there already returns it, whatever the message, and writes nothing."""
    first = _commit(local, FIRST)
    objects = KilledStore(root=local.objects.root, writes_left=[0], after=False)
    again = _commit(
        ArchiveRoot(objects=objects), FIRST, message="khác", created=NOW + timedelta(days=1)
    )
    assert again == first


def test_an_unexpected_head_is_refused(archive):
    """Who read another version than the newest must read again; its own rerun succeeds."""
    with pytest.raises(AlreadyExists):
        _commit(archive, FIRST, expect_head=1)
    _commit(archive, FIRST, expect_head=0)
    second = _commit(archive, SECOND, expect_head=1)
    assert _commit(archive, SECOND, expect_head=1) == second
    with pytest.raises(AlreadyExists):
        _commit(archive, {"x": b"x"}, expect_head=1)
    assert archive.inventory(PAPER).version == 2


def test_what_is_not_there(archive, tmp_path):
    """Objects, files and versions that are not there are NotFound; nothing is written."""
    assert archive.inventory(PAPER) is None
    assert list(archive.object_ids()) == []
    assert not archive.repair(PAPER)
    assert archive.check(PAPER) != ()
    with pytest.raises(NotFound):
        archive.read(PAPER, "paper.pdf")
    _commit(archive, FIRST)
    with pytest.raises(NotFound):
        archive.fetch(PAPER, "none", tmp_path / "target")
    with pytest.raises(NotFound):
        archive.read(PAPER, "paper.pdf", version=2)
    assert not (tmp_path / "target").exists()


def test_prepare_refuses_another_kind_of_root(local):
    """An archive that somebody made with another layout is left alone."""
    local.prepare()
    (local.objects.root / "ocfl_layout.json").write_text("{}")
    with pytest.raises(AlreadyExists):
        local.prepare()


def test_a_time_without_offset_is_refused(local):
    """OCFL wants to know which day it was."""
    with pytest.raises(ValueError, match="offset"):
        _commit(local, FIRST, created=NOW.replace(tzinfo=None))
    assert local.inventory(PAPER) is None


# -- names ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "", "a//b", "a\nb", "./a"])
def test_paths_that_lead_outside_are_refused(local, path):
    """No logical path can write outside its object; nothing at all is written."""
    before = _all_of(local.objects)
    with pytest.raises(DocumentFault):
        _commit(local, {"paper.pdf": b"x", path: b"y"})
    assert _all_of(local.objects) == before


def test_a_file_cannot_be_a_folder_too(local):
    """OCFL forbids `a` beside `a/b` (E095)."""
    with pytest.raises(DocumentFault):
        _commit(local, {"a": b"x", "a/b/c": b"y"})


@pytest.mark.parametrize("object_id", ["../../x", "a/b", "..", "ü" * 80, "%2e%2e", "a\nb", PAPER])
def test_any_object_id_stays_in_its_place(local, object_id):
    """Whatever the id, its object lies in one folder of the layout and can be listed."""
    _commit(local, FIRST, object_id)
    assert list(local.object_ids()) == [object_id]
    assert local.read(object_id, "record.json") == b"{}"
    tops = {path.name for path in local.objects.root.parent.iterdir()}
    assert tops == {"archive"}


@given(st.text(min_size=1, max_size=150))
def test_the_layout_maps_ids_to_keys_and_back(object_id):
    """Folders are keys that every store can hold; ids come back from them unless too long."""
    try:
        object_id.encode()
    except UnicodeEncodeError:
        return
    key = f"{object_root(object_id)}/inventory.json"
    assert check_key(key).count("/") == 4
    assert object_id_of(key) in {object_id, ""}
    assert object_id_of(key) == object_id or len(key) > 100
    assert object_id_of(f"{object_root(object_id)}/v1/inventory.json") is None


def test_the_layout_is_that_of_the_published_extension():
    """The examples of extension 0003, with its default parameters."""
    # https://ocfl.github.io/extensions/0003-hash-and-id-n-tuple-storage-layout.html, example 1
    assert object_root("object-01") == "3c0/ff4/240/object-01"
    assert object_root("..hor/rib:le-$id") == "487/326/d8c/%2e%2ehor%2frib%3ale-%24id"


STATES = st.dictionaries(
    st.sampled_from(["a", "b", "c/d", "c/e"]), st.sampled_from([b"", b"1", b"2", b"3"]), min_size=1
)


@settings(max_examples=25, deadline=None)
@given(st.lists(STATES, min_size=1, max_size=5))
def test_any_history_reads_back(states):
    """Whatever the versions were, each reads back as it was committed, and is sound."""
    with tempfile.TemporaryDirectory() as folder:
        archive = ArchiveRoot(objects=DirectoryStore(root=Path(folder) / "archive"))
        for state in states:
            _commit(archive, state)
        kept = [state for state, _ in itertools.groupby(states)]
        assert archive.inventory(PAPER).version == len(kept)
        for number, state in enumerate(kept, start=1):
            paths = {p for ps in archive.inventory(PAPER).at(number).state.values() for p in ps}
            assert {p: archive.read(PAPER, p, version=number) for p in paths} == state
        assert archive.check(PAPER) == ()


# -- kills ------------------------------------------------------------------------


def _kills(tmp_path, earlier, files):
    """The archive after a kill at every single write of a commit: before it, and after it."""
    for after in (False, True):
        for n in itertools.count():
            folder = tmp_path / f"{after}-{n}"
            archive = ArchiveRoot(objects=DirectoryStore(root=folder))
            archive.prepare()
            for state in earlier:
                _commit(archive, state)
            dying = ArchiveRoot(objects=KilledStore(root=folder, writes_left=[n], after=after))
            try:
                _commit(dying, files)
            except Killed:
                yield archive
            else:
                assert n > len(files)  # every write of a whole commit was reached
                break


@pytest.mark.parametrize("earlier", [[], [FIRST]], ids=["v1", "v2"])
def test_a_killed_commit_is_before_or_after(tmp_path, earlier):
    """Between kill and rerun, readers see the earlier version or the new one, never half."""
    seen = set()
    for archive in _kills(tmp_path, earlier, SECOND):
        inventory = archive.inventory(PAPER)
        version = inventory.version if inventory else 0
        seen.add(version)
        if version:
            files = [*earlier, SECOND][version - 1]
            assert {path: archive.read(PAPER, path) for path in files} == files
    assert seen == {len(earlier), len(earlier) + 1}


@pytest.mark.parametrize("earlier", [[], [FIRST]], ids=["v1", "v2"])
def test_a_killed_commit_can_be_run_again(tmp_path, earlier):
    """After the rerun the archive is, byte for byte, what it is without a kill."""
    whole = ArchiveRoot(objects=DirectoryStore(root=tmp_path / "whole"))
    whole.prepare()
    for state in [*earlier, SECOND]:
        committed = _commit(whole, state)
    for archive in _kills(tmp_path, earlier, SECOND):
        assert _commit(archive, SECOND, expect_head=len(earlier)) == committed
        assert _all_of(archive.objects) == _all_of(whole.objects)
        assert archive.check(PAPER) == ()


@pytest.mark.parametrize("earlier", [[], [FIRST]], ids=["v1", "v2"])
def test_a_killed_commit_can_give_way_to_another(tmp_path, earlier):
    """Other files than those of the killed commit can follow; nothing of it is left over."""
    third = {"record.json": b"third", "paper.pdf": b"third"}
    for archive in _kills(tmp_path, earlier, SECOND):
        _commit(archive, third)
        assert {path: archive.read(PAPER, path) for path in third} == third
        assert archive.check(PAPER) == ()


def test_repair_finishes_what_a_kill_cut_off(tmp_path):
    """Once a version's inventory is there, repair makes it the newest; it needs no second run."""
    repaired = 0
    for archive in _kills(tmp_path, [FIRST], SECOND):
        complete = archive.objects.info(f"{object_root(PAPER)}/v2/inventory.json") is not None
        before = _all_of(archive.objects)
        changed = archive.repair(PAPER)
        assert changed == (_all_of(archive.objects) != before)
        assert archive.inventory(PAPER).version == (2 if complete else 1)
        if complete:
            assert archive.check(PAPER) == ()
        assert not archive.repair(PAPER)
        repaired += changed
    assert repaired >= 3


def test_writers_that_meet_lose_nothing(racing_store):
    """Writers of different files at once: at most one commits, and what it committed is whole."""
    archive = ArchiveRoot(objects=racing_store)
    archive.prepare()
    ready = threading.Barrier(4)

    def write(object_id, number):
        files = {name: b"%d %d" % (number, n) for n, name in enumerate("abc")}
        ready.wait()
        try:
            return _commit(archive, files, object_id, expect_head=0) and files
        except AlreadyExists:
            return None

    for object_id in ("urn:x:1", "urn:x:2", "urn:x:3"):
        with ThreadPoolExecutor(4) as pool:
            won = [f for f in pool.map(write, [object_id] * 4, range(4)) if f]
        assert len(won) <= 1
        if not won:  # they stood in each other's way; whoever comes next succeeds
            won = [{"a": b"later"}]
            _commit(archive, won[0], object_id)
        assert {path: archive.read(object_id, path) for path in won[0]} == won[0]
        assert not [p for p in archive.check(object_id) if "tệp lạ" not in p]


def test_a_worker_that_comes_back_cannot_harm_its_successor(tmp_path):
    """A commit that stood still while another took its version is refused and loses nothing."""
    for n in itertools.count():
        folder = tmp_path / str(n)
        archive = ArchiveRoot(objects=DirectoryStore(root=folder))
        archive.prepare()
        _commit(archive, FIRST)
        third = {"record.json": b"third", "paper.pdf": b"third"}
        meeting = MeetingStore(
            root=folder, at=n, meanwhile=partial(_commit, archive, third), writes=[]
        )
        try:
            ours = _commit(ArchiveRoot(objects=meeting), SECOND, expect_head=1).version == 2
        except AlreadyExists:
            ours = False
        history = [FIRST, *([SECOND] if ours else []), *([third] if meeting.met else [])]
        assert archive.inventory(PAPER).version == len(history)
        for number, files in enumerate(history, start=1):
            assert {path: archive.read(PAPER, path, version=number) for path in files} == files
        assert not [p for p in archive.check(PAPER) if "tệp lạ" not in p]
        assert not archive.repair(PAPER)
        if not meeting.met:
            break
    assert n > len(SECOND)


# -- damage -----------------------------------------------------------------------


def test_damaged_content_is_never_handed_out(local, tmp_path):
    """A changed byte is an integrity fault for readers, and check names the file."""
    _commit(local, FIRST)
    _file(local, "v1/content/paper.pdf").write_bytes(b"%PDF Paper")
    with pytest.raises(IntegrityFault):
        local.read(PAPER, "paper.pdf")
    with pytest.raises(IntegrityFault):
        local.fetch(PAPER, "paper.pdf", tmp_path / "target")
    assert not (tmp_path / "target").exists()
    assert ["v1/content/paper.pdf" in problem for problem in local.check(PAPER)] == [True]
    assert local.read(PAPER, "record.json") == b"{}"


def test_lost_content_is_an_integrity_fault(local):
    """A file that the inventory names and the store lost is damage, not 'not found'."""
    _commit(local, FIRST)
    _file(local, "v1/content/paper.pdf").unlink()
    with pytest.raises(IntegrityFault):
        local.read(PAPER, "paper.pdf")
    assert ["mất tệp" in problem for problem in local.check(PAPER)] == [True]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v1/content/stranger", b"x"),
        ("stranger", b"x"),
        ("v3/content/paper.pdf", b"x"),
        ("0=ocfl_object_1.1", b"ocfl_object_1.0\n"),
        ("inventory.json.sha512", b"0" * 128 + b"  inventory.json\n"),
        ("v1/inventory.json.sha512", b""),
        ("v1/inventory.json", None),
        ("v2/inventory.json", None),
        ("v1/inventory.json", b"{}"),
        ("inventory.json", b"{}"),
        ("inventory.json", None),
    ],
)
def test_check_finds_what_is_wrong(local, name, content):
    """Strange, changed and lost files are each reported."""
    _commit(local, FIRST)
    _commit(local, SECOND)
    assert local.check(PAPER) == ()
    if content is None:
        _file(local, name).unlink()
    else:
        _file(local, name).parent.mkdir(parents=True, exist_ok=True)
        _file(local, name).write_bytes(content)
    assert local.check(PAPER) != ()


def test_a_forged_root_inventory_is_refused(local):
    """Without a sidecar or a version's copy that vouches for it, an inventory is not believed."""
    _commit(local, FIRST)
    file = _file(local, "inventory.json")
    file.write_bytes(file.read_bytes().replace(b"record.json", b"Record.json"))
    with pytest.raises(IntegrityFault):
        local.inventory(PAPER)
    assert local.repair(PAPER)  # the version's own copy is sound
    assert local.check(PAPER) == ()


def test_a_sound_root_is_never_overwritten_by_a_forged_version(local):
    """Where root and newest version contradict each other, repair stops instead of choosing."""
    _commit(local, FIRST)
    before = _file(local, "inventory.json").read_bytes()
    forged = before.replace(b"record.json", b"Record.json")
    _file(local, "v1/inventory.json").write_bytes(forged)
    with pytest.raises(IntegrityFault):
        local.repair(PAPER)
    _file(local, "v1/inventory.json.sha512").write_bytes(sidecar(forged))
    with pytest.raises(IntegrityFault):
        local.repair(PAPER)
    assert _file(local, "inventory.json").read_bytes() == before


def test_a_lost_version_is_not_papered_over(local):
    """A root that is ahead of the versions is damage; a commit does not go on top of it."""
    _commit(local, FIRST)
    _commit(local, SECOND)
    _file(local, "v2/inventory.json").unlink()
    with pytest.raises(IntegrityFault):
        _commit(local, {"x": b"x"})


def test_history_that_was_rewritten_is_found(local):
    """An earlier version's message changed in the newest inventory contradicts the earlier one."""
    _commit(local, FIRST, message="cũ")
    _commit(local, SECOND, message="mới")
    changed = json.loads(_file(local, "inventory.json").read_bytes())
    changed["versions"]["v1"]["message"] = "khác"
    content = json.dumps(changed).encode()
    for place in ("", "v2/"):
        _file(local, f"{place}inventory.json").write_bytes(content)
        _file(local, f"{place}inventory.json.sha512").write_bytes(sidecar(content))
    assert ["v1" in problem for problem in local.check(PAPER)] == [True]

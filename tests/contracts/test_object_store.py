"""The promises of `ObjectStore`, the same for every backend."""

import hashlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.errors import (
    AlreadyExists,
    ConfigurationFault,
    DocumentFault,
    IntegrityFault,
    NotFound,
    SohoaError,
    Unavailable,
)
from storage import DirectoryStore, S3Store, StoreConfig
from storage.content import ContentStore, Recent
from storage.objects import check_key
from storage.s3_client import client_of
from storage.streams import BLOCK_BYTES
from tests.contracts.conftest import make_bucket

PROJECT = Path(__file__).resolve().parents[2]
BAD_KEYS = (
    "",
    "/",
    "/etc/passwd",
    "../outside",
    "a/../../outside",
    "a/./b",
    "a//b",
    "a/",
    ".meta/x",
    ".part-x",
    "a\nb",
    "a\x00b",
    "a\x7fb",
    "a\u2028b",
    "a\ud800b",
    "a\uffffb",
    "é" * 128,
    "/".join(["a" * 200] * 6),
)
GOOD_KEYS = (
    "lô 1/Giấy khai sinh – bản sao.pdf",
    "a/..b/…/c..d",
    "lot/.hidden",
    "100%25 & <b>?x=1#y+z",
    "a\\b",
    "a" * 255,
    "é" * 127,
    "/".join(["b" * 200] * 5),
    "\U0001f600",
)


def _noise(size_bytes):
    """Bytes without pattern, the same every time."""
    return hashlib.shake_128(b"noise").digest(size_bytes)


def _sha256(data):
    return hashlib.sha256(data).hexdigest()


def _damage(store, key, data):
    """Change stored bytes behind the store's back, digest and metadata untouched."""
    if isinstance(store, DirectoryStore):
        (store.root / key).write_bytes(data)
        return
    client = client_of(store.endpoint_url, store.region, store.credentials_file, None)
    place = {"Bucket": store.bucket, "Key": store.prefix + key}
    metadata = client.head_object(**place)["Metadata"]
    client.put_object(**place, Body=data, Metadata=metadata)


# -- put, get ---------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"x", _noise(3 * BLOCK_BYTES + 7)])
def test_what_was_put_comes_back(store, tmp_path, data):
    """Bytes and files, empty, small and of several blocks, come back as they were."""
    (tmp_path / "source").write_bytes(data)
    put = [store.put("a/bytes", data), store.put("a/file", tmp_path / "source")]
    store.fetch("a/file", tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == data
    assert store.get("a/bytes") == store.get("a/file") == b"".join(store.chunks("a/file")) == data
    assert [(i.size_bytes, i.sha256) for i in put] == [(len(data), _sha256(data))] * 2


def test_putting_the_same_again_is_quiet(store):
    """The same bytes under the same key are a success that changes nothing."""
    first = store.put("k", b"one", metadata={"unit": "1"})
    locked = store.info("k").locked_until
    again = store.put("k", b"one", metadata={"unit": "2"})
    assert again.model_copy(update={"locked_until": None}) == first
    assert store.info("k").locked_until == locked
    assert store.info("k").metadata == {"unit": "1"}


def test_other_bytes_are_refused(store):
    """A key keeps its first bytes and first metadata."""
    store.put("k", b"one", metadata={"unit": "1"})
    with pytest.raises(AlreadyExists):
        store.put("k", b"two", metadata={"unit": "2"})
    assert store.get("k") == b"one"
    assert store.info("k").metadata == {"unit": "1"}


def test_bytes_put_without_metadata_are_kept_too(store):
    """Put-once holds although nothing is noted of the object."""
    store.put("k", b"one")
    assert store.put("k", b"one").sha256 == _sha256(b"one")
    with pytest.raises(AlreadyExists):
        store.put("k", b"two")
    assert store.get("k") == b"one"


def _race(store, key, writers=8):
    """Several writers of different bytes at once; which of them succeeded."""
    ready = threading.Barrier(writers)

    def write(number):
        ready.wait()
        try:
            store.put(key, b"%d" % number, metadata={"n": str(number)})
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(write, range(writers)))


def _assert_one_winner(store, key):
    won = _race(store, key)
    assert won.count(True) == 1
    assert store.get(key) == b"%d" % won.index(True)
    assert store.info(key).metadata == {"n": str(won.index(True))}


def test_one_of_many_writers_wins(racing_store):
    """Eight writers of different bytes at once: one success, and its bytes are what is read."""
    for key in ("race/1", "race/2", "race/3"):
        _assert_one_winner(racing_store, key)


@pytest.mark.integration
def test_one_of_many_writers_wins_where_versions_are_kept_but_not_locked(rgw, rgw_credentials):
    """RGW ignores `If-None-Match` in such a bucket; the list of versions decides."""
    store = make_bucket(rgw_credentials, rgw.endpoint, versioned=True)
    for key in ("race/1", "race/2", "race/3"):
        _assert_one_winner(store, key)


def test_writers_of_the_same_bytes_all_succeed(racing_store):
    """No writer is told that its own bytes are others."""
    with ThreadPoolExecutor(8) as pool:
        infos = list(pool.map(lambda _: racing_store.put("same", b"x" * 1000), range(8)))
    assert {info.sha256 for info in infos} == {_sha256(b"x" * 1000)}
    assert racing_store.get("same") == b"x" * 1000


def test_a_deleted_key_can_be_put_anew(store):
    """After a deletion the key is free, also where the backend keeps versions."""
    store.put("k", b"one", metadata={"unit": "1"})
    store.delete("k")
    assert store.info("k") is None
    store.put("k", b"two")
    assert (store.get("k"), store.info("k").metadata) == (b"two", {})


def test_replace_puts_new_bytes_in_place_of_old(store):
    """`replace` works on a new key, on a held one, and on one that carried metadata."""
    store.replace("r", b"one")
    assert store.replace("r", b"two").sha256 == _sha256(b"two")
    assert store.get("r") == b"two"
    store.put("m", b"one", metadata={"unit": "1"})
    store.replace("m", b"two")
    assert (store.get("m"), store.info("m").metadata) == (b"two", {})


def test_damaged_bytes_are_refused(store, tmp_path):
    """Where a digest is kept, reading other bytes is an integrity fault and leaves no file."""
    store.put("k", b"sound", metadata={"unit": "1"})
    _damage(store, "k", b"rotten")
    with pytest.raises(IntegrityFault):
        store.get("k")
    with pytest.raises(IntegrityFault):
        store.fetch("k", tmp_path / "target")
    assert not list(tmp_path.glob("*target*"))
    assert not list(tmp_path.glob(".part*"))


def test_what_is_not_there(store, tmp_path):
    """Reading is NotFound, asking is None, deleting is quiet, listing is empty."""
    with pytest.raises(NotFound):
        store.get("none")
    with pytest.raises(NotFound):
        store.get("none/deeper")
    with pytest.raises(NotFound):
        store.fetch("none", tmp_path / "target")
    store.delete("none")
    assert store.info("none") is None
    assert list(store.keys()) == []
    assert list(store.keys("none/")) == []
    assert not (tmp_path / "target").exists()


def test_a_version_that_is_not_there(store):
    """A version that the store never gave out is NotFound or refused, never other bytes."""
    store.put("k", b"one")
    with pytest.raises(SohoaError):
        store.get("k", version="00000000-none")


def test_info_tells_what_is_known(store):
    """Size and metadata come back, Vietnamese text and names with `_` included."""
    facts = {"officer": "Nguyễn Thị Hồng Ân 100%", "scanned_at": "2026-11-20T08:00:00+07:00"}
    store.put("k", b"12345", metadata=facts)
    info = store.info("k")
    assert (info.key, info.size_bytes, info.sha256) == ("k", 5, _sha256(b"12345"))
    assert info.metadata == facts
    store.put("bare", b"1")
    assert store.info("bare").metadata == {}


@pytest.mark.parametrize(
    "metadata", [{"Unit": "x"}, {"a-b": "x"}, {"sha256": "x"}, {"a": "x" * 3000}]
)
def test_metadata_that_some_backend_cannot_hold_is_refused(store, metadata):
    """Bad names, our own name and too much text are refused before anything is written."""
    with pytest.raises(DocumentFault):
        store.put("k", b"x", metadata=metadata)
    assert store.info("k") is None


# -- keys -------------------------------------------------------------------------


def test_keys_are_listed_in_byte_order(store):
    """Order is that of the UTF-8 bytes of the whole key, not of folders; prefixes cut anywhere."""
    keys = ["a", "b-c", "b/c", "b/c0/d", "b0", "bé", "z/" + "y" * 200, "đ/x"]
    for key in reversed(keys):
        store.put(key, b"x")
    assert list(store.keys()) == sorted(keys, key=str.encode) == keys
    assert list(store.keys("b")) == ["b-c", "b/c", "b/c0/d", "b0", "bé"]
    assert list(store.keys("b/c")) == ["b/c", "b/c0/d"]
    assert list(store.keys("b/c0/")) == ["b/c0/d"]
    assert list(store.keys("a/")) == list(store.keys("x")) == []


def test_more_keys_than_a_page(store):
    """Listing goes on past the 1,000 keys that S3 gives at a time."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.put(f"p/{n:04}", b""), range(1010)))
    assert list(store.keys("p/")) == [f"p/{n:04}" for n in range(1010)]


def test_metadata_is_not_listed(store):
    """What a store notes of its objects never appears among them."""
    store.put("k", b"x", metadata={"unit": "1"})
    assert list(store.keys()) == ["k"]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_keys_that_break_the_rule_are_refused(store, tmp_path, key):
    """No key leads outside, into the store's own files, or to what some backend cannot name."""
    with pytest.raises(DocumentFault):
        store.put(key, b"x")
    with pytest.raises(DocumentFault):
        store.replace(key, b"x")
    assert list(store.keys()) == []
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("key", BAD_KEYS)
def test_bad_keys_read_nothing(store, tmp_path, key):
    """Reading by a bad key gives one of our errors and never a file from outside."""
    (tmp_path / "outside").write_bytes(b"secret")
    for read in (store.get, lambda k: store.fetch(k, tmp_path / "target")):
        with pytest.raises(SohoaError):
            read(key)
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("key", GOOD_KEYS)
def test_unusual_keys_work(store, key):
    """Vietnamese, spaces, signs and the longest names and keys go in and come back."""
    store.put(key, key.encode(), metadata={"unit": "1"})
    assert store.get(key) == key.encode()
    assert list(store.keys()) == [key]
    store.delete(key)
    assert store.info(key) is None


@given(st.text(max_size=40) | st.from_regex(r"[a.\-/]{1,12}", fullmatch=True))
def test_the_key_rule_keeps_inside(key):
    """Every key that passes names a file below the root and not among the store's own."""
    try:
        check_key(key)
    except DocumentFault:
        return
    path = Path(os.path.normpath(f"/root/{key}"))
    assert str(path) == f"/root/{key}"
    assert path.parts[:2] == ("/", "root")
    assert not path.parts[2].startswith(".")
    assert key.encode().decode() == key


# -- addresses --------------------------------------------------------------------


def test_a_store_is_a_value(store):
    """A store can be compared, hashed, pickled, and read back from settings."""
    store.put("k", b"x")
    for copy in (
        pickle.loads(pickle.dumps(store)),  # noqa: S301 - our own bytes
        TypeAdapter(StoreConfig).validate_python(store.model_dump()),
        TypeAdapter(StoreConfig).validate_json(store.model_dump_json()),
    ):
        assert copy == store
        assert hash(copy) == hash(store)
        assert copy.get("k") == b"x"


@pytest.mark.parametrize("root", ["relative", "/a/../b", ""])
def test_a_directory_needs_an_absolute_path(root):
    """A relative root would mean another folder for every process."""
    with pytest.raises(ValidationError):
        DirectoryStore(root=root)


@pytest.mark.parametrize("prefix", ["a//b", "../x", "a\n"])
def test_a_prefix_follows_the_key_rule(prefix):
    """A prefix that could make bad keys is refused with the settings."""
    with pytest.raises(ValidationError):
        S3Store(bucket="b", prefix=prefix)


# -- the directory ----------------------------------------------------------------


@pytest.fixture
def directory(tmp_path):
    return DirectoryStore(root=tmp_path / "store")


def _everything(root):
    return sorted(str(p.relative_to(root)) for p in root.rglob("*"))


def test_a_directory_holds_nothing_but_the_objects(directory):
    """Without metadata the folder is exactly the keys, private to the owner."""
    directory.put("a/b/c", b"x")
    assert _everything(directory.root) == ["a", "a/b", "a/b/c"]
    modes = {p.name: p.stat().st_mode & 0o777 for p in [directory.root, *directory.root.rglob("*")]}
    assert modes == {"store": 0o700, "a": 0o700, "b": 0o700, "c": 0o600}


def test_a_deletion_leaves_no_empty_folder(directory):
    """Folders go with their last object; what is noted of it goes too."""
    directory.put("a/b/c", b"x", metadata={"unit": "1"})
    directory.put("a/d", b"x")
    directory.delete("a/b/c")
    assert _everything(directory.root / "a") == ["d"]
    assert not [p for p in (directory.root / ".meta").rglob("*") if p.is_file()]


def test_a_key_below_an_object_is_refused(directory):
    """A file cannot be a folder as well; the object that was there first stays."""
    directory.put("a", b"x")
    with pytest.raises(AlreadyExists):
        directory.put("a/b", b"y")
    directory.put("c/d", b"x")
    with pytest.raises(AlreadyExists):
        directory.put("c", b"y")
    assert list(directory.keys()) == ["a", "c/d"]


def test_links_are_not_followed(directory, tmp_path):
    """A symbolic link under the root is no object."""
    (tmp_path / "secret").write_bytes(b"secret")
    directory.put("a", b"x")
    (directory.root / "link").symlink_to(tmp_path / "secret")
    assert list(directory.keys()) == ["a"]
    assert directory.info("link") is None
    with pytest.raises(NotFound):
        directory.get("link")


def test_a_kill_while_putting_leaves_no_half_object(directory, tmp_path):
    """SIGKILL at random moments: a key holds everything or is not there; the rest is swept."""
    source = tmp_path / "source"
    source.write_bytes(_noise(32 << 20))
    program = (
        "import sys; from pathlib import Path; from storage import DirectoryStore\n"
        "store = DirectoryStore(root=Path(sys.argv[1])); print('ready', flush=True)\n"
        "for n in range(1000): store.put(f'k/{n}', Path(sys.argv[2]))\n"
    )
    for delay in (0.01, 0.05, 0.1, 0.2):
        command = [sys.executable, "-c", program, str(directory.root), str(source)]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        found = list(directory.keys())
        assert all(directory.get(key) == source.read_bytes() for key in found)
        for key in found:
            directory.delete(key)
    left = list(directory.root.glob(".part-*"))
    assert left, "no kill hit a write: the test shows nothing"
    assert list(directory.keys()) == []
    for part in left:
        os.utime(part, (0, 0))
    sweep = "import sys; from pathlib import Path; from storage import DirectoryStore\n"
    sweep += "DirectoryStore(root=Path(sys.argv[1])).put('new', b'x')"
    subprocess.run([sys.executable, "-c", sweep, str(directory.root)], check=True, env=environment)
    assert _everything(directory.root) == ["new"]


def test_facts_of_a_killed_or_lost_write_do_not_condemn_an_object(directory):
    """Facts left behind for other bytes are ignored."""
    directory.put("k", b"winner", metadata={"n": "1"})
    directory._facts("k").keep(_sha256(b"loser"), {"n": "2"})
    assert directory.get("k") == b"winner"
    assert directory.info("k").metadata == {"n": "1"}


def test_a_folder_without_permission_is_a_configuration_fault(tmp_path):
    """What only an administrator can change is not retried."""
    (tmp_path / "file").write_bytes(b"")
    if os.geteuid() != 0:
        (tmp_path / "locked").mkdir(mode=0o500)
        with pytest.raises(ConfigurationFault):
            DirectoryStore(root=tmp_path / "locked").put("k", b"x")
    with pytest.raises(SohoaError):
        DirectoryStore(root=tmp_path / "file" / "below").put("k", b"x")


# -- S3 ---------------------------------------------------------------------------


def test_a_server_that_does_not_answer_is_unavailable(simulated_s3):
    """Connection refused may pass: the same call can be repeated later."""
    store = S3Store(bucket="b", endpoint_url="http://127.0.0.1:9", credentials_file=simulated_s3)
    with pytest.raises(Unavailable):
        store.get("k")


def test_a_wrong_bucket_or_missing_key_file_is_a_configuration_fault(simulated_s3, tmp_path):
    """What only an administrator can change is not retried."""
    with pytest.raises(ConfigurationFault):
        S3Store(bucket="none-such", credentials_file=simulated_s3).put("k", b"x")
    with pytest.raises(ConfigurationFault):
        S3Store(bucket="b", credentials_file=tmp_path / "none").get("k")
    with pytest.raises(ConfigurationFault):
        S3Store(bucket="b", credentials_file=simulated_s3, profile="none").get("k")


@pytest.mark.integration
def test_wrong_keys_are_a_configuration_fault(rgw, rgw_credentials, tmp_path):
    """A refused signature is not retried."""
    store = make_bucket(rgw_credentials, rgw.endpoint)
    wrong = tmp_path / "credentials"
    wrong.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    with pytest.raises(ConfigurationFault):
        store.model_copy(update={"credentials_file": wrong}).put("k", b"x")


@pytest.mark.integration
def test_an_earlier_version_can_be_named(rgw, rgw_credentials, tmp_path):
    """In a bucket with versions, a reader that names one gets the bytes of then."""
    store = make_bucket(rgw_credentials, rgw.endpoint, locked=True)
    first, second = store.replace("k", b"one"), store.replace("k", b"two")
    store.fetch("k", tmp_path / "old", version=first.version)
    assert (tmp_path / "old").read_bytes() == store.get("k", version=first.version) == b"one"
    assert store.get("k", version=second.version) == store.get("k") == b"two"


@pytest.mark.integration
def test_stores_with_different_prefixes_do_not_meet(rgw, rgw_credentials):
    """Two stores in one bucket see their own keys only."""
    whole = make_bucket(rgw_credentials, rgw.endpoint)
    one, two = (whole.model_copy(update={"prefix": p}) for p in ("a/", "ab/"))
    one.put("k", b"1")
    two.put("k", b"2")
    assert (list(one.keys()), one.get("k"), two.get("k")) == (["k"], b"1", b"2")
    assert list(whole.keys()) == ["a/k", "ab/k"]


# -- by content -------------------------------------------------------------------


def test_content_is_kept_once(store, tmp_path):
    """The same bytes, as bytes or as a file, are one object under their digest."""
    content = ContentStore(objects=store, prefix="scans/1")
    (tmp_path / "file").write_bytes(b"bytes")
    digest = content.add(b"bytes")
    assert digest == content.add(tmp_path / "file") == _sha256(b"bytes")
    assert len(list(store.keys())) == 1
    content.fetch(digest, tmp_path / "back")
    assert content.get(digest) == (tmp_path / "back").read_bytes() == b"bytes"


def test_content_can_be_let_go(store):
    """`remove` takes one, `clear` all of this prefix and nothing of another."""
    content, other = (ContentStore(objects=store, prefix=p) for p in ("scans/1", "scans/10"))
    digests = [content.add(b"%d" % n) for n in range(3)]
    kept = other.add(b"kept")
    content.remove(digests[0])
    assert [content.has(digest) for digest in digests] == [False, True, True]
    content.clear()
    assert not any(content.has(digest) for digest in digests)
    assert other.get(kept) == b"kept"
    with pytest.raises(NotFound):
        content.get(digests[1])


def test_what_this_process_has_just_kept_is_not_fetched(store, tmp_path):
    """Small content is held in memory until it is let go; the store is asked for the rest."""
    content = ContentStore(objects=store, prefix="scans/1", recent=Recent())
    small, large = content.add(b"small"), content.add(bytes((4 << 20) + 1))
    removed, cleared = content.add(b"removed"), content.add(b"cleared")
    for key in list(store.keys()):
        store.delete(key)
    content.fetch(small, tmp_path / "back")
    assert content.get(small) == (tmp_path / "back").read_bytes() == b"small"
    assert not content.has(small)
    content.remove(removed)
    with pytest.raises(NotFound):
        content.get(removed)
    content.clear()
    for digest in (cleared, small, large):
        with pytest.raises(NotFound):
            content.get(digest)


def test_what_is_held_in_memory_is_bounded():
    """What was used longest ago goes first; what is read is used."""
    recent, block = Recent(), bytes(4 << 20)
    for number in range(16):
        recent.keep(f"{number}", block)
    assert recent.find("0") is not None
    recent.keep("16", block)
    recent.keep("large", bytes((4 << 20) + 1))
    held = [number for number in range(17) if recent.find(f"{number}") is not None]
    assert held == [0, *range(2, 17)]
    assert recent.find("large") is None


def test_damaged_content_is_refused(store, tmp_path):
    """Bytes that do not fit their name are never handed out, nor taken for added."""
    content = ContentStore(objects=store)
    digest = content.add(b"sound")
    _damage(store, next(store.keys()), b"other")
    with pytest.raises(IntegrityFault):
        content.get(digest)
    with pytest.raises(IntegrityFault):
        content.fetch(digest, tmp_path / "target")
    if isinstance(store, DirectoryStore):  # S3 answers `add` from the digest in its metadata
        with pytest.raises(IntegrityFault):
            content.add(b"sound")


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_what_is_no_digest_is_not_found(store, digest):
    """Only 64 lower-case hex digits can name content."""
    with pytest.raises(NotFound):
        ContentStore(objects=store).get(digest)

"""Received bytes outlive every mistake around them: keys used again, shelves emptied, two lots."""

import hashlib
from datetime import timedelta

import pytest

from domain.errors import DocumentFault, NotFound
from domain.identity import paper_id
from domain.lot import LotManifest
from domain.record import FIELD_NAMES, Description, FieldValue, TypeGuess
from domain.states import PaperState, ScanState
from storage.content import ContentStore
from storage.registry import claims, papers, scans, uploads
from tasks.archive import register
from tasks.claims import claimed
from tasks.expire import expire_old
from tasks.house import House, house
from tasks.open_pages import open_pages
from tasks.original import original
from tasks.receive import receive
from tasks.received import release
from tasks.requeue import put_back
from tasks.review import reject
from tasks.set_aside import set_aside
from tasks.upload import Overrides, upload
from tests.store import installed

LOCKED = DocumentFault("encrypted", "Tệp có mật khẩu.")
UNREAD = Description(
    type=TypeGuess(id="khac"), fields={name: FieldValue(value=None) for name in FIELD_NAMES}
).model_dump(mode="json")
TOO_LONG = DocumentFault("timeout", "Đọc quá lâu.")


@pytest.fixture
def here(tmp_path, monkeypatch, test_keys):
    with installed(tmp_path, monkeypatch, test_keys) as here:
        (tmp_path / "inbox").mkdir()
        yield here


def _bring(content, name="scan_0001.pdf", lot="lo-1"):
    """Upload these bytes under this name; the scan they are, and what the upload came to."""
    file = house().settings.home.parent / "inbox" / name
    file.write_bytes(content)
    return hashlib.sha256(content).hexdigest(), upload([file], Overrides(lot=lot))


def _shelve(scan_id, fault=LOCKED):
    with claimed(scan_id) as claim:
        set_aside(claim, fault)


def _waiting_bytes(here, scan_id):
    """What the line would find of a scan."""
    with here.registry.read() as db:
        return here.intake.get(scans.scan(db, scan_id)["key"])


def test_a_scan_put_back_does_not_meet_the_rescan_that_took_its_name(here):
    """An officer scans anew under the same name; then the old scan is tried again."""
    old, _ = _bring(b"too much for the reader")
    _shelve(old, TOO_LONG)
    new, _ = _bring(b"scanned anew")
    with claimed(old) as claim:
        put_back(claim, "Trần Thị Bình")
    assert _waiting_bytes(here, old) == b"too much for the reader"
    assert _waiting_bytes(here, new) == b"scanned anew"


def test_setting_aside_what_was_altered_leaves_the_bytes_of_another_scan(here):
    """The key holds what is not this scan's: that is neither moved nor removed in its name."""
    old, _ = _bring(b"first")
    here.intake.delete("lo-1/scan_0001.pdf")
    new, _ = _bring(b"second")
    with claimed(old) as claim:
        with pytest.raises(DocumentFault) as caught:
            open_pages.fn(claim)
        set_aside(claim, caught.value)
    assert caught.value.reason == "altered"
    assert _waiting_bytes(here, new) == b"second"
    assert here.quarantine.info(f"{old}/original") is None


def test_bytes_that_left_the_shelf_by_age_are_kept_when_they_come_again(here, monkeypatch):
    """The shelf says that the scan is known; the only copy is the one that came now."""
    monkeypatch.setenv("SOHOA_EXPIRY__QUARANTINE_DAYS", "30")
    house.cache_clear()
    scan_id, _ = _bring(b"locked")
    _shelve(scan_id)
    real = House.now
    monkeypatch.setattr(House, "now", lambda self: real(self) + timedelta(days=31))
    assert expire_old(10).quarantine == 1
    _, again = _bring(b"locked", name="again.pdf")
    assert again.new == 1
    assert _waiting_bytes(house(), scan_id) == b"locked"


def test_bytes_that_mend_a_scan_count_in_the_lot_that_brought_them(here):
    """The other lot's run takes the scan up, and its table shows the file."""
    scan_id, _ = _bring(b"good bytes")
    _shelve(scan_id, TOO_LONG)
    _, again = _bring(b"good bytes", name="lan-2.pdf", lot="lo-2")
    assert again.new == 1
    with here.registry.begin() as db:
        assert [row["name"] for row in uploads.uploads_of(db, None, "lo-2")] == ["lan-2.pdf"]
        later = here.now() + timedelta(hours=1)
        claim = claims.claim_next(
            db, worker=here.worker, lot="lo-2", at=later, lease=timedelta(minutes=1)
        )
    assert claim is not None
    assert claim.scan_id == scan_id


def test_a_late_release_leaves_the_scan_that_has_the_key_by_now(here, monkeypatch):
    """One process stands still before its last step; a sweep does it, and the name comes again."""
    old, _ = _bring(b"first")
    new = []

    def meanwhile(_work):
        with here.registry.read() as db:
            key = scans.scan(db, old)["key"]
        here.intake.delete(key)
        new.append(_bring(b"second")[0])

    with monkeypatch.context() as patch:
        patch.setattr(ContentStore, "clear", meanwhile)
        _shelve(old)
    assert _waiting_bytes(here, new[0]) == b"second"


def test_a_sweep_between_the_shelf_and_the_release_revives_nothing(here, monkeypatch):
    """The object is still there when its scan is on the shelf: that is no new upload."""
    scan_id, _ = _bring(b"first")

    def meanwhile(_work):
        patch.undo()
        receive.fn("lo-1")

    with monkeypatch.context() as patch:
        patch.setattr(ContentStore, "clear", meanwhile)
        _shelve(scan_id, TOO_LONG)
    with here.registry.read() as db:
        assert scans.scan(db, scan_id)["state"] == ScanState.SET_ASIDE
    assert here.quarantine.get(f"{scan_id}/original") == b"first"


def test_the_bytes_of_a_rejected_paper_are_not_those_of_an_archived_one(here, monkeypatch):
    """Nothing of it is in the archive: the quarantine keeps it, as long as the shelf."""
    scan_id, _ = _bring(b"of another office")
    paper = paper_id(scan_id, 1, 0)
    with claimed(scan_id) as claim:
        with here.registry.begin() as db:
            at = here.now()
            place = {"unit": "H31", "dossier": None}
            papers.add(
                db, paper_id=paper, scan_id=scan_id, split=1, position=0, pages=[1], **place, at=at
            )
            papers.move(db, paper, PaperState.IN_REVIEW, at=at, description=UNREAD)
        reject.fn(claim, paper, reviewer="thu.ha", reason="không phải giấy tờ của ta")
        assert register.fn(claim, ()) is ScanState.DONE
    real = House.now
    monkeypatch.setattr(House, "now", lambda self: real(self) + timedelta(days=3000))
    assert expire_old(10).quarantine == 0
    assert here.quarantine.get(f"{scan_id}/original") == b"of another office"


def test_one_wrong_fact_of_an_object_does_not_take_the_others_along(here):
    """A paper without its dossier would count for nobody."""
    metadata = {"dossier": "H31-7", "officer": "An", "scanned_at": "hôm qua", "unit": "x" * 41}
    here.intake.put("lo-s3/a.pdf", b"from elsewhere", metadata=metadata)
    receive.fn("lo-s3")
    with here.registry.read() as db:
        facts = scans.scan(db, hashlib.sha256(b"from elsewhere").hexdigest())["facts"]
    told = {name: facts[name] for name in metadata}
    assert told == {"dossier": "H31-7", "officer": "An", "scanned_at": None, "unit": None}


def test_a_wrong_manifest_kept_of_old_does_not_stop_the_other_lots(here):
    """It was entered before manifests were checked for length; its object has no `lot.json`."""
    wrong = LotManifest(lot="lo-0").model_copy(update={"dossier": "x" * 81})
    with here.registry.begin() as db:
        uploads.open_lot(db, wrong, at=here.now())
    here.intake.put("lo-0/a.pdf", b"of the old lot")
    here.intake.put("lo-1/b.pdf", b"of another lot")
    assert receive.fn(None) == 1


def test_who_asks_for_a_scan_is_not_given_the_one_that_took_its_name(here):
    old, _ = _bring(b"paper of one person")
    _shelve(old)
    new, _ = _bring(b"paper of another person")
    assert b"".join(original(old, "thu.ha").content) == b"paper of one person"
    assert b"".join(original(new, "thu.ha").content) == b"paper of another person"


def test_a_scan_of_a_foreign_program_is_known_by_its_bytes_alone(here):
    """Uncompressed pages are all of one size, and foreign programs state no digest."""
    old, _ = _bring(b"page one")
    here.intake.delete("lo-1/scan_0001.pdf")
    path = here.settings.home / "store/intake/lo-1/scan_0001.pdf"
    path.write_bytes(b"page two")
    with here.registry.read() as db:
        row = scans.scan(db, old)
    release(here, row)
    assert path.read_bytes() == b"page two"
    with pytest.raises(NotFound):
        original(old, "thu.ha")


def test_a_run_that_finds_its_scan_released_by_another_goes_on(here, monkeypatch):
    """Between two questions to the store a sweep has seen that the scan is done."""
    content = b"put by a scanner that speaks S3"
    here.intake.put("lo-1/scan_0001.pdf", content)
    receive("lo-1")
    with here.registry.read() as db:
        scan = scans.scan(db, hashlib.sha256(content).hexdigest())
    looked = type(here.intake).info

    def released_since(store, key):
        found = looked(store, key)
        store.delete(key)
        return found and found.model_copy(update={"sha256": None})

    monkeypatch.setattr(type(here.intake), "info", released_since)
    release(here, scan)

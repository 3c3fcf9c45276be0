"""Intermediate files and the quarantine go by age, and never before their scan is finished."""

import hashlib
from datetime import timedelta

import pytest

from domain.claims import Claim
from domain.errors import DocumentFault
from domain.lot import LotManifest, UploadFacts
from storage.registry import audit, claims, uploads
from tasks.expire import Expired, expire_old
from tasks.house import House, house
from tasks.set_aside import set_aside
from tests.flows.archived import archive_papers

ALL = 1000


def _received(here, name):
    """A scan that came in, with something of its steps in the work store."""
    content = name.encode()
    scan_id, at = hashlib.sha256(content).hexdigest(), here.now()
    here.registry.migrate()
    here.intake.put(f"lo-9/{name}", content)
    with here.registry.begin() as db:
        uploads.open_lot(db, LotManifest(lot="lo-9"), at=at)
        facts = UploadFacts(name=name)
        key = f"lo-9/{name}"
        uploads.register_upload(
            db, "lo-9", facts, scan_id=scan_id, key=key, size_bytes=len(content), at=at
        )
    here.work(scan_id).add(b"between two steps")
    return scan_id


def _later(monkeypatch, days):
    real = House.now
    span = timedelta(days=days)
    monkeypatch.setattr(House, "now", lambda self: real(self) + span)


def _shelve(here, scan_id):
    with here.registry.begin() as db:
        lease = timedelta(minutes=1)
        claim = claims.claim_scan(db, scan_id, worker=here.worker, at=here.now(), lease=lease)
    assert isinstance(claim, Claim)
    set_aside(claim, DocumentFault("encrypted", "Tệp có mật khẩu."))


@pytest.fixture
def here(office):
    return house()


def test_what_is_not_finished_stays_for_ever(here, monkeypatch):
    """A scan that waits, however long, keeps all that was made of it."""
    scan_id = _received(here, "waits.pdf")
    _later(monkeypatch, 10_000)
    assert expire_old(ALL) == Expired()
    assert list(here.settings.store("work").keys(f"scans/{scan_id}/"))


def test_leftovers_of_a_finished_scan_go_after_their_days(here, monkeypatch):
    """A run that was killed while it cleared leaves them; not a day too early."""
    archive_papers(here, 1)
    with here.registry.read() as db:
        (upload,) = uploads.uploads_of(db, None, None)
    here.work(upload["scan_id"]).add(b"left over")
    assert expire_old(ALL) == Expired()
    _later(monkeypatch, here.settings.expiry.work_days + 1)
    assert expire_old(ALL) == Expired(work=1)
    assert list(here.settings.store("work").keys()) == []
    with here.registry.read() as db:
        assert audit.of(db, upload["scan_id"])[-1]["action"] == "work_expired"


def test_what_was_set_aside_stays_unless_a_term_is_set(here, monkeypatch):
    """Its bytes in the quarantine may be the only ones; the administrator decides on a term."""
    scan_id = _received(here, "set-aside.pdf")
    _shelve(here, scan_id)
    _later(monkeypatch, 400)
    assert expire_old(ALL) == Expired()
    monkeypatch.setenv("SOHOA_EXPIRY__QUARANTINE_DAYS", "500")
    house.cache_clear()
    assert expire_old(ALL) == Expired()
    monkeypatch.setenv("SOHOA_EXPIRY__QUARANTINE_DAYS", "365")
    house.cache_clear()
    assert expire_old(ALL) == Expired(quarantine=1)
    assert list(house().quarantine.keys()) == []


def test_what_belongs_to_nobody_is_left_and_told(here, monkeypatch):
    """Keys of unknown scans, and what else the quarantine holds, are not touched."""
    here.registry.migrate()
    here.work("ab" * 32).add(b"whose?")
    here.quarantine.put("models/x.npz", b"a model")
    _later(monkeypatch, 10_000)
    assert expire_old(ALL) == Expired(unknown=1)
    assert list(here.quarantine.keys()) == ["models/x.npz"]

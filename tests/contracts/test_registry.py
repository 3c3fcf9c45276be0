"""The registry's promises, the same on every database: once, one at a time, nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, text

from domain.errors import ConfigurationFault, LeaseLost, NotFound
from domain.lot import LotManifest, UploadFacts
from domain.states import PaperState, ScanState
from storage.registry import audit, claims, papers, reuse, scans, uploads
from storage.registry.database import Registry
from storage.registry.uploads import Arrival
from tasks.audit import verify_audit

NOW = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
LEASE = timedelta(seconds=60)


def _upload(db, number, lot="lot", name=None):
    scan_id = f"{number:064x}"
    name = name or f"scan_{number}.pdf"
    uploads.open_lot(db, LotManifest(lot=lot), at=NOW)
    return scan_id, uploads.register_upload(
        db,
        lot,
        UploadFacts(name=name),
        scan_id=scan_id,
        key=f"{lot}/{name}",
        size_bytes=7,
        at=NOW,
    )


def _claim(registry, worker="a", at=NOW):
    with registry.begin() as db:
        return claims.claim_next(db, worker=worker, lot="lot", at=at, lease=LEASE)


def _paper(db, scan_id, paper_id="p1", position=0):
    papers.add(
        db,
        paper_id=paper_id,
        scan_id=scan_id,
        split=1,
        position=position,
        pages=[1, 2],
        unit="H31",
        dossier=None,
        at=NOW,
    )


def test_an_upload_gets_one_row_and_its_copies_are_linked(registry):
    with registry.begin() as db:
        assert _upload(db, 1)[1] is Arrival.NEW
        assert _upload(db, 1)[1] is Arrival.KNOWN
        assert _upload(db, 1, name="again.pdf")[1] is Arrival.DUPLICATE
        assert _upload(db, 1, lot="other")[1] is Arrival.DUPLICATE
        assert len(uploads.uploads_of(db, None, None)) == 3
        assert scans.count_by_state(db) == {"received": 1}


def test_our_own_signed_file_handed_in_again_is_recognised(registry):
    with registry.begin() as db:
        scan_id, _ = _upload(db, 1)
        _paper(db, scan_id)
        signed = f"{99:064x}"
        papers.keep_first(db, "p1", "signed", signed, at=NOW)
        assert _upload(db, 99, name="ours.pdf")[1] is Arrival.OURS
        assert [row["scan_id"] for row in uploads.uploads_of(db, None, "lot")] == [scan_id] * 2


def test_many_workers_claiming_at_once_never_share_a_scan(registry):
    with registry.begin() as db:
        for number in range(20):
            _upload(db, number)

    def work(worker):
        found = []
        while claim := _claim(registry, worker=f"w{worker}"):
            found.append(claim.scan_id)
        return found

    with ThreadPoolExecutor(4) as pool:
        claimed = [scan_id for found in pool.map(work, range(4)) for scan_id in found]
    assert sorted(claimed) == sorted(f"{number:064x}" for number in range(20))


def test_a_lapsed_claim_returns_and_its_old_holder_can_write_no_more(registry):
    with registry.begin() as db:
        _upload(db, 1)
    old = _claim(registry, "slow")
    assert _claim(registry, "other", at=NOW) is None
    new = _claim(registry, "other", at=NOW + LEASE * 2)
    assert new is not None
    with pytest.raises(LeaseLost), registry.begin() as db:
        scans.record(db, old, pages=5)
    with registry.begin() as db:
        scans.record(db, new, pages=3)
        assert scans.scan(db, new.scan_id)["pages"] == 3


def test_a_renewed_claim_does_not_lapse(registry):
    with registry.begin() as db:
        _upload(db, 1)
    _claim(registry, "busy")
    with registry.begin() as db:
        claims.renew(db, "busy", until=NOW + LEASE * 3)
    assert _claim(registry, "other", at=NOW + LEASE * 2) is None


def test_counters_give_every_caller_another_number(registry):
    def take(_):
        with registry.begin() as db:
            return papers.next_serial(db, "prefix")

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(take, range(60)))
    assert sorted(numbers) == list(range(1, 61))


def test_the_first_artefact_is_the_one_that_is_kept(registry):
    with registry.begin() as db:
        scan_id, _ = _upload(db, 1)
        _paper(db, scan_id)
        assert papers.keep_first(db, "p1", "signed", "a" * 64, at=NOW) == "a" * 64
        assert papers.keep_first(db, "p1", "signed", "b" * 64, at=NOW) == "a" * 64


def test_a_paper_in_a_final_state_stays_there(registry):
    with registry.begin() as db:
        scan_id, _ = _upload(db, 1)
        _paper(db, scan_id)
        papers.move(db, "p1", PaperState.ARCHIVED, at=NOW, archived_at=NOW)
        papers.move(db, "p1", PaperState.SIGNED, at=NOW)
        assert papers.paper(db, "p1")["state"] == PaperState.ARCHIVED


def test_two_papers_alike_belong_to_the_first_until_it_is_rejected(registry):
    with registry.begin() as db:
        scan_id, _ = _upload(db, 1)
        _paper(db, scan_id, "p1", 0)
        _paper(db, scan_id, "p2", 1)
        assert papers.first_alike(db, "same", "p1") == "p1"
        assert papers.first_alike(db, "same", "p2") == "p1"
        papers.release_likeness(db, "p1")
        assert papers.first_alike(db, "same", "p2") == "p2"


def test_an_owner_is_found_by_hash_and_only_with_papers_still_valid(registry):
    with registry.begin() as db:
        scan_id, _ = _upload(db, 1)
        for position, until in enumerate([None, date(2026, 1, 1), date(2027, 1, 1)]):
            _paper(db, scan_id, f"p{position}", position)
            papers.move(
                db,
                f"p{position}",
                PaperState.ARCHIVED,
                at=NOW,
                owner_hash="h",
                type_id="giay-khai-sinh",
                valid_until=until,
                archived_at=NOW,
            )
        found = reuse.of_owner(db, "h", types=["giay-khai-sinh"], valid_on=date(2026, 11, 20))
        assert {row["id"] for row in found} == {"p0", "p2"}
        assert reuse.of_owner(db, "other", valid_on=date(2026, 11, 20)) == []


def test_a_sound_audit_chain_is_sound_and_a_touched_row_is_found(registry):
    with registry.begin() as db:
        for number in range(5):
            audit.append(db, "did", "subject", actor="tôi", at=NOW, number=number, text="đã ký")
    with registry.read() as db:
        assert audit.broken_at(db) is None
        assert [row["detail"]["number"] for row in audit.of(db, "subject")] == [0, 1, 2, 3, 4]
    with registry.begin() as db:
        db.execute(text("UPDATE audit SET actor = 'ai đó' WHERE seq = 3"))
        assert audit.broken_at(db) == 3


def test_a_removed_last_audit_row_is_found(registry):
    with registry.begin() as db:
        audit.append(db, "did", "subject", actor="a", at=NOW)
        db.execute(text("DELETE FROM audit WHERE seq = 1"))
        assert audit.broken_at(db) == 1


def test_audit_rows_written_at_once_still_make_one_chain(registry):
    def write(number):
        with registry.begin() as db:
            audit.append(db, "did", str(number), actor="a", at=NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(30)))
    with registry.read() as db:
        assert audit.broken_at(db) is None


def test_rows_written_while_the_chain_is_walked_are_no_alarm(registry, monkeypatch):
    """Several workers write all the time; an alarm of tampering stops a whole office."""

    def write():
        with registry.begin() as other:
            audit.append(other, "did", "subject", actor="a", at=NOW)

    def head_somewhat_later(db, real=audit.head):
        write()
        return real(db)

    write()
    monkeypatch.setattr(audit, "head", head_somewhat_later)
    assert verify_audit(SimpleNamespace(registry=registry)).sound


def test_a_transaction_that_fails_leaves_nothing(registry):
    def fails():
        with registry.begin() as db:
            _upload(db, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with registry.read() as db, pytest.raises(NotFound):
        scans.scan(db, f"{1:064x}")


def test_times_come_back_with_their_offset(registry):
    with registry.begin() as db:
        scan_id, _ = _upload(db, 1)
        row = scans.scan(db, scan_id)
    assert row["received_at"] == NOW
    assert row["state"] == ScanState.RECEIVED


def test_a_password_in_the_address_is_refused():
    with pytest.raises(ConfigurationFault), Registry(url="postgresql://a:b@h/x").read():
        pass


@pytest.mark.parametrize("what", ["claim", "claim of a lot", "heartbeat", "own file"])
def test_what_every_scan_costs_reads_no_whole_table(registry, what):
    """A registry of millions answers by index; the plan says whether it can."""
    act = {
        "claim": lambda db: claims.claim_next(db, worker="a", lot=None, at=NOW, lease=LEASE),
        "claim of a lot": lambda db: claims.claim_next(
            db, worker="a", lot="l", at=NOW, lease=LEASE
        ),
        "heartbeat": lambda db: (claims.renew(db, "a", until=NOW), claims.workers(db)),
        "own file": lambda db: uploads.register_upload(
            db, "lot", UploadFacts(name="x"), scan_id="0" * 64, key="lot/x", size_bytes=1, at=NOW
        ),
    }[what]
    plans = []
    with registry.begin() as db:
        _upload(db, 1)
        if db.dialect.name == "postgresql":
            db.exec_driver_sql("SET LOCAL enable_seqscan = off")  # small tables are read whole
        with _explained(db, plans):
            act(db)
    assert plans
    whole = [line for line in plans if "SCAN scans" in line or "SCAN papers" in line]
    whole += [line for line in plans if "Seq Scan on scans" in line or "Seq Scan on papers" in line]
    assert [line for line in whole if "INDEX" not in line] == []


@contextmanager
def _explained(db, plans):
    """Collect the database's plan of every statement before it is run."""
    prefix = "EXPLAIN QUERY PLAN " if db.dialect.name == "sqlite" else "EXPLAIN "

    def explain(_connection, cursor, statement, parameters, _context, _many):
        if statement.startswith(("SELECT", "UPDATE", "WITH")):
            cursor.execute(prefix + statement, parameters)
            plans.extend(str(row[-1]) for row in cursor.fetchall())

    event.listen(db, "before_cursor_execute", explain)
    try:
        yield
    finally:
        event.remove(db, "before_cursor_execute", explain)

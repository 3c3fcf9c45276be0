"""Notices are kept once, told once a batch, and taken by the run that looks after them."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.registry import arrivals

NOW = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


def _at(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def db(registry):
    """A transaction on an empty registry of each kind."""
    with registry.begin() as connection:
        yield connection


def _note(db, name, seconds=0, lot="lo", mark="1"):
    return arrivals.note(db, lot, key=f"{lot}/{name}", mark=mark, size_bytes=5, at=_at(seconds))


def test_a_notice_that_comes_again_is_known(db):
    assert _note(db, "a.pdf")
    assert not _note(db, "a.pdf", seconds=3)


def test_another_write_of_the_same_key_is_new(db):
    assert _note(db, "a.pdf")
    assert _note(db, "a.pdf", mark="2")


def test_the_files_of_a_lot_that_wait_are_one_batch(db):
    for number in range(3):
        _note(db, f"{number}.pdf", seconds=number)
    _note(db, "x.pdf", lot="khac")
    first, other = arrivals.unannounced(db, at=_at(5))
    assert (first.lot, first.first_at, first.last_at) == ("lo", _at(0), _at(2))
    assert (first.files, first.followed) == (3, False)
    assert (other.lot, other.files) == ("khac", 1)


def test_a_batch_that_was_told_is_not_told_again_though_files_join_it(db):
    _note(db, "a.pdf")
    (batch,) = arrivals.unannounced(db, at=_at(1))
    arrivals.mark_announced(db, [batch.number], at=_at(1))
    _note(db, "b.pdf", seconds=2)
    assert arrivals.unannounced(db, at=_at(3)) == []


def test_files_that_come_after_a_run_has_begun_to_look_are_a_new_batch(db):
    _note(db, "a.pdf")
    (batch,) = arrivals.unannounced(db, at=_at(1))
    arrivals.mark_announced(db, [batch.number], at=_at(1))
    assert arrivals.take(db, "lo", at=_at(2)) == 1
    _note(db, "b.pdf", seconds=3)
    (later,) = arrivals.unannounced(db, at=_at(4))
    assert later.number > batch.number
    assert later.followed
    assert later.files == 2


def test_a_sweep_takes_the_notices_of_every_lot(db):
    _note(db, "a.pdf")
    _note(db, "b.pdf", lot="khac")
    assert arrivals.take(db, None, at=_at(1)) == 2
    assert arrivals.unannounced(db, at=_at(2)) == []


def test_a_run_of_one_lot_leaves_the_notices_of_others(db):
    _note(db, "a.pdf")
    _note(db, "b.pdf", lot="khac")
    arrivals.take(db, "lo", at=_at(1))
    assert [batch.lot for batch in arrivals.unannounced(db, at=_at(2))] == ["khac"]


def test_old_notices_go_and_waiting_ones_stay(db):
    _note(db, "a.pdf")
    arrivals.take(db, None, at=_at(1))
    _note(db, "b.pdf", seconds=2)
    month = timedelta(days=31).total_seconds()
    arrivals.take(db, None, at=_at(month))
    assert _note(db, "a.pdf", seconds=month)
    assert not _note(db, "b.pdf", seconds=month)

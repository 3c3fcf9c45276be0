"""Many notices, few runs."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.arrivals import Pending, is_due, lane_of

NOW = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)


def _due(first, last, *, followed):
    """Whether a batch is due whose first and last file came so many seconds ago."""
    ago = [NOW - timedelta(seconds=seconds) for seconds in (first, last)]
    pending = Pending("lo", 1, *ago, 5, followed)
    return is_due(pending, NOW, quiet=timedelta(seconds=2), longest=timedelta(seconds=10))


def test_the_first_files_of_a_lot_are_told_as_soon_as_it_shows_how_many_come():
    assert not _due(0.4, 0, followed=False)
    assert _due(0.5, 0, followed=False)


@pytest.mark.parametrize(
    ("first", "last", "due"), [(1, 0.1, False), (5, 2, True), (9, 0.1, False), (10, 0.1, True)]
)
def test_later_files_wait_for_a_pause_but_not_for_ever(first, last, due):
    assert _due(first, last, followed=True) is due


def test_few_files_go_first():
    assert lane_of(10, interactive_files=10) == "interactive"
    assert lane_of(11, interactive_files=10) == "bulk"

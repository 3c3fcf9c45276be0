"""When the uploads of a lot are worth a run, and in which lane they go.

Many notices, few runs: the first files of a lot are told after half a second; while more of it
keep coming, the next run starts when they pause, or when the first of them has waited long enough.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Lane = Literal["interactive", "bulk"]


class Pending(NamedTuple):
    """The files of one lot that no run has taken up yet."""

    lot: str
    number: int
    """Of the first of them: with the lot it names this batch, for ever."""
    first_at: datetime
    last_at: datetime
    files: int
    """All files of the lot that were noticed lately, these and earlier ones."""
    followed: bool
    """Whether a run has lately taken up earlier files of the lot."""


_SETTLED = timedelta(seconds=0.5)
"""After which the first files of a lot show whether they are few or the head of many."""


def is_due(pending: Pending, now: datetime, *, quiet: timedelta, longest: timedelta) -> bool:
    """Whether to start a run for the batch now."""
    if not pending.followed:
        return now - pending.first_at >= _SETTLED
    return now - pending.last_at >= quiet or now - pending.first_at >= longest


def lane_of(files: int, *, interactive_files: int) -> Lane:
    """A person waits for few files; many files are a batch that may take its time."""
    return "interactive" if files <= interactive_files else "bulk"

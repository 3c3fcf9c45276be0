"""The loop of `sohoa watch`: take what is whole, forward what waits, never stop for one fault."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from domain.errors import SohoaError, Unavailable
from storage import DirectoryStore
from tasks.announce import announce_upload
from tasks.house import house
from tasks.inbox import Inbox
from tasks.receive import receive
from tasks.spool import Facts, Forwarded, checked, entries, forward

LOG = logging.getLogger("sohoa.watch")
_LOOK_SECONDS = 1.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 2.0, 60.0


class Watched(NamedTuple):
    """What a watcher has done so far."""

    sent: int = 0
    put_aside: int = 0
    waiting: int = 0
    """Lots in the spool and files that still change."""


class Watcher:
    """Takes and forwards; `tell` hears of every lot that was forwarded.

    Files keep being taken while the line is down; the spool then goes out in its order.
    """

    def __init__(self, inbox: Inbox, facts: Facts, tell: Callable[[Forwarded], None]) -> None:
        self.inbox = inbox
        self.facts = facts
        self.tell = tell
        self.done = Watched()
        self.fault: SohoaError | None = None
        self._pause = 0.0
        self._again_at = 0.0

    def run(self, over: threading.Event) -> None:
        """Watch until `over`."""
        while not over.is_set():
            self.look()
            over.wait(min(_LOOK_SECONDS, self.inbox.stable_seconds or _LOOK_SECONDS))

    def run_once(self) -> Watched:
        """Bring all that is there; raises what stands in the way of forwarding."""
        while True:
            self.look()
            if self.fault is not None:
                raise self.fault
            if not self.done.waiting:
                return self.done
            time.sleep(min(_LOOK_SECONDS, self.inbox.stable_seconds))

    def look(self) -> None:
        """Take and forward what can be, once. Whatever stands in the way is told and kept."""
        changing = self._take()
        if time.monotonic() >= self._again_at:
            self._forward()
        left = len(entries(self.inbox.root))
        self.done = self.done._replace(waiting=changing + left)

    def _take(self) -> int:
        try:
            return self.inbox.take()
        except OSError as error:  # a share that is away comes back
            LOG.warning("không xem được thư mục (%s); thử lại", error.strerror or error)
            return 0

    def _forward(self) -> None:
        root = self.inbox.root
        try:
            for entry in entries(root):
                lot = forward(house(), root, entry, self.facts)
                self.done = Watched(self.done.sent + lot.sent, self.done.put_aside + lot.put_aside)
                if lot.sent:
                    register(lot.lot, lot.sent)
                self.tell(lot)
        except (SohoaError, OSError) as error:
            self._wait(error)
        else:
            self._pause, self._again_at, self.fault = 0.0, 0.0, None

    def _wait(self, error: SohoaError | OSError) -> None:
        LOG.warning("chưa gửi được, tệp vẫn trong hàng đợi: %s", error)
        self.fault = error if isinstance(error, SohoaError) else Unavailable(str(error))
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
        self._again_at = time.monotonic() + self._pause


def register(lot: str, files: int) -> None:
    """Tell of a lot where the store does not: a folder sends no notices."""
    if isinstance(house().settings.store("intake"), DirectoryStore):
        receive(lot)
        announce_upload(lot, files)


def watcher(
    folder: Path,
    facts: Facts,
    tell: Callable[[Forwarded], None],
    *,
    stable_seconds: float,
    quiet_seconds: float,
) -> Watcher:
    """A watcher of this folder, which nobody else watches."""
    # A writer that opens a file while its lease is tried would otherwise end this process.
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    checked(facts)
    inbox = Inbox(folder.resolve(), stable_seconds=stable_seconds, quiet_seconds=quiet_seconds)
    return Watcher(inbox, facts, tell)

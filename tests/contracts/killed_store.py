"""Stores whose process dies, or is overtaken, in the middle of its work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from storage import DirectoryStore


class Killed(BaseException):
    """The end of the process, as far as the code under test can tell."""


class KilledStore(DirectoryStore):
    """A directory store that dies at its n-th write: just before it, or just after."""

    writes_left: list[int]
    after: bool

    def put(self, key, data, *, metadata=None):
        with self._dying():
            return super().put(key, data, metadata=metadata)

    def replace(self, key, data):
        with self._dying():
            return super().replace(key, data)

    def delete(self, key):
        with self._dying():
            super().delete(key)

    @contextmanager
    def _dying(self) -> Iterator[None]:
        self.writes_left[0] -= 1
        last = self.writes_left[0] < 0
        if last and not self.after:
            raise Killed
        yield
        if last:
            raise Killed


class MeetingStore(DirectoryStore):
    """A directory store whose process stands still before its n-th write, while another works."""

    at: int
    meanwhile: Callable[[], object]
    writes: list[str]

    @property
    def met(self):
        """Whether the other process had its turn."""
        return len(self.writes) > self.at

    def put(self, key, data, *, metadata=None):
        self._meet(key)
        return super().put(key, data, metadata=metadata)

    def replace(self, key, data):
        self._meet(key)
        return super().replace(key, data)

    def delete(self, key):
        self._meet(key)
        super().delete(key)

    def _meet(self, key):
        self.writes.append(key)
        if len(self.writes) == self.at + 1:
            self.meanwhile()

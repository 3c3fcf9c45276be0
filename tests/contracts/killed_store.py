"""Stores whose process dies, or is overtaken, in the middle of its work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import BaseModel

from storage import DirectoryStore, S3Store


class Killed(BaseException):
    """The end of the process, as far as the code under test can tell."""


class KilledStore(DirectoryStore):
    """A directory store that dies at its n-th write: just before it, or just after."""

    writes_left: list[int]
    after: bool

    def put(self, key, data, **more):
        with self._dying():
            return super().put(key, data, **more)

    def replace(self, key, data, **more):
        with self._dying():
            return super().replace(key, data, **more)

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


class _Meeting(BaseModel):
    """A store whose process stands still before its n-th write, while another works."""

    at: int
    meanwhile: Callable[[], object]
    writes: list[str]
    killed: bool = False
    """Whether it dies right behind that write."""

    @property
    def met(self):
        """Whether the other process had its turn."""
        return len(self.writes) > self.at

    def put(self, key, data, **more):
        with self._meeting(key):
            return super().put(key, data, **more)

    def replace(self, key, data, **more):
        with self._meeting(key):
            return super().replace(key, data, **more)

    def delete(self, key):
        with self._meeting(key):
            super().delete(key)

    @contextmanager
    def _meeting(self, key) -> Iterator[None]:
        self.writes.append(key)
        here = len(self.writes) == self.at + 1
        if here:
            self.meanwhile()
        yield
        if here and self.killed:
            raise Killed


class MeetingStore(_Meeting, DirectoryStore):
    """Such a store on a folder."""


class MeetingS3Store(_Meeting, S3Store):
    """Such a store on S3."""

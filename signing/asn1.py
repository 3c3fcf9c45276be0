"""Making asn1crypto safe for the threads in which papers are signed.

asn1crypto fills in the tables of a class when its first value is made or read. Two threads that
do so at once can find a half-filled table, and then good time stamps and OCSP answers look
malformed. So all tables are filled before, by one thread; after everything that adds to them has
been imported, for a table that is filled takes no more names.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pyhanko.sign.signers
import pyhanko.sign.validation  # noqa: F401 - what these import adds names to asn1crypto's tables
from asn1crypto import core

_LOCK = threading.Lock()


def fill_tables() -> None:
    """Fill in the tables of all classes known now; costs ten milliseconds the first time."""
    with _LOCK:
        for kind in _subclasses(core.Asn1Value):
            if kind.__module__ != core.__name__ and not _filled(kind):
                kind()


def _filled(kind: type[core.Asn1Value]) -> bool:
    return kind in core._SETUP_CLASSES  # noqa: SLF001 - there is no other way to ask


def _subclasses(kind: type[core.Asn1Value]) -> Iterator[type[core.Asn1Value]]:
    for below in kind.__subclasses__():
        yield below
        yield from _subclasses(below)

"""Foreign bytes: which exceptions they cause in the libraries that read them."""

from __future__ import annotations

import errno
import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from domain.errors import DocumentFault


@cache
def _quiet() -> None:
    """Keep pyHanko's tracebacks of malformed files out of the log: they end in the verdict."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _foreign_causes() -> tuple[type[Exception], ...]:
    from pyhanko.pdf_utils.misc import PdfError  # slow to import

    return (
        PdfError,
        ValueError,  # includes pyHanko's CMS and signing errors, bad numbers, bad Unicode
        TypeError,  # asn1crypto and pyHanko, where an object has an unexpected kind
        LookupError,
        AttributeError,  # same: a null where a dictionary must stand
        ArithmeticError,
        AssertionError,  # asn1crypto and pyHanko assert what a file should guarantee
        NotImplementedError,
        RecursionError,
        EOFError,
        struct.error,
        zlib.error,
    )


@contextmanager
def reading_foreign(reason: str, message: str) -> Iterator[None]:
    """Turn whatever a malformed file causes inside pyHanko and asn1crypto into DocumentFault."""
    _quiet()
    try:
        yield
    except _foreign_causes() as error:
        raise DocumentFault(reason, message) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # only a seek to an impossible place is the file's fault
            raise
        raise DocumentFault(reason, message) from error

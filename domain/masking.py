"""Personal data as it may be shown in tables, artifacts and logs."""

from __future__ import annotations

import re

_SHOWN = 3
_DOTS = "•••"
_EXTENSION = re.compile(
    r"\.(?:pdf|p7s|jpe?g|jp2|png|tiff?|webp|bmp|gif|hei[cf]|zip)\Z", re.IGNORECASE
)


def mask(identifier: str | None) -> str:
    """The last three characters after three dots; an empty string for none.

    `033090001234` is shown as `•••234`; how long it is stays hidden too.
    """
    if not identifier:
        return ""
    return _DOTS if len(identifier) <= _SHOWN else _DOTS + identifier[-_SHOWN:]


def mask_file(scan_id: str, name: str) -> str:
    """A scan by the start of its identity and what kind of file it is: `3fa2c1d0.pdf`.

    Files are named after persons ("nguyen-van-a-khai-sinh.pdf"); commands take the eight digits.
    """
    return scan_id[:8] + kind_of_file(name)


def kind_of_file(name: str) -> str:
    """The extension, in small letters; empty where it is none that scans have: part of a name."""
    found = _EXTENSION.search(name)
    return found.group().lower() if found else ""

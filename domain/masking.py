"""Personal data as it may be shown in tables, artifacts and logs."""

from __future__ import annotations

_SHOWN = 3
_DOTS = "•••"


def mask(identifier: str | None) -> str:
    """The last three characters after three dots; an empty string for none.

    `033090001234` is shown as `•••234`; how long it is stays hidden too.
    """
    if not identifier:
        return ""
    return _DOTS if len(identifier) <= _SHOWN else _DOTS + identifier[-_SHOWN:]

"""What a watched folder (thư mục máy quét) holds: which names are scans, when a lot is closed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date

from domain.lot import MANIFEST_NAME, LotManifest
from domain.vietnamese import fold

DONE, FAULTY = "_da-nhan", "_loi"
"""Where files go that were taken over, and those that cannot be; names with `_` are ours."""
_PASSING = re.compile(
    r"(\..*|~.*|_.*|.*~|thumbs\.db|desktop\.ini"
    r"|.*\.(tmp|temp|part|partial|crdownload|filepart|swp|lock|upload|!qb|download))",
    re.IGNORECASE,
)
_LOT_CHARACTERS = 80
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def is_passing(name: str) -> bool:
    """Whether the name is one that programs use while they write, or our own."""
    return _PASSING.fullmatch(name) is not None


def lot_of(folder: str, day: date | None = None) -> str:
    """The lot of a folder with this name: the name itself where it can be one.

    Otherwise its letters without marks and a digest of the whole name, so that two folders
    never share a lot. `day`: of files that lie in no folder of their own.
    """
    name = f"{folder}-{day:%Y%m%d}" if day else folder
    plain = _UNFIT.sub("-", fold(name)).strip("-._")
    if plain == name and len(name) <= _LOT_CHARACTERS:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{plain[: _LOT_CHARACTERS - len(mark) - 1].strip('-._') or 'lo'}-{mark}"


def is_closed(
    files: Mapping[str, bool], manifest: LotManifest | None, *, quiet: bool
) -> bool:
    """Whether the lot's files (name → no longer changing) can be taken over as they are.

    Closed by its manifest as soon as all that it lists is there, else by a quiet time; never
    while one of them is still being written.
    """
    if not files or not all(files.values()):
        return False
    complete = manifest is not None and bool(manifest.names) and manifest.names <= files.keys()
    return complete or quiet


def reason_file(name: str) -> str:
    """The name of the note beside a file that was put aside."""
    return f"{name}.ly-do.txt"


def is_scan(name: str) -> bool:
    """Whether a name that is not passing is a scan, not the manifest."""
    return name != MANIFEST_NAME

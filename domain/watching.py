"""What a watched folder (thư mục máy quét) holds: which names are scans, when a lot is closed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date

from domain.lot import LotManifest
from domain.vietnamese import fold, nfc

DONE, FAULTY = "_da-nhan", "_loi"
"""Where files go that were taken over, and those that cannot be; names with `_` are ours."""
_PASSING = re.compile(
    r"[._~].*|.*~|thumbs\.db|desktop\.ini"
    r"|.*\.(tmp|temp|part|partial|crdownload|filepart|download|swp|lock)",
    re.IGNORECASE,
)
_LOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")  # as LotManifest has it
_UNFIT = re.compile(r"[^a-z0-9._-]+")
_LONGEST_PLAIN = 60


def is_passing(name: str) -> bool:
    """Whether the name is one that programs use while they write, or our own."""
    return _PASSING.fullmatch(name) is not None


def lot_of(folder: str, day: date | None = None) -> str:
    """The lot of a folder with this name: the name itself where it can be one.

    Otherwise its letters without marks and a digest of the whole name, so that two folders
    never share a lot. `day`: of files that lie in no folder of their own.
    """
    name = f"{folder}-{day:%Y%m%d}" if day else folder
    if _LOT.fullmatch(name):
        return name
    plain = _UNFIT.sub("-", fold(name)).strip("-._")[:_LONGEST_PLAIN] or "lo"
    return f"{plain}-{hashlib.sha256(name.encode(errors='surrogateescape')).hexdigest()[:8]}"


def is_closed(files: Mapping[str, bool], manifest: LotManifest | None, *, quiet: bool) -> bool:
    """Whether the lot's files (name → no longer changing) can be taken over as they are.

    Closed by its manifest as soon as all that it lists is there, else by a quiet time; never
    while one of them is still being written.
    """
    if not files or not all(files.values()):
        return False
    there = {nfc(name) for name in files}
    complete = manifest is not None and bool(manifest.names) and manifest.names <= there
    return complete or quiet

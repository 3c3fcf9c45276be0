"""The spool: lots that were taken out of a watched folder and are on their way to the intake store.

An entry is a folder whose name begins with the time, so that entries go in the order in which
they came. A file leaves its entry when the store has it; a kill at any moment loses nothing and
sends nothing that the line would handle twice.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from domain.errors import ConfigurationFault, DocumentFault, IntegrityFault
from domain.lot import MANIFEST_NAME, LotManifest, Officer, first_fault
from domain.watching import DONE, FAULTY
from storage.streams import blocks_of, digest_of
from tasks.house import House
from tasks.incoming import Item, plain_name, read_manifest_file
from tasks.upload import put_file

LOG = logging.getLogger("sohoa.watch")
SPOOL = ".sohoa-hang-doi"
_REASON = ".ly-do.txt"


class Facts(NamedTuple):
    """What is said of every file where a lot's manifest says nothing."""

    unit: str | None = None
    officer: str | None = None


def checked(facts: Facts) -> Facts:
    """The same; ConfigurationFault where a lot cannot say so."""
    try:
        _saying(LotManifest(lot="lo"), facts)
    except ValidationError as error:
        raise ConfigurationFault(f"Không dùng được {first_fault(error)}: sửa lệnh.") from error
    return facts


class Forwarded(NamedTuple):
    """What became of one entry."""

    lot: str
    sent: int
    put_aside: int


def entries(root: Path) -> list[Path]:
    """The entries that wait in the spool of this folder, the oldest first."""
    spool = root / SPOOL
    if not spool.is_dir():
        return []
    return sorted(one for one in spool.iterdir() if one.is_dir() and not one.name.startswith("."))


def forward(here: House, root: Path, entry: Path, facts: Facts) -> Forwarded:
    """Bring an entry's files into the intake store, one after the other, and empty it.

    Raises Unavailable where the store does not answer: the entry keeps what has not gone.
    """
    _, _, lot = entry.name.partition("-")
    try:
        manifest = _manifest(entry, lot, facts)
    except DocumentFault as fault:
        files = [file for file in _files(entry) if file.name != MANIFEST_NAME]
        for file in files:
            put_aside(root, lot, file, str(fault))
        _finish(entry, root / FAULTY / lot)
        return Forwarded(lot, 0, len(files))
    if (entry / MANIFEST_NAME).exists():
        content = manifest.model_dump_json().encode()
        here.intake.replace(f"{manifest.lot}/{MANIFEST_NAME}", content)
    sent = aside = 0
    for file in _files(entry):
        if file.name == MANIFEST_NAME:
            continue
        try:
            _send(here, manifest, file)
        except (DocumentFault, OSError) as error:
            put_aside(root, lot, file, _told(error))
            aside += 1
        else:
            move(file, root / DONE / lot)
            sent += 1
    _finish(entry, root / DONE / lot)
    return Forwarded(manifest.lot, sent, aside)


def _manifest(entry: Path, lot: str, facts: Facts) -> LotManifest:
    file = entry / MANIFEST_NAME
    return _saying(read_manifest_file(file) if file.exists() else LotManifest(lot=lot), facts)


def _saying(manifest: LotManifest, facts: Facts) -> LotManifest:
    officer = Officer(name=facts.officer) if facts.officer else None
    return manifest.saying(unit=manifest.unit or facts.unit, officer=manifest.officer or officer)


def _files(entry: Path) -> Iterator[Path]:
    return iter(sorted(file for file in entry.iterdir() if not file.is_dir()))


def _send(here: House, manifest: LotManifest, file: Path) -> None:
    """Put the file and make sure that the store has its bytes."""
    if file.is_symlink() or not file.is_file():
        raise DocumentFault("bad_file", "Đây là liên kết, không phải tệp. Chép chính tệp đó vào.")
    size = file.stat().st_size
    if not size:
        raise DocumentFault("empty", "Tệp rỗng: máy quét chưa ghi gì. Quét lại.")
    key = put_file(here, manifest, Item(plain_name(file.name), file))
    held, digest = here.intake.info(key), digest_of(blocks_of(file), "sha256")
    # A finished scan may have left the intake store already.
    if held and (held.size_bytes != size or held.sha256 not in {None, digest}):
        raise IntegrityFault(f"Kho tiếp nhận giữ «{key}» khác với tệp gửi đi; sẽ gửi lại.")


def _told(error: Exception) -> str:
    if isinstance(error, OSError):
        why = error.strerror or type(error).__name__
        return f"Không đọc được tệp ({why}). Kiểm tra quyền và ổ đĩa, rồi chép lại vào."
    return str(error)


def put_aside(root: Path, lot: str, file: Path, why: str) -> None:
    """Move a file that cannot be sent out of the way, with the reason beside it."""
    LOG.warning("lô %s: một tệp để riêng: %s", lot, why)
    moved = move(file, root / FAULTY / lot)
    note = moved.with_name(moved.name + _REASON)
    note.write_text(
        f"Tệp: {plain_name(moved.name)}\nLý do: {why}\n"
        "Sửa xong thì chép tệp trở lại thư mục máy quét; tệp ở đây không tự xử lý lại.\n",
        encoding="utf-8",
    )


def move(file: Path, folder: Path, name: str | None = None) -> Path:
    """Move the file into the folder, under another name where its own is taken; its new place."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / (name or file.name)
    target, number = wanted, 1
    while os.path.lexists(target):
        number += 1
        target = wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}")
    return file.rename(target)


def _finish(entry: Path, folder: Path) -> None:
    """Remove the empty entry; its manifest goes last, to where the files went."""
    manifest = entry / MANIFEST_NAME
    if manifest.exists():
        folder.mkdir(parents=True, exist_ok=True)
        manifest.replace(folder / MANIFEST_NAME)
    with suppress(OSError):
        entry.rmdir()

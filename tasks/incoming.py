"""What an upload brings: files, folders, or a ZIP that is a lot of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from domain.errors import DocumentFault, NotFound
from domain.lot import MANIFEST_NAME, LotManifest, parse_manifest
from domain.vietnamese import nfc
from reading.zip_files import unpack_lot
from tasks.house import House

SIDECARS = frozenset({".json", ".csv", ".txt", ".md", ".rst", ".xml", ".log", ".toml"})
"""Files beside scans in a folder; a file named by itself is always taken, whatever its name."""
_ZIP_START = b"PK\x03\x04"


class Item(NamedTuple):
    """A file to bring in, and the name under which the lot knows it."""

    name: str
    file: Path


class Incoming(NamedTuple):
    """All that one upload brings, and the manifest that came with it, if one did."""

    items: list[Item]
    skipped: list[str]
    manifest: LotManifest | None


def incoming(here: House, paths: Sequence[Path], folder: Path) -> Incoming:
    """The files of `paths`: files as they are, folders and a ZIP with `lot.json` opened.

    What is unpacked lies in `folder`. Raises NotFound for a path that is not there and
    DocumentFault for a manifest or ZIP that is wrong.
    """
    missing = next((path for path in paths if not path.exists()), None)
    if missing is not None:
        raise NotFound(f"Không có tệp hoặc thư mục «{missing}».")
    if len(paths) == 1 and paths[0].is_file():
        zipped = _zipped_lot(here, paths[0], folder)
        if zipped is not None:
            return zipped
    items: list[Item] = []
    skipped: list[str] = []
    for path in paths:
        taken, left = _in_folder(path) if path.is_dir() else ([path], [])
        items += [Item(plain_name(file.name), file) for file in taken]
        skipped += left
    if not items:
        raise NotFound("Không có bản quét nào trong các đường dẫn đã cho.")
    own = [path / MANIFEST_NAME for path in paths if (path / MANIFEST_NAME).is_file()]
    return Incoming(items, skipped, read_manifest_file(own[0]) if len(own) == 1 else None)


def plain_name(name: str) -> str:
    """The name in Unicode form C, with whatever cannot stand in a key or a manifest replaced."""
    plain = (char if char.isprintable() and char not in "/\\" else "_" for char in nfc(name))
    return "".join(plain)


def _in_folder(folder: Path) -> tuple[list[Path], list[str]]:
    """What the manifest lists, and whatever else is not plainly a file beside scans."""
    manifest = folder / MANIFEST_NAME
    listed = read_manifest_file(manifest).names if manifest.exists() else frozenset()
    found = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.startswith(".") and file.name != MANIFEST_NAME
    ]
    wanted = [file for file in found if _wanted(file.name, listed)]
    return wanted, [file.name for file in found if file not in wanted]


def _wanted(name: str, listed: Iterable[str]) -> bool:
    return nfc(name) in set(listed) or Path(name).suffix.lower() not in SIDECARS


def _zipped_lot(here: House, path: Path, folder: Path) -> Incoming | None:
    """The lot in a ZIP with `lot.json`, or None; unpacked in a child process, within limits."""
    with path.open("rb") as stream:
        if stream.read(len(_ZIP_START)) != _ZIP_START:
            return None
    limits = here.settings.limits
    members = here.pool.run(unpack_lot, path, folder, limits, timeout_seconds=limits.open_seconds)
    if members is None:
        return None
    manifests = [member.file for member in members if member.name == MANIFEST_NAME]
    if len(manifests) != 1:
        raise DocumentFault("bad_manifest", f"Tệp ZIP {path.name} có nhiều {MANIFEST_NAME}.")
    manifest = read_manifest_file(manifests[0])
    others = [Item(*member) for member in members if member.name != MANIFEST_NAME]
    items = [item for item in others if _wanted(item.name, manifest.names)]
    if not items:
        raise NotFound(f"Tệp ZIP {path.name} không có bản quét nào mà {MANIFEST_NAME} kê khai.")
    return Incoming(items, [item.name for item in others if item not in items], manifest)


def read_manifest_file(file: Path) -> LotManifest:
    """The manifest in a file; DocumentFault says what is wrong with it."""
    return parse_manifest(file.read_bytes())

"""ZIP files (PKWARE APPNOTE 6.3): members unpacked within limits. Runs in a child process.

Names of members are data, never paths: what is unpacked lies under numbers. Only stored and
deflated members are taken, none behind a password, no ZIP within a ZIP.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from domain.errors import DocumentFault
from domain.lot import MANIFEST_NAME
from domain.masking import kind_of_file
from reading import kinds
from reading.faults import Reason, fault, foreign_bytes
from reading.limits import Limits
from reading.opened import OpenedPage, OpenedScan

_BLOCK = 1 << 20
_MOST_MEMBERS = 1000
_MOST_RATIO = 200
"""Scanned pages shrink 20 times at best; bombs a thousand times."""
_RATIO_COUNTS_FROM = 64 << 20
_ENCRYPTED = 1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}
_MAC_FOLDER = "__MACOSX"
_LONGEST_NAME = 255

Opener = Callable[[Path, Path, Limits], OpenedScan]


class Member(NamedTuple):
    """One unpacked file: its plain name without folders, and where its bytes lie now."""

    name: str
    file: Path


def open_zip(source: Path, folder: Path, limits: Limits, open_one: Opener) -> OpenedScan:
    """All pages of all members, in natural order of their names, as one scan.

    Raises DocumentFault: what a member raises, and for members that are no scan (a ZIP, a lot's
    manifest, a PDF that must keep its bytes), behind a password, too many or too large.
    """
    members = unpack(source, folder, limits)
    if any(member.name == MANIFEST_NAME for member in members):
        raise fault("lot_in_zip")
    for number, member in enumerate(members, start=1):
        _refuse_unsuitable(number, member)
    pages: list[OpenedPage] = []
    for number, member in enumerate(members, start=1):
        inner = folder / f"{member.file.name}.d"
        inner.mkdir()
        with _in_member(number, member):
            opened = open_one(member.file, inner, limits)
            if opened.kind != "scan":
                raise fault("zip_unsuitable")
        member.file.unlink()
        pages += [_moved(page, inner, len(pages) + at) for at, page in enumerate(opened.pages, 1)]
        if len(pages) > limits.max_pages_per_scan:
            raise fault("too_many_pages")
        if sum(page.width * page.height for page in pages) > limits.max_total_pixels:
            raise fault("too_large")
    if not pages:
        raise fault("no_pages")
    return OpenedScan(media_type=kinds.ZIP, kind="scan", pages=tuple(pages))


def unpack_lot(source: Path, folder: Path, limits: Limits) -> tuple[Member, ...] | None:
    """The members of a ZIP that brings its own `lot.json`; None for any other file.

    Raises DocumentFault as `unpack` does.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            names = [_plain(info.filename) for info in archive.infolist() if _is_file(info)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None  # the line says what is wrong with it
    return unpack(source, folder, limits) if MANIFEST_NAME in names else None


def unpack(source: Path, folder: Path, limits: Limits) -> tuple[Member, ...]:
    """The members as files in `folder`, in natural order; what systems leave behind is skipped.

    Raises DocumentFault: `damaged`, `encrypted`, `too_many_pages` (members), `too_large` (bytes
    once unpacked, or far more than were packed).
    """
    with _foreign_zip("damaged"), zipfile.ZipFile(source) as archive:
        infos = sorted(filter(_is_file, archive.infolist()), key=_natural)
        if len(infos) > _MOST_MEMBERS:
            raise fault("too_many_pages")
        if any(info.flag_bits & _ENCRYPTED for info in infos):
            raise fault("encrypted")
        if any(info.compress_type not in _METHODS for info in infos):
            raise fault("unknown_format")
        members = []
        left = limits.max_bytes_per_scan
        for number, info in enumerate(infos, start=1):
            member = Member(_plain(info.filename), folder / f"member-{number:04}")
            left -= _write(archive, info, member.file, left)
            members.append(member)
    return tuple(members)


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Unpack one member; how many bytes it has. Sizes that the ZIP declares are not believed."""
    allowed = min(most, max(_RATIO_COUNTS_FROM, info.compress_size * _MOST_RATIO))
    written = 0
    with archive.open(info) as packed, target.open("xb") as stream:
        while block := packed.read(_BLOCK):
            written += len(block)
            if written > allowed:
                raise fault("too_large")
            stream.write(block)
    return written


def _is_file(info: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    hidden = path.name.startswith(".") or path.name.lower() in _SYSTEM_FILES
    return not (info.is_dir() or hidden or _MAC_FOLDER in path.parts)


def _natural(info: zipfile.ZipInfo) -> list[tuple[int, int, str]]:
    """Sorts `page 2` before `page 10`."""
    parts = re.findall(r"\d{1,18}|\D+|\d+", info.filename.casefold())
    return [
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts
    ]


def _plain(name: str) -> str:
    """The last part of a member's name, fit for a message or a manifest: never for a path."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(char if char.isprintable() else "_" for char in last)[:_LONGEST_NAME] or "_"


def _refuse_unsuitable(number: int, member: Member) -> None:
    with member.file.open("rb") as stream:
        kind = kinds.media_type(stream.read(1024))
    with _in_member(number, member):
        if kind is None:
            raise fault("empty" if member.file.stat().st_size == 0 else "unknown_format")
        if kind == kinds.ZIP:
            raise fault("zip_unsuitable")


@contextmanager
def _in_member(number: int, member: Member) -> Iterator[None]:
    """Say in which member of the ZIP the fault lies."""
    try:
        yield
    except DocumentFault as error:
        kind = kind_of_file(member.name)  # the rest of a name is often a person's
        place = f"Mục thứ {number} trong tệp ZIP" + (f" (tệp {kind})" if kind else "")
        raise DocumentFault(error.reason, f"{place}: {error}") from error


@contextmanager
def _foreign_zip(reason: Reason) -> Iterator[None]:
    with foreign_bytes(reason):
        try:
            yield
        except zipfile.BadZipFile as error:
            raise ValueError(str(error)) from error


def _moved(page: OpenedPage, inner: Path, number: int) -> OpenedPage:
    """The page under its number in the whole scan, its image moved up beside the others."""
    image = inner / page.image
    name = f"page-{number:04}{image.suffix}"
    image.rename(inner.parent / name)
    return page.model_copy(update={"page": number, "image": name})

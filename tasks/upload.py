"""Bring files into the intake store, with their manifest; each gets its row at once."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import DocumentFault, NotFound, Undecided
from domain.lot import (
    MANIFEST_NAME,
    ExpectedFile,
    LotManifest,
    Officer,
    UploadFacts,
    first_fault,
)
from domain.page_ranges import PageRanges
from domain.splitting import KEPT_WHOLE
from reading.opening import open_scan
from storage.registry import scans, uploads
from storage.registry.uploads import Arrival
from tasks.house import House, house
from tasks.incoming import Item, incoming
from tasks.receive import register_object
from tasks.received import keep


class Uploaded(BaseModel):
    """What an upload brought."""

    model_config = ConfigDict(frozen=True)

    lot: str
    new: int
    known: int
    duplicate: int
    skipped: tuple[str, ...]


class Overrides(BaseModel):
    """What the caller says of all files, over the manifest."""

    model_config = ConfigDict(frozen=True)

    lot: str | None = None
    unit: str | None = None
    dossier: str | None = None
    officer: str | None = None
    officer_id: str | None = None
    pages: PageRanges | None = None
    """Which pages make which paper; of a single file only."""


def upload(paths: Sequence[Path], overrides: Overrides) -> Uploaded:
    """Put the files of `paths` (files, folders, or a ZIP with `lot.json`) into one lot.

    The same call again brings nothing new. Raises NotFound for a path that is not there,
    DocumentFault for a manifest or page ranges that are wrong, Undecided for page ranges of a
    scan that is split already.
    """
    here = house()
    here.prepare()
    with here.scratch() as folder:
        brought = incoming(here, paths, folder)
        if overrides.pages is not None:
            _check_ranges(here, brought.items, overrides.pages)
        manifest = _overridden(brought.manifest or _made_manifest(paths, brought.items), overrides)
        here.intake.replace(f"{manifest.lot}/{MANIFEST_NAME}", manifest.model_dump_json().encode())
        with here.registry.begin() as db:
            uploads.open_lot(db, manifest, at=here.now())
        arrivals = [
            register_object(here, manifest, put_file(here, manifest, item))
            for item in brought.items
        ]
    return Uploaded(
        lot=manifest.lot,
        new=arrivals.count(Arrival.NEW) + arrivals.count(Arrival.AGAIN),
        known=arrivals.count(Arrival.KNOWN),
        duplicate=arrivals.count(Arrival.DUPLICATE) + arrivals.count(Arrival.OURS),
        skipped=tuple(brought.skipped),
    )


def put_file(here: House, manifest: LotManifest, item: Item) -> str:
    """Store one file; its key. The object carries its facts too: it tells its story by itself."""
    metadata = manifest.upload(item.name).as_metadata()
    return keep(here, manifest.lot, item.name, item.file, metadata)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _made_manifest(paths: Sequence[Path], items: Sequence[Item]) -> LotManifest:
    """A manifest for files that came without: the same call, the same lot."""
    where = "\n".join(sorted(str(path.resolve()) for path in paths))
    return LotManifest(
        lot="lo-" + hashlib.sha256(where.encode()).hexdigest()[:12],
        files=tuple(ExpectedFile(name=item.name) for item in items),
    )


def _overridden(manifest: LotManifest, overrides: Overrides) -> LotManifest:
    files = manifest.files
    if overrides.pages is not None:
        files = tuple(file.model_copy(update={"pages": overrides.pages}) for file in files)
    try:
        return manifest.saying(
            lot=overrides.lot or manifest.lot,
            unit=overrides.unit or manifest.unit,
            dossier=overrides.dossier or manifest.dossier,
            officer=_officer(manifest, overrides),
            files=files,
        )
    except ValidationError as error:
        raise DocumentFault(
            "bad_manifest", f"Không dùng được {first_fault(error)}. Sửa rồi chạy lại."
        ) from error


def _officer(manifest: LotManifest, overrides: Overrides) -> Officer | None:
    if overrides.officer:
        return Officer(name=overrides.officer, id=overrides.officer_id)
    if overrides.officer_id and manifest.officer:
        return Officer(name=manifest.officer.name, id=overrides.officer_id)
    return manifest.officer


def _check_ranges(here: House, items: Sequence[Item], ranges: PageRanges) -> None:
    """Refuse, before anything is registered, ranges that cannot be followed."""
    if len(items) != 1:
        raise Undecided("Khoảng trang (--pages) chỉ dùng khi tải lên đúng một tệp.")
    identifier = _digest(items[0].file)
    with here.registry.read() as db:
        try:
            known = UploadFacts.model_validate(scans.scan(db, identifier)["facts"])
        except NotFound:
            known = None
    if known is not None and known.pages != ranges:
        raise Undecided(
            "Bản quét này đã được nhận trước đó với cách chia trang khác. Để chia lại: "
            f"sohoa resplit {identifier} --pages …"
        )
    if known is None:
        _check_against_scan(here, items[0], ranges)


def _check_against_scan(here: House, item: Item, ranges: PageRanges) -> None:
    limits = here.settings.limits
    with here.scratch() as folder:
        source = folder / "original"
        shutil.copyfile(item.file, source)
        try:
            scan = here.pool.run(
                open_scan, source, folder, limits, timeout_seconds=limits.open_seconds
            )
        except DocumentFault:
            return  # the line sets it aside with its own reason
    faults = ranges.faults(len(scan.pages))
    if not faults and scan.kind != "scan" and (len(ranges.papers) > 1 or ranges.left_out):
        faults = (KEPT_WHOLE,)
    if faults:
        raise DocumentFault("bad_pages", f"Khoảng trang không khớp: {'; '.join(faults)}.")

"""Take in what was uploaded: every object in the intake store gets its row, exactly once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import PurePosixPath

from pydantic import ValidationError

from domain.errors import DocumentFault, IntegrityFault, NotFound
from domain.lot import (
    MANIFEST_NAME,
    LotManifest,
    SaidFacts,
    UploadFacts,
    first_fault,
    parse_manifest,
)
from domain.masking import kind_of_file
from storage.objects import get_if_there
from storage.registry import arrivals, audit, scans, uploads
from storage.registry.uploads import Arrival
from storage.streams import digest_of
from tasks.claims import clear_if_finished
from tasks.house import House, house
from tasks.received import shelf_key
from tasks.step import step

LOG = logging.getLogger("sohoa.receive")


@step("receive")
def receive(lot: str | None) -> int:
    """Compare the intake store with the registry and write what is missing; how many were new.

    Notices and events are hints, this sweep is the truth: an upload whose notice was lost is
    found here. An object that needs no more work (a duplicate) leaves the intake store.
    """
    here = house()
    here.prepare()
    with here.registry.begin() as db:  # before looking: what is told of later starts another run
        arrivals.take(db, lot, at=here.now())
    new = 0
    for name in _lots_in_intake(here, lot):
        try:
            new += _receive_lot(here, name)
        except DocumentFault as fault:
            if lot is not None:
                raise
            LOG.warning("lô %s: %s", name, fault)  # the other lots go on
    return new


def _receive_lot(here: House, lot: str) -> int:
    keys = [key for key in here.intake.keys(f"{lot}/") if PurePosixPath(key).name != MANIFEST_NAME]
    manifest = read_manifest(here, lot)
    with here.registry.begin() as db:
        if not keys:
            uploads.lot_manifest(db, lot)  # a lot that nobody knows is a mistake of the caller
        uploads.open_lot(db, manifest, at=here.now())
    return sum(register_object(here, manifest, key) is Arrival.NEW for key in keys)


def _lots_in_intake(here: House, lot: str | None) -> Iterator[str]:
    if lot is not None:
        yield lot
        return
    seen = ""
    for key in here.intake.keys():  # noqa: SIM118 - a store is no dict
        name, slash, _ = key.partition("/")
        if slash and name != seen:
            seen = name
            yield name


def read_manifest(here: House, lot: str) -> LotManifest:
    """The lot's manifest as uploaded; where none was, what the registry knows of the lot."""
    content = get_if_there(here.intake, f"{lot}/{MANIFEST_NAME}")
    if content is None:
        return _known_manifest(here, lot)
    return parse_manifest(content, of=f" của lô «{lot}»", lot=lot)


def _known_manifest(here: House, lot: str) -> LotManifest:
    with here.registry.read() as db:
        try:
            return uploads.lot_manifest(db, lot)
        except NotFound:
            pass
    try:
        return LotManifest(lot=lot)
    except ValidationError as error:
        raise DocumentFault(
            "bad_manifest", f"Tên lô «{lot}» không dùng được ({first_fault(error)}): đổi tên."
        ) from error


def register_object(here: House, manifest: LotManifest, key: str) -> Arrival:
    """Write the row of one uploaded object; a copy that needs no work is released."""
    name = PurePosixPath(key).name
    info = here.intake.info(key)
    if info is None:  # another run has finished and released it in the meantime
        return Arrival.KNOWN
    facts = _facts(here, manifest, name, info.metadata)
    try:
        digest = digest_of(here.intake.chunks(key), "sha256")  # the bytes, not what is said of them
    except NotFound:  # released since we looked
        return Arrival.KNOWN
    except IntegrityFault:
        LOG.warning(
            "lô %s: một tệp %s trong kho tiếp nhận không đọc được, để nguyên",
            manifest.lot,
            kind_of_file(name),
        )
        return Arrival.KNOWN
    lost = _has_no_bytes(here, digest)
    at = here.now()
    with here.registry.begin() as db:
        arrival = uploads.register_upload(
            db,
            manifest.lot,
            facts,
            scan_id=digest,
            key=key,
            size_bytes=info.size_bytes,
            lost=lost,
            at=at,
        )
        row = None if arrival is Arrival.OURS else scans.scan(db, digest)
        if arrival is not Arrival.KNOWN:
            audit.append(
                db, f"received:{arrival}", digest, actor=here.worker, at=at, lot=manifest.lot
            )
    if row is not None:
        clear_if_finished(here, row)  # a kill may have cut the release off behind the last step
    if row is None or row["key"] != key or row["finished_at"] is not None:
        here.intake.delete(key)
    return arrival


def _has_no_bytes(here: House, scan_id: str) -> bool:
    """Whether this is a scan on the shelf whose bytes are kept nowhere: those that came are all."""
    with here.registry.read() as db:
        aside = scans.is_set_aside(db, scan_id)
    return aside and here.quarantine.info(shelf_key(scan_id)) is None


def _facts(here: House, manifest: LotManifest, name: str, metadata: dict[str, str]) -> UploadFacts:
    """The manifest's word on this file; the object's own metadata where it says nothing."""
    facts = manifest.upload(name)
    known = {
        field: value
        for field, value in metadata.items()
        if field in UploadFacts.model_fields and field != "name"
    }
    said = facts.model_dump(exclude_none=True, exclude_defaults=True)
    try:
        merged: UploadFacts = SaidFacts.model_validate({**known, **said})
    except ValidationError as error:
        LOG.warning("siêu dữ liệu của một tệp trong lô sai, bỏ qua: %s", first_fault(error))
        wrong = {fault["loc"][0] for fault in error.errors()}
        right = {field: value for field, value in known.items() if field not in wrong}
        merged = UploadFacts.model_validate({**right, **said})
    return merged.model_copy(update={"unit": merged.unit or here.settings.unit})

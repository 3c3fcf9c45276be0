"""Lots and what was uploaded of them: every upload has its row, every scan one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import ValidationError
from sqlalchemy import Connection, RowMapping, or_, select, true, union_all, update

from domain.errors import DocumentFault, NotFound
from domain.lot import LotManifest, UploadFacts, first_fault
from domain.states import ScanState
from storage.registry.once import insert_new
from storage.registry.schema import lots, papers, protections, scans, uploads


class Arrival(StrEnum):
    """What an upload turned out to be."""

    NEW = "new"
    KNOWN = "known"
    """The same file of the same lot was there already."""
    DUPLICATE = "duplicate"
    """The same bytes came under another name or in another lot."""
    AGAIN = "again"
    """The bytes of a scan that was set aside, which a new try may mend or nobody has any more."""
    OURS = "ours"
    """Our own signed file came back; it is linked to its paper's scan."""


MENDABLE_REASONS = ("altered", "missing", "timeout", "crashed", "unforeseen")
"""Why a scan was set aside although its bytes may be good: uploading them again tries again."""


def open_lot(db: Connection, manifest: LotManifest, *, at: datetime) -> None:
    """Make the lot known; a manifest that comes again replaces the earlier one."""
    content = manifest.model_dump(mode="json")
    if not insert_new(db, lots, id=manifest.lot, manifest=content, created_at=at):
        db.execute(update(lots).where(lots.c.id == manifest.lot).values(manifest=content))


def lot_manifest(db: Connection, lot: str) -> LotManifest:
    """The lot's manifest; NotFound when there is no such lot, DocumentFault for a wrong one."""
    content = db.execute(select(lots.c.manifest).where(lots.c.id == lot)).scalar()
    if content is None:
        raise NotFound(
            f"Không có lô «{lot}» trong sổ đăng ký. Kiểm tra tên lô, hoặc tải lên trước."
        )
    try:
        return LotManifest.model_validate(content)
    except ValidationError as error:  # kept before what it says was checked
        raise DocumentFault(
            "bad_manifest",
            f"Tờ khai của lô «{lot}» trong sổ đăng ký sai: {first_fault(error)}. Tải lên lại "
            "lot.json đã sửa.",
        ) from error


def lot_ids(db: Connection) -> list[str]:
    """All lots, oldest first."""
    return list(db.execute(select(lots.c.id).order_by(lots.c.created_at)).scalars())


def register_upload(
    db: Connection,
    lot: str,
    facts: UploadFacts,
    *,
    scan_id: str,
    key: str,
    size_bytes: int,
    at: datetime,
    lost: bool = False,
) -> Arrival:
    """Write what came in, exactly once, and say what it is. Nothing received goes without a row.

    `lost`: should the scan be set aside, nothing is left of its bytes but these.
    """
    owner = _scan_of_our_file(db, scan_id)
    target = owner or scan_id
    if owner is None and _revive(db, lot, facts, scan_id=scan_id, key=key, lost=lost, at=at):
        return Arrival.AGAIN
    same = (uploads.c.lot_id == lot, uploads.c.name == facts.name, uploads.c.scan_id == target)
    if db.execute(select(uploads.c.number).where(*same)).first():
        return Arrival.KNOWN
    new = owner is None and insert_new(
        db,
        scans,
        id=scan_id,
        lot_id=lot,
        name=facts.name,
        key=key,
        size_bytes=size_bytes,
        facts=facts.model_dump(mode="json"),
        state=ScanState.RECEIVED,
        split=1,
        epoch=0,
        received_at=at,
    )
    insert_new(
        db,
        uploads,
        lot_id=lot,
        name=facts.name,
        scan_id=target,
        duplicate=not new,
        received_at=at,
    )
    if owner:
        return Arrival.OURS
    return Arrival.NEW if new else Arrival.DUPLICATE


def _revive(
    db: Connection,
    lot: str,
    facts: UploadFacts,
    *,
    scan_id: str,
    key: str,
    lost: bool,
    at: datetime,
) -> bool:
    """Let a scan of the shelf wait for the line anew, as what this upload says it is."""
    unclaimed = or_(scans.c.lease_until.is_(None), scans.c.lease_until < at)
    mendable = scans.c.reason.in_(MENDABLE_REASONS) & unclaimed  # or else it goes there just now
    statement = (
        update(scans)
        .where(
            scans.c.id == scan_id,
            scans.c.state == ScanState.SET_ASIDE,
            true() if lost else mendable,
        )
        .values(
            state=ScanState.RECEIVED,
            lot_id=lot,
            name=facts.name,
            key=key,
            reason=None,
            message=None,
            finished_at=None,
        )
    )
    if db.execute(statement).rowcount != 1:
        return False
    # Its papers, where it has any, stay what they were made of.
    unread = (scans.c.id == scan_id) & scans.c.opened.is_(None)
    db.execute(update(scans).where(unread).values(facts=facts.model_dump(mode="json")))
    same = uploads.c.scan_id == scan_id
    db.execute(update(uploads).where(same).values(duplicate=True))  # this one stands for the scan
    row = {"lot_id": lot, "name": facts.name, "scan_id": scan_id}
    if not insert_new(db, uploads, **row, duplicate=False, received_at=at):
        ours = same & (uploads.c.lot_id == lot) & (uploads.c.name == facts.name)
        db.execute(update(uploads).where(ours).values(duplicate=False))
    return True


def _scan_of_our_file(db: Connection, digest: str) -> str | None:
    scan = select(papers.c.scan_id)
    found = union_all(  # each by its own index: an OR over them would read every paper
        scan.where(papers.c.signed == digest),
        scan.where(papers.c.officer_signed == digest),
        scan.join(protections, protections.c.paper_id == papers.c.id).where(
            protections.c.sha256 == digest
        ),
    ).subquery()
    # A file that came signed and was archived as it came is a scan like any other.
    query = select(found.c.scan_id).where(found.c.scan_id != digest)
    return db.execute(query).scalars().first()


def uploads_of(db: Connection, scan_ids: Iterable[str] | None, lot: str | None) -> list[RowMapping]:
    """Uploads with the state of their scan, in the order they came."""
    query = (
        select(uploads, scans.c.state, scans.c.reason, scans.c.message, scans.c.pages)
        .join(scans, scans.c.id == uploads.c.scan_id)
        .order_by(uploads.c.number)
    )
    if lot is not None:
        query = query.where(uploads.c.lot_id == lot)
    if scan_ids is not None:
        query = query.where(uploads.c.scan_id.in_(list(scan_ids)))
    return list(db.execute(query).mappings())

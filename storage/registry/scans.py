"""Lots, uploads and scans: received once, claimed by one worker at a time."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    RowMapping,
    String,
    Table,
    bindparam,
    func,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningUpdate

from domain.claims import Claim
from domain.errors import DocumentFault, LeaseLost, NotFound
from domain.lot import LotManifest, UploadFacts, first_fault
from domain.states import ScanState
from storage.registry.schema import Instant, lots, papers, protections, scans, uploads


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


_ONE = select(scans).where(scans.c.id == bindparam("scan", type_=String))
_START = re.compile(r"[0-9a-f]{8,64}")
MENDABLE_REASONS = ("altered", "missing", "timeout", "crashed", "unforeseen")
"""Why a scan was set aside although its bytes may be good: uploading them again tries again."""


def insert_new(db: Connection, table: Table, **row: Any) -> bool:
    """Insert the row unless one with its key is there; whether it was inserted."""
    return db.execute(_insertion(table, db.dialect.name), row).first() is not None


@cache  # making the statement anew takes longer than running it
def _insertion(table: Table, dialect_name: str) -> Executable:
    dialect = postgresql if dialect_name == "postgresql" else sqlite
    key = next(iter(table.primary_key.columns))
    statement: Executable = dialect.insert(table).on_conflict_do_nothing().returning(key)
    return statement


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


def claim_next(
    db: Connection, *, worker: str, lot: str | None, at: datetime, lease: timedelta
) -> Claim | None:
    """Claim the oldest waiting scan (of one lot), or None. Two workers never get the same one."""
    given = {"by": worker, "until": at + lease, "at": at, "lot": lot}
    row = db.execute(_claiming(of_lot=lot is not None), given).first()
    return Claim(scan_id=row.id, worker=worker, epoch=row.epoch) if row else None


@cache
def _claiming(*, of_lot: bool) -> ReturningUpdate[tuple[str, int]]:
    """Made once: making it anew takes as long as the database takes for it."""
    waiting = select(scans.c.id).where(
        scans.c.state == ScanState.RECEIVED,
        or_(scans.c.lease_until.is_(None), scans.c.lease_until < bindparam("at", type_=Instant)),
    )
    if of_lot:
        waiting = waiting.where(scans.c.lot_id == bindparam("lot", type_=String))
    chosen = (
        waiting.order_by(scans.c.received_at, scans.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    return _claimed(scans.c.id.in_(select(chosen.c.id)))


def _claimed(condition: ColumnElement[bool]) -> ReturningUpdate[tuple[str, int]]:
    """Claims what meets the condition for `by` until `until`."""
    return (
        update(scans)
        .where(condition)
        .values(
            claimed_by=bindparam("by", type_=String),
            lease_until=bindparam("until", type_=Instant),
            epoch=scans.c.epoch + 1,
        )
        .returning(scans.c.id, scans.c.epoch)
    )


def claim_scan(
    db: Connection, scan_id: str, *, worker: str, at: datetime, lease: timedelta
) -> Claim:
    """Claim one scan in whatever state it is (a review goes on); LeaseLost when another has it."""
    free = or_(
        scans.c.lease_until.is_(None), scans.c.lease_until < at, scans.c.claimed_by == worker
    )
    row = db.execute(
        _claimed((scans.c.id == scan_id) & free), {"by": worker, "until": at + lease}
    ).first()
    if row is None:
        raise LeaseLost("Bản quét này đang được một tiến trình khác xử lý; thử lại sau ít phút.")
    return Claim(scan_id=row.id, worker=worker, epoch=row.epoch)


def hold(db: Connection, claim: Claim) -> None:
    """Make sure, inside this transaction, that the scan is still ours; LeaseLost otherwise.

    Every write of the line goes behind this fence, so a worker that was thought dead and wakes
    up cannot touch what another has taken over.
    """
    statement = (
        update(scans)
        .where(
            scans.c.id == claim.scan_id,
            scans.c.epoch == claim.epoch,
            scans.c.claimed_by == claim.worker,
        )
        .values(epoch=claim.epoch)
    )
    if db.execute(statement).rowcount != 1:
        raise LeaseLost(f"Bản quét {claim.scan_id[:12]}… đã được tiến trình khác nhận xử lý.")


def still_ours(db: Connection, claim: Claim) -> None:
    """LeaseLost where another has claimed the scan since: the fence of writes to the archive."""
    query = select(scans.c.epoch, scans.c.claimed_by).where(scans.c.id == claim.scan_id)
    if db.execute(query).first() != (claim.epoch, claim.worker):
        raise LeaseLost(f"Bản quét {claim.scan_id[:12]}… đã được tiến trình khác nhận xử lý.")


def renew(db: Connection, worker: str, *, until: datetime) -> None:
    """Extend the leases of all scans that this worker holds."""
    db.execute(update(scans).where(scans.c.claimed_by == worker).values(lease_until=until))


def release(db: Connection, claim: Claim) -> None:
    """Give the scan back; quiet when it is no longer ours."""
    db.execute(
        update(scans)
        .where(scans.c.id == claim.scan_id, scans.c.epoch == claim.epoch)
        .values(claimed_by=None, lease_until=None)
    )


def release_workers(db: Connection, workers: Collection[str]) -> int:
    """Give back all scans of workers known to be dead; how many there were."""
    statement = (
        update(scans)
        .where(scans.c.claimed_by.in_(list(workers)))
        .values(claimed_by=None, lease_until=None)
    )
    return db.execute(statement).rowcount


def workers(db: Connection) -> list[str]:
    """Everybody who holds a scan now."""
    query = select(scans.c.claimed_by).where(scans.c.claimed_by.is_not(None)).distinct()
    return [name for name in db.execute(query).scalars() if name]


def scan(db: Connection, scan_id: str) -> RowMapping:
    """One scan's row; NotFound when there is none."""
    row = db.execute(_ONE, {"scan": scan_id}).mappings().first()
    if row is None:
        raise NotFound(f"Không có bản quét {scan_id[:12]}… trong sổ đăng ký.")
    return row


def is_set_aside(db: Connection, scan_id: str) -> bool:
    """Whether there is such a scan, on the shelf."""
    query = select(scans.c.state).where(scans.c.id == scan_id)
    return db.execute(query).scalar() == ScanState.SET_ASIDE


def starting_with(db: Connection, start: str) -> str | None:
    """The one scan whose id begins so, with eight hexadecimal digits or more; None otherwise."""
    if not _START.fullmatch(start):
        return None
    found = db.execute(select(scans.c.id).where(scans.c.id.startswith(start)).limit(2)).scalars()
    ids = list(found)
    return ids[0] if len(ids) == 1 else None


def record(db: Connection, claim: Claim, **values: Any) -> None:
    """Write what a step found out about the scan, behind the fence."""
    hold(db, claim)
    db.execute(update(scans).where(scans.c.id == claim.scan_id).values(**values))


def set_aside(db: Connection, claim: Claim, *, reason: str, message: str, at: datetime) -> None:
    """Put the scan on the shelf with its reason; its bytes stay."""
    record(db, claim, state=ScanState.SET_ASIDE, reason=reason, message=message, finished_at=at)


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


def count_by_state(db: Connection, lot: str | None = None) -> dict[str, int]:
    """How many scans (of one lot) are in each state."""
    query = select(scans.c.state, func.count()).group_by(scans.c.state)
    if lot is not None:
        query = query.where(scans.c.lot_id == lot)
    return {state: count for state, count in db.execute(query)}  # noqa: C416 - rows are not pairs

"""Who works on which scan: claimed by one worker at a time, for as long as its lease runs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    bindparam,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from domain.claims import Claim
from domain.errors import LeaseLost
from domain.states import ScanState
from storage.registry.schema import Instant, scans

_OURS = (
    scans.c.id == bindparam("scan", type_=String),
    scans.c.epoch == bindparam("ours", type_=Integer),
)
# Statements of every step are made once: making one anew takes longer than running it.
_HOLD = (
    update(scans)
    .where(*_OURS, scans.c.claimed_by == bindparam("by", type_=String))
    .values(epoch=scans.c.epoch)
)
_HOLDER = select(scans.c.epoch, scans.c.claimed_by).where(_OURS[0])
_RELEASE = update(scans).where(*_OURS).values(claimed_by=None, lease_until=None)
_RENEW = (
    update(scans)
    .where(scans.c.claimed_by == bindparam("by", type_=String))
    .values(lease_until=bindparam("until", type_=Instant))
)


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
    given = {"scan": claim.scan_id, "ours": claim.epoch, "by": claim.worker}
    if db.execute(_HOLD, given).rowcount != 1:
        raise LeaseLost(f"Bản quét {claim.scan_id[:12]}… đã được tiến trình khác nhận xử lý.")


def still_ours(db: Connection, claim: Claim) -> None:
    """LeaseLost where another has claimed the scan since: the fence of writes to the archive."""
    if db.execute(_HOLDER, {"scan": claim.scan_id}).first() != (claim.epoch, claim.worker):
        raise LeaseLost(f"Bản quét {claim.scan_id[:12]}… đã được tiến trình khác nhận xử lý.")


def renew(db: Connection, worker: str, *, until: datetime) -> None:
    """Extend the leases of all scans that this worker holds."""
    db.execute(_RENEW, {"by": worker, "until": until})


def release(db: Connection, claim: Claim) -> None:
    """Give the scan back; quiet when it is no longer ours."""
    db.execute(_RELEASE, {"scan": claim.scan_id, "ours": claim.epoch})


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

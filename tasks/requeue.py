"""Take a scan from the shelf of set-aside scans and let the line try again."""

from __future__ import annotations

from sqlalchemy import RowMapping, select

from domain.claims import Claim
from domain.errors import DocumentFault, NotFound, Undecided
from domain.lot import UploadFacts
from domain.secrecy import SECRET
from domain.states import ScanState
from storage.registry import audit, scans, uploads
from storage.registry.schema import scans as scans_table
from tasks.house import House, house
from tasks.open_pages import fetch_original
from tasks.received import keep, shelf_key
from tasks.recognise import NOT_SECRET
from tasks.step import step

UNNAMED = "operator"
"""The person, where nobody said who it is."""
_FEWEST_WORDS = 3


def shelf(reason: str | None = None) -> list[RowMapping]:
    """Scans that are set aside (for one reason), the longest waiting first."""
    query = select(scans_table).where(scans_table.c.state == ScanState.SET_ASIDE)
    if reason is not None:
        query = query.where(scans_table.c.reason == reason)
    with house().registry.read() as db:
        return list(db.execute(query.order_by(scans_table.c.finished_at)).mappings())


def chosen(scan: str | None, reason: str | None) -> tuple[str, ...]:
    """The ids on the shelf that `scan` (the first 8 characters or more) or `reason` names.

    Without either: those whose reason a new try may mend. NotFound when nothing is named.
    """
    rows = shelf(reason)
    if scan is not None:
        rows = [row for row in rows if len(scan) >= 8 and row["id"].startswith(scan)]  # noqa: PLR2004 - as shown
    elif reason is None:
        rows = [row for row in rows if row["reason"] in uploads.MENDABLE_REASONS]
    if not rows and (scan or reason):
        raise NotFound("Không có bản quét để riêng nào như vậy. Xem: sohoa shelf.")
    return tuple(row["id"] for row in rows)


def check_release(scan: str | None, actor: str, why: str | None) -> None:
    """Undecided unless a statement that a scan is not secret names one scan, a person and why."""
    if why is None:
        return
    if scan is None or actor in {"", UNNAMED} or len(why.split()) < _FEWEST_WORDS:
        raise Undecided(
            "Xác nhận «không phải tài liệu mật» phải nêu đúng một bản quét, tên người xác nhận và "
            f"lý do (ít nhất {_FEWEST_WORDS} chữ). Bản quét vẫn để riêng."
        )


@step("put_back")
def put_back(claim: Claim, actor: str, not_secret: str | None = None) -> None:
    """Bring the bytes back into the intake store and let the scan wait for the line again.

    `not_secret` is why `actor` says that it bears no mark of secrecy; the audit chain keeps both,
    and from then on the line does not look for one. The bytes come first and the quarantine
    keeps its copy, so a kill in between loses nothing.
    """
    here = house()
    with here.registry.read() as db:
        row = scans.scan(db, claim.scan_id)
    if row["state"] != ScanState.SET_ASIDE:
        raise Undecided("Bản quét này không còn ở kho để riêng. Xem: sohoa shelf.")
    if not_secret is not None and row["reason"] != SECRET:
        raise Undecided("Bản quét này không bị để riêng vì dấu mật. Xem: sohoa shelf.")
    key = _back_in_intake(here, row)
    at = here.now()
    with here.registry.begin() as db:
        scans.record(
            db,
            claim,
            state=ScanState.RECEIVED,
            key=key,
            reason=None,
            message=None,
            finished_at=None,
        )
        if not_secret is not None:
            audit.append(db, NOT_SECRET, claim.scan_id, actor=actor, at=at, why=not_secret[:500])
        audit.append(db, "requeued", claim.scan_id, actor=actor, at=at, was=row["reason"])


def _back_in_intake(here: House, row: RowMapping) -> str:
    """The key under which the scan's bytes lie in the intake store again."""
    facts = UploadFacts.model_validate(row["facts"])
    with here.scratch() as folder:
        original = folder / "original"
        try:
            here.quarantine.fetch(shelf_key(row["id"]), original)
        except NotFound:  # they never left the intake store, or came again
            try:
                fetch_original(here, row["id"], row["key"], folder)
            except DocumentFault as fault:
                raise NotFound(
                    f"Không còn tệp của bản quét {row['id'][:12]}…: tải tệp gốc lên lại."
                ) from fault
            return str(row["key"])
        return keep(here, row["lot_id"], row["name"], original, facts.as_metadata())

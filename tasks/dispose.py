"""Disposal after retention (tiêu hủy hồ sơ hết thời hạn): proposed, approved, carried out.

Three steps by two persons: a list is proposed, somebody else approves each paper, and only then is
it removed from the archive and the second copy, never before its locks have ended and never while
it is under legal hold. A tombstone stays in the registry, and every step in the audit.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, RowMapping

from domain.errors import IntegrityFault, NotFound, SohoaError, Undecided
from domain.identity import paper_object_id, scan_object_id
from domain.officer import same_person
from domain.states import PaperState
from storage import StoreConfig
from storage.ocfl_layout import object_root
from storage.registry import audit, keeping, lifecycle
from storage.s3 import S3Store
from tasks.claims import claimed
from tasks.holding import person
from tasks.house import VIETNAM, House, house
from tasks.retention import lock_end


class Proposed(BaseModel):
    """One paper on the list; its code is masked."""

    model_config = ConfigDict(frozen=True)

    paper: str
    code: str
    type: str | None
    archived_on: date
    kept_until: date
    proposed_by: str
    approved_by: str | None = None


class Disposed(BaseModel):
    """What a run came to."""

    model_config = ConfigDict(frozen=True)

    disposed: tuple[str, ...] = ()
    scans: int = 0
    """Scans that went with their last paper."""
    refused: dict[str, str] = {}
    """Paper → why it must stay, in Vietnamese."""


def propose(by: str, *, limit: int) -> list[Proposed]:
    """Put papers past their retention on the list, the longest archived first; the whole list."""
    here = house()
    here.registry.migrate()
    actor = person(by)
    at = here.now()
    with here.registry.begin() as db:
        for row in lifecycle.past_retention(db, _ends(here), limit=limit):
            kept = _kept_until(here, row)
            if kept is not None:
                lifecycle.propose(db, row["id"], kept, by=actor, at=at)
                audit.append(
                    db, "disposal:proposed", row["id"], actor=actor, at=at, kept_until=f"{kept}"
                )
    return listed()


def listed() -> list[Proposed]:
    """Papers that wait for approval or for being disposed of."""
    here = house()
    here.registry.migrate()
    with here.registry.read() as db:
        rows = lifecycle.proposals(db)
    return [
        Proposed(
            paper=row["paper_id"],
            code=here.codes.masked(row["code"]) if row["code"] else "",
            type=row["type_id"],
            archived_on=row["archived_at"].astimezone(VIETNAM).date(),
            kept_until=row["kept_until"],
            proposed_by=row["proposed_by"],
            approved_by=row["approved_by"],
        )
        for row in rows
    ]


def approve(handles: Collection[str], by: str) -> tuple[str, ...]:
    """Approve papers on the list, by somebody else than who proposed them; their ids.

    NotFound for a paper that is not on the list, Undecided where it is one's own proposal.
    Nothing is approved unless all can be.
    """
    here = house()
    actor = person(by)
    waiting = {one.paper: one for one in listed() if one.approved_by is None}
    ids = _on_list(waiting, handles)
    own = [name for name in ids if same_person(waiting[name].proposed_by, actor)]
    if own:
        raise Undecided(
            f"{actor} đã đề nghị tiêu hủy {own[0]} nên không tự duyệt được: người khác phải duyệt."
        )
    at = here.now()
    with here.registry.begin() as db:
        for paper_id in ids:
            if lifecycle.approve(db, paper_id, by=actor, at=at):
                audit.append(db, "disposal:approved", paper_id, actor=actor, at=at)
    return ids


def reject(handles: Collection[str], by: str) -> tuple[str, ...]:
    """Take papers off the list; their ids. They can be proposed again.

    Undecided, for all, where the disposal of one has begun.
    """
    here = house()
    actor = person(by)
    ids = _on_list({one.paper: one for one in listed()}, handles)
    at = here.now()
    with here.registry.begin() as db:
        for paper_id in ids:
            if lifecycle.lock(db, paper_id)["state"] == PaperState.DISPOSED:
                raise Undecided(
                    f"Việc tiêu hủy {paper_id} đã bắt đầu nên không rút lại được: chạy lại "
                    "sohoa dispose run để làm cho xong."
                )
            if lifecycle.reject(db, paper_id):
                audit.append(db, "disposal:rejected", paper_id, actor=actor, at=at)
    return ids


def run(by: str, *, credentials: Path | None = None, limit: int) -> Disposed:
    """Dispose of approved papers. May be killed and run again: a paper begun is finished.

    `credentials`: an AWS ini file of who may remove versions, which the worker may not.
    """
    here = house()
    here.registry.migrate()
    actor = person(by)
    disposer = _Disposer(here, actor, credentials)
    with here.registry.read() as db:
        due = lifecycle.proposals(db, approved=True)[:limit]
    done: list[str] = []
    refused: dict[str, str] = {}
    for row in due:
        try:
            disposer.dispose(row)
            done.append(row["paper_id"])
        except SohoaError as error:
            if error.transient:
                raise
            refused[row["paper_id"]] = str(error)
    return Disposed(disposed=tuple(done), scans=disposer.scans, refused=refused)


class _Disposer:
    """Removes one paper after the other from the archive and its second copy."""

    def __init__(self, here: House, actor: str, credentials: Path | None) -> None:
        self.here, self.actor = here, actor
        self.scans = 0
        places = (here.settings.store("archive"), here.settings.copy_to)
        self.stores = [_with_keys(store, credentials) for store in places if store is not None]

    def dispose(self, row: RowMapping) -> None:
        """Check, leave the tombstone, remove, write down; refused before anything is touched."""
        here, paper_id = self.here, row["paper_id"]
        with claimed(row["scan_id"], paper_id):
            with here.registry.read() as db:
                row = self._approved(db, paper_id)  # as it is now, not when the run began
            self._refuse_early(row)
            root = object_root(paper_object_id(paper_id))
            self._refuse_locked(root)
            at = here.now()
            with here.registry.begin() as db:
                begun = lifecycle.lock(db, paper_id)["state"] == PaperState.DISPOSED
                self._approved(db, paper_id)
                if lifecycle.hold_of(db, paper_id):  # placed since we looked
                    raise Undecided(_HELD)
                lifecycle.entomb(db, paper_id, at=at)
                if not begun:
                    audit.append(
                        db,
                        "disposal:begun",
                        paper_id,
                        actor=self.actor,
                        at=at,
                        approved_by=row["approved_by"],
                        sha512=row["archive_digest"],
                    )
            self._remove(root)
            self._remove_scan(row["scan_id"])
            with here.registry.begin() as db:
                keeping.forget(db, paper_object_id(paper_id))
                lifecycle.finish(db, paper_id, at=here.now())
                audit.append(db, "disposal:done", paper_id, actor=self.actor, at=here.now())

    def _approved(self, db: Connection, paper_id: str) -> RowMapping:
        found = lifecycle.proposals(db, approved=True, paper_id=paper_id)
        if not found:
            raise Undecided("Vừa được đưa ra khỏi danh sách tiêu hủy: giữ lại.")
        return found[0]

    def _refuse_early(self, row: RowMapping) -> None:
        here, now = self.here, self.here.now()
        with here.registry.read() as db:
            if lifecycle.hold_of(db, row["paper_id"]):
                raise Undecided(_HELD)
        kept = _kept_until(here, row)
        if kept is None or kept >= here.today():
            raise Undecided("Chưa hết thời hạn lưu trữ theo danh mục hiện nay: không tiêu hủy.")
        lock = lock_end(here, [row["type_id"]], row["archived_at"])
        if lock and lock > now:
            raise Undecided(f"Còn khóa đến {lock:%d/%m/%Y}: không tiêu hủy được trước ngày đó.")

    def _refuse_locked(self, root: str) -> None:
        for store in self.stores:
            found = store.protection(root)
            if found.held:
                raise Undecided(_HELD)
            if found.locked_until and found.locked_until > self.here.now():
                day = found.locked_until.astimezone(VIETNAM)
                raise Undecided(f"Kho còn khóa đến {day:%d/%m/%Y}: không tiêu hủy được.")

    def _remove(self, root: str) -> None:
        for store in self.stores:
            store.purge(root)
            if next(store.keys(f"{root}/"), None) is not None:
                raise IntegrityFault("Kho vẫn còn tệp sau khi tiêu hủy: báo quản trị viên.")

    def _remove_scan(self, scan_id: str) -> None:
        """The scan goes with its last paper, unless its own lock still holds it."""
        here, object_id = self.here, scan_object_id(scan_id)
        with here.registry.read() as db:
            if lifecycle.lives(db, scan_id):
                return
        root = object_root(object_id)
        self._refuse_locked(root)
        self._remove(root)
        with here.registry.begin() as db:
            keeping.forget(db, object_id)
            audit.append(db, "disposal:done", scan_id, actor=self.actor, at=here.now())
        self.scans += 1


_HELD = "Đang được lưu giữ theo yêu cầu pháp lý (sohoa hold): không tiêu hủy."


def _ends(here: House) -> list[tuple[list[str], datetime]]:
    """Types by retention class, and the moment before which such a paper was archived too long."""
    ends = []
    for one in here.catalogue.retention:
        first_kept = one.archived_after(here.today())
        types = [entry.id for entry in here.catalogue.types if entry.retention == one.id]
        if first_kept is not None and types:
            ends.append((types, datetime.combine(first_kept, time.min, VIETNAM)))
    return ends


def _kept_until(here: House, row: RowMapping) -> date | None:
    kept = here.catalogue.retention_of(row["type_id"])
    since = row["archived_at"].astimezone(VIETNAM).date()
    return kept.keep_until(since) if kept else None


def _on_list(waiting: dict[str, Any], handles: Collection[str]) -> tuple[str, ...]:
    unknown = [handle for handle in handles if handle not in waiting]
    if unknown:
        raise NotFound(f"{unknown[0]} không có trong danh sách chờ: xem sohoa dispose list.")
    return tuple(handles)


def _with_keys(store: StoreConfig, credentials: Path | None) -> StoreConfig:
    if credentials is None or not isinstance(store, S3Store):
        return store
    return store.model_copy(update={"credentials_file": credentials, "profile": None})

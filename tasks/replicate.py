"""The second copy (bản sao thứ hai): bring it up to the archive, and bring objects back from it.

The copy is an OCFL storage root of its own, byte for byte the same objects, so any validator
reads it and a new archive can start from it. Nothing damaged is ever copied: every file is
compared with its inventory before it is written, and read back afterwards.
"""

from __future__ import annotations

import time

from pydantic import BaseModel, ConfigDict

from domain.errors import (
    AlreadyExists,
    ConfigurationFault,
    IntegrityFault,
    NotFound,
    SohoaError,
)
from domain.identity import is_scan_id, paper_object_id, scan_object_id
from storage.content import ContentStore
from storage.objects import ObjectStore, Protection, get_if_there
from storage.ocfl import ArchiveRoot
from storage.ocfl_check import problems_of
from storage.ocfl_layout import INVENTORY, SIDECAR, object_root
from storage.registry import audit, copies, keeping
from storage.streams import digest_of
from tasks.fixity import check_object
from tasks.holding import hold_object, person
from tasks.house import House, house
from tasks.objects import newest
from tasks.protecting import protect
from tasks.retention import extend_locks
from tasks.shelf import paper_row
from tasks.step import step


class CopyBatch(BaseModel):
    """What became of some objects; `last` is the id after which to go on."""

    model_config = ConfigDict(frozen=True)

    copied: int = 0
    failed: dict[str, str] = {}
    """Object id → why it has no good copy, in Vietnamese."""
    last: str = ""
    finished: bool = False


class Restored(BaseModel):
    """What `sohoa restore` put back."""

    model_config = ConfigDict(frozen=True)

    object_id: str
    files: tuple[str, ...]
    """Paths within the object; empty where nothing was wrong."""


def second_copy(here: House) -> ArchiveRoot:
    """The configured second store; ConfigurationFault where it is none, or the archive itself."""
    copy = here.settings.copy_to
    if copy is None:
        raise ConfigurationFault(
            "Chưa cấu hình bản sao thứ hai: đặt SOHOA_COPY_TO (S3 khác, hoặc thư mục ở máy khác)."
        )
    if copy == here.settings.store("archive"):
        raise ConfigurationFault(
            "SOHOA_COPY_TO trùng với kho lưu trữ: bản sao thứ hai phải ở nơi khác."
        )
    return ArchiveRoot(objects=copy)


@step("copy_objects")
def copy_objects(after: str, limit: int, seconds: float) -> CopyBatch:
    """Copy up to `limit` objects that the second store lacks, by id behind `after`.

    An object counts as copied when it was read back whole. Killed anywhere, the next run goes on.
    """
    here = house()
    copy = second_copy(here)
    copy.prepare()
    deadline = time.monotonic() + seconds
    with here.registry.read() as db:
        due = keeping.uncopied(db, after=after, limit=limit)
    copied, last = 0, after
    failed: dict[str, str] = {}
    for object_id in due:
        if last != after and time.monotonic() > deadline:
            break
        try:
            _copy(here, copy, object_id)
            copied += 1
        except (IntegrityFault, NotFound, AlreadyExists) as fault:
            failed[object_id] = str(fault)
        last = object_id
    done = not due or last == due[-1]
    return CopyBatch(copied=copied, failed=failed, last=last, finished=done and len(due) < limit)


def _copy(here: House, copy: ArchiveRoot, object_id: str) -> None:
    inventory, digest, root = newest(here.archive, object_id)
    source, target = here.archive.objects, copy.objects
    for expected, paths in inventory.manifest.items():
        for path in paths:
            _carry(here, source, target, f"{root}/{path}", expected)
    for head in inventory.versions:
        for name in (INVENTORY, SIDECAR):
            target.put(f"{root}/{head}/{name}", source.get(f"{root}/{head}/{name}"))
    declaration = f"{root}/0=ocfl_object_1.1"
    target.put(declaration, source.get(declaration))
    for name in (INVENTORY, SIDECAR):  # last: from here on the copy has this version
        content = source.get(f"{root}/{inventory.head}/{name}")
        if get_if_there(target, f"{root}/{name}") != content:
            target.replace(f"{root}/{name}", content)
    problems = tuple(problems_of(target, object_id))
    if problems or newest(copy, object_id).digest != digest:
        raise IntegrityFault(f"bản sao thứ hai không nguyên vẹn: {'; '.join(problems)[:300]}")
    with here.registry.begin() as db:
        keeping.copied(db, object_id, digest, at=here.now())


def _carry(here: House, source: ObjectStore, target: ObjectStore, key: str, expected: str) -> None:
    if target.info(key) is not None:
        return  # content is put once; reading the copy back shows whether it is the right one
    with here.scratch() as folder:
        source.fetch(key, folder / "file")
        with (folder / "file").open("rb") as stream:
            found = digest_of(iter(lambda: stream.read(1 << 20), b""), "sha512")
        if found != expected:
            raise IntegrityFault(f"không chép: {key} trong kho lưu trữ không khớp mã băm")
        target.put(key, folder / "file")


def object_of(handle: str) -> str:
    """The archive object behind an object id, paper id, code, scan id or number of a copy."""
    if handle.startswith("urn:"):
        return handle
    if is_scan_id(handle):
        return scan_object_id(handle)
    here = house()
    here.registry.migrate()
    with here.registry.read() as db:
        certified = copies.find(db, handle)
    if certified is not None:
        return paper_object_id(certified["id"])
    return paper_object_id(paper_row(handle)["id"])


def restore_object(handle: str, actor: str) -> Restored:
    """Put back, from the second copy, what is damaged or missing of one archive object.

    Archived files are put once; this is the only command that replaces one, and only by bytes
    that the copy's inventory proves. What was there is kept in the quarantine store, and who
    did it stands in the audit. Raises Undecided without a name, NotFound without a copy,
    IntegrityFault where the copy is not the version that the registry knows, or where the object
    is not whole afterwards.
    """
    here, who = house(), person(actor)
    here.prepare()
    object_id = object_of(handle)
    copy = second_copy(here)
    _refuse_wrong_copy(here, copy, object_id)
    root = object_root(object_id)
    names = [key.removeprefix(f"{root}/") for key in copy.objects.keys(f"{root}/")]
    kept = here.archive.objects.protection(root)  # of what lies under it too: versions stay
    last = {INVENTORY, SIDECAR}  # of the root: from its newest version, below
    damaged = [
        name
        for name in names
        if name not in last and not _same(here.archive.objects, copy.objects, f"{root}/{name}")
    ]
    if damaged:  # who began it stands in the audit, wherever it is killed
        with here.registry.begin() as db:
            audit.append(
                db, "restore_begun", object_id, actor=who, at=here.now(), files=sorted(damaged)
            )
    put_back = {name: _put_back(here, copy.objects, f"{root}/{name}") for name in damaged}
    put_back |= _mend_root(here, copy, object_id)
    _protect_again(here, object_id, kept)  # a run before this one may have been killed behind it
    with here.registry.begin() as db:
        if put_back:
            audit.append(
                db,
                "restored",
                object_id,
                actor=who,
                at=here.now(),
                files=sorted(put_back),
                replaced={name: old for name, old in put_back.items() if old},
            )
        known = keeping.of(db, object_id)
        if known is None:
            keeping.enter(db, object_id, newest(copy, object_id).digest)
    problems, _ = check_object(here, object_id, known["digest"] if known else None)
    if problems:
        raise IntegrityFault(f"Khôi phục chưa đủ, còn: {'; '.join(problems)}")
    return Restored(object_id=object_id, files=tuple(sorted(put_back)))


def _protect_again(here: House, object_id: str, kept: Protection) -> None:
    """Lock and hold what was put back as the rest of its object, and as the registry says."""
    protect(here, object_id)
    extend_locks(here, object_id, kept.locked_until)
    if kept.held:
        hold_object(here, object_id, on=True)


def _refuse_wrong_copy(here: House, copy: ArchiveRoot, object_id: str) -> None:
    problems = tuple(problems_of(copy.objects, object_id))
    if problems:
        raise IntegrityFault(f"Bản sao thứ hai không dùng được: {'; '.join(problems)[:300]}")
    with here.registry.read() as db:
        known = keeping.of(db, object_id)
    proofs = {known["copied_digest"], known["digest"]} - {None} if known else set()
    if proofs and newest(copy, object_id).digest not in proofs:
        raise IntegrityFault(
            f"Bản sao thứ hai của {object_id} không phải bản mà sổ đăng ký đã ghi: không khôi "
            "phục từ đó. Báo quản trị viên."
        )


def _same(archive: ObjectStore, copy: ObjectStore, key: str) -> bool:
    try:
        return digest_of(archive.chunks(key), "sha512") == digest_of(copy.chunks(key), "sha512")
    except (NotFound, IntegrityFault):
        return False


def _put_back(here: House, copy: ObjectStore, key: str) -> str:
    """Replace one file of the archive; the SHA-256 under which the old one is kept, or ""."""
    archive = here.archive.objects
    kept = ""
    with here.scratch() as folder:
        try:
            archive.fetch(key, folder / "old")
            damaged = ContentStore(objects=here.settings.store("quarantine"), prefix="damaged")
            kept = damaged.add(folder / "old")
        except (NotFound, IntegrityFault):
            pass  # nothing there, or the store itself refuses to hand it out
        copy.fetch(key, folder / "new")
        archive.delete(key)  # on a versioned store this hides it, and no version is lost
        archive.put(key, folder / "new")
    return kept


def _mend_root(here: House, copy: ArchiveRoot, object_id: str) -> dict[str, str]:
    """Make the root inventory that of the newest version, where it is damaged or missing."""
    try:
        return {INVENTORY: ""} if here.archive.repair(object_id) else {}
    except SohoaError as error:
        if error.transient:
            raise
        root = object_root(object_id)
        mended = {}
        for name in (INVENTORY, SIDECAR):
            if not _same(here.archive.objects, copy.objects, f"{root}/{name}"):
                mended[name] = _put_back(here, copy.objects, f"{root}/{name}")
        return mended

"""Back up what only the registry knows, and bring it back: `sohoa registry backup|check|restore`.

A backup is a folder: the registry in one file, the owners' HMAC key without which its hashes
are worthless, and a manifest that says what must be in them. It holds personal data and a key,
so all of it has mode 0600 or 0700 and belongs on encrypted storage (docs/backup.md).
"""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import func, select

from domain.errors import AlreadyExists, ConfigurationFault, IntegrityFault, NotFound
from storage.registry import audit, installation
from storage.registry import backup as files
from storage.registry.database import SCHEMA_VERSION, Registry
from storage.registry.schema import papers, scans
from storage.streams import blocks_of, digest_of
from tasks.audit import parse_head
from tasks.house import House
from tasks.owner_key import fingerprint, install

MANIFEST = "manifest.json"
KEY = "owner.key"
_FORMAT = "sohoa.registry-backup/1"
_PART = ".part-"
_SECONDS_A_DAY = 86_400


class Manifest(BaseModel):
    """What a backup holds."""

    model_config = ConfigDict(frozen=True)

    format: str = _FORMAT
    taken_at: datetime
    backend: str
    schema_version: str
    dump: str
    """Name of the registry's file."""
    sha256: dict[str, str]
    """File name → hex SHA-256."""
    audit_head: str
    """`number:digest` of a row that the dump must hold: the chain's end just before it."""
    scans: int
    papers: int
    """At least so many rows; more may have come while the dump was taken."""


def back_up(here: House, parent: Path) -> tuple[Path, Manifest]:
    """Write a backup folder `registry-‹time›` under `parent`; it appears whole or not at all."""
    here.registry.migrate()
    kind = files.backend(here.registry)
    at = here.now()
    with here.registry.read() as db:
        head = audit.head(db)
        counts = [db.execute(select(func.count()).select_from(t)).scalar_one() for t in _COUNTED]
    target = parent / f"registry-{at:%Y%m%dT%H%M%S%z}"
    if target.exists():
        raise AlreadyExists(f"Đã có bản sao lưu {target}; chạy lại sau một giây.")
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = Path(tempfile.mkdtemp(prefix=_PART, dir=parent))  # mode 0700
    try:
        dump = "registry.db" if kind == "sqlite" else "registry.dump"
        files.dump(here.registry, part / dump)
        install(part / KEY, here.checked_owner_key)
        manifest = Manifest(
            taken_at=at,
            backend=kind,
            schema_version=here.registry.version() or "",
            dump=dump,
            sha256={name: digest_of(blocks_of(part / name), "sha256") for name in (dump, KEY)},
            audit_head=f"{head.seq}:{head.digest}",
            scans=counts[0],
            papers=counts[1],
        )
        (part / MANIFEST).touch(mode=0o600)
        (part / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return target, manifest


def check_backup(folder: Path) -> Manifest:
    """The manifest of a sound backup.

    IntegrityFault where a file is missing, damaged or another one. A SQLite backup is also
    opened: its audit chain must hold, and its key must be the one that its hashes were made with.
    """
    manifest = _manifest(folder)
    for name, digest in manifest.sha256.items():
        file = folder / name
        if not file.is_file() or digest_of(blocks_of(file), "sha256") != digest:
            raise IntegrityFault(f"Bản sao lưu {folder} hỏng: {name} thiếu hoặc đã đổi.")
    files.check_dump(manifest.backend, folder / manifest.dump)
    if manifest.backend == "sqlite":
        with tempfile.TemporaryDirectory() as scratch:  # opening it would write beside it
            copy = Path(shutil.copy2(folder / manifest.dump, scratch))
            look_through(Registry(url=f"sqlite:///{copy}"), manifest, (folder / KEY).read_bytes())
    return manifest


def prune(parent: Path, keep: int, *, at: datetime) -> tuple[str, ...]:
    """Remove all backups but the `keep` newest, and what a kill cut off; names of those removed.

    A backup from the future was taken while the clock was wrong. It is left to a person, and does
    not count: it would push out every one that is made from now on.
    """
    now = f"registry-{at:%Y%m%dT%H%M%S%z}"
    whole = sorted(folder for folder in parent.glob("registry-*") if (folder / MANIFEST).is_file())
    old = [folder for folder in whole if folder.name <= now][:-keep]
    cut_off = [
        folder
        for folder in parent.glob(f"{_PART}*")
        if time.time() - folder.stat().st_mtime > _SECONDS_A_DAY
    ]
    for folder in (*old, *cut_off):
        shutil.rmtree(folder)
    return tuple(folder.name for folder in old)


def look_through(registry: Registry, manifest: Manifest, key: bytes) -> None:
    """IntegrityFault unless the registry holds what the manifest says, and the key is its own."""
    anchor = parse_head(manifest.audit_head)
    try:
        with registry.snapshot() as db:
            broken = audit.broken_at(db, anchor=anchor if anchor.seq else None)
            counts = [
                db.execute(select(func.count()).select_from(t)).scalar_one() for t in _COUNTED
            ]
            noted = installation.fact(db, "owner_key")
    finally:
        registry.close()
    if broken is not None:
        raise IntegrityFault(f"Nhật ký trong bản sao lưu bị sửa hoặc mất từ dòng {broken}.")
    if counts[0] < manifest.scans or counts[1] < manifest.papers:
        raise IntegrityFault("Bản sao lưu có ít bản quét hoặc giấy tờ hơn bản kê của nó.")
    if noted is not None and noted != fingerprint(key):
        raise IntegrityFault(f"{KEY} trong bản sao lưu không phải khóa của sổ đăng ký đó.")


def restore_backup(here: House, folder: Path) -> Manifest:
    """Put a checked backup in the place of an empty registry, and the key where none is.

    Raises AlreadyExists where the registry holds scans, ConfigurationFault for another kind of
    database, a newer version or another key: nothing is overwritten.
    """
    manifest = check_backup(folder)
    _refuse(here, manifest, key := (folder / KEY).read_bytes())
    install(here.owner_key_file, key)  # first: a run that is cut off here can be started again
    files.restore(here.registry, folder / manifest.dump)
    here.registry.close()
    here.registry.migrate()
    look_through(here.registry, manifest, key)
    with here.registry.begin() as db:
        audit.append(
            db,
            "registry_restored",
            manifest.taken_at.isoformat(),
            actor=here.worker,
            at=here.now(),
            sha256=manifest.sha256[manifest.dump],
        )
    return manifest


def _refuse(here: House, manifest: Manifest, key: bytes) -> None:
    if manifest.backend != files.backend(here.registry):
        raise ConfigurationFault(
            f"Bản sao lưu là của {manifest.backend}, sổ đăng ký đang cấu hình là "
            f"{files.backend(here.registry)}: sửa SOHOA_REGISTRY__URL."
        )
    if manifest.schema_version > SCHEMA_VERSION:
        raise ConfigurationFault(
            f"Bản sao lưu có phiên bản bảng {manifest.schema_version}, phần mềm này mới tới "
            f"{SCHEMA_VERSION}: cài phiên bản sohoa mới hơn."
        )
    if here.owner_key_file.exists() and here.owner_key_file.read_bytes() != key:
        raise ConfigurationFault(
            f"{here.owner_key_file} là khóa khác với khóa trong bản sao lưu: cất tệp đó đi nơi "
            "khác rồi chạy lại."
        )
    if here.registry.version() is None:
        return
    with here.registry.read() as db:
        if db.execute(select(scans.c.id).limit(1)).first():
            raise AlreadyExists(
                "Sổ đăng ký đang có dữ liệu nên không khôi phục đè lên: cất sổ cũ đi (SQLite: đổi "
                "tên registry.db cùng các tệp -wal, -shm; PostgreSQL: dùng cơ sở dữ liệu trống)."
            )


def _manifest(folder: Path) -> Manifest:
    try:
        found = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"{folder} không phải bản sao lưu: không có {MANIFEST}.") from error
    except ValidationError as error:
        raise IntegrityFault(f"{folder / MANIFEST} hỏng; dùng bản sao lưu khác.") from error
    plain = all("/" not in name and name not in {"", ".", ".."} for name in found.sha256)
    if found.format != _FORMAT or set(found.sha256) != {found.dump, KEY} or not plain:
        raise IntegrityFault(f"{folder / MANIFEST} không đúng mẫu; dùng bản sao lưu khác.")
    return found


_COUNTED = (scans, papers)

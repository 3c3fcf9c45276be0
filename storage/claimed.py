"""Put-once by the registry, for S3 servers and buckets that do not keep it themselves.

Ceph RGW honours `If-None-Match: *` in buckets without versions, but not when an upload in parts
ends; others never do. There the registry says whose bytes a key is for, before they are written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import AlreadyExists
from storage import StoreConfig
from storage.objects import ObjectInfo, ObjectStore
from storage.registry import installation, put_claims
from storage.registry.database import Registry
from storage.s3 import S3Store
from storage.s3_probe import PutOnce, probe_put_once
from storage.streams import blocks_of, digest_of

_LONGEST_NAME = 40


class ClaimedS3Store(S3Store):
    """An S3 store whose keys are claimed in the registry before they are put."""

    registry: Registry

    def put(
        self,
        key: str,
        data: bytes | Path,
        *,
        metadata: Mapping[str, str] | None = None,
        lock_until: datetime | None = None,
        free: bool = False,
    ) -> ObjectInfo:
        """Keep the bytes under a new key; AlreadyExists when it holds, or is to hold, others."""
        del free  # a claim is no proof that this server has nothing: it is asked
        digest = digest_of(blocks_of(data), "sha256")
        with self.registry.begin() as db:
            holder = put_claims.claim(db, self._place(key), digest, at=_now())
        if holder != digest and not self._taken_over(key, digest):
            raise AlreadyExists(f"«{key}» đã có nội dung khác. Dùng tên khác.")
        return super().put(key, data, metadata=metadata, lock_until=lock_until)

    def replace(self, key: str, data: bytes, *, lock_until: datetime | None = None) -> ObjectInfo:
        """Keep the bytes under the key whatever it held before; earlier metadata goes."""
        info = super().replace(key, data, lock_until=lock_until)
        self._release(key)
        return info

    def delete(self, key: str) -> None:
        """Remove the object, and free its key."""
        super().delete(key)
        self._release(key)

    def _taken_over(self, key: str, digest: str) -> bool:
        if self.info(key) is not None:
            return False
        with self.registry.begin() as db:
            return put_claims.take_over(db, self._place(key), digest, at=_now())

    def _release(self, key: str) -> None:
        with self.registry.begin() as db:
            put_claims.release(db, self._place(key))

    def _place(self, key: str) -> str:
        where = "\x1f".join((self.endpoint_url or "", self.bucket, self.prefix + key))
        return hashlib.sha256(where.encode()).hexdigest()


def put_once_by(store: S3Store, registry: Registry) -> PutOnce:
    """What the bucket can do, tried once and then remembered in the registry."""
    where = f"{store.endpoint_url}\x1f{store.bucket}"
    name = f"put-once:{hashlib.sha256(where.encode()).hexdigest()}"[:_LONGEST_NAME]
    with registry.read() as db:
        known = installation.fact(db, name)
    if known is None:
        found = probe_put_once(store).model_dump_json()
        with registry.begin() as db:
            known = installation.note_first(db, name, found)
    return PutOnce.model_validate_json(known)


def put_once(store: StoreConfig, registry: Registry) -> ObjectStore:
    """The store itself where it keeps keys put-once, else with the registry's claims before it."""
    if not isinstance(store, S3Store) or store.write_only:
        return store
    if put_once_by(store, registry).by_server:
        return store
    facts = {name: getattr(store, name) for name in S3Store.model_fields}
    return ClaimedS3Store(**facts, registry=registry)


def _now() -> datetime:
    return datetime.now(UTC)

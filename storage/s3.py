"""Objects in an S3 bucket: Ceph RGW, AWS or any other server that speaks S3.

What the server promises is not taken on trust. The SHA-256 of every object that we put goes
into its metadata and is compared when it is read; what arrived is compared at once
(`storage.s3_write`). Put-once is asked for with `If-None-Match: *`; in versioned buckets, where
some servers ignore it, the list of versions tells who was first. In buckets that neither keep
versions nor honour the condition the registry decides (`storage.claimed`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict, field_validator

from domain.errors import AlreadyExists, ConfigurationFault, DocumentFault, NotFound
from storage.objects import ObjectInfo, Protection, check_key, check_metadata
from storage.s3_client import client_of, foreign_errors, topics_client
from storage.s3_write import Lock, prolong, write
from storage.streams import BLOCK_BYTES, blocks_of, checked, digest_of, write_file

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


class S3Store(BaseModel):
    """The address of (a part of) a bucket; see `ObjectStore`.

    Credentials come from `credentials_file` (an AWS ini file, with `profile`), or from the
    standard chain (environment, `~/.aws`, instance role); they are never part of the value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["s3"] = "s3"
    bucket: str
    endpoint_url: str | None = None
    prefix: str = ""
    region: str = "us-east-1"
    credentials_file: Path | None = None
    profile: str | None = None
    lock: Literal["GOVERNANCE", "COMPLIANCE"] | None = None
    """The mode in which archived versions are locked (Object Lock); None: they are not."""
    write_only: bool = False
    """The user may put and nothing else, as a scanner may: no key is looked at before or after."""

    @field_validator("prefix")
    @classmethod
    def _ends_with_slash(cls, prefix: str) -> str:
        bare = prefix.strip("/")
        try:
            return f"{check_key(bare)}/" if bare else ""
        except DocumentFault as fault:
            raise ValueError(str(fault)) from fault

    def put(
        self,
        key: str,
        data: bytes | Path,
        *,
        metadata: Mapping[str, str] | None = None,
        lock_until: datetime | None = None,
        free: bool = False,
    ) -> ObjectInfo:
        """Keep the bytes under a new key; AlreadyExists when it holds other bytes."""
        given = check_metadata(metadata)
        digest = digest_of(blocks_of(data), "sha256")
        held = None if free or self.write_only else self.info(check_key(key))
        if held is not None:
            return self._same(held, digest, lock_until)
        with foreign_errors(key):
            version = self._write(check_key(key), data, digest, given, lock_until, only_new=True)
        if version is None and self.write_only:
            raise AlreadyExists(f"«{key}» đã có trong kho. Dùng tên khác.")
        if version is None:
            return self._same(self._stat(key), digest, lock_until)
        if version and not self.write_only:
            first = next(self.versions(key), version)
            if first != version:
                return self._second(key, first, version, digest, lock_until)
        size = len(data) if isinstance(data, bytes) else data.stat().st_size
        return ObjectInfo(
            key=key, size_bytes=size, sha256=digest, version=version or None, metadata=given
        )

    def replace(self, key: str, data: bytes, *, lock_until: datetime | None = None) -> ObjectInfo:
        """Keep the bytes under the key whatever it held before; earlier metadata goes."""
        digest = digest_of((data,), "sha256")
        with foreign_errors(key):
            version = self._write(check_key(key), data, digest, {}, lock_until, only_new=False)
        return ObjectInfo(key=key, size_bytes=len(data), sha256=digest, version=version or None)

    def get(self, key: str, *, version: str | None = None) -> bytes:
        """The object's bytes; NotFound, or IntegrityFault where they miss the kept digest."""
        return b"".join(self.chunks(key, version=version))

    def chunks(self, key: str, *, version: str | None = None) -> Iterator[bytes]:
        """The object's bytes in blocks, checked at the end against the digest where kept."""
        with foreign_errors(key):
            found = self.client().get_object(**self._at(key, version))
            sha256 = found["Metadata"].get("sha256")
            with closing(found["Body"]) as body:
                yield from checked(body.iter_chunks(BLOCK_BYTES), sha256, of=key)

    def fetch(self, key: str, target: Path, *, version: str | None = None) -> ObjectInfo:
        """Bring the object into the file `target`, which appears whole or not at all."""
        about = self._stat(key, version)
        # Name the version: what is fetched is then what `about` speaks of.
        write_file(target, self.chunks(key, version=about.version))
        return about

    def info(self, key: str) -> ObjectInfo | None:
        """What is known of the object, or None where there is none."""
        try:
            return self._stat(key)
        except NotFound:
            return None

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that start with `prefix`, in the order of their UTF-8 bytes."""
        with foreign_errors(prefix):
            pages = self.client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix):
                for entry in page.get("Contents", ()):
                    if not entry["Key"].endswith("/"):  # what consoles draw folders with
                        yield entry["Key"].removeprefix(self.prefix)

    def delete(self, key: str) -> None:
        """Remove the object (in a versioned bucket: hide it); quiet where there is none."""
        with foreign_errors(key):
            self.client().delete_object(**self._at(key))

    def versions(self, key: str) -> Iterator[str]:
        """The versions since the key was last deleted, the first one first."""
        name = self.prefix + key
        deleted: list[datetime] = []
        found: list[tuple[datetime, str]] = []
        with foreign_errors(key):
            pages = self.client().get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self.bucket, Prefix=name):
                markers, made = page.get("DeleteMarkers", []), page.get("Versions", [])
                deleted += [e["LastModified"] for e in markers if e["Key"] == name]
                found += [(e["LastModified"], e["VersionId"]) for e in made if e["Key"] == name]
        # The list runs from new to old. What bears the same second as the deletion counts as
        # deleted: better to miss a race within that second than to take a removed version for
        # a rival.
        living = [version for at, version in found if not deleted or at > max(deleted)]
        yield from reversed(living)

    def extend_lock(self, key: str, until: datetime) -> None:
        """Lock every version of the key until then; what is locked longer stays so."""
        lock = self._lock(until)
        if lock is None:
            return
        for version in self.versions(key):
            with foreign_errors(key):
                prolong(self.client(), self._at(key, version), lock)

    def hold(self, key: str, *, on: bool) -> None:
        """Put every version of the key under legal hold, or lift it; nothing where none is."""
        if self.lock is None:
            return
        for version in self.versions(key):
            with foreign_errors(key):
                self.client().put_object_legal_hold(
                    **self._at(key, version), LegalHold={"Status": "ON" if on else "OFF"}
                )

    def protection(self, folder: str) -> Protection:
        """The latest end of any version's lock below `folder/`, and whether one is held."""
        until, held = None, False
        for key, version, marker in self._stored(folder):
            if not marker:
                info = self._stat(key, version)
                held = held or info.held
                if info.locked_until and (until is None or info.locked_until > until):
                    until = info.locked_until
        return Protection(until, held)

    def purge(self, folder: str) -> None:
        """Remove every version and delete marker; ConfigurationFault while one is locked."""
        for key, version, _ in list(self._stored(folder)):
            with foreign_errors(key):
                self.client().delete_object(**self._at(key, version))

    def _stored(self, folder: str) -> Iterator[tuple[str, str, bool]]:
        """Key and version of all that is stored below `folder/`; whether it is a delete marker."""
        with foreign_errors(folder):
            pages = self.client().get_paginator("list_object_versions")
            for page in pages.paginate(Bucket=self.bucket, Prefix=f"{self.prefix}{folder}/"):
                versions, markers = page.get("Versions", []), page.get("DeleteMarkers", [])
                yield from ((self._own(e["Key"]), e["VersionId"], False) for e in versions)
                yield from ((self._own(e["Key"]), e["VersionId"], True) for e in markers)

    def _own(self, name: str) -> str:
        return name.removeprefix(self.prefix)

    def client(self) -> S3Client:
        """This process's client for the address; ConfigurationFault for a bad one."""
        return client_of(self.endpoint_url, self.region, self.credentials_file, self.profile)

    def topics(self) -> Any:
        """The client for topics of notices, at the same address and with the same keys."""
        return topics_client(self.endpoint_url, self.region, self.credentials_file, self.profile)

    def _at(self, key: str, version: str | None = None) -> Any:
        place = {"Bucket": self.bucket, "Key": self.prefix + key}
        return place if version is None else {**place, "VersionId": version}

    def _stat(self, key: str, version: str | None = None) -> ObjectInfo:
        with foreign_errors(key):
            found = self.client().head_object(**self._at(key, version))
        metadata = dict(found["Metadata"])
        sha256 = metadata.pop("sha256", None)
        return ObjectInfo(
            key=key,
            size_bytes=found["ContentLength"],
            sha256=sha256,
            version=found.get("VersionId"),
            locked_until=found.get("ObjectLockRetainUntilDate"),
            held=found.get("ObjectLockLegalHoldStatus") == "ON",
            metadata={_from_header(name): unquote(value) for name, value in metadata.items()},
        )

    def _write(
        self,
        key: str,
        data: bytes | Path,
        digest: str,
        given: dict[str, str],
        lock_until: datetime | None,
        *,
        only_new: bool,
    ) -> str | None:
        noted = {_to_header(name): quote(value, safe=_PRINTABLE) for name, value in given.items()}
        return write(
            self.client(),
            self._at(key),
            data,
            sha256=digest,
            metadata=noted,
            only_new=only_new,
            lock=self._lock(lock_until),
        )

    def _lock(self, until: datetime | None) -> Lock | None:
        return Lock(self.lock, until) if self.lock and until else None

    def _same(self, held: ObjectInfo, digest: str, lock_until: datetime | None) -> ObjectInfo:
        kept = held.sha256 or digest_of(self.chunks(held.key, version=held.version), "sha256")
        if kept != digest:
            raise AlreadyExists(f"«{held.key}» đã có nội dung khác. Dùng tên khác.")
        lock = self._lock(lock_until)
        if lock and not (held.locked_until and held.locked_until >= lock.until):
            # An upload in parts may have been killed before its lock was set.
            with foreign_errors(held.key):
                prolong(self.client(), self._at(held.key, held.version), lock)
        return held.model_copy(update={"sha256": kept})

    def _second(
        self, key: str, first: str, ours: str, digest: str, lock_until: datetime | None
    ) -> ObjectInfo:
        """What was first in a versioned bucket, where it has our bytes; else AlreadyExists."""
        try:
            return self._same(self._stat(key, first), digest, lock_until)
        except AlreadyExists:
            self._take_back(key, ours, first)
            raise

    def _take_back(self, key: str, ours: str, first: str) -> None:
        """Make readers see the first version again, not ours that came second."""
        try:
            with foreign_errors(key):
                self.client().delete_object(**self._at(key, ours))
        except ConfigurationFault:  # locked: put the first on top of ours
            with foreign_errors(key):
                source = self._at(key, first)
                self.client().copy_object(**self._at(key), CopySource=source)


def _to_header(name: str) -> str:
    # Header names with `_` do not come back from every server; our names have no `-`.
    return name.replace("_", "-")


def _from_header(name: str) -> str:
    return name.replace("-", "_")

"""Does the archive bucket really refuse to let go what is locked? Tried, not asked.

Servers exist that accept Object Lock headers, or whole lock calls, and delete all the same. So a
version is locked for an hour and everything is tried that would lose it: deleting it, deleting it
with the bypass of GOVERNANCE, shortening its lock, overwriting its key. What the test leaves is
hidden by a delete marker, and removed by a later test once its lock has ended.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from domain.errors import ConfigurationFault
from storage.s3 import S3Store
from storage.s3_client import foreign_errors, status_of
from storage.s3_write import Lock, content_md5

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TEST_KEY = "sohoa-thu-khoa"
"""Where the test writes, beside the storage root's own files."""
_LOCKED_FOR = timedelta(hours=1)
_BYPASS = (
    "bằng quyền vượt GOVERNANCE (phải cấm s3:DeleteObjectVersion; deployments/s3/archive.json)"
)
_SERVER_FAULT = 500


def broken_promises(store: S3Store, now: datetime) -> tuple[str, ...]:
    """What the bucket failed to refuse, in Vietnamese; nothing where every promise held.

    Raises ConfigurationFault where the store is configured without a lock, Unavailable where the
    server does not answer.
    """
    if store.lock is None:
        raise ConfigurationFault(
            f"Kho {store.bucket} chưa bật khóa: đặt LOCK (GOVERNANCE hoặc COMPLIANCE) cho kho."
        )
    with foreign_errors(TEST_KEY):
        return tuple(_Trial(store, now).broken())


class _Trial:
    """One locked version, and what is done to it."""

    def __init__(self, store: S3Store, now: datetime) -> None:
        self.client: S3Client = store.client()
        self.key: Any = {"Bucket": store.bucket, "Key": store.prefix + TEST_KEY}
        self.mode = store.lock
        self.until = now + _LOCKED_FOR
        self.lock: Any = Lock(store.lock or "", self.until).headers
        self.content = secrets.token_bytes(32)

    def broken(self) -> Iterator[str]:
        self._sweep()
        put = self.client.put_object(
            **self.key,
            Body=self.content,
            ContentMD5=content_md5(self.content),
            **self.lock,
        )
        version = put.get("VersionId")
        if not version or version == "null":
            yield "không giữ phiên bản (versioning): ghi đè là mất"
            self._remove()
            return
        named = {**self.key, "VersionId": version}
        try:
            yield from self._tried(named)
        finally:
            self._remove()  # a delete marker: the archive does not list the test

    def _tried(self, named: Any) -> Iterator[str]:
        head = self.client.head_object(**named)
        until = head.get("ObjectLockRetainUntilDate")
        if head.get("ObjectLockMode") != self.mode or until is None or until < self._almost():
            yield "nhận yêu cầu khóa nhưng không ghi khóa cho phiên bản"
        earlier: Any = {"Mode": self.mode, "RetainUntilDate": self.until - _LOCKED_FOR / 2}
        shorten = partial(self.client.put_object_retention, **named, Retention=earlier)
        delete = partial(self.client.delete_object, **named)
        trials: dict[str, Callable[[], object]] = {
            "rút ngắn được thời hạn khóa": shorten,
            "xóa được phiên bản đang khóa": delete,
            f"rút ngắn được thời hạn khóa {_BYPASS}": partial(
                shorten, BypassGovernanceRetention=True
            ),
            f"xóa được phiên bản đang khóa {_BYPASS}": partial(
                delete, BypassGovernanceRetention=True
            ),
        }
        for loss, attempt in trials.items():
            if not self._refused(attempt) and not self._kept(named):
                yield loss
                if not self._whole(named):
                    return  # gone: there is nothing left to try on
        self._overwrite()
        if not self._whole(named):
            yield "phiên bản đang khóa không còn hoặc đã bị đổi nội dung"

    def _almost(self) -> datetime:
        return self.until - timedelta(seconds=2)  # servers round to seconds

    def _overwrite(self) -> None:
        # Locked as briefly as the test itself: the bucket's default would keep it for years.
        other = secrets.token_bytes(32)
        sent = content_md5(other)
        self.client.put_object(**self.key, Body=other, ContentMD5=sent, **self.lock)

    def _refused(self, attempt: Callable[[], object]) -> bool:
        try:
            attempt()
        except self.client.exceptions.ClientError as error:
            if status_of(error) >= _SERVER_FAULT:
                raise
            return True
        return False

    def _kept(self, named: Any) -> bool:
        """Whether the version and its lock are as they were, whatever the server answered."""
        try:
            until = self.client.head_object(**named).get("ObjectLockRetainUntilDate")
        except self.client.exceptions.ClientError:
            return False
        return until is not None and until >= self._almost()

    def _whole(self, named: Any) -> bool:
        try:
            with closing(self.client.get_object(**named)["Body"]) as body:
                return body.read() == self.content
        except self.client.exceptions.ClientError:
            return False

    def _remove(self) -> None:
        with suppress(self.client.exceptions.ClientError):
            self.client.delete_object(**self.key)

    def _sweep(self) -> None:
        """Remove what earlier tests left and no lock keeps; who may not, leaves it."""
        with suppress(self.client.exceptions.ClientError):
            pages = self.client.get_paginator("list_object_versions")
            place: Any = {"Bucket": self.key["Bucket"], "Prefix": self.key["Key"]}
            for page in pages.paginate(**place):
                for entry in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                    if entry["Key"] == self.key["Key"]:
                        with suppress(self.client.exceptions.ClientError):
                            self.client.delete_object(**self.key, VersionId=entry["VersionId"])

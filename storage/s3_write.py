"""Bytes on their way into an S3 bucket, whole and proven, whatever their size.

What the server has is compared with what was sent by its ETag, the MD5 of what it received
(of a multipart upload: the MD5 of the parts' MD5s). Content-MD5 lets it refuse damage earlier;
a SHA-256 header is no help, as Ceph RGW accepts wrong ones. Where an ETag is no such MD5 (some
encrypted buckets), the object is read back and its SHA-256 decides. Only one part of a large
file is in memory at a time.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.errors import IntegrityFault
from storage.s3_client import status_of
from storage.streams import BLOCK_BYTES, digest_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LARGE_BYTES = 64 << 20
"""Files above this go in parts; S3 takes at most 5 GiB in one piece."""
_PART_BYTES = 16 << 20  # with S3's 10,000 parts: up to 160 GiB
_CONDITION_FAILED = 412


class Lock(NamedTuple):
    """Object Lock of one version: who could lift it (mode), and until when nobody can."""

    mode: str
    until: datetime

    @property
    def headers(self) -> dict[str, Any]:
        """As `put_object` takes it."""
        return {"ObjectLockMode": self.mode, "ObjectLockRetainUntilDate": self.until}


def write(
    client: S3Client,
    place: Any,
    data: bytes | Path,
    *,
    sha256: str,
    metadata: Mapping[str, str],
    only_new: bool,
    lock: Lock | None,
) -> str | None:
    """The version written, `""` in a bucket without versions, None where the key is taken.

    Raises IntegrityFault where the server holds other bytes than were sent.
    """
    condition: Any = {"IfNoneMatch": "*"} if only_new else {}
    facts = {**metadata, "sha256": sha256}
    large = False
    try:
        if isinstance(data, Path) and data.stat().st_size > LARGE_BYTES:
            large = True
            etag, version = _in_parts(client, place, data, facts, condition)
        else:
            content = data if isinstance(data, bytes) else data.read_bytes()
            locked = lock.headers if lock else {}
            etag, version = _at_once(client, place, content, facts, {**condition, **locked})
    except client.exceptions.ClientError as error:
        if status_of(error) == _CONDITION_FAILED:
            return None
        raise
    named = {**place, "VersionId": version} if version else dict(place)
    if not etag and _read_back(client, named) != sha256:
        raise IntegrityFault(
            f"Kho S3 giữ nội dung khác với nội dung đã gửi cho «{place['Key']}». Dừng lại và báo "
            "quản trị viên."
        )
    if large and lock:  # lock headers of a multipart upload are dropped by some servers
        prolong(client, named, lock)
    return version


def prolong(client: S3Client, place: Any, lock: Lock) -> None:
    """Lock this version until then; a lock that lasts longer already is left alone."""
    found = client.head_object(**place)
    until = found.get("ObjectLockRetainUntilDate")
    if until is None or until < lock.until:
        retention: Any = {"Mode": lock.mode, "RetainUntilDate": lock.until}
        client.put_object_retention(**place, Retention=retention)


def content_md5(content: bytes) -> str:
    """As the header `Content-MD5` carries it; servers want it with every lock."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def _at_once(
    client: S3Client, place: Any, content: bytes, facts: dict[str, str], more: Any
) -> tuple[bool, str]:
    """Whether the ETag proves the bytes, and the version."""
    md5 = hashlib.md5(content, usedforsecurity=False)
    answer = client.put_object(
        **place,
        Body=content,
        ContentMD5=content_md5(content),
        Metadata=facts,
        **more,
    )
    return answer["ETag"].strip('"') == md5.hexdigest(), answer.get("VersionId", "")


def _in_parts(
    client: S3Client, place: Any, file: Path, facts: dict[str, str], condition: Any
) -> tuple[bool, str]:
    upload: Any = {
        **place,
        "UploadId": client.create_multipart_upload(**place, Metadata=facts)["UploadId"],
    }
    try:
        parts: list[Any] = []
        digests = b""
        for number, part in enumerate(_parts(file), start=1):
            sent = content_md5(part)
            etag = client.upload_part(**upload, PartNumber=number, Body=part, ContentMD5=sent)[
                "ETag"
            ]
            parts.append({"PartNumber": number, "ETag": etag})
            digests += base64.b64decode(sent)
        made = client.complete_multipart_upload(
            **upload, MultipartUpload={"Parts": parts}, **condition
        )
    except BaseException:
        with suppress(Exception):  # parts left behind are swept by the bucket's own rule
            client.abort_multipart_upload(**upload)
        raise
    version = made.get("VersionId", "")
    # Ceph RGW leaves the ETag out of this answer, so it is asked for.
    named: Any = {**place, "VersionId": version} if version else place
    etag = client.head_object(**named)["ETag"].strip('"')
    whole = hashlib.md5(digests, usedforsecurity=False).hexdigest()
    return etag == f"{whole}-{len(parts)}", version


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while part := stream.read(_PART_BYTES):
            yield part


def _read_back(client: S3Client, place: Any) -> str:
    with closing(client.get_object(**place)["Body"]) as body:
        return digest_of(body.iter_chunks(BLOCK_BYTES), "sha256")

"""What an S3 server can do that its documentation may promise or not: tried on keys of our own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from storage.s3 import S3Store
from storage.s3_client import foreign_errors, status_of
from storage.s3_write import Lock, content_md5

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SERVER_FAULT = 500
_KEY_BYTES = 32
_SECRET = b"secret"
_LOCKED_FOR = timedelta(minutes=1)

Encryption = Literal["refuses_without_key", "claimed", "none"]
"""`refuses_without_key`: nobody reads without the key that we sent, which was tried; `claimed`: the
server says so, and nothing from outside can show that the disk holds no plain text; `none`."""


class PutOnce(BaseModel):
    """Who keeps a key from being written twice."""

    model_config = ConfigDict(frozen=True)

    versions: bool
    """The bucket keeps versions: the first one stays, and decides."""
    condition: bool
    """`If-None-Match: *` is honoured for one put."""
    condition_in_parts: bool
    """It is honoured when an upload in parts ends."""

    @property
    def by_server(self) -> bool:
        """Whether no lock of our own is needed, whatever the size."""
        return self.versions or (self.condition and self.condition_in_parts)


def probe_put_once(store: S3Store) -> PutOnce:
    """Write twice and look; leaves nothing in a bucket without locks."""
    client = store.client()
    with foreign_errors(store.bucket):
        status = client.get_bucket_versioning(Bucket=store.bucket).get("Status")
        if status == "Enabled":
            return PutOnce(versions=True, condition=False, condition_in_parts=False)
        with _own_key(store, client) as key:
            client.put_object(**key, Body=b"one", IfNoneMatch="*")
            condition = _refused(
                client, lambda: client.put_object(**key, Body=b"two", IfNoneMatch="*")
            )
            in_parts = _refused(client, lambda: _put_in_parts(client, key))
    return PutOnce(versions=False, condition=condition, condition_in_parts=in_parts)


def _put_in_parts(client: S3Client, key: Any) -> None:
    upload: Any = {**key, "UploadId": client.create_multipart_upload(**key)["UploadId"]}
    part = client.upload_part(**upload, PartNumber=1, Body=b"three")
    try:
        client.complete_multipart_upload(
            **upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
            IfNoneMatch="*",
        )
    except client.exceptions.ClientError:
        client.abort_multipart_upload(**upload)
        raise


def probe_encryption(store: S3Store, now: datetime) -> dict[str, Encryption]:
    """What can be known of each way of encryption on the server's side.

    `SSE-C`: a key of ours, without which reading must fail. `SSE-KMS`, `SSE-S3`: keys of the
    server's; that it answers so is all that can be seen (Ceph RGW 16 accepts SSE-S3 and stores
    plain text). In a bucket that locks, what is tried on is locked for a minute, not for years.
    """
    client = store.client()
    brief: Any = Lock(store.lock, now + _LOCKED_FOR).headers if store.lock else {}
    secret = {"Body": _SECRET, "ContentMD5": content_md5(_SECRET), **brief}
    own: Any = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": secrets.token_bytes(_KEY_BYTES)}
    with foreign_errors(store.bucket), _own_key(store, client) as key:
        found: dict[str, Encryption] = {"SSE-C": "none"}
        if not _refused(client, lambda: client.put_object(**key, **secret, **own)):
            without = _refused(client, lambda: client.get_object(**key))
            found["SSE-C"] = "refuses_without_key" if without else "none"
        for name, asked in (("SSE-KMS", "aws:kms"), ("SSE-S3", "AES256")):
            found[name] = "claimed" if _says(client, {**key, **secret}, asked) else "none"
    return found


def _says(client: S3Client, secret: Any, asked: Any) -> bool:
    """Whether the server, asked to encrypt, says of the object that it did."""
    if _refused(client, lambda: client.put_object(**secret, ServerSideEncryption=asked)):
        return False
    head = client.head_object(Bucket=secret["Bucket"], Key=secret["Key"])
    return bool(head.get("ServerSideEncryption") == asked)


def _refused(client: S3Client, attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except client.exceptions.ClientError as error:
        if status_of(error) > _SERVER_FAULT:  # 500 and 501 are how some refuse what they lack
            raise
        return True
    return False


@contextmanager
def _own_key(store: S3Store, client: S3Client) -> Iterator[Any]:
    key: Any = {"Bucket": store.bucket, "Key": f"{store.prefix}doctor-{secrets.token_hex(4)}"}
    try:
        yield key
    finally:
        client.delete_object(**key)

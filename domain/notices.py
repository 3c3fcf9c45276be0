"""What an S3 server tells about new objects: the bodies of AWS, Ceph RGW and MinIO, read alike.

A notice is a hint. Nothing in it is trusted beyond the name of the object that came; whether
the object is there, and what it is, the intake store itself tells.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from domain.errors import DocumentFault

_CREATED = "ObjectCreated:"
_KEY_BYTES = 1024
_MARK_CHARACTERS = 200
_LARGEST_BYTES = 2**63 - 1
_CONFIRMATIONS = frozenset({"SubscriptionConfirmation", "UnsubscribeConfirmation"})


class Notice(NamedTuple):
    """One object that was written."""

    bucket: str
    key: str
    mark: str
    """Tells this write of the key from an earlier one: version, sequencer or ETag."""
    size_bytes: int


class Told(NamedTuple):
    """What one body said."""

    notices: tuple[Notice, ...]
    passed_over: int
    """Records about anything but a new object, or that make no sense."""
    topic: str | None = None
    """The SNS topic that asks to be confirmed; a person does that, nothing is fetched."""
    password: str | None = None
    """What every record carries from its topic (Ceph RGW's opaque data)."""


def told(body: bytes) -> Told:
    """What a notification's body says; DocumentFault where it is none.

    AWS (S3 event version 2.x, plain or wrapped by SNS) and MinIO percent-encode keys, Ceph RGW
    does not. Notices come more than once and out of order.
    """
    content = _object(body)
    kind = content.get("Type")
    if kind in _CONFIRMATIONS:
        return Told((), 0, str(content.get("TopicArn", ""))[:_MARK_CHARACTERS])
    if kind == "Notification" and isinstance(content.get("Message"), str):
        content = _object(content["Message"].encode(errors="replace"))
    if content.get("Event") == "s3:TestEvent":
        return Told((), 0)
    records = content.get("Records")
    if not isinstance(records, list):
        raise _foreign()
    notices = [_notice(record) for record in records]
    good = tuple(notice for notice in notices if notice is not None)
    return Told(good, len(notices) - len(good), password=_password(records))


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _foreign() from error
    if not isinstance(content, dict):
        raise _foreign()
    return content


def _foreign() -> DocumentFault:
    return DocumentFault(
        "bad_notice", "Nội dung không phải tin báo của kho S3. Kiểm tra địa chỉ nhận tin."
    )


def _password(records: list[Any]) -> str | None:
    said = [record.get("opaqueData") if isinstance(record, dict) else None for record in records]
    same = all(isinstance(one, str) and one == said[0] for one in said)
    return said[0] if said and same else None


def _notice(record: object) -> Notice | None:
    try:
        return _read(record)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _read(record: Any) -> Notice | None:
    if not record["eventName"].removeprefix("s3:").startswith(_CREATED):
        return None
    bucket, written = record["s3"]["bucket"]["name"], record["s3"]["object"]
    key, size = written["key"], written.get("size") or 0
    if not str(record.get("eventSource", "")).startswith("ceph:"):
        key = unquote_plus(key, errors="strict")
    marks = (written.get(name) for name in ("versionId", "sequencer", "eTag"))
    mark = "/".join(mark for mark in marks if mark)
    if not (isinstance(bucket, str) and bucket and key and isinstance(size, int)):
        return None
    if len(key.encode()) > _KEY_BYTES or not 0 <= size <= _LARGEST_BYTES or "\0" in key + mark:
        return None
    mark.encode()
    return Notice(bucket, key, mark[:_MARK_CHARACTERS], size)

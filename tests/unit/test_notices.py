"""What S3 servers tell about new objects is read alike; whatever else comes does no harm."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DocumentFault
from domain.notices import Notice, told

RGW = {
    "eventVersion": "2.2",
    "eventSource": "ceph:s3",
    "awsRegion": "",
    "eventTime": "2026-11-20T12:39:03.375845Z",
    "eventName": "ObjectCreated:Put",
    "s3": {
        "s3SchemaVersion": "1.0",
        "configurationId": "s1",
        "bucket": {"name": "kho", "arn": "arn:aws:s3:::kho", "id": "3ec4c218.4106.20"},
        "object": {
            "key": "lô/é a+b%20.pdf",
            "size": 5,
            "eTag": "5d41402abc4b2a76b9719d911017c592",
            "versionId": "",
            "sequencer": "673F006B75FF8416",
            "metadata": [{"key": "x-amz-meta-k", "val": "v"}],
        },
    },
    "eventId": "1795178343.377814.5d41402abc4b2a76b9719d911017c592",
    "opaqueData": "",
}
AWS = {
    "eventVersion": "2.1",
    "eventSource": "aws:s3",
    "eventName": "ObjectCreated:CompleteMultipartUpload",
    "s3": {
        "bucket": {"name": "kho"},
        "object": {
            "key": "l%C3%B4/%C3%A9+a%2Bb.pdf",
            "size": 1024,
            "eTag": "d41d8",
            "versionId": "v1",
            "sequencer": "0055AED6DCD90281E5",
        },
    },
}
MINIO = {
    "EventName": "s3:ObjectCreated:Put",
    "Key": "kho/lo/a b.pdf",
    "Records": [
        {
            "eventSource": "minio:s3",
            "eventName": "s3:ObjectCreated:Put",
            "s3": {
                "bucket": {"name": "kho"},
                "object": {"key": "lo%2Fa+b.pdf", "size": 7, "eTag": "e", "sequencer": "17B"},
            },
        }
    ],
}

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
_PLACES = [
    (),
    ("Records",),
    ("Records", 0),
    ("Records", 0, "eventName"),
    ("Records", 0, "eventSource"),
    ("Records", 0, "opaqueData"),
    ("Records", 0, "s3"),
    ("Records", 0, "s3", "bucket"),
    ("Records", 0, "s3", "bucket", "name"),
    ("Records", 0, "s3", "object"),
    ("Records", 0, "s3", "object", "key"),
    ("Records", 0, "s3", "object", "size"),
    ("Records", 0, "s3", "object", "versionId"),
    ("Records", 0, "s3", "object", "sequencer"),
]


def _told(*records):
    return told(json.dumps({"Records": records}).encode())


def test_ceph_writes_keys_as_they_are():
    (notice,) = _told(RGW).notices
    mark = "673F006B75FF8416/5d41402abc4b2a76b9719d911017c592"
    assert notice == Notice("kho", "lô/é a+b%20.pdf", mark, 5)


def test_aws_encodes_keys_and_names_the_version():
    (notice,) = _told(AWS).notices
    assert notice == Notice("kho", "lô/é a+b.pdf", "v1/0055AED6DCD90281E5/d41d8", 1024)


def test_minio_encodes_slashes_too():
    (notice,) = told(json.dumps(MINIO).encode()).notices
    assert (notice.bucket, notice.key, notice.size_bytes) == ("kho", "lo/a b.pdf", 7)


def test_a_notice_wrapped_by_sns_is_unwrapped():
    wrapped = {"Type": "Notification", "Message": json.dumps({"Records": [AWS]})}
    assert told(json.dumps(wrapped).encode()) == _told(AWS)


def test_a_topic_that_asks_to_be_confirmed_is_named_and_nothing_else():
    asked = {"Type": "SubscriptionConfirmation", "TopicArn": "arn:aws:sns:x", "SubscribeURL": "u"}
    said = told(json.dumps(asked).encode())
    assert (said.topic, said.notices) == ("arn:aws:sns:x", ())


def test_the_test_event_of_aws_is_taken_and_means_nothing():
    assert told(b'{"Service": "Amazon S3", "Event": "s3:TestEvent"}') == ((), 0, None, None)


def test_what_is_no_new_object_is_passed_over():
    removed = {**AWS, "eventName": "ObjectRemoved:Delete"}
    said = _told(removed, RGW, 7, {})
    assert (len(said.notices), said.passed_over) == (1, 3)


def test_the_password_counts_only_when_every_record_has_it():
    with_password = {**RGW, "opaqueData": "bí mật"}
    assert _told(with_password, with_password).password == "bí mật"
    assert _told(with_password, RGW).password is None
    assert _told(with_password, AWS).password is None


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"{}", b"[" * 100_000])
def test_a_body_that_is_no_notice_is_refused(body):
    with pytest.raises(DocumentFault):
        told(body)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "a/%FF.pdf"},
        {"key": "a/" + "x" * 1100},
        {"key": ""},
        {"key": "a/\0"},
        {"key": "a/%ED%A0%80"},
        {"size": -1},
        {"size": 2**70},
        {"size": "5"},
    ],
)
def test_an_object_that_cannot_be_is_passed_over(wrong):
    record = {**AWS, "s3": {**AWS["s3"], "object": {**AWS["s3"]["object"], **wrong}}}
    assert _told(record) == ((), 1, None, None)


@given(body=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body):
    try:
        told(body)
    except DocumentFault:
        return


@given(place=st.sampled_from(_PLACES), value=_JSON, record=st.sampled_from([RGW, AWS]))
def test_anything_in_any_place_is_read_or_refused(place, value, record):
    """What is read can be written into the registry: no empty key, no size out of range."""
    body = json.loads(json.dumps({"Records": [record]}))
    if place:
        inner = body
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = value
    else:
        body = value
    try:
        said = told(json.dumps(body).encode())
    except DocumentFault:
        return
    for notice in said.notices:
        assert notice.key
        assert len(notice.key.encode()) <= 1024
        assert 0 <= notice.size_bytes < 2**63
        assert "\0" not in notice.key + notice.mark
        notice.mark.encode()

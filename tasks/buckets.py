"""Buckets made and brought to what they must be (`sohoa doctor --init`), and their faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.errors import ConfigurationFault
from storage.claimed import put_once_by
from storage.s3 import S3Store
from storage.s3_bucket import BucketState, bucket_state, make_bucket, policy_of, put_policy
from tasks.house import House

StoreName = Literal["intake", "work", "archive", "quarantine"]
STORES: dict[StoreName, str] = {
    "intake": "tiếp nhận",
    "work": "trung gian",
    "archive": "lưu trữ",
    "quarantine": "để riêng",
}
USERS = ("scanner", "worker", "reader")


class PreparedBucket(BaseModel):
    """A bucket after `prepare_buckets`."""

    model_config = ConfigDict(frozen=True)

    store: str
    bucket: str
    created: bool
    state: BucketState
    policy: bool
    """Whether the policy of its store was put."""


def s3_stores(here: House) -> dict[str, S3Store]:
    """The stores on S3 by what they are for, in Vietnamese; the second copy among them."""
    found = {text: here.settings.store(name) for name, text in STORES.items()}
    if here.settings.copy_to is not None:
        found["bản sao thứ hai"] = here.settings.copy_to
    return {name: store for name, store in found.items() if isinstance(store, S3Store)}


def locked(here: House, store: S3Store) -> bool:
    """Whether a store holds archive objects, which must not be lost."""
    return store in {here.settings.archive, here.settings.copy_to}


def default_lock_years(here: House) -> int:
    """The bucket's default retention: the shortest first lock of all retention classes, in years.

    A lock cannot be shortened, so the default must suit every type; what is archived is locked
    longer where its type's class says so.
    """
    return min(one.lock_years for one in here.catalogue.retention)


def prepare_buckets(
    here: House, users: Mapping[str, str] | None, policies: Path
) -> Iterator[PreparedBucket]:
    """Create what is missing and set versions, locks and rules; with `users` the policies too.

    `users`: ARN by name for each of `USERS`. Quiet where all is as it must be. Raises
    ConfigurationFault where an existing bucket cannot be made right.
    """
    files = {text: policies / f"{name}.json" for name, text in STORES.items()}
    for name, store in s3_stores(here).items():
        before = bucket_state(store)
        lock = locked(here, store) and store.lock is not None
        make_bucket(store, lock_years=default_lock_years(here) if lock else None)
        policy = files.get(name, files["lưu trữ"])
        if users:
            put_policy(store, policy_of(policy, store, users))
        state = bucket_state(store)
        yield PreparedBucket(
            store=name,
            bucket=store.bucket,
            created=not before.exists,
            state=state,
            policy=bool(users),
        )


def bucket_faults(here: House, name: str, store: S3Store) -> Iterator[str]:
    """What of a bucket is not as it must be, in Vietnamese."""
    state = bucket_state(store)
    if not state.exists:
        yield f"kho {name}: chưa có bucket {store.bucket} (sohoa doctor --init)"
        return
    if not state.sweeps_parts:
        yield f"kho {name}: phần tải lên dở dang không tự dọn"
    if not locked(here, store):
        return
    if store.lock is None:
        yield f"kho {name}: chưa bật khóa (LOCK), không phải WORM"
    elif not (state.versioned and state.lock_enabled):
        yield f"kho {name}: bucket không có Object Lock hoặc không giữ phiên bản"
    elif state.default_mode != store.lock or (state.default_days or 0) < 1:
        yield f"kho {name}: thời hạn khóa mặc định chưa đặt theo {store.lock}"


def put_once_said(here: House, name: str, store: S3Store) -> str:
    """Who keeps keys of this bucket from being written twice, in Vietnamese."""
    found = put_once_by(store, here.registry)
    if found.versions:
        return f"{name}: phiên bản của bucket"
    if found.by_server:
        return f"{name}: máy chủ (If-None-Match)"
    if found.condition:
        return f"{name}: máy chủ với tệp nhỏ, sổ đăng ký với tệp tải theo phần"
    return f"{name}: sổ đăng ký (máy chủ không giữ)"


def users_of(given: Mapping[str, str | None]) -> dict[str, str] | None:
    """The ARNs where all are given, None where none is; ConfigurationFault for some only."""
    users = {name: arn for name, arn in given.items() if arn}
    if not users:
        return None
    if len(users) < len(USERS):
        raise ConfigurationFault(
            "Phải nêu đủ ba người dùng S3: --scanner, --worker và --reader (ARN), để đặt quyền."
        )
    return users

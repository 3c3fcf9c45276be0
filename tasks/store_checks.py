"""What `sohoa doctor` looks at in S3 stores: buckets, put-once, encryption, and locks that hold."""

from __future__ import annotations

from domain.health import Found
from storage.s3 import S3Store
from storage.s3_probe import probe_encryption
from tasks.buckets import STORES, bucket_faults, locked, put_once_said, s3_stores
from tasks.house import House
from tasks.worm import worm_self_test

_ENCRYPTION = {
    "refuses_without_key": "không có khóa thì không đọc được (đã thử)",
    "claimed": "máy chủ nói có, không xác nhận được",
    "none": "không có",
}


def check_buckets(here: House) -> Found:
    """Every bucket is there, with versions, locks and rules as they must be."""
    stores = s3_stores(here)
    if not stores:
        return Found("ok", "không dùng S3")
    faults = [said for name, one in stores.items() for said in bucket_faults(here, name, one)]
    missing = any("chưa có bucket" in said for said in faults)
    return Found(
        "missing" if missing else "warning" if faults else "ok",
        "; ".join(faults) or f"{len(stores)} bucket đúng như cấu hình",
    )


def check_put_once(here: House) -> Found:
    """Who keeps a key from being written twice."""
    here.registry.migrate()
    stores = {
        name: one
        for name, one in s3_stores(here).items()
        if name == STORES["intake"] or locked(here, one)  # elsewhere a key is its content's digest
    }
    said = [put_once_said(here, name, one) for name, one in stores.items()]
    return Found("ok", "; ".join(said) or "hệ điều hành")


def check_encryption(here: House) -> Found:
    """What can be known from outside of encryption at rest; nothing is taken on trust."""
    servers: dict[str | None, S3Store] = {}
    for store in sorted(s3_stores(here).values(), key=lambda one: locked(here, one)):
        servers.setdefault(store.endpoint_url, store)  # try where nothing is locked, if possible
    if not servers:
        return Found("ok", "kho thư mục: mã hóa ổ đĩa (LUKS) không xác nhận được từ đây")
    said = []
    for endpoint, store in servers.items():
        ways = probe_encryption(store, here.now()).items()
        told = ", ".join(f"{name} {_ENCRYPTION[found]}" for name, found in ways)
        said.append(f"{endpoint or 'AWS'}: {told}")
    return Found(
        "warning",
        f"{'; '.join(said)}. sohoa không gửi khóa mã hóa: hãy mã hóa ổ đĩa của máy chủ S3 "
        "(dm-crypt); việc đó không xác nhận được từ đây.",
    )


def check_worm(here: House) -> Found:
    """The archive really refuses to let go what is locked; raises IntegrityFault where not."""
    archive = here.settings.store("archive")
    if not isinstance(archive, S3Store) or archive.lock is None:
        return Found(
            "warning",
            "kho lưu trữ không phải WORM: ai có quyền với kho thì sửa và xóa được",
        )
    worm_self_test(here)
    return Found("ok", f"{archive.lock}: đã thử xóa, ghi đè, rút ngắn khóa; kho từ chối tất cả")

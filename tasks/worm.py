"""The WORM self-test of the archive and its second copy; an alarm where a promise is broken."""

from __future__ import annotations

import logging

from prefect.context import FlowRunContext
from prefect.events import emit_event

from domain.alarms import NOT_WORM
from domain.errors import IntegrityFault
from storage.registry import audit
from storage.s3_worm import broken_promises
from tasks.buckets import locked, s3_stores
from tasks.house import House

LOG = logging.getLogger("sohoa.alarm")


def worm_self_test(here: House) -> int:
    """How many locked stores were put to the test and held.

    Really tries to delete, overwrite and unlock a locked version. IntegrityFault where one lets
    go of it: an event, a log line and an audit row say so too.
    """
    tried = 0
    for name, store in s3_stores(here).items():
        if store.lock is None or not locked(here, store):
            continue
        broken = broken_promises(store, here.now())
        if broken:
            _alarm(here, name, store.bucket, broken)
        tried += 1
    return tried


def _alarm(here: House, name: str, bucket: str, broken: tuple[str, ...]) -> None:
    text = f"CẢNH BÁO: kho {name} (bucket {bucket}) không giữ được khóa: {'; '.join(broken)}"
    LOG.error(text)
    here.registry.migrate()
    with here.registry.begin() as db:
        audit.append(
            db, "worm_broken", bucket, actor=here.worker, at=here.now(), promises=list(broken)
        )
    if FlowRunContext.get() is not None:
        emit_event(
            NOT_WORM.event,
            resource={"prefect.resource.id": f"sohoa.store.{bucket}"},
            payload={
                "text": text,
                "remedy": NOT_WORM.remedy,
                "store": name,
                "promises": list(broken),
            },
        )
    raise IntegrityFault(
        f"{text}. Không tin kho này là WORM: kiểm tra quyền và máy chủ, rồi chạy lại sohoa doctor."
    )

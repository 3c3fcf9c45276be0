"""Which archived papers get a new document time stamp, and getting it for some of them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.errors import (
    AlreadyExists,
    ConfigurationFault,
    DocumentFault,
    IntegrityFault,
    LeaseLost,
    Unavailable,
)
from storage.registry import protections
from tasks.house import House, house
from tasks.renewal import renew_paper
from tasks.step import step

Purpose = Literal["preserve", "catch_up"]


class Batch(BaseModel):
    """What became of some papers; `last` is the id after which to go on."""

    model_config = ConfigDict(frozen=True)

    renewed: int = 0
    busy: int = 0
    """Papers that another process was working on; the next run takes them."""
    failed: dict[str, str] = {}
    """Paper id → what is wrong with it, in Vietnamese."""
    last: str = ""
    finished: bool = False
    """Nothing is left to look at behind `last`."""


@step("time_stamp_archived")
def time_stamp_archived(purpose: Purpose, after: str, limit: int, seconds: float) -> Batch:
    """Renew up to `limit` due papers whose ids follow `after`, for at most about `seconds`.

    Killed anywhere, each paper is done or not done, and the next run finds those that are left.
    Raises Unavailable where no authority or responder answers, ConfigurationFault where a new
    time stamp would be no better than the old one.
    """
    here = house()
    due = _due(here, purpose, after, limit) if here.settings.signatures.tsa else []
    if not due:
        return Batch(last=after, finished=True)
    _refuse_useless(here)
    deadline = time.monotonic() + seconds
    renewed = busy = 0
    failed: dict[str, str] = {}
    last = after
    for paper_id in due:
        if time.monotonic() > deadline:
            break
        try:
            renewed += renew_paper(here, paper_id)
        except (LeaseLost, AlreadyExists):
            busy += 1
        except (DocumentFault, IntegrityFault) as fault:
            failed[paper_id] = str(fault)
        last = paper_id
    finished = last == due[-1] and len(due) < limit
    return Batch(renewed=renewed, busy=busy, failed=failed, last=last, finished=finished)


def _due(here: House, purpose: Purpose, after: str, limit: int) -> list[str]:
    settings = here.settings.signatures
    margin = timedelta(days=settings.renew_days_before)
    weak = [name for name, day in settings.weak_from.items() if day <= here.today() + margin]
    with here.registry.read() as db:
        if purpose == "catch_up":
            return protections.behind(db, after=after, limit=limit)
        before = here.now() + margin
        return protections.ending(db, before=before, weak=weak, after=after, limit=limit)


def _refuse_useless(here: House) -> None:
    """A time stamp that is itself about to grow weak would be renewed again every night."""
    from signing.timestamps import FailoverTimeStamper, NoTimeStampError  # import pyHanko

    settings = here.settings.signatures
    limit = here.now() + timedelta(days=settings.renew_days_before)
    try:
        authority = FailoverTimeStamper(here.trust_services).expected()
    except NoTimeStampError as error:
        raise Unavailable(f"Chưa đóng dấu thời gian được: {error}. Chạy lại sau.") from error
    if authority.data.not_after < limit:
        raise ConfigurationFault(
            f"Chứng thư của {authority.url} hết hạn {authority.data.not_after:%d/%m/%Y}, quá gần "
            "để gia hạn giấy tờ: khai báo máy chủ dấu thời gian khác (SOHOA_SIGNATURES__TSA)."
        )
    weak = {name for name, day in settings.weak_from.items() if day <= limit.date()}
    bad = weak & {settings.digest, *authority.algorithms}
    if bad:
        raise ConfigurationFault(
            f"Dấu thời gian mới cũng dùng {', '.join(sorted(bad))}, sắp không còn an toàn: đổi "
            "SOHOA_SIGNATURES__DIGEST hoặc máy chủ dấu thời gian (SOHOA_SIGNATURES__TSA)."
        )

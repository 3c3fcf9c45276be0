"""The outbox to the national portal: every archived paper, once in effect, in order per dossier."""

from __future__ import annotations

import json
import random
import time
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from catalogues.portal_file import load_portal_mapping
from domain.errors import ConfigurationFault, NotFound, SohoaError
from domain.portal import delay_seconds, filled
from domain.record import FIELD_NAMES
from storage.registry import audit, outbox, papers, protections
from tasks.house import VIETNAM, House, house
from tasks.objects import read_paper
from tasks.portal import Reply, ask, tell
from tasks.step import step

_FIRST_DELAY_SECONDS = 30.0
_LONGEST_DELAY_SECONDS = 6 * 3600.0


class Sent(BaseModel):
    """What a run of the outbox came to."""

    model_config = ConfigDict(frozen=True)

    queued: int = 0
    """Papers that were new to the outbox."""
    sent: int = 0
    again: int = 0
    dead: int = 0
    stopped: str = ""
    """Why the run ended early, in Vietnamese."""
    done: int = 0
    """Papers that the portal has, of all that are archived: the sync rate's two numbers."""
    archived: int = 0
    official: bool = False
    """Whether the messages follow an official specification."""


@step("outbox")
def send_waiting(limit: int, minutes: float) -> Sent:
    """Queue what is new and send what is due, until nothing is left or the budget ends.

    Killed at any instruction it may be run again: what was under way counts as uncertain and goes
    again under the same name. ConfigurationFault when no address is set; Unavailable never: what
    the portal cannot take now waits for the next run.
    """
    here = house()
    here.registry.migrate()
    settings = here.settings.outbox
    if settings.url is None:
        raise ConfigurationFault("Chưa cấu hình địa chỉ cổng: SOHOA_OUTBOX__URL.")
    mapping = load_portal_mapping(settings.mapping)
    with here.registry.begin() as db:
        queued = outbox.enqueue(db, at=here.now(), limit=limit)
    ends = {"sent": 0, "again": 0, "dead": 0}
    deadline, stopped = time.monotonic() + minutes * 60, ""
    lease = timedelta(seconds=2 * settings.timeout_seconds + 60)
    while not stopped and sum(ends.values()) < limit and time.monotonic() < deadline:
        with here.registry.begin() as db:
            message = outbox.claim(db, at=here.now(), lease=lease)
        if message is None:
            break
        try:
            facts = _facts(here, message)
        except ConfigurationFault as error:
            reply = Reply("closed", fault=str(error))
        except SohoaError as error:
            reply = Reply("again" if error.transient else "refused", fault=str(error))
        else:
            reply = _deliver(here, message, filled(mapping.message, facts), mapping.receipt)
        end = _settle(here, message, reply)
        if end is None:
            stopped = reply.fault
        else:
            ends[end] += 1
    done, archived = synced(None, None)
    return Sent(
        queued=queued,
        stopped=stopped,
        done=done,
        archived=archived,
        official=mapping.official,
        **ends,
    )


def _deliver(here: House, message: RowMapping, body: dict[str, Any], receipt: str) -> Reply:
    """Send, after asking where an earlier attempt ended unclear."""
    settings = here.settings.outbox
    if message["uncertain"]:
        known = ask(settings, message["message_id"], receipt)
        if known is not None:
            return known
    return tell(settings, message["message_id"], body, receipt)


def _settle(here: House, message: RowMapping, reply: Reply) -> str | None:
    """Write down what came of an attempt; None when the run must stop (`closed`)."""
    settings, at = here.settings.outbox, here.now()
    with here.registry.begin() as db:
        if reply.outcome == "taken":
            if outbox.sent(db, message, receipt=reply.receipt, at=at):
                audit.append(
                    db,
                    "portal:sent",
                    message["paper_id"],
                    actor=here.worker,
                    at=at,
                    message=message["message_id"],
                    attempts=message["attempts"],
                )
            return "sent"
        if reply.outcome == "closed":
            outbox.give_back(db, message, fault=reply.fault)
            return None
        if reply.outcome == "refused" or message["attempts"] >= settings.attempts:
            outbox.bury(db, message, fault=reply.fault, uncertain=reply.uncertain)
            return "dead"
        wait = delay_seconds(
            message["attempts"],
            random.random(),  # noqa: S311 - spreads retries, guards nothing
            first=_FIRST_DELAY_SECONDS,
            longest=_LONGEST_DELAY_SECONDS,
        )
        wait = max(wait, min(reply.wait_seconds or 0, _LONGEST_DELAY_SECONDS))
        outbox.again(
            db,
            message,
            fault=reply.fault,
            uncertain=reply.uncertain,
            next_at=at + timedelta(seconds=wait),
        )
        return "again"


def _facts(here: House, message: RowMapping) -> dict[str, Any]:
    """What a message may say of its paper: from the archive's own record."""
    paper_id = message["paper_id"]
    with here.registry.read() as db:
        row = papers.paper(db, paper_id)
        newest = protections.of(db, paper_id)
    record = json.loads(read_paper(here, row, "record.json"))
    fields: dict[str, Any] = {
        name: (record["fields"].get(name) or {}).get("value") for name in FIELD_NAMES
    }
    kind = here.catalogue.type(row["type_id"])
    return {
        **fields,
        "type_code": kind.code if kind and kind.code else None,
        "message_id": message["message_id"],
        "dossier": row["dossier"],
        "code": row["code"],
        "result_code": row["result_code"],
        "unit": row["unit"],
        "link": f"{here.settings.api.public_url}/v1/papers/{paper_id}/file",
        "sha256": newest["sha256"] if newest else row["signed"],
        "archived_at": record["archived_at"],
        "paper_id": paper_id,
    }


def synced_of_year(year: int) -> tuple[int, int]:
    """Papers archived in a year that the portal has, and all of them."""
    first, last = (datetime(year + n, 1, 1, tzinfo=VIETNAM) for n in (0, 1))
    return synced(first, last)


def synced(since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """Papers archived in [since, until) that the portal has, and all; the sync rate's numbers."""
    here = house()
    first = since or datetime(1900, 1, 1, tzinfo=VIETNAM)
    with here.registry.read() as db:
        return outbox.rate(db, first, until or here.now() + timedelta(days=1))


def messages(state: str | None = None) -> list[dict[str, Any]]:
    """The outbox as an operator sees it; no personal data."""
    here = house()
    here.registry.migrate()
    with here.registry.read() as db:
        rows = outbox.listed(db, state)
    shown = ("message_id", "paper_id", "lane", "state", "attempts", "fault", "receipt")
    times = ("next_at", "sent_at")
    return [
        {name: row[name] for name in shown}
        | {name: row[name] and row[name].isoformat(timespec="seconds") for name in times}
        for row in rows
    ]


def requeue(names: tuple[str, ...], *, everything: bool, actor: str) -> int:
    """Send dead messages again: these, or all; NotFound when none of them is dead."""
    here = house()
    here.registry.migrate()
    at = here.now()
    with here.registry.begin() as db:
        count = outbox.requeue(db, None if everything else names, at=at)
        if count:
            audit.append(db, "portal:requeued", "outbox", actor=actor, at=at, messages=count)
    if not count:
        raise NotFound("Không có thông điệp hỏng nào như vậy. Xem: sohoa outbox list --state dead.")
    return count

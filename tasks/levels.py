"""Which level a paper's signatures should have, and what is written down of what they reached."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from signing.levels import Level, reaches, wanted_level
from signing.outlook import Outlook
from storage.registry import protections
from tasks.house import House


class Reached(NamedTuple):
    """What a fresh signature came to."""

    level: Level
    wanted: Level
    shortfall: str
    """Why it is less than wanted, in Vietnamese; empty where it is not."""


def wanted_for(here: House, type_id: str | None) -> Level:
    """The level for papers of a type; of an unknown type they are kept for ever."""
    retention = here.catalogue.retention_of(type_id)
    settings = here.settings.signatures
    return wanted_level(
        settings,
        keep_until=retention.keep_until(here.today()) if retention else None,
        tsa_not_after=_authority_not_after(here) if settings.level is None else None,
    )


def capped(level: Level, most: Level) -> Level:
    """The level, but not above `most`."""
    return most if reaches(level, most) else level


def enter_protection(
    db: Connection, paper_id: str, reached: Reached, proven: Outlook, sha256: str, at: datetime
) -> None:
    """Write what protects a freshly signed paper; its file has this SHA-256."""
    protections.enter(
        db,
        paper_id,
        level=reached.level,
        wanted=reached.wanted,
        shortfall=reached.shortfall or None,
        until=proven.until,
        algorithms=proven.algorithms,
        sha256=sha256,
        behind=not reaches(reached.level, reached.wanted),
        updated_at=at,
    )


def _authority_not_after(here: House) -> datetime | None:
    """When the certificate of the authority in use expires; None where none answers now."""
    if not here.settings.signatures.tsa:
        return None
    from signing.timestamps import FailoverTimeStamper, NoTimeStampError  # import pyHanko

    try:
        return FailoverTimeStamper(here.trust_services).expected().data.not_after
    except NoTimeStampError:
        return None

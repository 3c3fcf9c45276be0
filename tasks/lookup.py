"""The data store of persons and organizations: who has what, opened by short-lived links.

Nobody looks without a requester and a purpose, and every look stands in the audit chain. There the
owner is the keyed hash that the registry knows, never the identifier.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import RowMapping

from domain.access import Access
from domain.errors import NotFound, Undecided
from domain.holding import Holding, standing
from domain.record import Description
from domain.states import PaperState
from storage.registry import audit, papers, reuse
from tasks.house import House, house
from tasks.objects import fetch_paper, read_paper
from tasks.shelve import shelve

LARGEST_PAGE = 100


def lookup(
    access: Access,
    owner_id: str,
    *,
    types: Collection[str] = (),
    on: date | None = None,
    only_valid: bool = True,
    after: str = "",
    limit: int = LARGEST_PAGE,
) -> list[Holding]:
    """Papers of an owner as they stand on a day (today), in the order of their ids.

    `only_valid` leaves out superseded, withdrawn and expired ones, which else are marked. More than
    `limit` papers: ask again with `after` = the last id.
    """
    here = house()
    day = on or here.today()
    key = here.owner_hash(owner_id)
    with here.registry.read() as db:
        rows = reuse.of_owner(
            db,
            key,
            types=types,
            valid_on=day if only_valid else None,
            after=after,
            limit=min(limit, LARGEST_PAGE),
        )
    found = [_holding(here, access, row, day) for row in rows]
    with here.registry.begin() as db:
        audit.append(
            db,
            "store:looked",
            key,
            actor=access.requester,
            at=here.now(),
            purpose=access.purpose,
            types=sorted(types),
            on=day.isoformat(),
            papers=[holding.id for holding in found],
        )
    return found


def lookup_all(
    access: Access,
    owner_id: str,
    *,
    types: Collection[str] = (),
    on: date | None = None,
    only_valid: bool = True,
) -> list[Holding]:
    """The same without an end: page after page, each of which stands in the audit chain."""
    found: list[Holding] = []
    while page := lookup(
        access,
        owner_id,
        types=types,
        on=on,
        only_valid=only_valid,
        after=found[-1].id if found else "",
    ):
        found += page
        if len(page) < LARGEST_PAGE:
            break
    return found


def holding(access: Access, paper_id: str, on: date | None = None) -> Holding:
    """One archived paper; NotFound when the store has none of this id."""
    here = house()
    with here.registry.read() as db:
        row = reuse.held(db, paper_id)
    if row is None:
        raise NotFound("Kho dữ liệu không có giấy tờ này.")
    note(access, paper_id, "store:shown")
    return _holding(here, access, row, on or here.today())


def note(access: Access, paper_id: str, action: str) -> None:
    """Write into the audit chain that somebody saw this paper."""
    here = house()
    with here.registry.begin() as db:
        at = here.now()
        audit.append(db, action, paper_id, actor=access.requester, at=at, purpose=access.purpose)


def archived_file(paper_id: str, name: str) -> bytes:
    """A file of an archived paper (`record.json`, `paper.pdf`); NotFound when it has none."""
    here = house()
    with here.registry.read() as db:
        row = reuse.held(db, paper_id)
    if row is None:
        raise NotFound("Kho dữ liệu không có giấy tờ này.")
    return read_paper(here, row, name)


def fetch(paper_id: str, target: Path) -> None:
    """Write the paper's file to `target`, checked against the archive's digests."""
    here = house()
    with here.registry.read() as db:
        row = papers.paper(db, paper_id)
    fetch_paper(here, row, "paper.pdf", target)


def opened(paper_id: str, requester: str, expires: int, signature: str) -> Access:
    """Who may open a link now; Undecided when it has run out or was not made here."""
    here = house()
    made = _signature(here, paper_id, requester, expires)
    if not hmac.compare_digest(made, signature) or expires < here.now().timestamp():
        raise Undecided("Đường dẫn đã hết hạn hoặc không đúng; tra cứu lại để lấy đường dẫn mới.")
    return Access(requester=requester, purpose="mở đường dẫn ngắn hạn")


def link(access: Access, paper_id: str, at: datetime) -> str:
    """The address that opens a paper's file for some minutes."""
    here = house()
    expires = int(at.timestamp()) + 60 * here.settings.api.link_minutes
    query = {
        "requester": access.requester,
        "expires": expires,
        "signature": _signature(here, paper_id, access.requester, expires),
    }
    base = here.settings.api.public_url
    return f"{base}/v1/files/{quote(paper_id)}?{urlencode(query, quote_via=quote)}"


def _signature(here: House, paper_id: str, requester: str, expires: int) -> str:
    return here.keyed("link", paper_id, requester, str(expires))


def _holding(here: House, access: Access, row: RowMapping, on: date) -> Holding:
    stands = standing(PaperState(row["state"]), row["issue_date"], row["valid_until"], on)
    opens = stands not in {"superseded", "withdrawn"}
    facts: dict[str, Any] = {
        name: row[name] for name in ("id", "code", "title", "number", "issuer", "issue_date")
    }
    return Holding(
        **facts,
        type=row["type_id"],
        valid_until=row["valid_until"],
        scope=_scope(row["description"]),
        standing=stands,
        signatures=row["verdict"] or shelve(row["id"]),
        archived_at=row["archived_at"].isoformat(timespec="seconds"),
        link=link(access, row["id"], here.now()) if opens else None,
    )


def _scope(description: Any) -> str | None:
    return Description.model_validate(description).value("scope") if description else None

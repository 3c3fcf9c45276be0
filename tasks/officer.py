"""Papers that an officer signs on a PC of their own: ask, hand out digests.

A personal key stays on the token of its owner, who signs the copy (TT 01/2023/TT-VPCP Đ8.1). The
line stops such a paper at *awaiting officer*; when its signature has come (`tasks.officer_return`),
the next run of the line takes it up. Only digests and a description without personal data go to
the officer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import RowMapping

from domain.claims import Claim
from domain.errors import NotFound, Undecided
from domain.lot import UploadFacts
from domain.officer import PaperDigest, RegisteredOfficer, ToSign, called, responsible
from domain.states import PaperState
from signing.fields import OFFICER_FIELD
from signing.interrupted import Prepared, prepare_pdf
from storage.registry import audit, claims, officer_keys, officers, papers
from tasks.house import House, house

COPY_REASON = "Sao chụp giấy tờ (TT 01/2023/TT-VPCP Điều 8)"
_PREPARE_SECONDS = 60.0
_FRESH = timedelta(hours=24)
"""How long a prepared file is handed out: its claimed time of signing must not be older."""


def ask_officer(
    here: House, claim: Claim, row: RowMapping, facts: UploadFacts, at: datetime
) -> None:
    """Let the paper wait for the signature of the officer whom its lot names; once."""
    name = facts.officer or here.settings.officer_name
    with here.registry.begin() as db:
        claims.hold(db, claim)
        if row["state"] == PaperState.AWAITING_OFFICER:
            return
        certain = responsible(name, facts.officer_id, officer_keys.registered(db))
        officer_id = certain.id if certain else None
        officers.request(db, row["id"], name, officer_id, at=at)
        papers.move(db, row["id"], PaperState.AWAITING_OFFICER, at=at)
        audit.append(
            db,
            "awaiting_officer",
            row["id"],
            actor=here.worker,
            at=at,
            officer=name,
            officer_id=officer_id,
        )


def stamp_values(person: str, facts: UploadFacts, at: datetime) -> dict[str, str]:
    """What the officer's stamp says: who copied the paper, and when."""
    copied = (facts.scanned_at or at).astimezone(at.tzinfo)
    return {"person": person, "time": copied.isoformat(timespec="seconds")}


def signer_of(row: RowMapping, register: Iterable[RegisteredOfficer]) -> RegisteredOfficer | None:
    """Who must sign a waiting paper; None where that is not certain (`sohoa officer assign`)."""
    facts = UploadFacts.model_validate(row["facts"])
    known = tuple(register)
    if row["officer_id"] is None:
        return responsible(row["officer"], facts.officer_id, known)
    return next((officer for officer in known if officer.id == row["officer_id"]), None)


def waiting_for() -> dict[str, int]:
    """How many papers wait for each officer: `Name (id)`, or the name alone where uncertain."""
    here = house()
    counts: dict[str, int] = defaultdict(int)
    with here.registry.read() as db:
        register = officer_keys.registered(db)
        for row in officers.waiting(db):
            who = signer_of(row, register)
            counts[f"{who.name} ({who.id})" if who else row["officer"]] += 1
    return dict(counts)


def the_officer(said: str, register: Iterable[RegisteredOfficer]) -> RegisteredOfficer:
    """The one registered officer with this id or name.

    Raises NotFound where nobody is registered so, Undecided where two bear the name.
    """
    found = called(said, register)
    if not found:
        raise NotFound(
            f"Chưa có khóa nào được đăng ký cho «{said}»; nhờ quản trị viên chạy trên máy chủ: "
            "sohoa officer add."
        )
    if len(found) > 1:
        ids = ", ".join(officer.id for officer in found)
        raise Undecided(f"Có {len(found)} cán bộ tên «{said}»; hãy nêu mã thay cho tên: {ids}.")
    return found[0]


def digests_for(officer: str) -> ToSign:
    """What the officer with this id or name has to sign; the same within a day.

    Prepared now where it is not. Names are compared without case and spacing. An empty list
    where nothing waits; NotFound and Undecided as `the_officer` says.
    """
    here = house()
    with here.registry.read() as db:
        register = officer_keys.registered(db)
        who = the_officer(officer, register)
        rows = [row for row in officers.waiting(db) if signer_of(row, register) == who]
    return ToSign(officer=who.id, papers=tuple(_to_sign(here, row) for row in rows))


def _to_sign(here: House, row: RowMapping) -> PaperDigest:
    fresh = row["prepared"] and here.now() - row["prepared_at"] < _FRESH
    digest = row["digest"] if fresh else _prepare(here, row)
    received = row["received_at"].astimezone(here.now().tzinfo)
    return PaperDigest(
        id=row["paper_id"],
        digest=digest,
        description=f"lô {row['lot_id']}, giấy tờ số {row['position'] + 1}, "
        f"{len(row['pages'])} trang, nhận lúc {received:%H:%M %d/%m/%Y}",
    )


def _prepare(here: House, row: RowMapping) -> str:
    """The digest of a file with an empty signature; of two that race, the first is kept."""
    at = here.now()
    work = here.work(row["scan_id"])
    with here.scratch() as folder:
        work.fetch(row["composed"], folder / "in.pdf")
        place: Prepared = here.pool.run(
            partial(
                prepare_pdf,
                field=OFFICER_FIELD,
                profile=here.profile("officer"),
                values=stamp_values(row["officer"], UploadFacts.model_validate(row["facts"]), at),
                name=row["officer"],
                signed_at=at,
                reason=COPY_REASON,
            ),
            folder / "in.pdf",
            folder / "out.pdf",
            timeout_seconds=_PREPARE_SECONDS,
        )
        prepared = work.add(folder / "out.pdf")
    with here.registry.begin() as db:
        officers.prepared(
            db,
            row["paper_id"],
            row["officer"],
            instead_of=row["prepared"],
            at=at,
            prepared=prepared,
            digest=place.digest,
            reserved_from=place.start,
            reserved_to=place.end,
        )
        kept = officers.of_paper(db, row["paper_id"])
    return str(kept["digest"]) if kept else place.digest

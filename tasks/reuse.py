"""A paper of the store accepted in place of a new submission: written down once, counted."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.access import Access
from domain.errors import NotFound, Undecided
from domain.holding import STANDING_NAMES, standing
from domain.states import PaperState
from storage.registry import audit, reuse
from tasks.house import VIETNAM, house
from tasks.shelve import shelve

_REUSES = uuid.UUID("c5a0a9be-9b3f-5f41-8d0f-0a3f4f6f2c77")


class Reuse(BaseModel):
    """A reuse as it was written down."""

    model_config = ConfigDict(frozen=True)

    id: str
    paper: str
    dossier: str
    component: str
    new: bool
    """False: it was written down before; it counts once."""


def record_reuse(
    access: Access, paper_id: str, *, dossier: str, component: str, procedure: str | None = None
) -> Reuse:
    """Write down that the paper serves as this component of the dossier; the same again is quiet.

    Raises NotFound for an unknown paper or component, Undecided for a paper that is not in force
    today or whose signatures are unsound.
    """
    here = house()
    here.registry.migrate()
    at = here.now()
    if procedure is not None:
        known = here.catalogue.procedure(procedure)
        if known is None or known.part(component) is None:
            raise NotFound(f"Thủ tục «{procedure}» không có thành phần «{component}».")
    with here.registry.read() as db:
        row = reuse.held(db, paper_id)
    if row is None:
        raise NotFound("Kho dữ liệu không có giấy tờ này.")
    stands = standing(PaperState(row["state"]), row["issue_date"], row["valid_until"], at.date())
    if stands != "valid":
        raise Undecided(f"Giấy tờ này {STANDING_NAMES[stands]}, không dùng thay được.")
    if (row["verdict"] or shelve(paper_id)) == "unsound":
        raise Undecided("Chữ ký của giấy tờ này không hợp lệ, không dùng thay được.")
    reuse_id = str(uuid.uuid5(_REUSES, f"{dossier}\x1f{component}\x1f{paper_id}"))
    with here.registry.begin() as db:
        new = reuse.record(
            db,
            id=reuse_id,
            paper_id=paper_id,
            dossier=dossier,
            procedure=procedure,
            component=component,
            requester=access.requester,
            purpose=access.purpose,
            at=at,
        )
        if new:
            audit.append(
                db,
                "store:reused",
                paper_id,
                actor=access.requester,
                at=at,
                purpose=access.purpose,
                dossier=dossier,
                component=component,
            )
    return Reuse(id=reuse_id, paper=paper_id, dossier=dossier, component=component, new=new)


def reuses_of_year(year: int) -> dict[str, int]:
    """Reuses of a year: how many, in how many dossiers, of how many papers."""
    here = house()
    here.registry.migrate()
    first, last = (datetime(year + n, 1, 1, tzinfo=VIETNAM) for n in (0, 1))
    with here.registry.read() as db:
        return reuse.count(db, first, last)

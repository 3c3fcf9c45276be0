"""Learn types from what people decided in review; ask the model that was learnt."""

from __future__ import annotations

import json
import logging

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.describe import TYPE_LABEL
from domain.errors import IntegrityFault, NotFound
from domain.learning import SURE, Example, promotes, split
from domain.record import Description
from domain.states import PaperState
from domain.words import PageText
from storage.registry import type_models
from tasks.house import House, house
from tasks.logs import about_paper
from tasks.objects import read_paper
from tasks.recognise import words_of
from tasks.step import step
from tasks.type_model import TypeModel, dump, load, train

LOG = logging.getLogger("sohoa.learn")


class Learnt(BaseModel):
    """What a round of learning came to: the figures of both models on the same corrections."""

    model_config = ConfigDict(frozen=True)

    examples: int
    """Corrections that were learnt from."""
    held_out: int
    right: int
    """Of the held-out ones, by the new model."""
    right_before: int | None
    """By the one in use; None: there was none."""
    promoted: bool
    digest: str | None
    """None: there was too little to train on."""


@step("learn")
def learn_types() -> Learnt:
    """Train on all corrections but the held-out ones; promote the model only when it is better.

    Both are tried on the same held-out corrections. Every version is kept, promoted or not, in
    the quarantine store under `models/`.
    """
    here = house()
    training, held_out = split(examples(here))
    model = train(training)
    with here.registry.read() as db:
        row = type_models.in_use(db)
    before = _load(here, row) if row else None
    old = before.tried(held_out) if before else None
    figures = {"examples": len(training), "held_out": len(held_out)}
    if model is None:
        return Learnt(
            **figures, right=0, right_before=old and old.right, promoted=False, digest=None
        )
    new = model.tried(held_out)
    digest, content = dump(model)
    here.quarantine.put(_key(digest), content)
    learnt = Learnt(
        **figures,
        right=new.right,
        right_before=old.right if old else None,
        promoted=promotes(new, old),
        digest=digest,
    )
    with here.registry.begin() as db:
        type_models.add(db, **learnt.model_dump(), made_at=here.now())
    return learnt


def examples(here: House) -> list[Example]:
    """Every paper that a person accepted, with the type he saw and the text that was read."""
    with here.registry.read() as db:
        rows = type_models.decided(db)
    found = []
    for row in rows:
        try:
            text = _text(here, row)
        except (NotFound, IntegrityFault):  # not archived yet and its words have expired
            with about_paper(row["id"]):
                LOG.warning("giấy tờ %s: không còn chữ đã đọc để học", row["id"])
            continue
        type_id = Description.model_validate(row["after"]).type.id
        if type_id and text:
            found.append(Example(paper_id=row["id"], text=text, type_id=type_id))
    return found


def second_opinion(here: House, pages: list[PageText], description: Description) -> Description:
    """The description with a reason for review where the model sees another type.

    The model never accepts and never changes a type: it disagrees, or suggests one where the
    rules know none. Without a model nothing changes.
    """
    with here.registry.read() as db:
        row = type_models.in_use(db)
    if row is None or not pages:
        return description
    type_id, sure = _load(here, row).guess(_joined(pages))
    entry = here.catalogue.type(type_id)
    if entry is None or sure < SURE or type_id == description.type.id:
        return description
    reason = (
        f"{TYPE_LABEL}: bộ phân loại đã học (phiên bản {row['version']}) cho là «{entry.name}» "
        f"({sure:.0%})"
    )
    return description.model_copy(update={"review": (*description.review, reason)})


def _load(here: House, row: RowMapping) -> TypeModel:
    return load(row["digest"], here.quarantine.get(_key(row["digest"])))


def _key(digest: str) -> str:
    return f"models/{digest}.npz"


def _text(here: House, row: RowMapping) -> str:
    if row["state"] == PaperState.ARCHIVED:
        kept = json.loads(read_paper(here, row, "text.json"))
        return _joined([PageText.model_validate(page) for page in kept["pages"]])
    pages = words_of(here, row["scan_id"]).pages
    return _joined([page for page in pages if page.page in row["pages"]])


def _joined(pages: list[PageText]) -> str:
    return "\n".join(page.text for page in pages)

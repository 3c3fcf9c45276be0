"""What a sheet (phiếu duyệt) asks now: its papers, their doubts, the fields to be filled in."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.describe import OWN_KEY
from domain.document_types import FieldKind
from domain.record import FIELD_LABELS, Description
from domain.review import DUPLICATE, Purpose, doubted_labels, without_values
from storage.registry import review
from tasks.house import House, house


class OwnField(BaseModel):
    """A field that the recognised type has beyond the nine."""

    model_config = ConfigDict(frozen=True)

    id: str
    label: str
    kind: FieldKind


class Crop(BaseModel):
    """A doubted field that has a place on a page."""

    model_config = ConfigDict(frozen=True)

    name: str
    """The preview's name of the picture: a field's, an own field's with its prefix."""
    label: str


class AskedPaper(BaseModel):
    """One paper on a form; nothing in it is personal data, for Prefect keeps forms."""

    model_config = ConfigDict(frozen=True)

    paper_id: str
    position: int
    pages: tuple[int, ...]
    doubted: tuple[str, ...]
    """Names of what is doubted."""
    crops: tuple[Crop, ...] = ()
    own: tuple[OwnField, ...] = ()
    duplicate: bool


class Asked(BaseModel):
    """What a sheet asks now."""

    model_config = ConfigDict(frozen=True)

    sheet: str
    attempt: int
    fault: str | None
    purpose: Purpose
    field: str | None
    """The one field (or `type`) that all these papers are doubted for."""
    unit: str | None
    papers: tuple[AskedPaper, ...]
    """Empty when there is nothing left to decide."""


def ask(sheet: str) -> Asked:
    """What is still to be decided on a sheet; NotFound for an unknown one."""
    here = house()
    with here.registry.read() as db:
        row = review.sheet(db, sheet)
        tasks = review.waiting(db, sheet=sheet)
    first = tasks[0] if tasks else None
    return Asked(
        sheet=sheet,
        attempt=row["attempt"],
        fault=row["fault"],
        purpose=Purpose(first["purpose"]) if first else Purpose.DOUBT,
        field=first["field"] if first else None,
        unit=first["unit"] if first else None,
        papers=tuple(_asked(here, task) for task in tasks),
    )


def _asked(here: House, task: RowMapping) -> AskedPaper:
    description = Description.model_validate(task["description"])
    reasons = description.review
    labels = doubted_labels(reasons) if task["purpose"] == Purpose.DOUBT else ("hậu kiểm",)
    entry = here.catalogue.type(description.type.id)
    own = tuple(
        OwnField(id=field.id, label=field.label, kind=field.kind)
        for field in (entry.fields if entry else ())
    )
    return AskedPaper(
        paper_id=task["paper_id"],
        position=task["position"],
        pages=tuple(task["pages"]),
        doubted=labels,
        crops=tuple(_crops(description, own)),
        own=own,
        duplicate=any(reason.startswith(DUPLICATE) for reason in reasons),
    )


def _crops(description: Description, own: tuple[OwnField, ...]) -> Iterable[Crop]:
    for name, read in description.fields.items():
        if read.doubts and read.box:
            yield Crop(name=name, label=FIELD_LABELS[name])
    for field in own:
        kept = description.details.get(field.id)
        if kept is not None and kept.doubts and kept.box:
            yield Crop(name=OWN_KEY + field.id, label=field.label)


def answered(sheet: str, fault: str | None) -> None:
    """Note that the form was sent: asked again with the fault on top, or closed when all is done.

    The fault is kept without values: the next form shows it, and Prefect keeps forms.
    """
    here = house()
    with here.registry.begin() as db:
        row = review.sheet(db, sheet)
        over = not review.waiting(db, sheet=sheet)
        review.set_sheet(
            db,
            sheet,
            attempt=row["attempt"] + 1,
            fault=without_values(fault) if fault and not over else None,
            closed_at=here.now() if over else None,
        )

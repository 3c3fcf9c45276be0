"""What a reviewer sees of a paper: its pages, pieces of them, and what was read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping

from domain.describe import OWN_KEY
from domain.errors import NotFound
from domain.record import FIELD_LABELS, FIELD_NAMES, Description, FieldValue
from domain.review import doubted_labels
from domain.states import PAPER_STATE_NAMES, PaperState
from domain.words import Box, PageText
from reading.preview import picture_of_image, picture_of_pdf
from storage.registry import audit, papers, review, scans
from tasks.house import House, house
from tasks.objects import fetch_paper
from tasks.recognise import words_of
from tasks.work import load_opened

_SECONDS = 30.0
PAGE_WIDTH = 1000
"""Pixels; legible on a screen."""
_TYPE_STRIP = 0.35
"""The share of the first page, from its top, where a paper says what it is."""


class ReadField(BaseModel):
    """One field as read; an own field of the type has its prefix before its name."""

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    value: str
    confidence: float
    doubts: tuple[str, ...]
    has_crop: bool


class PaperView(BaseModel):
    """A paper as a reviewer sees it; personal data in clear."""

    model_config = ConfigDict(frozen=True)

    id: str
    file: str
    state: str
    type_name: str
    evidence: tuple[str, ...]
    unit: str
    dossier: str
    pages: tuple[int, ...]
    reasons: tuple[str, ...]
    fields: tuple[ReadField, ...]


class Waiting(BaseModel):
    """One row of the queue; no personal data."""

    model_config = ConfigDict(frozen=True)

    paper_id: str
    purpose: str
    doubted: tuple[str, ...]
    unit: str
    due_at: str
    overdue: bool
    on_form: bool


def view(paper_id: str, viewer: str | None = None) -> PaperView:
    """One paper in full; `viewer`, where given, is kept in the audit chain."""
    here = house()
    row = _row(here, paper_id)
    with here.registry.read() as db:
        scan = scans.scan(db, row["scan_id"])
    if viewer is not None:
        with here.registry.begin() as db:
            audit.append(db, "review:viewed", paper_id, actor=viewer, at=here.now())
    description = Description.model_validate(row["description"])
    return PaperView(
        id=row["id"],
        file=scan["name"],
        state=PAPER_STATE_NAMES[PaperState(row["state"])],
        type_name=description.type.name,
        evidence=description.type.evidence,
        unit=row["unit"] or "",
        dossier=row["dossier"] or "",
        pages=tuple(row["pages"]),
        reasons=description.review,
        fields=tuple(_fields(here, description)),
    )


def _fields(here: House, description: Description) -> Iterable[ReadField]:
    for name in FIELD_NAMES:
        yield _shown(name, FIELD_LABELS[name], description.fields[name])
    entry = here.catalogue.type(description.type.id)
    for own in entry.fields if entry else ():
        field = description.details.get(own.id, FieldValue())
        yield _shown(OWN_KEY + own.id, own.label, field)


def _shown(name: str, label: str, field: FieldValue) -> ReadField:
    return ReadField(
        name=name,
        label=label,
        value=field.value or "",
        confidence=field.confidence,
        doubts=field.doubts,
        has_crop=field.box is not None and field.page is not None,
    )


def _row(here: House, paper_id: str) -> RowMapping:
    with here.registry.read() as db:
        row = papers.paper(db, paper_id)
    if row["description"] is None:
        raise NotFound("Giấy tờ này chưa được đọc xong.")
    return row


def page_picture(paper_id: str, page: int) -> bytes:
    """A page (its number in the scan) as a JPEG; NotFound for a page of another paper."""
    here = house()
    row = _row(here, paper_id)
    if page not in row["pages"]:
        raise NotFound("Giấy tờ này không có trang ấy.")
    return _picture(here, row, page, None)


def crop_picture(paper_id: str, name: str) -> bytes:
    """Where a field was read, as a JPEG; for the type and for a field not found, the page's top."""
    here = house()
    row = _row(here, paper_id)
    description = Description.model_validate(row["description"])
    read: dict[str, FieldValue] = {str(key): field for key, field in description.fields.items()}
    read |= {OWN_KEY + key: field for key, field in description.details.items()}
    field = read.get(name)
    if field is None or field.box is None or field.page is None:
        return _picture(here, row, row["pages"][0], "top")
    return _picture(here, row, field.page, field.box)


def _picture(here: House, row: RowMapping, page: int, cut: Box | Literal["top"] | None) -> bytes:
    with here.scratch() as folder:
        text = _text_of(here, row, page, folder)
        box = _top(text) if cut == "top" else cut
        limits = here.settings.limits
        with here.registry.read() as db:
            scan = scans.scan(db, row["scan_id"])
        opened = _opened_image(here, scan, page, folder)
        if opened is not None:
            args = (opened, text.rotation, box, PAGE_WIDTH, limits)
            return here.pool.run(picture_of_image, *args, timeout_seconds=_SECONDS)
        file = folder / "paper.pdf"
        fetch_paper(here, row, file.name, file)
        place = row["pages"].index(page) + 1
        size = (text.width, text.height)
        return here.pool.run(
            picture_of_pdf, file, place, box, size, PAGE_WIDTH, limits, timeout_seconds=_SECONDS
        )


def _top(text: PageText) -> Box:
    return Box(x=0, y=0, width=text.width, height=round(text.height * _TYPE_STRIP))


def _opened_image(here: House, scan: RowMapping, page: int, folder: Path) -> Path | None:
    """The page image from the work store, or None once the scan is done and it is cleared."""
    if scan["finished_at"] is not None or not scan["opened"]:
        return None
    work = here.work(scan["id"])
    opened = load_opened(work, scan["opened"])
    entry = next(found for found in opened.scan.pages if found.page == page)
    work.fetch(opened.images[entry.image], folder / entry.image)
    return folder / entry.image


def _text_of(here: House, row: RowMapping, page: int, folder: Path) -> PageText:
    if row["state"] != PaperState.ARCHIVED:
        return next(found for found in words_of(here, row["scan_id"]).pages if found.page == page)
    file = folder / "text.json"
    fetch_paper(here, row, file.name, file)
    texts = json.loads(file.read_text(encoding="utf-8"))["pages"]
    return PageText.model_validate(next(text for text in texts if text["page"] == page))


def queue(limit: int, offset: int = 0) -> tuple[int, list[Waiting]]:
    """How many papers wait, and one page of them, oldest first."""
    here = house()
    now = here.now()
    with here.registry.read() as db:
        total = review.count_waiting(db)
        rows = review.waiting(db, limit=limit, offset=offset)
    return total, [
        Waiting(
            paper_id=row["paper_id"],
            purpose=row["purpose"],
            doubted=doubted_labels(row["description"]["review"]),
            unit=row["unit"] or "",
            due_at=row["due_at"].astimezone(now.tzinfo).isoformat(timespec="minutes"),
            overdue=row["due_at"] < now,
            on_form=row["sheet_id"] is not None,
        )
        for row in rows
    ]

"""The answer to a form: what it says of each paper. Checked later, when it is put in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prefect.input import RunInput
from pydantic import ValidationError

from domain.describe import OWN_KEY, TYPE_KEY
from domain.errors import Undecided
from domain.review import Decision, Duplicate, Verdict
from flows.corrections import ENTERED, entered, own_lines
from flows.review_form import KEEP, OTHER_OWN, OWN_FORM, UNDECIDED, grouped
from tasks.house import house
from tasks.review_asked import Asked, AskedPaper

_RULES = {
    "missing": "chưa điền",
    "literal_error": "phải chọn một trong các giá trị có sẵn",
    "string_too_long": "quá dài",
}


def verdicts(asked: Asked, given: RunInput) -> tuple[Verdict, ...]:
    """What the answer says of each paper that is still asked; Undecided where it cannot be read."""
    said = given.model_dump()
    if grouped(asked):
        return tuple(_of_group(asked.field or "", paper, said) for paper in asked.papers)
    return tuple(_of_whole(paper, said) for paper in asked.papers)


def faults_of(form: type[RunInput], error: ValidationError) -> str:
    """What is wrong with an answer: title and rule of each field, without what was typed."""
    return "; ".join(
        f"{_title(form, fault['loc'])}: {_RULES.get(fault['type'], 'không đúng dạng')}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )


def _title(form: type[RunInput], place: tuple[int | str, ...]) -> str:
    field = form.model_fields.get(str(place[0])) if place else None
    return (field.title if field else None) or ".".join(str(part) for part in place)


def _of_whole(paper: AskedPaper, said: Mapping[str, Any]) -> Verdict:
    corrections = _of_boxes({name: said[name] for name in (TYPE_KEY, *ENTERED)})
    corrections |= entered({OWN_KEY + own.id: said[OWN_FORM + own.id] for own in paper.own})
    chosen = house().catalogue.type(corrections.get(TYPE_KEY))
    if said[OTHER_OWN].strip() and chosen is None:
        raise Undecided("trường riêng khi đổi loại: chỉ điền khi đã chọn loại khác")
    corrections |= entered(own_lines(said[OTHER_OWN], chosen))
    duplicate = said.get("duplicate", UNDECIDED)
    return Verdict(
        paper_id=paper.paper_id,
        decision=Decision(said["decision"]),
        corrections=corrections,
        unit=said["unit"].strip() or None,
        dossier=said["dossier"].strip() or None,
        duplicate=None if duplicate == UNDECIDED else Duplicate(duplicate),
        reason=said["reason"].strip() or None,
    )


def _of_group(field: str, paper: AskedPaper, said: Mapping[str, Any]) -> Verdict:
    place = paper.position
    return Verdict(
        paper_id=paper.paper_id,
        decision=Decision(said[f"decision_{place}"]),
        corrections=_of_boxes({field: said[f"value_{place}"]}),
        reason=said[f"reason_{place}"].strip() or None,
    )


def _of_boxes(values: Mapping[str, str]) -> dict[str, str | None]:
    """What was entered; a type by the id in the brackets of its choice."""
    typed = dict(values)
    chosen = typed.pop(TYPE_KEY, KEEP).strip()
    made = {} if chosen == KEEP else {TYPE_KEY: chosen.rpartition("[")[2].rstrip("]")}
    return {**made, **entered(typed)}
